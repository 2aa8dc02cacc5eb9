"""What is done about a finding: the facility answers, the office looks again and closes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from facilities import actions as letters
from facilities.models import Department, Transfer
from facilities.rules import leads as transfer_rules
from facilities.workflow import TransferStatus
from inspections import papers
from inspections.models import Finding
from inspections.models.finding import OVERDUE_NOTICE
from inspections.queries import findings as queries
from inspections.queries import visits as visit_queries
from inspections.rules import deadlines
from inspections.workflow import FindingStatus, Severity
from portal.core import attachments, clock, outbox, publishing
from portal.core.actors import Actor
from portal.core.files import IMAGES, Accepted
from portal.core.models import User, staff_with
from portal.core.papers import withdraw
from portal.core.queries import in_force, working_calendar
from portal.core.roles import Role
from portal.core.workflow import TransitionNotOpen, action, apply, lock, record

from .problems import DayNotAllowed, ExtendedBefore, OnSiteOnly
from .risk import reassess
from .stepping import decide, step
from .visits import cancel_inspection


def _photos(
    finding: Finding, photos: Sequence[Accepted], slot: str, by: Actor, at: dt.datetime
) -> None:
    for photo in photos:
        attachments.attach(finding, photo, slot=slot, by=by, at=at, accept=IMAGES)


def _checkers(finding: Finding, at: dt.datetime) -> list[User]:
    """Who looks again: the one who found it and the clerks."""
    people = {person.pk: person for person in staff_with(Role.CLERK, clock.day_of(at))}
    people[finding.found_by_id] = finding.found_by
    return list(people.values())


# --- the facility ---------------------------------------------------------------------------------


@action
def plan_correction(finding: Finding, measure: str, *, by: Actor, at: dt.datetime) -> Finding:
    """The facility says what it is going to do."""
    done: Finding = apply(
        finding, "plan", by=by, at=at, sets=lambda _: {"measure": measure}, measure=measure
    )
    step(done, "plan", note=measure, by=by, at=at)
    return done


@action
def report_correction(
    finding: Finding,
    measure: str,
    done_on: dt.date,
    *,
    by: Actor,
    at: dt.datetime,
    photos: Sequence[Accepted] = (),
) -> Finding:
    """The facility says that it is put right, with photos; late is still possible.

    Raises DayNotAllowed for a day in the future or before the finding.
    """
    day = clock.day_of(at)
    if not (finding.issued_on or day) <= done_on <= day:
        raise DayNotAllowed(day)
    due = deadlines.recheck_due(day, in_force(day), working_calendar())
    columns = {
        "measure": measure,
        "done_on": done_on,
        "reported_at": at,
        "reported_by": by.somebody,
        "recheck_due_on": due,
    }
    done: Finding = apply(finding, "report", by=by, at=at, sets=lambda _: columns, measure=measure)
    _photos(done, photos, queries.AFTER, by, at)
    step(done, "report", done_on.isoformat(), measure, by=by, at=at)
    outbox.notify(_checkers(done, at), "finding.reported", done, at=at, once=at.isoformat())
    return done


@action
def ask_extension(
    finding: Finding, until: dt.date, reason: str, *, by: Actor, at: dt.datetime
) -> Finding:
    """The facility asks for more time, once.

    Raises ExtendedBefore, and DayNotAllowed for a day that is over, or too late.
    """
    day = clock.day_of(at)

    def columns(fresh: Finding) -> dict[str, Any]:
        if fresh.extension_asked_on is not None:
            raise ExtendedBefore
        latest = deadlines.extension_latest(fresh.severity, fresh.due_on, in_force(day))
        if not (fresh.due_on < until <= latest and day <= until):
            raise DayNotAllowed(latest)
        return {
            "extension_asked_on": day, "extension_until": until, "extension_reason": reason,
        }  # fmt: skip

    done: Finding = apply(
        finding, "ask_extension", by=by, at=at, sets=columns, reason=reason, until=str(until)
    )
    step(done, "ask_extension", until.isoformat(), reason, by=by, at=at)
    approvers = staff_with(Role.APPROVER, day)
    outbox.notify(approvers, "finding.extension_asked", done, at=at, once="once")
    return done


@action
def dispute_finding(finding: Finding, reason: str, *, by: Actor, at: dt.datetime) -> Finding:
    """The facility says once that it is not so; its time stands still until it is answered.

    Raises TransitionNotOpen when it was answered before.
    """

    def columns(fresh: Finding) -> dict[str, Any]:
        if fresh.dispute_answer:
            raise TransitionNotOpen("finding", "dispute", fresh.state)
        return {"dispute": reason}

    done: Finding = apply(finding, "dispute", by=by, at=at, sets=columns, reason=reason)
    step(done, "dispute", note=reason, by=by, at=at)
    approvers = staff_with(Role.APPROVER, clock.day_of(at))
    outbox.notify(approvers, "finding.disputed", done, at=at, once=at.isoformat())
    return done


# --- the office -----------------------------------------------------------------------------------


@action
def extend_finding(finding: Finding, until: dt.date, *, by: Actor, at: dt.datetime) -> Finding:
    """Grant more time, at most what was asked for and what the pack allows."""
    day = clock.day_of(at)

    def columns(fresh: Finding) -> dict[str, Any]:
        if fresh.extended_on is not None:
            raise ExtendedBefore
        latest = deadlines.extension_latest(fresh.severity, fresh.due_on, in_force(day))
        latest = min(latest, fresh.extension_until or fresh.due_on)
        if not (fresh.due_on < until <= latest and day <= until):
            raise DayNotAllowed(latest)
        return {"due_on": until, "extended_by": by.somebody, "extended_on": day, "escalation": 0}

    done: Finding = decide(finding, "extend", by=by, at=at, sets=columns, until=str(until))
    step(done, "extend", until.isoformat(), by=by, at=at)
    _tell_facility(done, "finding.extended", at)
    return done


@action
def refuse_extension(finding: Finding, reason: str, *, by: Actor, at: dt.datetime) -> Finding:
    """No more time, for this reason.

    Raises TransitionNotOpen when nobody asked or the answer has gone out.
    """

    def columns(fresh: Finding) -> dict[str, Any]:
        if fresh.extension_asked_on is None or fresh.extended_on or fresh.extension_refusal:
            raise TransitionNotOpen("finding", "refuse_extension", fresh.state)
        return {"extension_refusal": reason}

    done: Finding = decide(finding, "refuse_extension", by=by, at=at, sets=columns, reason=reason)
    step(done, "refuse_extension", note=reason, by=by, at=at)
    _tell_facility(done, "finding.extension_refused", at)
    return done


@action
def uphold_finding(
    finding: Finding, answer: str, due_on: dt.date, *, by: Actor, at: dt.datetime
) -> Finding:
    """The finding stands; the facility gets a day again, within those of the pack.

    Raises DayNotAllowed.
    """
    _refuse_day(finding, due_on, clock.day_of(at))
    columns = {"dispute_answer": answer, "due_on": due_on, "escalation": 0}
    done: Finding = decide(finding, "uphold", by=by, at=at, sets=lambda _: columns, answer=answer)
    step(done, "uphold", note=answer, by=by, at=at)
    _tell_facility(done, "finding.dispute_answered", at)
    return done


@action
def annul_finding(finding: Finding, answer: str, *, by: Actor, at: dt.datetime) -> Finding:
    """The facility is right: the finding is struck and counts no more."""
    columns = {
        "dispute_answer": answer,
        "annulled": True,
        "closed_on": clock.day_of(at),
        "closed_by": by.somebody,
    }
    done: Finding = decide(finding, "annul", by=by, at=at, sets=lambda _: columns, answer=answer)
    step(done, "annul", note=answer, by=by, at=at)
    _tell_facility(done, "finding.dispute_answered", at)
    return _over(done, at)


@action
def close_finding(
    finding: Finding,
    note: str,
    *,
    by: Actor,
    at: dt.datetime,
    on_paper: bool = False,
    photos: Sequence[Accepted] = (),
) -> Finding:
    """Looked at again and put right: closed, with the opinion as a paper.

    A grave one is looked at on site (OnSiteOnly) and by another person than who found it.
    """
    if on_paper and finding.severity == Severity.CRITICAL:
        raise OnSiteOnly
    columns = {
        "close_note": note,
        "closed_on": clock.day_of(at),
        "closed_by": by.somebody,
        "closed_on_paper": on_paper,
    }
    how = "paper" if on_paper else "site"
    done: Finding = decide(finding, "close", by=by, at=at, sets=lambda _: columns, how=how)
    _photos(done, photos, queries.RECHECK, by, at)
    step(done, "close", how, note, by=by, at=at)
    papers.issue_recheck(done, passed=True, by=by, at=at)
    _tell_facility(done, "finding.closed", at)
    return _over(done, at)


@action
def return_finding(
    finding: Finding,
    reason: str,
    due_on: dt.date,
    *,
    by: Actor,
    at: dt.datetime,
    on_paper: bool = False,
    photos: Sequence[Accepted] = (),
) -> Finding:
    """Looked at again and not put right: back to the facility with a reason and a new day.

    Raises DayNotAllowed for a day before today or after the latest one of the pack. The same form
    sent twice returns it once.
    """
    _refuse_day(finding, due_on, clock.day_of(at))
    fresh: Finding = lock(finding)
    told = (FindingStatus.RETURNED, reason, due_on)
    if (fresh.state, fresh.close_note, fresh.due_on) == told:
        return fresh
    columns = {
        "close_note": reason,
        "due_on": due_on,
        "returns": fresh.returns + 1,
        "recheck_due_on": None,
        "escalation": 0,
        "closed_on_paper": on_paper,
    }
    done: Finding = decide(
        fresh, "return", by=by, at=at, sets=lambda _: columns, reason=reason, due=str(due_on)
    )
    _photos(done, photos, queries.RECHECK, by, at)
    step(done, "return", due_on.isoformat(), reason, by=by, at=at)
    papers.issue_recheck(done, passed=False, by=by, at=at)
    _tell_facility(done, "finding.returned", at)
    return done


def _refuse_day(finding: Finding, due_on: dt.date, day: dt.date) -> None:
    latest = deadlines.correction_latest(finding.severity, day, in_force(day))
    if not day <= due_on <= latest:
        raise DayNotAllowed(latest)


@action
def transfer_finding(
    finding: Finding, department: Department, facts: str, *, by: Actor, at: dt.datetime
) -> Transfer:
    """Hand it to the authority that answers for it: the letter, its days and its reminder.

    Sending the form again gives the letter that was sent. Raises NotAnswering for a department to
    which nothing is handed on that day.
    """
    fresh: Finding = lock(finding)
    if fresh.transfer is not None:
        return fresh.transfer
    day = clock.day_of(at)
    matter = letters.matter_of(department, day)
    law, calendar = in_force(day), working_calendar()
    due = transfer_rules.transfer_due(day, law, calendar)
    done: Finding = decide(
        fresh, "transfer", by=by, at=at, department=department.slug,
        sets=lambda _: {"transferred_to": department},
    )  # fmt: skip
    line = step(done, "transfer", department.name, by=by, at=at)
    paper = papers.issue_transfer(line, department, facts, due, by=by, at=at)
    made = Transfer.objects.create(
        noun=line,
        department=department,
        matter=matter,
        facts=facts,
        paper=paper,
        number=paper.number,
        sent_by=by.somebody,
        sent_on=day,
        remind_on=transfer_rules.transfer_reminder(day, law, calendar),
        due_on=due,
    )
    done.transfer = made
    done.save(update_fields=["transfer"])
    record(made, "transfer.send", by=by, at=at, department=department.slug, number=paper.number)
    _tell_facility(done, "finding.transferred", at)
    return made


@action
def take_back_finding(
    finding: Finding, reason: str, due_on: dt.date, *, by: Actor, at: dt.datetime
) -> Finding:
    """It was handed over by mistake, or is not the authority's: back to the facility, with a day.

    The letter is withdrawn, and the authority gets one that says so; nobody is reminded of the
    first any more. What is late then escalates from the start. Raises DayNotAllowed.
    """
    day = clock.day_of(at)
    _refuse_day(finding, due_on, day)
    columns = {"transferred_to": None, "transfer": None, "due_on": due_on, "escalation": 0}
    letter: Transfer | None = finding.transfer
    done: Finding = decide(
        finding, "take_back", by=by, at=at, sets=lambda _: columns, reason=reason, due=str(due_on)
    )
    step(done, "take_back", due_on.isoformat(), reason, by=by, at=at)
    if letter is not None:
        _end_letter(done, letter, reason, by, at)
    _tell_facility(done, "finding.taken_back", at)
    return done


def _end_letter(
    finding: Finding, letter: Transfer, reason: str, by: Actor, at: dt.datetime
) -> None:
    """The letter does not stand any more; one without answer is told of and closed."""
    withdraw(letter.paper, reason, by=by, at=at)
    if letter.state == TransferStatus.ANSWERED:
        return
    line = step(finding, "withdrawn", letter.number, by=by, at=at, internal=True)
    told = papers.issue_taken_back(line, letter, reason, by=by, at=at)
    result = f"已撤回移送（{told.number}）：{reason}"
    letters.answer_transfer(letter, clock.day_of(at), result, by=Actor.calendar(), at=at)


@action
def settle_finding(finding: Finding, how: str, *, by: Actor, at: dt.datetime) -> Finding:
    """The authority has dealt with it: closed, in its words."""
    columns = {"close_note": how, "closed_on": clock.day_of(at), "closed_by": by.somebody}
    done: Finding = decide(finding, "settle", by=by, at=at, sets=lambda _: columns, how=how)
    step(done, "settle", note=how, by=by, at=at)
    return _over(done, at)


@action
def remind_facility(finding: Finding, *, by: Actor, at: dt.datetime) -> int:
    """Remind the facility by hand; once a day however often it is pressed."""
    done: Finding = apply(finding, "remind", by=by, at=at)
    people = visit_queries.operators_of(done.facility)
    once = f"hand:{clock.day_of(at)}"
    told = outbox.notify(people, "finding.remind", done, at=at, once=once, due=done.due_on)
    if told:
        step(done, "remind", by=by, at=at)
    return told


@action
def remind_facilities(findings: Sequence[Finding], *, by: Actor, at: dt.datetime) -> int:
    """Remind about many at once; returns how many messages are new."""
    return sum(remind_facility(finding, by=by, at=at) for finding in findings)


def _over(finding: Finding, at: dt.datetime) -> Finding:
    """What follows from an end: list and visits about it let go, the risk is computed again."""
    for publication in publishing.open_or_standing(finding, OVERDUE_NOTICE):
        publishing.withdraw_publication(publication, "已整改销号", by=Actor.calendar(), at=at)
    for visit in visit_queries.rechecks_ahead(finding):
        cancel_inspection(visit, f"{finding.number}已销号", by=Actor.calendar(), at=at)
    reassess(finding.facility, at=at)
    return finding


def _tell_facility(finding: Finding, kind: str, at: dt.datetime) -> None:
    people = visit_queries.operators_of(finding.facility)
    outbox.notify(people, kind, finding, at=at, once=at.isoformat())
