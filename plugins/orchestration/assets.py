"""Where the DAGs meet: each asset is a hand-over, written by one DAG and read by another."""

from airflow.sdk import Asset

register = Asset("rollcall://register")
"""Every version of every mark, checked and loaded. Written by ``nightly_registers``, read by ``build_marts``."""

marts = Asset("rollcall://marts")
"""The published set of marts. Written by ``build_marts``, read by ``publish_reports``."""
