"""Unique pupil numbers: DfE's published examples, and the rule of the check letter worked by hand."""

import pytest

from rollcall.validate import upn


@pytest.mark.parametrize("number", ["H801200001001", "G80120000101A", "B801200005001"])
def test_a_number_with_the_right_letter_is_valid(number: str):
    assert upn.is_valid(number)


@pytest.mark.parametrize(
    "number",
    ["Z801200001001", "G80120000101S", "G80120000101I", "H813E00000121", "H8131-0000121", "H81311 000121", "BADCODE",
     "", "A801200005001", "E000200005001", "h801200001001", "H80120000100１"],
)  # fmt: skip
def test_a_wrong_letter_shape_or_authority_is_invalid(number: str):
    assert not upn.is_valid(number)


def test_the_check_letter_weighs_each_place():
    """2x8 + 3x0 + 4x1 + 5x2 + 9x0 + 10x1 + 13x1 = 53, and 53 mod 23 = 7, the eighth letter: H."""
    weighted = 2 * 8 + 4 * 1 + 5 * 2 + 10 * 1 + 13 * 1
    assert upn.ALPHABET[weighted % 23] == "H"
    assert upn.is_valid("H801200001001")


def test_a_temporary_number_ends_in_a_letter():
    assert upn.is_temporary("G80120000101A")
    assert not upn.is_temporary("H801200001001")
