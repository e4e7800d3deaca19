"""How each code counts, written out again from SI 2024/208 reg 10-11 and DfE's identities; the product's own list is
not read.
"""

from __future__ import annotations

ATTENDED = ("/", "\\", "L", "B", "P", "V", "W", "K")
AUTHORISED = ("I", "M", "R", "S", "T", "E", "C", "C1", "C2", "J1")
UNAUTHORISED = ("G", "N", "O", "U")
ADMINISTRATIVE = ("#", "Z")
NOT_POSSIBLE = ("D", "X", "Q", "Y1", "Y2", "Y3", "Y4", "Y5", "Y6", "Y7")
LATE_BEFORE, LATE_AFTER, PART_TIME, ILL, PENDING = "L", "U", "C2", "I", "N"
GROUND_I = ("G", "N", "O")
ABSENCES = (*AUTHORISED, *UNAUTHORISED)
CATEGORIES = {
    code: category
    for category, codes in (
        ("present", ATTENDED[:3]), ("approved_educational_activity", ATTENDED[3:]), ("absent_authorised", AUTHORISED),
        ("absent_unauthorised", UNAUTHORISED), ("not_possible", NOT_POSSIBLE), ("administrative", ADMINISTRATIVE),
    )
    for code in codes
}  # fmt: skip


def sql_list(codes: tuple[str, ...]) -> str:
    """The codes as the inside of an SQL `in (...)`."""
    return ", ".join(f"'{code}'" for code in codes)
