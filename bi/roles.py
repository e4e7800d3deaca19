"""Who may do what in the BI tool. The warehouse's own roles guard the data; these keep the tool tidy and small."""

from __future__ import annotations

from typing import Any, Final

ANALYST: Final = "Rollcall analyst"
"""Reads every dashboard and explores every dataset; saves nothing, sees no SQL Lab, no connection, no upload."""

PERMISSIONS: Final = (
    ("can_read", "Dashboard"),
    ("can_read", "Chart"),
    ("can_read", "Dataset"),
    ("can_read", "Theme"),
    ("can_read", "CurrentUserRestApi"),
    ("can_read", "SecurityRestApi"),
    ("can_read", "AvailableDomains"),
    ("can_read", "AdvancedDataType"),
    ("can_read", "DashboardFilterStateRestApi"),
    ("can_write", "DashboardFilterStateRestApi"),
    ("can_read", "DashboardPermalinkRestApi"),
    ("can_write", "DashboardPermalinkRestApi"),
    ("can_read", "ExploreFormDataRestApi"),
    ("can_write", "ExploreFormDataRestApi"),
    ("can_read", "Explore"),
    ("can_get", "Datasource"),
    ("can_get_column_values", "Datasource"),
    ("can_external_metadata", "Datasource"),
    ("can_dashboard", "Superset"),
    ("can_slice", "Superset"),
    ("can_explore", "Superset"),
    ("can_explore_json", "Superset"),
    ("can_fetch_datasource_metadata", "Superset"),
    ("can_csv", "Superset"),
    ("can_log", "Superset"),
    ("can_dashboard_permalink", "Superset"),
    ("can_view_query", "Dashboard"),
    ("can_view_chart_as_table", "Dashboard"),
    ("can_time_range", "Api"),
    ("can_query_form_data", "Api"),
    ("can_query", "Api"),
    ("can_recent_activity", "Log"),
    ("can_userinfo", "UserDBModelView"),
    ("resetmypassword", "UserDBModelView"),
    ("can_this_form_get", "ResetMyPasswordView"),
    ("can_this_form_post", "ResetMyPasswordView"),
    ("menu_access", "Dashboards"),
    ("menu_access", "Charts"),
    ("menu_access", "Datasets"),
)


def define_analyst(security_manager: Any, dataset_permissions: list[str]) -> list[tuple[str, str]]:
    """Give the analysts' role exactly its permissions and access to our datasets; returns those that Superset lacks."""
    manager = security_manager
    role = manager.add_role(ANALYST)
    wanted, missing = [], []
    for permission, view in (*PERMISSIONS, *(("datasource_access", name) for name in dataset_permissions)):
        found = manager.find_permission_view_menu(permission, view)
        if found is None:
            missing.append((permission, view))
        else:
            wanted.append(found)
    role.permissions = wanted
    return missing
