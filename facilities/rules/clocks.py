"""The clocks of a report to the street. The first day is never counted.

A clock whose figure is not in force raises KeyError naming figure and day.
"""

from __future__ import annotations

import datetime as dt

from portal.core.calendar import WorkingCalendar
from portal.core.regulation import Regulation


def answer_due(received_on: dt.date, regulation: Regulation, calendar: WorkingCalendar) -> dt.date:
    """The last day to answer a report (house rule after article 9 of the filing measures)."""
    days = regulation.integer("filing.answer_working_days")
    return calendar.add_working_days(received_on, days)


def correction_due(asked_on: dt.date, regulation: Regulation, calendar: WorkingCalendar) -> dt.date:
    """The last day for the operator to correct (house rule)."""
    days = regulation.integer("filing.correction_working_days")
    return calendar.add_working_days(asked_on, days)


def change_report_due(
    changed_on: dt.date, regulation: Regulation, calendar: WorkingCalendar
) -> dt.date:
    """The last day to report a changed registration ("in good time", article 10; house rule)."""
    days = regulation.integer("filing.change_report_working_days")
    return calendar.add_working_days(changed_on, days)


def resume_due(
    due: dt.date, paused_on: dt.date, resumed_on: dt.date, calendar: WorkingCalendar
) -> dt.date:
    """The new last day after a pause: the working days left when it began run on from its end.

    A limit that ends on the day of the pause ends on the first working day from `resumed_on`; one
    already overdue stays as it is. ValueError if the pause ends before it begins.
    """
    if resumed_on < paused_on:
        raise ValueError(f"a pause from {paused_on} cannot end on {resumed_on}")
    if due < paused_on:
        return due
    left = calendar.working_days_between(paused_on, due)
    return calendar.next_working_day(calendar.add_working_days(resumed_on, left))


def draft_expires_on(changed_on: dt.date, regulation: Regulation) -> dt.date:
    """The last day a draft is kept after its last change, in calendar days (house rule)."""
    return changed_on + dt.timedelta(days=regulation.integer("filing.draft_days"))


def closure_earliest(reported_on: dt.date, regulation: Regulation) -> dt.date:
    """The first day a facility may close after reporting it, in calendar days (house rule)."""
    return reported_on + dt.timedelta(days=regulation.integer("filing.closure_notice_days"))


def reminder_due(due: dt.date, regulation: Regulation, calendar: WorkingCalendar) -> dt.date:
    """The working day before `due` on which the official is reminded (house rule)."""
    days = regulation.integer("filing.reminder_working_days")
    return calendar.add_working_days(due, -days)


def escalation_due(due: dt.date, regulation: Regulation, calendar: WorkingCalendar) -> dt.date:
    """The working day after `due` on which the head is told of an unanswered report (house)."""
    days = regulation.integer("filing.escalation_working_days")
    return calendar.add_working_days(due, days)


def is_escalated(
    due: dt.date, today: dt.date, regulation: Regulation, calendar: WorkingCalendar
) -> bool:
    """Whether an unanswered report is to be told to the head by `today`."""
    return today >= escalation_due(due, regulation, calendar)
