"""Land: write a delivery once, as it came, with its sha256 and manifest; hands on the ``Extract``.

A landed extract lies at ``<landing>/<night>/<urn>/<first 12 of its hash>/``: ``raw/`` holds the school's own bytes,
``manifest.json`` says what they are. Nothing there is ever changed; the validate stage writes beside ``raw/``.
"""

from rollcall.land.landing import land, list_extracts, read_extract
from rollcall.land.limits import Limits, check_delivery

__all__ = ["Limits", "check_delivery", "land", "list_extracts", "read_extract"]
