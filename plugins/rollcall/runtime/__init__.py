"""Running an installation on one machine: secrets, the embedded server, Airflow's own processes, and its API."""
