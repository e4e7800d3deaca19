"""Bring the BI tool up to date, as often as one likes: `python -m bi.prepare`, run in the BI tool's own environment.

Its database and schema, the roles, the first logins, and every dataset, chart and dashboard of this folder.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

from werkzeug.security import check_password_hash

from bi.build.bundle import bundle
from bi.load import load
from bi.metadata import create_metadata_database
from bi.roles import ANALYST, define_analyst
from bi.settings import FOLDER, BiSettings, load_bi_settings
from bi.static import compress_all
from bi.telemetry import assets


def main() -> int:
    """Prepare everything and say what was done."""
    bi = load_bi_settings()
    bi.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    create_metadata_database(bi)
    compress_all(assets(), bi.home / "assets")
    os.environ.setdefault("SUPERSET_CONFIG_PATH", str(FOLDER / "superset_config.py"))
    logging.disable(logging.INFO)
    from superset.app import create_app

    app = create_app()
    with app.app_context():
        return _prepare(bi)


def _prepare(bi: BiSettings) -> int:
    from flask import g
    from flask_migrate import upgrade
    from superset import appbuilder, db, security_manager

    # the migrations write pages of what they do
    logging.disable(logging.CRITICAL)
    upgrade()
    logging.disable(logging.INFO)
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    g.user = _person(security_manager, "admin", "Admin", bi.rollcall.secret("superset_admin_password"))
    db.session.commit()
    contents = bundle(bi.warehouse_address)
    ours = load(contents)
    missing = define_analyst(security_manager, [dataset.perm for dataset in ours])
    _person(security_manager, "analyst", ANALYST, bi.rollcall.secret("superset_analyst_password"))
    db.session.commit()
    if missing:
        print(f"This Superset has no such permission: {missing}", file=sys.stderr)
        return 1
    kinds = ("datasets", "charts", "dashboards")
    print(", ".join(f"{sum(name.startswith(kind + '/') for name in contents)} {kind}" for kind in kinds))
    return 0


def _person(security_manager: Any, username: str, role_name: str, password: str) -> Any:
    """The login, made where it is missing; its password is the one of its secret file."""
    person = security_manager.find_user(username=username)
    if person is None:
        role = security_manager.find_role(role_name)
        return security_manager.add_user(
            username, "Rollcall", username, f"{username}@localhost", role, password=password
        )
    if not check_password_hash(person.password, password):
        security_manager.reset_password(person.id, password)
    return person


if __name__ == "__main__":
    sys.exit(main())
