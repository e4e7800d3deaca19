"""Feeds of the council in the landing store: the same promises as a school's delivery, in a place of their own."""

from __future__ import annotations

from pathlib import Path

from rollcall.council import FeedDelivery, FeedExtract
from rollcall.council.deliveries import hash_of_feed
from rollcall.errors import UnreadableDelivery
from rollcall.extract import Night
from rollcall.land.landing import MANIFEST, _check_written, _describe, _is_local, _open, _write_local, _write_remote
from rollcall.land.limits import Limits, check_delivery


def land_feed(landing: str, night: Night, delivery: FeedDelivery, limits: Limits | None = None) -> FeedExtract:
    """Write a delivery of a feed into the landing store; the same delivery again returns the first extract.

    Raises ``HostileDelivery`` or ``UnreadableDelivery`` before anything is written.
    """
    paths = check_delivery(delivery.folder, "council_csv", limits or Limits())
    files = tuple(_describe(path) for path in paths)
    digest = hash_of_feed(delivery, files)
    uri = "/".join([landing.rstrip("/"), "council", night.date.isoformat(), delivery.feed, digest[:12]])
    filesystem, place = _open(uri)
    if filesystem.exists(f"{place}/{MANIFEST}"):
        return read_feed_extract(uri)
    extract = FeedExtract(
        extract_hash=digest,
        feed=delivery.feed,
        mode=delivery.mode,
        source_time=delivery.source_time,
        source_path=delivery.source_path,
        fingerprint=delivery.fingerprint,
        night=night.date,
        known_at=night.known_at,
        files=files,
        landed_uri=uri,
        control=delivery.control,
    )
    if _is_local(filesystem):
        _write_local(Path(place), paths, extract)
    else:
        _write_remote(filesystem, place, paths, extract)
    _check_written(filesystem, place, extract)
    return extract


def read_feed_extract(uri: str) -> FeedExtract:
    """The extract whose manifest lies at ``uri``; raises ``UnreadableDelivery`` where there is none."""
    filesystem, place = _open(uri)
    try:
        text = filesystem.cat_file(f"{place}/{MANIFEST}").decode()
    except FileNotFoundError as error:
        raise UnreadableDelivery("There is no manifest at the landed place named.") from error
    return FeedExtract.from_json(text).with_uri(uri)
