"""The BI tool as code: Apache Superset's configuration, datasets, metrics and dashboards, and how it is started."""
