"""Questions to the complainant and his answers, by number and code; pauses of the clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from complaints import rules
from complaints.models import Complaint, Lane, PauseKind, StepKind
from complaints.models.choices import MessageKind
from complaints.workflow import ComplaintStatus
from portal.core import clock
from portal.core.actors import Actor
from portal.core.files import Accepted
from portal.core.papers.content import chinese_date
from portal.core.queries import in_force, working_calendar
from portal.core.workflow import action, apply, lock

from .deciding import refuse_others
from .telling import tell_caseworkers
from .timeline import is_said, keep_file, message, step, unknown_files

# A clock that stands still for an answer, and one that runs.
WAITS: dict[str, Any] = {
    "pause_kind": PauseKind.QUESTION, "pause_reason": "等待投诉人补充", "pause_until": None,
}  # fmt: skip
RUNNING: dict[str, Any] = {
    "paused_on": None, "pause_kind": "", "pause_reason": "", "pause_until": None,
    "answer_due": None,
}  # fmt: skip


@action
def write_to_complainant(
    complaint: Complaint, text: str, *, by: Actor, at: dt.datetime
) -> Complaint:
    """A message that asks nothing; the complainant reads it by number and code."""
    complaint = apply(complaint, "write", by=by, at=at)
    if is_said(complaint, text, from_office=True, at=at):
        return complaint
    message(complaint, MessageKind.MESSAGE, text, from_office=True, by=by, at=at)
    return complaint


@action
def ask_complainant(complaint: Complaint, text: str, *, by: Actor, at: dt.datetime) -> Complaint:
    """A question; the clock stands still until the answer, or until its day has passed."""
    day = clock.day_of(at)
    law, calendar = in_force(day), working_calendar()
    due = calendar.add_working_days(day, law.integer("complaints.answer_working_days"))

    def columns(noun: Complaint) -> Mapping[str, Any]:
        if noun.pause_kind:  # an expert is waited for already: the answer does not end that
            return {"answer_due": due}
        return WAITS | {"answer_due": due, "paused_on": day}

    complaint = apply(complaint, _of_lane("ask", complaint), by=by, at=at, sets=columns)
    message(complaint, MessageKind.QUESTION, text, from_office=True, by=by, at=at)
    step(complaint, StepKind.ASKED, f"最迟{chinese_date(due)}回答", by=by, at=at)
    return complaint


@action
def add_by_complainant(
    complaint: Complaint,
    text: str,
    *,
    by: Actor,
    at: dt.datetime,
    files: Sequence[Accepted] = (),
) -> Complaint:
    """What the complainant adds, or answers to a question; the clock runs on."""
    complaint = apply(complaint, "add", by=by, at=at)
    new = list(files)
    if is_said(complaint, text, from_office=False, at=at):  # the form was sent twice
        text, new = "", unknown_files(complaint, files, from_office=False)
        if not new:
            return complaint
    asked = complaint.state == ComplaintStatus.AWAITING_COMPLAINANT
    kind = MessageKind.ANSWER if asked else MessageKind.MESSAGE
    for file in new:
        keep_file(complaint, file, by=by, at=at)
    if text:
        message(complaint, kind, text, from_office=False, by=by, at=at)
    step(complaint, StepKind.ANSWERED, by=by, at=at)
    if asked:
        complaint = go_on(complaint, by=by, at=at)
    tell_caseworkers(complaint, "answered", at=at, once=f"{clock.day_of(at)}:{asked}")
    return complaint


@action
def add_office_file(
    complaint: Complaint, file: Accepted, *, by: Actor, at: dt.datetime
) -> Complaint:
    """What an official found: sealed like the rest, seen by whoever sees the case, by nobody else.

    Neither the complainant nor the facility learns of it; it goes with the case's key.
    """
    complaint = apply(complaint, "add_file", by=by, at=at)
    for each in unknown_files(complaint, [file], from_office=True):
        keep_file(complaint, each, by=by, at=at, from_office=True)
        step(complaint, StepKind.FILE, by=by, at=at)
    return complaint


@action
def go_on_without_answer(complaint: Complaint, *, by: Actor, at: dt.datetime) -> Complaint:
    """No answer came (from the complainant or the facility): go on with what is known."""
    return go_on(complaint, by=by, at=at)


def go_on(complaint: Complaint, *, by: Actor, at: dt.datetime) -> Complaint:
    """Nobody's answer is waited for: back to those whose lane it is."""
    name = _of_lane("resume", complaint)
    return apply(complaint, name, by=by, at=at, sets=lambda n: answered(n, at))  # type: ignore[no-any-return]


def _of_lane(name: str, complaint: Complaint) -> str:
    """The discipline inspectors ask as the office does, in states of their own."""
    return f"{name}_discipline" if complaint.lane == Lane.DISCIPLINE else name


@action
def pause_clock(
    complaint: Complaint, kind: str, reason: str, *, by: Actor, at: dt.datetime
) -> Complaint:
    """The clock stands still for an expert's opinion or a correction, as long as the pack allows.

    Paused again while it stands still, another kind or reason, its days count from the first day.
    """
    day = clock.day_of(at)
    days = in_force(day).integer("complaints.pause_working_days", kind)
    was = lock(complaint)
    if (was.pause_kind, was.pause_reason) == (kind, reason) and was.is_paused:
        return was  # type: ignore[no-any-return]  # the form was sent twice

    def columns(noun: Complaint) -> Mapping[str, Any]:
        since = noun.paused_on or day
        until = working_calendar().add_working_days(since, days)
        return {"paused_on": since, "pause_kind": kind, "pause_reason": reason,
                "pause_until": until}  # fmt: skip

    complaint = apply(complaint, "pause", by=by, at=at, sets=columns, reason=reason, kind=kind)
    until = chinese_date(complaint.pause_until or day)
    words = f"{PauseKind(kind).label}，最迟到{until}"
    step(complaint, StepKind.PAUSED, words, reason, by=by, at=at)
    return complaint


@action
def end_pause(complaint: Complaint, *, by: Actor, at: dt.datetime) -> Complaint:
    """The clock runs on; the days that stood still are given back. Running already is fine.

    While a question to the complainant is open, the clock goes on standing still for the answer.
    """
    complaint = lock(complaint)
    if complaint.pause_kind in {"", PauseKind.QUESTION}:
        return complaint
    is_asked = complaint.state == ComplaintStatus.AWAITING_COMPLAINANT
    complaint = apply(
        complaint, "end_pause", by=by, at=at,
        sets=lambda n: WAITS if is_asked else resumed(n, at),
    )  # fmt: skip
    step(complaint, StepKind.RESUMED, "仍等待投诉人补充" if is_asked else "", by=by, at=at)
    if by.user is None:
        tell_caseworkers(complaint, "pause_over", at=at, once=clock.day_of(at).isoformat())
    return complaint


def answered(noun: Complaint, at: dt.datetime) -> dict[str, Any]:
    """The columns once nobody's answer is waited for; a pause for anything else goes on."""
    if noun.pause_kind in {"", PauseKind.QUESTION}:
        return resumed(noun, at)
    return {"answer_due": None}


def resumed(noun: Complaint, at: dt.datetime) -> dict[str, Any]:
    """The columns of a clock that runs again; nothing where it ran."""
    if noun.paused_on is None:
        return {"answer_due": None}
    day = clock.day_of(at)
    due = rules.pushed_back(noun.finish_due, noun.paused_on, day, working_calendar())
    if due and noun.given_day:
        due = min(due, noun.given_day)
    return RUNNING | {"finish_due": due}


@action
def extend_clock(complaint: Complaint, reason: str, *, by: Actor, at: dt.datetime) -> Complaint:
    """More days, once, by somebody other than who deals with it; the complainant is told."""
    day = clock.day_of(at)
    days = dt.timedelta(days=in_force(day).integer("complaints.extension_days"))

    def columns(noun: Complaint) -> Mapping[str, Any]:
        refuse_others(noun, "extend", by=by, at=at)
        if noun.given_day:
            raise GivenDay(noun.number)
        if noun.extended_on or noun.finish_due is None:
            raise CannotExtend(noun.number)
        return {"extended_on": day, "finish_due": noun.finish_due + days}

    complaint = apply(complaint, "extend", by=by, at=at, sets=columns, reason=reason)
    until = chinese_date(complaint.finish_due or day)
    step(complaint, StepKind.EXTENDED, f"到{until}", reason, by=by, at=at)
    text = f"您反映的事项比较复杂，办理期限延长到{until}。"
    message(complaint, MessageKind.MESSAGE, text, from_office=True, by=by, at=at)
    return complaint


class GivenDay(Exception):
    """The day was set by 12345, which alone moves it."""


class CannotExtend(Exception):
    """It was extended before, or no day of ours ends it."""
