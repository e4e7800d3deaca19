"""What the validate stage leaves beside an extract, and how the next stages read it back."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rollcall.council import FeedExtract
from rollcall.errors import RollcallError, UnreadableDelivery
from rollcall.extract import QUARANTINE, Extract, Verdict
from rollcall.validate.marks import JudgedMarks
from rollcall.validate.pupils import JudgedPupils
from rollcall.validate.readers import Stated
from rollcall.validate.rules import Rows, Suite


@dataclass(frozen=True)
class Outcome:
    """An extract after the row suites: what was read, what remains, and how many rows broke each rule."""

    extract: Extract
    stated: Stated
    error: RollcallError | None
    pupils: JudgedPupils
    marks: JudgedMarks
    rows_broken: dict[str, dict[str, int]]

    def counts(self) -> dict[str, int]:
        """Rows in = accepted + quarantined + repeated, for pupils and for marks."""
        unreadable = {
            entity: sum(fault.entity == entity for fault in self.stated.faults) for entity in ("pupils", "marks")
        }
        return {
            "pupils_in": self.stated.pupils.num_rows + unreadable["pupils"],
            "pupils_accepted": self.pupils.accepted.num_rows,
            "pupils_quarantined": sum(reason != "" for reason in self.pupils.reason) + unreadable["pupils"],
            "pupils_repeated": int(self.pupils.is_repeated.sum()),
            "marks_in": self.stated.marks.num_rows + unreadable["marks"],
            "marks_accepted": self.marks.accepted.num_rows,
            "marks_quarantined": int((self.marks.reason >= 0).sum()) + unreadable["marks"],
            "marks_repeated": int(self.marks.is_repeated.sum()),
            "marks_unmapped": self.rows_broken["marks"]["code_is_known"],
        }

    def verdict(self, reason_code: str, reason: str, version: str, suites: tuple[Suite, ...]) -> Verdict:
        """The verdict, with a remark for every rule that clears or reports and was broken."""
        remarks = list(self.stated.warnings)
        for suite in suites:
            broken = self.rows_broken[suite.name]
            remarks += [
                f"{rule.id}: {broken[rule.id]} {suite.name} row(s)"
                for rule in suite.rules
                if rule.on_fail in ("clear", "report") and broken[rule.id]
            ]
        return Verdict(
            extract_hash=self.extract.extract_hash,
            status="held" if reason_code else "accepted",
            reason_code=reason_code,
            reason=reason,
            suite_version=version,
            warnings=tuple(remarks),
            **self.counts(),
        )

    def quarantine(self, pupils: Suite, marks: Suite) -> pa.Table:
        """One row per quarantined row: the first rule it broke, with the rule's reason; no value of a child."""
        faults = self.stated.faults
        columns = [[getattr(fault, name) for fault in faults] for name in QUARANTINE.names]
        tables = [
            pa.Table.from_arrays(
                [pa.array(column, item.type) for column, item in zip(columns, QUARANTINE, strict=True)],
                schema=QUARANTINE,
            )
        ]
        why = {rule.id: rule.why for rule in pupils.rules}
        reasons = np.array(self.pupils.reason, dtype=object)
        tables.append(_quarantine(self.stated.pupils, reasons != "", "pupils", reasons[reasons != ""], why))
        is_out = self.marks.reason >= 0
        names = np.array([rule.id for rule in marks.rules], dtype=object)
        why = {rule.id: rule.why for rule in marks.rules}
        tables.append(_quarantine(self.stated.marks, is_out, "marks", names[self.marks.reason[is_out]], why))
        return pa.concat_tables(tables)


def _quarantine(stated: pa.Table, is_out: Any, entity: str, rules: Any, why: Mapping[str, str]) -> pa.Table:
    rows = stated.select(["file", "line"]).filter(pa.array(np.asarray(is_out, dtype=bool)))
    columns = [
        rows.column("file").cast(pa.string()),
        rows.column("line"),
        pa.array([entity] * rows.num_rows, pa.string()),
        pa.array(list(rules), pa.string()),
        pa.array([why[rule] for rule in rules], pa.string()),
    ]
    return pa.Table.from_arrays(columns, schema=QUARANTINE)


@contextmanager
def raw_folder(extract: Extract | FeedExtract) -> Iterator[Path]:
    """The landed bytes as a local folder; an object store's are copied for the time of reading."""
    filesystem, place = _open(extract.landed_uri)
    if _is_local(filesystem):
        yield Path(place) / "raw"
        return
    with tempfile.TemporaryDirectory(prefix="rollcall-raw-") as folder:
        for item in extract.files:
            if Path(item.name).name != item.name:
                raise UnreadableDelivery("The manifest names a file outside its folder.")
            filesystem.get_file(f"{place}/raw/{item.name}", str(Path(folder) / item.name))
        yield Path(folder)


def write_outcome(
    outcome: Outcome, verdict: Verdict, suites: tuple[Suite, Suite, Suite], broken_delivery: Mapping[str, Rows]
) -> None:
    """Write tables and verdict beside the extract; ``verdict.json`` last, so that it promises the others."""
    pupils, marks, delivery = suites
    uri = outcome.extract.landed_uri
    for name, table in {
        "canonical/pupils": outcome.pupils.accepted,
        "canonical/marks": outcome.marks.accepted,
        "canonical/pupils_withheld": outcome.pupils.withheld,
        "canonical/marks_withheld": outcome.marks.withheld,
        "quarantine": outcome.quarantine(pupils, marks),
    }.items():
        sink = pa.BufferOutputStream()
        # a line's number repeats nothing: its steps take a tenth of the time and room of a dictionary of numbers
        steps = [column for column in table.column_names if column == "line"]
        pq.write_table(
            table,
            sink,
            compression="zstd",
            write_statistics=False,
            use_dictionary=[column for column in table.column_names if column not in steps],
            column_encoding=dict.fromkeys(steps, "DELTA_BINARY_PACKED") or None,
        )
        _write(uri, f"{name}.parquet", sink.getvalue().to_pybytes())
    counts = outcome.counts()
    rows_in = {"pupils": counts["pupils_in"], "marks": counts["marks_in"], "extract": 1}
    broken = outcome.rows_broken | {"extract": {rule: len(rows) for rule, rows in broken_delivery.items()}}
    results = [
        {
            "suite": suite.name,
            "rule": rule.id,
            "severity": rule.severity,
            "on_fail": rule.on_fail,
            "rows": rows_in[suite.name],
            "rows_broken": broken[suite.name][rule.id],
        }
        for suite in (pupils, marks, delivery)
        for rule in suite.rules
    ]
    text = json.dumps({"urn": outcome.extract.urn, "suite_version": verdict.suite_version, "rules": results}, indent=1)
    _write(uri, "gx_result.json", text.encode())
    _write(uri, "verdict.json", verdict.to_json().encode())


def read_canonical(uri: str) -> tuple[pa.Table, pa.Table]:
    """Canonical pupils and marks of a validated extract."""
    return _read_table(uri, "canonical/pupils"), _read_table(uri, "canonical/marks")


def read_withheld(uri: str) -> tuple[pa.Table, pa.Table]:
    """Keys of quarantined pupils and marks: a snapshot lacks these rows, yet the school did not remove them."""
    return _read_table(uri, "canonical/pupils_withheld"), _read_table(uri, "canonical/marks_withheld")


def read_quarantine(uri: str) -> pa.Table:
    """Quarantined rows of a validated extract."""
    return _read_table(uri, "quarantine")


def read_verdict(uri: str) -> Verdict:
    """The verdict of a validated extract; raises ``UnreadableDelivery`` where it has not been validated."""
    filesystem, place = _open(uri)
    try:
        return Verdict.from_json(filesystem.cat_file(f"{place}/verdict.json").decode())
    except FileNotFoundError as error:
        raise UnreadableDelivery("The extract has no verdict yet.") from error


def read_rule_counts(uri: str) -> dict[str, Any]:
    """Rows checked and rows broken for every rule of every suite, as ``gx_result.json`` holds them."""
    filesystem, place = _open(uri)
    result: dict[str, Any] = json.loads(filesystem.cat_file(f"{place}/gx_result.json"))
    return result


def _read_table(uri: str, name: str) -> pa.Table:
    filesystem, place = _open(uri)
    return pq.read_table(pa.BufferReader(filesystem.cat_file(f"{place}/{name}.parquet")))


def _open(uri: str) -> tuple[Any, str]:
    import fsspec.core

    return fsspec.core.url_to_fs(uri)  # type: ignore[no-any-return]


def _is_local(filesystem: Any) -> bool:
    return "file" in (filesystem.protocol if isinstance(filesystem.protocol, tuple) else (filesystem.protocol,))


def _write(uri: str, name: str, data: bytes) -> None:
    filesystem, place = _open(uri)
    path = f"{place}/{name}"
    if _is_local(filesystem):
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.name}.part")
        aside.write_bytes(data)
        aside.replace(target)
    else:
        filesystem.pipe_file(path, data)
