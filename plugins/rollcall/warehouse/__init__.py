"""The warehouse: the embedded server, the schemas and their migrations, roles, connections and locks."""
