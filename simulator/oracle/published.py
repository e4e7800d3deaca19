"""Reading the product's marts, and finding whose rows they are: its numbers beside the truth's."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd

BOOLEAN, TEXTS = 16, {25, 1043, 1082, 1114, 1184, 19}


def read(connection: Any, query: str) -> pd.DataFrame:
    """The answer to a query: numbers and truth values as floats, dates as text."""
    types = {one.name: one.type_code for one in connection.execute(f"select * from ({query}) q limit 0").description}
    with connection.cursor().copy(f"copy ({query}) to stdout (format csv, header)") as copy:
        text = io.BytesIO(b"".join(bytes(part) for part in copy))
    kinds = {name: str if kind in TEXTS or kind == BOOLEAN else float for name, kind in types.items()}
    rows = pd.read_csv(text, dtype=kinds, keep_default_na=False, na_values=[""])
    for name, kind in types.items():
        if kind == BOOLEAN:
            rows[name] = rows[name].map({"t": 1.0, "f": 0.0}).astype(float)
    return rows


class Marts:
    """The marts of one build. `schema` holds marts, `reports` the reports."""

    def __init__(self, connection: Any, rolls: pd.DataFrame, schema: str, reports: str) -> None:
        self.connection, self.schema, self.reports = connection, schema, reports
        ids = read(
            connection,
            """select distinct e.enrolment_id, p.urn, p.source_pupil_id as pupil_id, e.entry_date
               from register.enrolment e join identity.pupil p using (pupil_id) where e.is_current""",
        )
        own = rolls[["enrolment_no", "person_no", "urn", "pupil_id", "entry_date"]].copy()
        own["entry_date"] = pd.to_datetime(own["entry_date"]).dt.strftime("%Y-%m-%d")
        self.enrolments = ids.merge(own, on=["urn", "pupil_id", "entry_date"])[["enrolment_id", "enrolment_no"]]
        links = read(
            connection,
            """select distinct l.person_id, p.urn, p.source_pupil_id as pupil_id
               from register.person_link l join identity.pupil p using (pupil_id) where l.is_current""",
        )
        self.links = links.merge(
            own[["urn", "pupil_id", "person_no"]].drop_duplicates(), on=["urn", "pupil_id"], how="left"
        )[["person_id", "person_no"]].drop_duplicates()
        # the council's own number of a child is that of the truth; on a child of a register it must say the same
        council = read(
            connection,
            """select distinct l.person_id, substring(c.la_child_id from 3)::float8 as person_no
               from city.child_link l join identity.council_child c using (council_child_id)
               where l.is_current and c.la_child_id is not null""",
        )
        self.links = pd.concat([self.links, council]).drop_duplicates()

    def torn(self) -> pd.DataFrame:
        """Links that tear one child in two, join two into one, or lead to nobody."""
        links = self.links
        return links[
            links.duplicated("person_no", keep=False)
            | links.duplicated("person_id", keep=False)
            | links["person_no"].isna()
        ]

    def has(self, mart: str) -> bool:
        """Whether the build holds this mart."""
        name = f"{self.reports if mart.startswith('rpt_') else self.schema}.{mart}"
        return self.connection.execute("select to_regclass(%s)", [name]).fetchone()[0] is not None

    def columns(self, mart: str) -> list[str]:
        """Names of the mart's columns."""
        schema = self.reports if mart.startswith("rpt_") else self.schema
        return [one.name for one in self.connection.execute(f"select * from {schema}.{mart} limit 0").description]

    def rows(self, mart: str, where: str = "true") -> pd.DataFrame:
        """A mart's rows with the truth's numbers beside its own; whose row nobody knows gets a negative number."""
        schema = self.reports if mart.startswith("rpt_") else self.schema
        rows = read(self.connection, f"select * from {schema}.{mart} where {where}")
        for key, number, pairs in (
            ("enrolment_id", "enrolment_no", self.enrolments),
            ("person_id", "person_no", self.links.drop_duplicates("person_id")),
        ):
            if key in rows:
                found = rows[key].map(pairs.set_index(key)[number])
                rows[number] = found.fillna(-rows[key])
        return rows
