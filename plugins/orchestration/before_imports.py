"""What the process that every task is forked from does before its imports; ``before_fork`` ends it."""

import gc

# what is imported lives as long as the process: going through it for garbage was a third of the imports' time
gc.disable()
