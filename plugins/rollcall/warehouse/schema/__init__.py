"""The loader-owned schemas as SQLAlchemy metadata: ``city``, ``register``, ``identity`` and ``ops``.

Every versioned table has two times: what the row is about, and when we knew it (``known_from``, ``known_to``, which is
``infinity`` while the version is current). A version is closed, never overwritten.
"""

from rollcall.warehouse.schema import city, council, identity, ops, register
from rollcall.warehouse.schema.base import METADATA, SCHEMAS

__all__ = ["METADATA", "SCHEMAS", "city", "council", "identity", "ops", "register"]
