"""Bring the described datasets, charts and dashboards into Superset, and take away those that are described no more."""

from __future__ import annotations

from typing import Any, Final

import yaml

_KINDS: Final = ("dashboards", "charts", "datasets", "databases")


def load(contents: dict[str, str]) -> list[Any]:
    """Import every file in one transaction; whatever we brought before and is not among them goes. Returns our datasets.

    What people made themselves stays: only things that are managed from outside are looked at.
    """
    from superset import db
    from superset.commands.importers.v1.assets import ImportAssetsCommand
    from superset.connectors.sqla.models import SqlaTable
    from superset.models.core import Database
    from superset.models.dashboard import Dashboard
    from superset.models.slice import Slice

    ImportAssetsCommand(contents).run()
    models = dict(zip(_KINDS, (Dashboard, Slice, SqlaTable, Database), strict=True))
    for kind, model in models.items():
        described = {yaml.safe_load(text)["uuid"] for name, text in contents.items() if name.startswith(f"{kind}/")}
        for row in db.session.query(model).filter(model.is_managed_externally.is_(True)).all():
            if str(row.uuid) not in described:
                db.session.delete(row)
    db.session.commit()
    kept = db.session.query(SqlaTable).filter(SqlaTable.is_managed_externally.is_(True))
    return list(kept.order_by(SqlaTable.id))
