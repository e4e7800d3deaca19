"""Try again, but only what may pass: capped exponential waits with jitter, and the source's own Retry-After."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from secrets import SystemRandom
from typing import Final, TypeVar

from rollcall.errors import TransientError

Result = TypeVar("Result")
JITTER: Final = SystemRandom()


@dataclass(frozen=True)
class Patience:
    """How long to keep trying: seconds of the first wait, of the longest wait, and of all waits together."""

    attempts: int = 6
    first_wait: float = 1.0
    longest_wait: float = 60.0
    total_wait: float = 300.0


def with_retries(call: Callable[[], Result], patience: Patience, sleep: Callable[[float], None] = time.sleep) -> Result:
    """The call's result; a ``TransientError`` is tried again until patience ends, every other error passes at once."""
    waited = 0.0
    for attempt in range(1, patience.attempts + 1):
        try:
            return call()
        except TransientError as error:
            wait = error.retry_after
            if wait is None:
                ceiling = min(patience.longest_wait, patience.first_wait * 2 ** (attempt - 1))
                wait = JITTER.uniform(ceiling / 2, ceiling)
            if attempt == patience.attempts or waited + wait > patience.total_wait:
                raise
            sleep(wait)
            waited += wait
    raise ValueError("patience needs at least one attempt")
