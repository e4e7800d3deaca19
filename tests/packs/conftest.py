"""The packs, written once."""

from tests.packs.kinds import written

__all__ = ["written"]
