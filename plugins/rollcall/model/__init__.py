"""Stage 5, model: run dbt over the register; hands on the marts, built aside in ``marts_build``, and their tests."""

from rollcall.model.dbt import BuildResult, build_marts, manifest_path, parsed_meanwhile
from rollcall.model.documents import write_lineage

__all__ = ["BuildResult", "build_marts", "manifest_path", "parsed_meanwhile", "write_lineage"]
