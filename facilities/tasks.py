"""What the calendar does for the register, and how its messages read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.utils.translation import gettext as _

from facilities import actions, queries, rules
from facilities.models import Filing
from portal.core import clock
from portal.core.models import User
from portal.core.outbox import Words, words
from portal.core.queries import in_force, working_calendar
from portal.core.tasks import on_calendar


@on_calendar
def remind_about_answers(at: dt.datetime) -> int:
    """Owe a reminder for every filing whose answer is due within the reminder's days."""
    day = clock.day_of(at)
    law, calendar = in_force(day), working_calendar()
    near = calendar.add_working_days(day, law.integer("filing.reminder_working_days"))
    return sum(actions.remind_reviewers(f, at=at) for f in queries.due_soon(day, near))


@on_calendar
def escalate_overdue_answers(at: dt.datetime) -> int:
    """Tell the approvers about every filing whose answer is overdue."""
    day = clock.day_of(at)
    law, calendar = in_force(day), working_calendar()
    return sum(
        actions.escalate_filing(filing, at=at)
        for filing in queries.overdue(day)
        if filing.answer_due and rules.is_escalated(filing.answer_due, day, law, calendar)
    )


@on_calendar
def remind_about_corrections(at: dt.datetime) -> int:
    """Tell operators whose correction is due soon, and both sides when the day has passed."""
    day = clock.day_of(at)
    days = in_force(day).integer("filing.reminder_working_days")
    near = working_calendar().add_working_days(day, days)
    return sum(actions.remind_of_correction(f, at=at) for f in queries.corrections_due(near))


@on_calendar
def lapse_old_drafts(at: dt.datetime) -> int:
    """Close drafts that nobody came back to in time."""
    day = clock.day_of(at)
    return sum(actions.lapse_draft(filing, at=at) for filing in queries.old_drafts(day))


def _words(filing: Filing, person: User, title: str, body: str = "") -> Words:
    name = {"number": filing.number, "facility": filing.facility_name}
    return Words(title % name, body, filing.url_for(person))


@words("filing.submitted")
def _submitted(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("收到登记报送：%(facility)s（%(number)s）"))


@words("filing.resubmitted")
def _resubmitted(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("已补正，请继续审核：%(facility)s（%(number)s）"))


@words("filing.withdrawn")
def _withdrawn(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("机构撤回了登记报送：%(facility)s（%(number)s）"))


@words("filing.lapsed")
def _lapsed(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("登记报送 %(number)s 的草稿保留期已过，需要时请重新填写"))


@words("filing.correction")
def _correction(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("登记报送 %(number)s 需要补充材料，请按补正通知修改"))


@words("filing.proposed")
def _proposed(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("待审定：%(facility)s（%(number)s）"))


@words("filing.handed_back")
def _handed_back(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    title = _("审定人退回，请再核对：%(facility)s（%(number)s）")
    return _words(filing, person, title, filing.decision_reason)


@words("filing.registered")
def _registered(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("%(facility)s已在街道登记，登记回执可以下载"))


@words("filing.declined")
def _declined(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("登记报送 %(number)s 没有登记，原因见告知书"))


@words("filing.due_soon")
def _due_soon(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("快到答复期限：%(facility)s（%(number)s）"), _due(params))


@words("filing.overdue")
def _overdue(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("已超过答复期限：%(facility)s（%(number)s）"), _due(params))


@words("filing.correction_due_soon")
def _correction_due_soon(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    title = _("补正期限快到了：%(facility)s（%(number)s）")
    return _words(filing, person, title, _correct_by(params))


@words("filing.correction_overdue")
def _correction_overdue(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    title = _("补正期限已过：%(facility)s（%(number)s）")
    return _words(filing, person, title, _correct_by(params))


def _correct_by(params: Mapping[str, str]) -> str:
    day = dt.date.fromisoformat(params["due"])
    facts = {"year": day.year, "month": day.month, "day": day.day}
    return _("应在 %(year)s年%(month)s月%(day)s日前补正") % facts


def _due(params: Mapping[str, str]) -> str:
    day = dt.date.fromisoformat(params["due"])
    facts = {"year": day.year, "month": day.month, "day": day.day}
    return _("应在 %(year)s年%(month)s月%(day)s日前答复") % facts
