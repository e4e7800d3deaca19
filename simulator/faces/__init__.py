"""How the schools' systems show the truth: template files, workbooks, an aggregator's API and an SFTP server."""
