"""What the DAGs share and the library does not know: assets, defaults, pools, notifications."""
