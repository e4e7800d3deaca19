"""What waits for a person: release a held extract, try what that would move, hold a school by hand."""

from __future__ import annotations

import logging
from typing import Any

from rollcall.city import City, load_city
from rollcall.errors import RollcallError, SettingsError
from rollcall.extract import Night
from rollcall.nightly.extracts import accepted_of, not_loaded
from rollcall.settings import Settings, load_settings
from rollcall.warehouse.connect import connect

log = logging.getLogger(__name__)


def release(urn: int, night: Night) -> Any:
    """Load the extract of a school that was held on a night; raises ``SettingsError`` where none is held."""
    from rollcall.load import load_extract

    settings = load_settings()
    with connect(settings, "loader") as connection:
        return load_extract(connection, load_city(settings.city_folder), _held(settings, urn, night), release=True)


def try_release(urn: int, night: Night) -> dict[str, tuple[int, int]]:
    """What the release of a held extract would make of the school's figures, (now, then) by measure; nothing is kept.

    Raises ``SettingsError`` where none is held.
    """
    from rollcall.load import effect_of_release

    settings = load_settings()
    with connect(settings, "publisher") as connection:
        return effect_of_release(connection, load_city(settings.city_folder), _held(settings, urn, night))


def hold(urn: int, reason: str) -> None:
    """Hold a school's extracts from now on; raises ``SettingsError`` for a school that the city does not list."""
    from rollcall.load import hold_school

    settings = load_settings()
    _check_listed(settings, urn)
    with connect(settings, "loader") as connection:
        hold_school(connection, urn, reason)


def end_hold(urn: int) -> bool:
    """Let a school's extracts pass again; returns whether it was held by hand."""
    from rollcall.load import end_hold

    with connect(load_settings(), "loader") as connection:
        return end_hold(connection, urn)


def _held(settings: Settings, urn: int, night: Night) -> Any:
    """The newest extract of the school that is held on the night and that a person may confirm."""
    from rollcall.land import list_extracts
    from rollcall.load import may_be_released

    held = [
        extract for extract in not_loaded(settings, list_extracts(settings.landing, night.date)) if extract.urn == urn
    ]
    if not held:
        raise SettingsError(
            f"No extract of school {urn} is held on {night.date}.", next_action="See `rollcall status`."
        )
    accepted = accepted_of(held[-1])
    if not may_be_released(accepted.verdict.reason_code, accepted.verdict):
        raise SettingsError(
            f"The extract of school {urn} holds no readable register of that school: {accepted.verdict.reason}",
            next_action="Ask the school to send it again; an empty register must never end a roll.",
        )
    return accepted


def _check_listed(settings: Settings, urn: int) -> None:
    if urn not in load_city(settings.city_folder).schools:
        raise SettingsError(f"The city lists no school {urn}.", next_action="See schools.csv of the city folder.")


def keep_effects(settings: Settings, city: City, held: list[Any]) -> None:
    """Try what each held extract would change, for the operator's page; the night does not depend on it."""
    from rollcall.load import effect_of_release, keep_effect, may_be_released

    for accepted in held:
        if may_be_released(accepted.verdict.reason_code, accepted.verdict):
            urn, night = accepted.extract.urn, accepted.extract.night
            try:
                with connect(settings, "publisher") as connection:
                    keep_effect(connection, urn, night, effect_of_release(connection, city, accepted))
            except RollcallError as error:
                log.warning("school %s: what its held extract would move is not known: %s", urn, error)
