"""Stage 7, publish: move every mart in one transaction, renew the views of ``serve``, and prove who can read what."""

from rollcall.publish.access import check_access
from rollcall.publish.history import Record
from rollcall.publish.move import PublishReport, publish_marts

__all__ = ["PublishReport", "Record", "check_access", "publish_marts"]
