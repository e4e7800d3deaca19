"""The words of the city report, as its last part explains them."""

from __future__ import annotations

from typing import Final

DEFINITIONS: Final = (
    (
        "session",
        "Possible session",
        "A half-day on which the child was due. Sessions that the law does not count (closures, dual "
        "registration elsewhere, unable to attend) are left out.",
    ),
    (
        "persistent",
        "Persistent, severe",
        "Absent for 10 % or more, 50 % or more, of the enrolment’s own possible sessions, authorised or not. "
        "Severe is part of persistent.",
    ),
    (
        "enrolment",
        "Enrolment",
        "One child’s stay at one school. A child who changed schools has two; movers and missing education "
        "count children, each once.",
    ),
    (
        "cohort",
        "Ages 5 to 15, state-funded",
        "DfE’s cohort: aged 5 to 15 on 31 August, at a state-funded primary, secondary or special school, "
        "without boarders and without the last half term of those aged 15.",
    ),
    (
        "unknown",
        "Unknown",
        "A session that was due and for which no usable mark has come. It is in no rate; “sessions known %” "
        "says how many are not so, rounded down.",
    ),
    (
        "settled",
        "Settled, provisional",
        "Schools correct marks for weeks. A school’s figure is settled once fewer than one mark in a thousand "
        "still changes by its own record, ten school days where it has none; until then it is provisional.",
    ),
    (
        "published",
        "Published",
        "DfE’s own figure for the area and measure, rounded to one decimal. Differences are in percentage points.",
    ),
    (
        "known",
        "As known",
        "The moment up to which registers are read. Any figure of this page can be rebuilt as it was known at "
        "any moment.",
    ),
)
"""Key, word, meaning."""
