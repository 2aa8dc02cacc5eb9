"""The regulation applied to facts of complaints: pure functions on values."""

from .clocks import (
    Due,
    carried_over,
    due_days,
    lane_of,
    pushed_back,
    report_minutes,
    review_due,
    share_used,
    usual_answer,
    warnings_reached,
)
from .likeness import bands, likeness, shared_run, sketch
from .numbers import access_code, complaint_number, normalise_number, number_is_sound
from .outcomes import may_be_shown
from .phrases import filled
from .retention import contact_until, content_until
from .work import bits_owed, has_done_work, wait_owed

__all__ = [
    "Due",
    "access_code",
    "bands",
    "bits_owed",
    "carried_over",
    "complaint_number",
    "contact_until",
    "content_until",
    "due_days",
    "filled",
    "has_done_work",
    "lane_of",
    "likeness",
    "may_be_shown",
    "normalise_number",
    "number_is_sound",
    "pushed_back",
    "report_minutes",
    "review_due",
    "share_used",
    "shared_run",
    "sketch",
    "usual_answer",
    "wait_owed",
    "warnings_reached",
]
