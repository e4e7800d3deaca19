"""Airflow's plugin: Rollcall's own pages in Airflow's menu, behind Airflow's login."""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin


async def pages(scope: Any, receive: Any, send: Any) -> None:
    """The pages' application, imported at the first request: every process of Airflow reads this file."""
    from orchestration.pages import application

    await application()(scope, receive, send)


class RollcallPages(AirflowPlugin):
    """Tonight by school, and everything that is published for leaders and engineers."""

    name = "rollcall_pages"
    fastapi_apps: ClassVar[list[Any]] = [{"app": pages, "url_prefix": "/rollcall", "name": "Rollcall"}]
    external_views: ClassVar[list[Any]] = [
        {
            "name": "Tonight",
            "href": "/rollcall/tonight",
            "destination": "nav",
            "category": "browse",
            "url_route": "rollcall-tonight",
        },
        {
            "name": "Reports and catalogue",
            "href": "/rollcall/pages/index.html",
            "destination": "nav",
            "category": "browse",
            "url_route": "rollcall-pages",
        },
    ]
