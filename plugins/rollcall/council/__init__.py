"""The council's own feeds: what is declared of each, and what the stages hand to one another about them.

Seven stages of the path are the schools'; a feed of the council goes the same way: dropped, landed once, validated by
Great Expectations, loaded as versions. ``FEEDS`` is the published interface in one place: reader, tables and
documentation follow it.
"""

from rollcall.council.agreed import Agreed, agreed_feeds
from rollcall.council.deliveries import FeedDelivery, FeedExtract, FeedVerdict
from rollcall.council.feeds import CHILD, FEEDS, VERSION, Column, Feed

__all__ = [
    "CHILD",
    "FEEDS",
    "VERSION",
    "Agreed",
    "Column",
    "Feed",
    "FeedDelivery",
    "FeedExtract",
    "FeedVerdict",
    "agreed_feeds",
]
