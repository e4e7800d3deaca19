"""Everything of the BI tool as one set of files in Superset's import format: the same bytes every time."""

from __future__ import annotations

from typing import Any, Final

import yaml

from bi.build import charts, dashboards, datasets
from bi.build.names import DATABASE, VERSION, identifier

_WRITTEN: Final = "2000-01-01T00:00:00+00:00"


def bundle(warehouse_address: str) -> dict[str, str]:
    """File name -> text, with the warehouse at an address without a password; raises ``DescriptionError``."""
    files: dict[str, Any] = {
        "metadata.yaml": {"version": VERSION, "type": "assets", "timestamp": _WRITTEN},
        "databases/warehouse.yaml": _database(warehouse_address),
    }
    for name, dataset in datasets.datasets().items():
        files[f"datasets/warehouse/{name}.yaml"] = datasets.as_superset(dataset)
    for slug, dashboard in dashboards.dashboards().items():
        for chart in dashboard.charts:
            uuid = charts.chart_uuid(slug, chart.title)
            files[f"charts/{uuid}.yaml"] = charts.as_superset(chart, uuid)
        files[f"dashboards/{slug}.yaml"] = dashboards.as_superset(dashboard)
    return {name: yaml.safe_dump(content, sort_keys=True, allow_unicode=True) for name, content in files.items()}


def _database(address: str) -> dict[str, Any]:
    """The one connection: read-only, no SQL Lab, no upload, no statement but a select."""
    return {
        "database_name": DATABASE,
        "sqlalchemy_uri": address,
        "cache_timeout": None,
        "expose_in_sqllab": False,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_file_upload": False,
        "impersonate_user": False,
        "extra": {
            "allows_virtual_table_explore": True,
            "cancel_query_on_windows_unload": True,
            "schemas_allowed_for_file_upload": [],
            "engine_params": {"connect_args": {"connect_timeout": 10, "application_name": "rollcall:bi"}},
            "metadata_params": {},
        },
        "uuid": identifier("database", DATABASE),
        "is_managed_externally": True,
        "version": VERSION,
    }
