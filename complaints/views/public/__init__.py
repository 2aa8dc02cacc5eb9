"""The public pages of complaints."""

from .figures import statistics
from .intake import (
    check,
    contact,
    danger,
    details,
    evidence,
    evidence_remove,
    facility,
    start,
    topic,
)
from .receipt import done, receipt
from .tracking import add, leave, rate, review, track, withdraw
from .urgent import urgent

__all__ = [
    "add",
    "check",
    "contact",
    "danger",
    "details",
    "done",
    "evidence",
    "evidence_remove",
    "facility",
    "leave",
    "rate",
    "receipt",
    "review",
    "start",
    "statistics",
    "topic",
    "track",
    "urgent",
    "withdraw",
]
