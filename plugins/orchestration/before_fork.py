"""What the process that every task is forked from does once, after its imports: a task then finds it done."""

import gc

from airflow.sdk.listener import get_listener_manager

from rollcall.connectors.wonde_pages import trusted_roots

trusted_roots()
# the plugins folder is looked through for listeners
get_listener_manager()
# what is imported lives as long as the process: no task goes through it for garbage, or copies its pages in doing so
gc.freeze()
