"""The clocks of a hint and of a letter to another authority. The first day is never counted."""

from __future__ import annotations

import datetime as dt

from portal.core.calendar import WorkingCalendar
from portal.core.regulation import Regulation


def lead_verify_due(
    reported_on: dt.date, law: Regulation, calendar: WorkingCalendar, *, complained: bool = False
) -> dt.date:
    """The last day to look at the place; sooner when a resident complained (house rule)."""
    if complained:
        days = law.integer("leads.complaint_working_days")
    else:
        days = law.integer("leads.verify_working_days")
    return calendar.add_working_days(reported_on, days)


def lead_decide_due(seen_on: dt.date, law: Regulation, calendar: WorkingCalendar) -> dt.date:
    """The last day to guide or to pass on after the visit (house rule)."""
    return calendar.add_working_days(seen_on, law.integer("leads.decide_working_days"))


def lead_guide_due(told_on: dt.date, law: Regulation, calendar: WorkingCalendar) -> dt.date:
    """The last day by which the place should have reported itself (house rule)."""
    return calendar.add_working_days(told_on, law.integer("leads.guide_working_days"))


def transfer_due(sent_on: dt.date, law: Regulation, calendar: WorkingCalendar) -> dt.date:
    """The day by which the other authority's feedback is expected (house rule)."""
    return calendar.add_working_days(sent_on, law.integer("leads.transfer_feedback_working_days"))


def transfer_reminder(sent_on: dt.date, law: Regulation, calendar: WorkingCalendar) -> dt.date:
    """The day on which the clerk is reminded to ask for the feedback (house rule)."""
    return calendar.add_working_days(sent_on, law.integer("leads.transfer_reminder_working_days"))
