"""From the short descriptions in this folder to Superset's own import format, the same bytes every time."""
