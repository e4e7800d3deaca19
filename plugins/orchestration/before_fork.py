"""What the process that every task is forked from does once, after its imports: a task then finds it done."""

import gc
from contextlib import suppress

from airflow.sdk.listener import get_listener_manager

from rollcall.city import load_city
from rollcall.connectors.wonde_pages import trusted_roots
from rollcall.settings import load_settings

trusted_roots()
# read again by whoever finds a file of the folder changed; what is wrong with it is said by the task that needs it
with suppress(Exception):
    load_city(load_settings().city_folder)
# the plugins folder is looked through for listeners
get_listener_manager()
# what is imported lives as long as the process: no task goes through it for garbage, or copies its pages in doing so
gc.freeze()
gc.enable()
