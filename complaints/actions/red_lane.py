"""The red lane: acknowledge, report to police or organ in charge, reclassify by two (R9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from complaints import queries, rules
from complaints.models import AuthorityReport, Category, Complaint, Lane, Organ, StepKind
from complaints.workflow import ComplaintStatus
from portal.core import clock
from portal.core.actors import Actor
from portal.core.queries import in_force, working_calendar
from portal.core.workflow import action, apply, record

from .intake import tell_of_arrival, tell_of_spike
from .merging import set_apart
from .statements import withhold_statements
from .talking import RUNNING
from .telling import tell, tell_caseworkers
from .timeline import step


class NotReported(Exception):
    """A red case stays where it is until the police or the organ in charge knows of it."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was made: to whom, when, and the reference or the name it was given."""

    organ: str
    unit: str
    reference: str
    reported_at: dt.datetime
    note: str = ""


class AlreadyRed(Exception):
    """The alarm was raised before: a red case becomes another red one by two persons alone."""


class NotProposed(Exception):
    """There is no proposal of another category to decide about (any more)."""


def refuse_unreported(complaint: Complaint) -> None:
    """NotReported for a red case of which no organ knows."""
    if complaint.is_red and complaint.reported_on is None:
        raise NotReported(complaint.number)


@action
def acknowledge_alarm(complaint: Complaint, *, by: Actor, at: dt.datetime) -> Complaint:
    """A duty person has it: the alarm stops ringing. The first one stays named."""

    def first(noun: Complaint) -> Mapping[str, Any]:
        if noun.acknowledged_by_id or not noun.is_red:
            return {}
        return {"acknowledged_by": by.somebody, "acknowledged_on": clock.day_of(at)}

    was = complaint.acknowledged_by_id
    complaint = apply(complaint, "acknowledge", by=by, at=at, sets=first)
    if was is None and complaint.acknowledged_by_id == by.somebody.pk:
        step(complaint, StepKind.ACKNOWLEDGED, by=by, at=at)
    return complaint


@action
def escalate_alarm(complaint: Complaint, level: str, *, at: dt.datetime) -> int:
    """Ring again, wider, while nobody has acknowledged; told by the number alone.

    An hour after it came the wider circle hears too that somebody has it and the police or the
    organ in charge do not know yet (domain.md §6.4).
    """
    if not complaint.is_red or complaint.state != ComplaintStatus.RECEIVED:
        return 0
    kind = "escalation" if complaint.acknowledged_by_id is None else "unreported"
    if kind == "unreported" and (complaint.reported_on or level != "third"):
        return 0
    people = queries.escalation_people(complaint, clock.day_of(at), level)
    told = tell(people, complaint, kind, at=at, once=f"{level}:{at.isoformat()}")
    if told:
        record(complaint, "complaint.escalated", by=Actor.calendar(), at=at, level=level)
    return told


@action
def record_report(
    complaint: Complaint, report: Report, *, by: Actor, at: dt.datetime
) -> AuthorityReport:
    """Write down to whom it was reported, when and under which reference; the same one is one."""
    day = clock.day_of(at)

    def columns(noun: Complaint) -> Mapping[str, Any]:
        first: dict[str, Any] = {"reported_on": noun.reported_on or day}
        if noun.acknowledged_by_id is None:
            first |= {"acknowledged_by": by.somebody, "acknowledged_on": day}
        return first

    complaint = apply(
        complaint, "report", by=by, at=at, sets=columns, organ=report.organ, unit=report.unit,
        reference=report.reference,
    )  # fmt: skip
    known = complaint.reports.filter(organ=report.organ, reference=report.reference).first()
    if known:
        return known
    made = AuthorityReport(
        complaint=complaint, organ=report.organ, unit=report.unit, reference=report.reference,
        reported_at=report.reported_at, recorded_by=by.somebody, recorded_on=day,
    )  # fmt: skip
    if report.note:
        made.note = complaint.sealed(report.note, f"report:{made.pk}")
    made.save(force_insert=True)
    text = f"{Organ(report.organ).label} {report.reference}"
    step(complaint, StepKind.REPORTED, text, by=by, at=at)
    return made


@action
def propose_category(
    complaint: Complaint, category: str, reason: str, *, by: Actor, at: dt.datetime
) -> Complaint:
    """The first of two: this is another matter, for this reason. Another person must agree."""
    complaint = apply(
        complaint, "propose_category", by=by, at=at, category=category, reason=reason,
        sets=lambda _: {"category_proposed": category, "category_proposed_by": by.somebody,
                        "category_confirmed_by": None},
    )  # fmt: skip
    step(complaint, StepKind.CATEGORY, f"拟改为：{Category(category).label}", reason, by=by, at=at)
    people = queries.others_who_may(complaint, clock.day_of(at), by.somebody)
    tell(people, complaint, "second_person", at=at, once=f"category:{at.isoformat()}")
    return complaint


@action
def confirm_category(complaint: Complaint, *, by: Actor, at: dt.datetime) -> Complaint:
    """The second of two: category, lane, severity and clocks change together."""
    day = clock.day_of(at)

    def columns(noun: Complaint) -> Mapping[str, Any]:
        if not noun.category_proposed:
            raise NotProposed(noun.number)
        return _as_category(noun, noun.category_proposed) | {
            "category_confirmed_by": by.somebody, "category_proposed": "",
        }  # fmt: skip

    was = complaint.lane
    complaint = apply(complaint, "confirm_category", by=by, at=at, sets=columns)
    step(complaint, StepKind.CATEGORY, f"已改为：{complaint.get_category_display()}", by=by, at=at)
    if complaint.lane != was:
        _stand_alone(complaint, by, at)
        tell_of_arrival(complaint, at)
        tell_of_spike([complaint], at)
    else:
        tell_caseworkers(complaint, "category", at=at, once=f"category:{day}")
    return complaint


def _as_category(noun: Complaint, category: str) -> dict[str, Any]:
    """The columns that follow from a category, counted from the day it came."""
    law = in_force(noun.received_on)
    lane = rules.lane_of(category, law)
    due, was = _due_of(noun, category), _due_of(noun, noun.category)
    columns: dict[str, Any] = {
        "category": category, "lane": lane, "severity": law.text("complaints.severity", category),
        "respond_due": due.respond,
        "finish_due": rules.carried_over(due.finish, was.finish, noun.finish_due),
    }  # fmt: skip
    moves = lane != noun.lane
    if moves:
        columns |= {"handler": None, "parent": None}
    if moves and lane == Lane.RED:
        columns |= {"acknowledged_by": None, "acknowledged_on": None}
    if (lane == Lane.RED and noun.reported_on is None) or (moves and lane == Lane.DISCIPLINE):
        columns |= {"state": ComplaintStatus.RECEIVED} | RUNNING
    if noun.review_asked_on and not moves:
        del columns["finish_due"]  # a review has days of its own
    return columns


def _due_of(noun: Complaint, category: str) -> rules.Due:
    law, calendar = in_force(noun.received_on), working_calendar()
    return rules.due_days(noun.received_on, category, law, calendar, given=noun.external_due)


def _stand_alone(complaint: Complaint, by: Actor, at: dt.datetime) -> None:
    """Another lane has other people: nobody assists, what was merged is dealt with apart.

    From the common lane nothing more goes to the facility before the new people have read it.
    """
    complaint.assistants.clear()
    set_apart(complaint, by, at)
    if complaint.lane != Lane.NORMAL:
        withhold_statements(complaint, at=at)


@action
def refuse_category(complaint: Complaint, *, by: Actor, at: dt.datetime) -> Complaint:
    """The second person does not agree; it stays as it was."""

    def columns(noun: Complaint) -> Mapping[str, Any]:
        if not noun.category_proposed:
            raise NotProposed(noun.number)
        return {"category_proposed": "", "category_proposed_by": None}

    complaint = apply(complaint, "refuse_category", by=by, at=at, sets=columns)
    step(complaint, StepKind.CATEGORY, "未同意调整类别", by=by, at=at)
    return complaint


@action
def raise_alarm(
    complaint: Complaint, category: str, reason: str, *, by: Actor, at: dt.datetime
) -> Complaint:
    """A child may be in danger: one person is enough to make it red, two are needed to undo it."""

    def columns(noun: Complaint) -> Mapping[str, Any]:
        if noun.is_red:
            raise AlreadyRed(noun.number)
        anew = dict.fromkeys(("handler", "parent", "acknowledged_by", "acknowledged_on"))
        red = {"lane": Lane.RED, "category_proposed": ""}
        return _as_category(noun, category) | RUNNING | anew | red

    complaint = apply(
        complaint, "raise_alarm", by=by, at=at, reason=reason, category=category, sets=columns
    )
    _stand_alone(complaint, by, at)
    step(complaint, StepKind.ALARM, str(Category(category).label), reason, by=by, at=at)
    tell_of_arrival(complaint, at)
    return complaint
