"""Unique pupil numbers: shape and check letter (DfE, Unique Pupil Numbers: guidance, annex on the check letter)."""

from __future__ import annotations

import re
from typing import Final

ALPHABET: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""Values 0 to 22 of the check letter and of a temporary number's last letter: I, O and S are not used."""

SHAPE: Final = re.compile(rf"[{ALPHABET}]\d{{11}}[0-9{ALPHABET}]")


def is_valid(upn: str) -> bool:
    """True where a UPN, permanent or temporary, has 13 characters, an authority's number and the right check letter."""
    if not SHAPE.fullmatch(upn) or upn[1:4] < "201":
        return False
    values = [int(char) if char.isdigit() else ALPHABET.index(char) for char in upn[1:]]
    total = sum(value * place for place, value in enumerate(values, start=2))
    return ALPHABET[total % 23] == upn[0]


def is_temporary(upn: str) -> bool:
    """True where the last character is a letter: the school awaits the permanent number."""
    return upn[-1:].isalpha()
