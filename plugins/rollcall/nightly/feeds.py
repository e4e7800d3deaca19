"""The council's feeds of a night: look in the drop, land, validate, load; one feed's fault costs no other anything."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rollcall.city import City, load_city
from rollcall.council import FEEDS, Agreed, FeedDelivery, agreed_feeds
from rollcall.errors import RollcallError, SettingsError, TransientError
from rollcall.extract import Night
from rollcall.settings import Settings, load_settings
from rollcall.warehouse.connect import connect

FeedProgress = Callable[[str, int, int], None]


def bring_feeds(
    night: Night, feeds: list[str] | None = None, *, progress: FeedProgress | None = None
) -> dict[str, str]:
    """Bring every new file of the feeds (or of those named) into ``city``; returns feed -> how it stands on the night.

    A feed that is missing, held or broken has its line in ``ops.feed_night`` and blocks neither the registers nor another
    feed. Repeating it changes nothing. Raises ``TransientError`` alone: the whole task is then safe to try again.
    """
    settings = load_settings()
    city = load_city(settings.city_folder)
    agreed = agreed_feeds(city.folder)
    names = [name for name in FEEDS if not feeds or name in feeds]
    for number, name in enumerate(names, start=1):
        try:
            waiting, brought = _bring_feed(settings, city, night, name)
        except TransientError:
            raise
        except RollcallError as error:
            _fail(settings, night, name, error, None)
            continue
        if not brought:
            _say_nothing_came(settings, night, name, agreed.get(name), waiting)
        if progress:
            progress("feeds", number, len(names))
    with connect(settings, "loader") as connection:
        rows = connection.execute("select feed, status from ops.feed_night where night = %s", [night.date]).fetchall()
    return {row[0]: row[1] for row in rows if row[0] in names}


def release_feed(night: Night, feed: str) -> Any:
    """Load the newest file of a feed that is held on a night; raises ``SettingsError`` where there is none."""
    from rollcall.land import read_feed_extract
    from rollcall.load import load_feed
    from rollcall.load.council import may_be_released
    from rollcall.validate.council import read_judged_feed

    settings = load_settings()
    with connect(settings, "loader") as connection:
        row = connection.execute(
            "select landed_uri from city.feed_extract where feed = %s and night = %s and verdict = 'held'"
            " order by source_time desc limit 1",
            [feed, night.date],
        ).fetchone()
    if row is None:
        raise SettingsError(f"No file of {feed} is held on {night.date}.", next_action="See `rollcall status`.")
    judged = read_judged_feed(read_feed_extract(row[0]))
    if not may_be_released(judged.verdict.reason_code, judged.verdict):
        raise SettingsError(f"The file of {feed} holds no sound row.", next_action="Ask its owner to send it again.")
    with connect(settings, "loader") as connection:
        return load_feed(connection, load_city(settings.city_folder), _accepted(judged), release=True)


def _bring_feed(settings: Settings, city: City, night: Night, name: str) -> tuple[int, int]:
    """(files that wait, files that were judged or refused) of one feed."""
    from rollcall.connectors.council import bring, look
    from rollcall.load.council_ledger import feed_files_taken

    with connect(settings, "loader") as connection:
        taken = feed_files_taken(connection, name)
    waiting, refused = 0, 0
    deliveries: list[FeedDelivery] = []
    with tempfile.TemporaryDirectory(prefix=f"rollcall-{name}-") as folder:
        for number, file in enumerate(look(settings.drop, name, taken)):
            try:
                delivery = bring(file, night, Path(folder) / str(number))
            except TransientError:
                raise
            except RollcallError as error:
                _fail(settings, night, name, error, file)
                refused += 1
                continue
            waiting += delivery is None
            deliveries += [] if delivery is None else [delivery]
        for delivery in sorted(deliveries, key=lambda item: (item.source_time, item.source_path)):
            _load(settings, city, night, delivery)
    return waiting, len(deliveries) + refused


def _load(settings: Settings, city: City, night: Night, delivery: FeedDelivery) -> None:
    from rollcall.land import land_feed
    from rollcall.load import load_feed
    from rollcall.validate.council import validate_feed

    try:
        judged = validate_feed(land_feed(settings.landing, night, delivery), city)
    except TransientError:
        raise
    except RollcallError as error:
        _fail(settings, night, delivery.feed, error, delivery)
        return
    with connect(settings, "loader") as connection:
        load_feed(connection, city, _accepted(judged))


def _accepted(judged: Any) -> Any:
    from rollcall.load import AcceptedFeed

    return AcceptedFeed(judged.extract, judged.verdict, judged.rows, judged.quarantine)


def _fail(settings: Settings, night: Night, feed: str, error: RollcallError, file: Any) -> None:
    """Write the line of a feed whose file must not be opened, and remember that file."""
    from rollcall.load.council_ledger import FeedLine, write_feed_line, write_refused_row

    with connect(settings, "loader") as connection:
        extract_id = None
        if file is not None:
            moment = getattr(file, "source_time", None) or datetime.fromtimestamp(file.modified, UTC)
            whole = f"{feed}\n{file.source_path}\n{file.fingerprint}"
            values = {"extract_hash": hashlib.sha256(whole.encode()).hexdigest(), "feed": feed, "night": night.date}
            values |= {"source_time": moment, "source_path": file.source_path, "fingerprint": file.fingerprint}
            values |= {"known_at": night.known_at, "reason": f"{error.code} {error.reason}"}
            extract_id = write_refused_row(connection, values)
        action = "Do not open the file; ask who put it there."
        line = FeedLine(night.date, feed, "failed", error.code, error.reason, action, extract_id)
        write_feed_line(connection, line)


def _say_nothing_came(settings: Settings, night: Night, feed: str, agreed: Agreed | None, waiting: int) -> None:
    """A feed without a new file is current, missing, unset, or still held or failed since an earlier night."""
    from rollcall.load.council_ledger import FeedLine, last_feed_rows, write_feed_line

    with connect(settings, "loader") as connection:
        loaded, newest = last_feed_rows(connection, feed)
        if newest and newest[0] in ("held", "refused"):
            status = "held" if newest[0] == "held" else "failed"
            code = "RC330" if status == "held" else "RC300"
            reason, action = f"Since {newest[2]}: {newest[1]}", "Ask its owner for a new file."
        elif agreed is None:
            status, code, reason, action = "unset", None, "This feed is not agreed.", "Agree it: feeds.csv."
        elif agreed.is_overdue(loaded, night.date):
            status, code = "missing", "RC230"
            since = f"The last file came on {loaded}" if loaded else "No file ever came"
            reason = f"{since}; one is due every {agreed.every_days} day(s)."
            action = f"Ask {agreed.owner}, then run `rollcall feeds --feed {feed}`."
        else:
            status, code, reason, action = "current", None, f"The last file came on {loaded}; none is due.", None
        if waiting:
            reason += f" {waiting} file(s) wait: not complete yet, or taken after this night."
        write_feed_line(connection, FeedLine(night.date, feed, status, code, reason, action))
