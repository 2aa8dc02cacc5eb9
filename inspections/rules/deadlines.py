"""The clocks of visits and findings. The first day is never counted."""

from __future__ import annotations

import calendar as months
import datetime as dt

from portal.core.calendar import WorkingCalendar
from portal.core.regulation import Regulation

DECEMBER = 12


def add_months(day: dt.date, count: int) -> dt.date:
    """The same day `count` months later (or earlier); the last of the month where it has none."""
    year, month = divmod(day.year * DECEMBER + day.month - 1 + count, DECEMBER)
    last = months.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def correction_due(severity: str, day: dt.date, law: Regulation) -> dt.date:
    """The day proposed for putting a finding right: calendar days, a grave one the same day."""
    return day + dt.timedelta(days=law.integer("findings.correction_days", severity))


def correction_latest(severity: str, day: dt.date, law: Regulation) -> dt.date:
    """The latest day an inspector may set."""
    return day + dt.timedelta(days=law.integer("findings.correction_days_max", severity))


def extension_latest(severity: str, due: dt.date, law: Regulation) -> dt.date:
    """The latest day to which a finding may be extended, once."""
    return due + dt.timedelta(days=law.integer("findings.extension_days_max", severity))


def recheck_due(reported_on: dt.date, law: Regulation, calendar: WorkingCalendar) -> dt.date:
    """The last day to look at what the facility says it has put right."""
    return calendar.add_working_days(reported_on, law.integer("inspections.recheck_working_days"))


def publication_due(day: dt.date, law: Regulation, calendar: WorkingCalendar) -> dt.date:
    """The last day to publish the result of a visit."""
    return calendar.add_working_days(day, law.integer("inspections.publication_working_days"))


def publication_reminder_after(day: dt.date, law: Regulation, calendar: WorkingCalendar) -> dt.date:
    """Inspections that were over by this day are to be reminded of on `day`.

    So many working days before the last one are left then, or fewer.
    """
    over = day
    left = law.integer("inspections.publication_reminder_days")
    while calendar.working_days_between(day, publication_due(over, law, calendar)) > left:
        over -= dt.timedelta(days=1)
    return over


def urgent_due(day: dt.date, law: Regulation) -> dt.date:
    """The day by which somebody must be there when it is urgent."""
    return day + dt.timedelta(days=law.integer("inspections.urgent_days"))


def opening_due(registered_on: dt.date, law: Regulation) -> dt.date:
    """The day by which a facility that is new is visited."""
    return registered_on + dt.timedelta(days=law.integer("inspections.opening_days"))


def repeats_since(day: dt.date, law: Regulation) -> dt.date:
    """From which day on the same finding counts as a repeat."""
    return add_months(day, -law.integer("findings.repeat_months"))


def not_visited_before(day: dt.date, law: Regulation) -> dt.date:
    """A last visit before this day puts the facility on the list, whatever its risk."""
    return add_months(day, -law.integer("inspections.not_visited_months"))


def public_since(day: dt.date, law: Regulation) -> dt.date:
    """From which day on visits are shown to the public."""
    return add_months(day, -DECEMBER * law.integer("inspections.public_years"))


# How far an overdue finding has come: 1 the approver knows, 2 a new visit, 3 hand it over.
LEADER, VISIT, TRANSFER = 1, 2, 3


def escalation_step(severity: str, due: dt.date, day: dt.date, law: Regulation) -> int:
    """What is due on `day` for a finding that should have been put right on `due`; 0 nothing."""
    late = (day - due).days
    if late <= 0:
        return 0
    limits = escalation_limits(severity, law)
    return next((step for step, days in limits if late > days), 0)


def escalation_limits(severity: str, law: Regulation) -> tuple[tuple[int, int], ...]:
    """Each step, the last one first, with the days of lateness that must be over."""
    return (
        (TRANSFER, law.integer("findings.escalate_transfer_days", severity)),
        (VISIT, law.integer("findings.escalate_visit_days", severity)),
        (LEADER, law.integer("findings.escalate_leader_days", severity)),
    )
