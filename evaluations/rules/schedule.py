"""When a facility is evaluated again, and on which days who is reminded."""

from __future__ import annotations

import datetime as dt
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Intervals:
    """Months until the next evaluation: after registration, after a D, after any other grade."""

    new: int
    failed: int
    regular: int


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months later, the last of the month where there is none."""
    index = day.month - 1 + months
    year, month = day.year + index // MONTHS, index % MONTHS + 1
    return dt.date(year, month, min(day.day, monthrange(year, month)[1]))


def next_evaluation(
    registered_on: dt.date, grade: str, graded_on: dt.date | None, every: Intervals, lowest: str
) -> tuple[str, dt.date]:
    """Why and on which day a facility is evaluated next."""
    if graded_on is None:
        return "new", add_months(registered_on, every.new)
    if grade == lowest:
        return "failed", add_months(graded_on, every.failed)
    return "regular", add_months(graded_on, every.regular)


def reminder(
    due: dt.date, day: dt.date, before: Sequence[int], after: Sequence[int]
) -> tuple[str, int] | None:
    """What is to be said on `day` about a date: (before, days) or (after, days), else nothing.

    The nearest mark that has been passed: a calendar that slept a day says it on the next.
    """
    left = (due - day).days
    if left >= 0:
        passed = [days for days in before if left <= days]
        return ("before", min(passed)) if passed else None
    late = [days for days in after if -left >= days]
    return ("after", max(late)) if late else None


def day_in_year(year: int, month_day: str) -> dt.date:
    """The day written as MM-DD in a year."""
    month, day = map(int, month_day.split("-"))
    return dt.date(year, month, day)
