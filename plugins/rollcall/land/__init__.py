"""Land: write a delivery once, as it came, with its sha256 and manifest; hands on the ``Extract``.

A landed extract lies at ``<landing>/<night>/<urn>/<first 12 of its hash>/``: ``raw/`` holds the school's own bytes,
``manifest.json`` says what they are. Nothing there is ever changed; the validate stage writes beside ``raw/``.
Feeds of the council lie apart from the registers, at ``<landing>/council/<night>/<feed>/<first 12 of its hash>/``.
"""

from rollcall.land.council import land_feed, read_feed_extract
from rollcall.land.landing import land, list_extracts, read_extract
from rollcall.land.limits import Limits, check_delivery

__all__ = ["Limits", "check_delivery", "land", "land_feed", "list_extracts", "read_extract", "read_feed_extract"]
