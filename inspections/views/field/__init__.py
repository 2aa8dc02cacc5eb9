"""The pages the team carries along: the day's list, the door, the questions, the signatures."""

from .checking import answer, checking, photo
from .extras import heads, other, other_drop, remarks, staff
from .signing import complete, finish, refuse, reopen, sign
from .visit import door, end, start, today, visit

__all__ = [
    "answer",
    "checking",
    "complete",
    "door",
    "end",
    "finish",
    "heads",
    "other",
    "other_drop",
    "photo",
    "refuse",
    "remarks",
    "reopen",
    "sign",
    "staff",
    "start",
    "today",
    "visit",
]
