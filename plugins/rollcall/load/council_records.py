"""The records of one file of a feed in temporary tables: keys settled, compared with what is known, nothing applied yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import pyarrow as pa
from psycopg import sql

from rollcall.council import Feed, FeedExtract, FeedVerdict
from rollcall.load.council_ledger import FeedCounts, write_feed_quarantine
from rollcall.warehouse.connect import Connection
from rollcall.warehouse.copy import copy_table

_TYPES: Final = {
    "date": "date", "yes_no": "boolean", "whole": "smallint", "school": "integer", "urn": "integer",
}  # fmt: skip
_NAMING: Final = (
    "la_child_id text, upn text, former_upn text, surname text, forename text, date_of_birth date,"
    " council_child_id integer"
)


@dataclass(frozen=True)
class AcceptedFeed:
    """A file with what the validate stage wrote beside it; ``rows`` holds the withheld ones too, marked."""

    extract: FeedExtract
    verdict: FeedVerdict
    rows: pa.Table
    quarantine: pa.Table


def stage(connection: Connection, feed: Feed, rows: pa.Table) -> None:
    """Copy a file's rows, accepted and withheld, into ``stage_feed``."""
    columns = [f"{column.name} {_TYPES.get(column.kind, 'text')}" for column in feed.columns]
    parent = ", parent_id integer" if any(column.kind == "parent" for column in feed.columns) else ""
    naming = f", {_NAMING}" if feed.child != "none" else ""
    connection.execute("drop table if exists stage_feed, stage_record")
    connection.execute(
        f"create temp table stage_feed (line integer, is_withheld boolean{naming}, {', '.join(columns)}{parent})"
        " on commit drop"
    )
    copy_table(connection, sql.SQL("stage_feed"), rows)


def resolve_parents(connection: Connection, feed: Feed) -> None:
    """Give each parent's key its surrogate; the key itself stays in ``identity``."""
    for column in feed.columns:
        if column.kind != "parent":
            continue
        connection.execute(
            f"""
            insert into identity.council_parent (parent_key, parent_id)
            select {column.name}, nextval('register.council_parent_id_seq')
            from (
                select distinct {column.name} from stage_feed
                where not is_withheld and {column.name} is not null
                except select parent_key from identity.council_parent
                order by 1
            ) as fresh
            """
        )
        connection.execute(
            "update stage_feed set parent_id = known.parent_id from identity.council_parent as known"
            f" where stage_feed.{column.name} = known.parent_key"
        )


def settle_keys(connection: Connection, feed: Feed, accepted: AcceptedFeed) -> FeedCounts:
    """Make ``stage_record``, one row per key. Rows that name one record by two namings of its child meet here: equal ones
    are one, different ones are quarantined all."""
    key, values = ", ".join(feed.key), ", ".join(feed.values)
    connection.execute(
        f"create temp table stage_record on commit drop as select distinct on ({key}) {key}, {values}"
        f" from stage_feed where not is_withheld order by {key}, line"
    )
    twice = connection.execute(
        f"""
        select distinct stage_feed.line from stage_feed
        inner join stage_record using ({key})
        where not stage_feed.is_withheld and ({key}) in (
            select {key} from stage_feed where not is_withheld
            group by {key} having count(distinct row({values})) > 1
        )
        order by 1
        """
    ).fetchall()
    lines = [row[0] for row in twice]
    if lines:
        connection.execute("update stage_feed set is_withheld = true where line = any(%s)", [lines])
        connection.execute(
            f"delete from stage_record where ({key}) in (select {key} from stage_feed where line = any(%s))", [lines]
        )
        file, rule = f"{feed.name}.csv", "record_is_stated_once"
        why = "Two different rows for one record cannot both be true."
        rows = [{"file": file, "line": line, "entity": feed.name, "rule": rule, "reason": why} for line in lines]
        more = pa.Table.from_pylist(rows, schema=accepted.quarantine.schema)
        write_feed_quarantine(connection, accepted.extract, pa.concat_tables([accepted.quarantine, more]))
    counted = connection.execute(
        "select count(*) filter (where not is_withheld) - (select count(*) from stage_record) from stage_feed"
    ).fetchone()
    return FeedCounts(
        repeated=accepted.verdict.rows_repeated + int(counted[0] if counted else 0),
        quarantined=accepted.quarantine.num_rows + len(lines),
    )


def count_unplaced(connection: Connection, feed: Feed, accepted: AcceptedFeed) -> int:
    """Quarantined rows whose record nobody can tell: their line could not be read, or their key is not whole."""
    row = connection.execute(
        f"select count(*) filter (where num_nulls({', '.join(feed.key)}) > 0), count(*)"
        " from stage_feed where is_withheld"
    ).fetchone() or (0, 0)
    unread = accepted.verdict.rows_quarantined - accepted.rows["is_withheld"].to_pylist().count(True)
    return int(row[0]) + int(unread)


def compare(connection: Connection, feed: Feed, counts: FeedCounts, *, is_whole: bool) -> FeedCounts:
    """The counts with how ``stage_record`` differs from the current versions; ``is_whole``: what it lacks is removed."""
    same = sql.SQL(" and ").join(
        sql.SQL("known.{0} = stage_record.{0}").format(sql.Identifier(name)) for name in feed.key
    )
    old, new = (
        sql.SQL(", ").join(sql.SQL("{}.{}").format(sql.Identifier(side), sql.Identifier(name)) for name in feed.values)
        for side in ("known", "stage_record")
    )
    table = sql.Identifier("city", feed.table)
    row = connection.execute(
        sql.SQL(
            "select count(*) filter (where known.known_from is null),"
            " count(*) filter (where known.known_from is not null and ({old}) is distinct from ({new})),"
            " count(*) filter (where known.known_from is not null and ({old}) is not distinct from ({new}))"
            " from stage_record left join {table} as known on known.is_current and {same}"
        ).format(old=old, new=new, table=table, same=same)
    ).fetchone() or (0, 0, 0)
    removed: Any = (0,)
    if is_whole:
        removed = connection.execute(
            sql.SQL("select count(*) from {} as known where {}").format(table, is_removed(feed))
        ).fetchone()
    return replace(
        counts, new=int(row[0]), changed=int(row[1]), unchanged=int(row[2]), removed=int(removed[0] if removed else 0)
    )


def is_removed(feed: Feed) -> sql.Composed:
    """Current, and in no row of the file, accepted or withheld."""
    same = sql.SQL(" and ").join(
        sql.SQL("known.{0} = stage_feed.{0}").format(sql.Identifier(name)) for name in feed.key
    )
    return sql.SQL("known.is_current and not exists (select 1 from stage_feed where {})").format(same)
