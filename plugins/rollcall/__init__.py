"""Rollcall: a city's school registers, from extract to published marts.

The data's path, one package or module per stage:

``connectors``  ask a school for its register and bring the bytes as they came
``land``        write the extract once: bytes, sha256, manifest
``validate``    read canonical tables, hold the extract or quarantine rows
``load``        add versions of pupils, enrolments and marks to schema ``register``
``audit``       compare every hop, and the new marts with the published ones
``publish``     move every mart in one transaction
``report``      write what people open
"""

__version__ = "0.1.0"
