"""The clocks of a complaint: answer, end, pauses, warnings. The first day is never counted."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from portal.core.calendar import WorkingCalendar
from portal.core.regulation import Regulation

NORMAL = "normal"


@dataclass(frozen=True, slots=True)
class Due:
    """The days of one case; None where the end lies with another organ."""

    respond: dt.date
    finish: dt.date | None


def lane_of(category: str, law: Regulation) -> str:
    """Which way a category goes: `normal`, `red` or `discipline`."""
    lane = law.table("complaints.lanes").get(category, NORMAL)
    return str(lane)


def usual_answer(law: Regulation) -> tuple[int, int]:
    """In how many working days a common matter is answered first: the fewest and the most."""
    days = [
        law.integer("complaints.respond_working_days", category)
        for category in law.table("complaints.respond_working_days")
        if lane_of(category, law) == NORMAL
    ]
    return min(days), max(days)


def report_minutes(category: str, law: Regulation) -> int | None:
    """Within how many minutes the police or the organ in charge must know; None for the others."""
    if category not in law.table("complaints.report_minutes"):
        return None
    return law.integer("complaints.report_minutes", category)


def due_days(
    received_on: dt.date,
    category: str,
    law: Regulation,
    calendar: WorkingCalendar,
    *,
    given: dt.date | None = None,
) -> Due:
    """The last days for the first answer and for the end; a day `given` by 12345 comes first."""
    respond = _day(received_on, category, "respond", law, calendar)
    finish = _day(received_on, category, "finish", law, calendar)
    if given:
        finish = min(finish, given) if finish else given
    return Due(respond or received_on, finish)


def _day(
    start: dt.date, category: str, clock: str, law: Regulation, calendar: WorkingCalendar
) -> dt.date | None:
    working = law.table(_TABLES[clock][0])
    if category in working:
        return calendar.add_working_days(start, law.integer(_TABLES[clock][0], category))
    natural = law.table(_TABLES[clock][1])
    if category in natural:
        return start + dt.timedelta(days=law.integer(_TABLES[clock][1], category))
    return None


_TABLES = {
    "respond": ("complaints.respond_working_days", "complaints.respond_days"),
    "finish": ("complaints.finish_working_days", "complaints.finish_days"),
}


def carried_over(
    due: dt.date | None, usual: dt.date | None, stood: dt.date | None
) -> dt.date | None:
    """The last day of another category, with the days that pauses and an extension had given.

    `usual` is the last day of the category until now, `stood` the one that was promised.
    """
    if due is None or usual is None or stood is None:
        return due
    return due + max(stood - usual, dt.timedelta(0))


def pushed_back(
    due: dt.date | None, paused_on: dt.date, resumed_on: dt.date, calendar: WorkingCalendar
) -> dt.date | None:
    """The new last day after a pause: the working days that stood still are given back."""
    if due is None:
        return None
    return calendar.add_working_days(due, calendar.working_days_between(paused_on, resumed_on))


def review_due(asked_on: dt.date, law: Regulation, calendar: WorkingCalendar) -> dt.date:
    """The last day of a review (house rule)."""
    return calendar.add_working_days(asked_on, law.integer("complaints.review_working_days"))


def share_used(start: dt.date, due: dt.date, today: dt.date, calendar: WorkingCalendar) -> int:
    """How many percent of the working days between `start` and `due` are gone on `today`."""
    whole = calendar.working_days_between(start, due)
    if whole <= 0:
        return 100 if today >= due else 0
    return max(0, calendar.working_days_between(start, today) * 100 // whole)


def warnings_reached(
    start: dt.date, due: dt.date, today: dt.date, law: Regulation, calendar: WorkingCalendar
) -> tuple[str, ...]:
    """Which warnings are owed by `today`: `first`, `second`, and `late` once the day is past."""
    used = share_used(start, due, today, calendar)
    table = law.table("complaints.warn_percent")
    reached = [name for name in table if used >= law.integer("complaints.warn_percent", name)]
    return (*reached, "late") if today > due else tuple(reached)
