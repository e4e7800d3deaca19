"""The independent check: every measure computed straight from the truth as delivered, beside the product's marts.

No code of the product is used: the definitions are those of `docs/measures`, written out again.
"""

from __future__ import annotations

from simulator.oracle.codes import ATTENDED, AUTHORISED, UNAUTHORISED
from simulator.oracle.report import verify

__all__ = ["ATTENDED", "AUTHORISED", "UNAUTHORISED", "verify"]
