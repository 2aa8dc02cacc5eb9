"""What leaves supervision as a file: the lists of the desk, and a calendar of one's visits."""

from .calendar import calendar_file
from .lists import FINDINGS, INSPECTIONS, NOT_VISITED, PLANS, next_visit

__all__ = [
    "FINDINGS",
    "INSPECTIONS",
    "NOT_VISITED",
    "PLANS",
    "calendar_file",
    "next_visit",
]
