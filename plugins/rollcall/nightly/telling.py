"""What a person opens or is told: the city report, Data Docs, the summary, the alert of a night not published."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from rollcall.city import load_city
from rollcall.extract import Night
from rollcall.nightly.asking import Progress, choose_night
from rollcall.settings import load_settings
from rollcall.warehouse.connect import connect


def write_reports() -> list[str]:
    """Write what people open from the published marts, page and PDF; returns the files' names."""
    return [*write_page(), *write_paper()]


def write_page() -> list[str]:
    """Write the city report as a page, without its PDF yet; returns the files' names."""
    from rollcall.report.city import write_city_report

    settings = load_settings()
    city = load_city(settings.city_folder)
    with connect(settings, "bi_reader") as connection:
        return [str(path) for path in write_city_report(connection, city, settings.published)]


def write_paper() -> list[str]:
    """Write the newest city report as PDF beside its page and editions; returns the files' names, none where it cannot."""
    from rollcall.report.editions import write_paper

    settings = load_settings()
    return [str(path) for path in write_paper(load_city(settings.city_folder), settings.published)]


def write_data_docs(night: Night) -> str:
    """Build Great Expectations' Data Docs of a night, without a value of a child; returns the index's name."""
    from rollcall.land import list_extracts
    from rollcall.validate.data_docs import build_data_docs

    settings = load_settings()
    extracts = list_extracts(settings.landing, night.date)
    return build_data_docs(extracts, settings.published / "data-docs").name


def write_catalogue(night: Night) -> int:
    """Write definitions, glossary, runbook, data dictionary and dbt's lineage as pages; returns how many there are.

    Lists them in the index, and Data Docs with them where they are written.
    """
    from rollcall.model import manifest_path, write_lineage
    from rollcall.report.catalogue import list_catalogue, read_marts, write_catalogue

    settings = load_settings()
    city = load_city(settings.city_folder)
    lineage = write_lineage(settings, city, night)
    pages = write_catalogue(city, settings.published / "catalogue", read_marts(manifest_path(settings)), lineage)
    list_catalogue(city, settings.published, night.date)
    return len(pages)


def export(
    folder: Path, marts: list[str], kind: Literal["parquet", "csv"], *, progress: Progress | None = None
) -> list[Any]:
    """Write published marts as files into a folder; returns what was written. Raises ``SettingsError`` where none is."""
    from rollcall.model import manifest_path
    from rollcall.report.catalogue import read_marts
    from rollcall.report.export import export_marts

    settings = load_settings()
    manifest = manifest_path(settings)
    dictionary = read_marts(manifest) if manifest.exists() else []
    with connect(settings, "bi_reader") as connection:
        return list(export_marts(connection, folder, marts, kind, dictionary, progress))


def tell(night: Night) -> str:
    """Send the night's summary to whoever asked to be told; returns what was sent, to how many."""
    from rollcall.report import night_summary, send_summary

    settings = load_settings()
    with connect(settings, "loader") as connection:
        summary = night_summary(connection, load_city(settings.city_folder), night.date)
    return send_summary(summary)


def check_published(now: datetime) -> str:
    """Say that last night is published; raises ``AuditFailed`` with how far it came where it is not."""
    from rollcall.errors import AuditFailed
    from rollcall.report import night_summary, send_summary

    settings = load_settings()
    city = load_city(settings.city_folder)
    night = choose_night(None, None, now)
    with connect(settings, "loader") as connection:
        row = connection.execute(
            "select 1 from ops.publication where is_current and night >= %s", [night.date]
        ).fetchone()
        summary = night_summary(connection, city, night.date)
    if row or not any(night.date in city.school_days(urn) for urn in city.schools):
        return f"{night.date}: published, or no school was open"
    send_summary(summary)
    raise AuditFailed(f"The night of {night.date} is not published.", next_action="Run `rollcall status`.")
