"""Attendance codes at the door: the statutory list with its dates, and a school's own codes mapped to it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from rollcall.errors import SettingsError
from rollcall.settings import PROJECT_ROOT

STATUTORY_LIST: Final = PROJECT_ROOT / "dbt_project" / "seeds" / "attendance_codes.csv"
NOT_TAKEN: Final = ("", "-")
FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2100, 12, 31)
EPOCH: Final = date(1970, 1, 1).toordinal()

Days = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Code:
    """A code and the session dates on which it may be used; ``raw_code`` is what the school writes for it."""

    raw_code: str
    code: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True)
class Codes:
    """The statutory codes and one city's local maps by URN (``codes.csv`` of the city folder)."""

    statutory: tuple[Code, ...]
    local: dict[int, tuple[Code, ...]]

    def for_school(self, urn: int) -> tuple[Code, ...]:
        """A school's own codes, as the city has mapped them."""
        return self.local.get(urn, ())


def load_codes(city_folder: Path, statutory_list: Path = STATUTORY_LIST) -> Codes:
    """Read both lists; raises ``SettingsError`` where one is missing or a local code leads to no statutory one."""
    if not statutory_list.is_file():
        raise SettingsError(f"The statutory list {statutory_list.name} is missing.")
    statutory = tuple(_code(row, row["code"], row["code"]) for row in _rows(statutory_list))
    known = {code.code for code in statutory}
    local: dict[int, tuple[Code, ...]] = {}
    path = city_folder / "codes.csv"
    for line, row in enumerate(_rows(path) if path.is_file() else [], start=2):
        if row["code"] not in known:
            raise SettingsError(f"codes.csv line {line}: {row['code']!r} is not a statutory code.")
        urn = int(row["urn"])
        local[urn] = (*local.get(urn, ()), _code(row, row["raw_code"], row["code"]))
    return Codes(statutory, local)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _code(row: dict[str, str], raw_code: str, code: str) -> Code:
    first = date.fromisoformat(row["valid_from"]) if row.get("valid_from") else FIRST_DAY
    last = date.fromisoformat(row["valid_to"]) if row.get("valid_to") else LAST_DAY
    return Code(raw_code, code, first, last)


def classify(
    raw: list[str], index: Days, days: Days, codes: Codes, urn: int
) -> tuple[list[str], Days, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Statutory code of each mark, by its session date; a row may stand for all marks of one code and day.

    ``raw`` are the distinct codes of the file, ``index`` says which each row has, ``days`` are days since 1970.
    Returns the statutory code names, each row's position in them (-1 = unknown), whether the register was taken, and
    whether the code was in force on its date (a withdrawn code is accepted all the same).
    """
    names = list(dict.fromkeys(code.code for code in codes.statutory))
    position = {name: place for place, name in enumerate(names)}
    direct = np.array([position.get(word, -1) for word in raw] or [-1], dtype=np.int32)
    result = direct[index]
    for item in codes.for_school(urn):
        if item.raw_code in raw:
            in_time = (days >= item.valid_from.toordinal() - EPOCH) & (days <= item.valid_to.toordinal() - EPOCH)
            result[(index == raw.index(item.raw_code)) & in_time] = position[item.code]
    is_taken = np.array([word not in NOT_TAKEN for word in raw] or [False])[index]
    is_in_force = np.zeros(len(index), dtype=bool)
    for item in codes.statutory:
        rows = result == position[item.code]
        in_time = (days >= item.valid_from.toordinal() - EPOCH) & (days <= item.valid_to.toordinal() - EPOCH)
        is_in_force |= rows & in_time
    return names, result, is_taken, is_in_force
