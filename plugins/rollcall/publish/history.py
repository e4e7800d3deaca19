"""What each publication leaves behind: digests, figures, causes of movement, and each child's band where it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from rollcall.warehouse.connect import Connection

_END_BANDS: Final = """
    update ops.published_band as known set to_publication = %(publication_id)s
    where known.to_publication is null and known.academic_year = %(academic_year)s
        and not exists (
            select 1 from marts.fct_child_absence as absence
            where absence.period_type = 'year' and absence.academic_year = known.academic_year
                and absence.person_id = known.person_id and absence.absence_band = known.absence_band
        )
"""
_BEGIN_BANDS: Final = """
    insert into ops.published_band (person_id, academic_year, absence_band, from_publication)
    select absence.person_id, absence.academic_year, absence.absence_band, %(publication_id)s
    from marts.fct_child_absence as absence
    where absence.period_type = 'year' and absence.academic_year = %(academic_year)s
        and not exists (
            select 1 from ops.published_band as known
            where known.to_publication is null and known.academic_year = absence.academic_year
                and known.person_id = absence.person_id
        )
"""
VIEWS: Final = {
    "fct_restatement": """
        select
            publication.night,
            publication.known_at,
            restatement.urn,
            restatement.measure,
            restatement.cause,
            restatement.change
        from ops.restatement as restatement
        inner join ops.publication as publication on restatement.publication_id = publication.publication_id
    """,
    "fct_published_bands": """
        select
            band.person_id,
            band.academic_year,
            band.absence_band,
            opened.night as from_night,
            opened.known_at as from_known_at,
            closed.night as to_night,
            closed.known_at as to_known_at
        from ops.published_band as band
        inner join ops.publication as opened on band.from_publication = opened.publication_id
        left join ops.publication as closed on band.to_publication = closed.publication_id
    """,
    "publications": """
        select publication_id, night, known_at, published_at, is_current, code_version, academic_year
        from ops.publication
    """,
}
"""Views of ``serve`` over what publications left behind: their history, which no rebuild of the marts could give."""


@dataclass(frozen=True)
class Record:
    """What is to be kept of a publication.

    ``digests`` (relation, rows, digest), ``figures`` (urn, measure, value), ``moved`` (urn, measure, cause, change).
    """

    academic_year: str
    digests: Sequence[tuple[str, int, int]] = field(default=())
    figures: Sequence[tuple[int, str, int]] = field(default=())
    moved: Sequence[tuple[int, str, str, int]] = field(default=())


def keep(connection: Connection, publication_id: int, record: Record) -> None:
    """Write what the publication leaves behind, in its own transaction (as the owner)."""
    lists = {
        "published_mart (publication_id, relation, rows, digest)": record.digests,
        "published_figure (publication_id, urn, measure, value)": record.figures,
        "restatement (publication_id, urn, measure, cause, change)": record.moved,
    }
    for target, rows in lists.items():
        with connection.cursor() as cursor, cursor.copy(f"copy ops.{target} from stdin") as copy:
            for row in rows:
                copy.write_row((publication_id, *row))
    for statement in (_END_BANDS, _BEGIN_BANDS):
        connection.execute(statement, {"academic_year": record.academic_year, "publication_id": publication_id})
