"""The end of a case: a result with evidence, a reply approved by a second person, one review."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from complaints import queries, rules
from complaints.models import Complaint, Result, Satisfaction, StepKind
from complaints.models.choices import MessageKind
from complaints.workflow import COMPLAINT
from facilities.models import Transfer
from portal.core import clock
from portal.core.actors import Actor
from portal.core.queries import in_force, working_calendar
from portal.core.workflow import action, apply, lock

from .deciding import refuse_others
from .merging import set_apart
from .talking import RUNNING, resumed
from .telling import tell, tell_caseworkers
from .timeline import is_said, message, step
from .triage import ended
from .visiting import tell_risk

# One whose own reply waits for a second person ends by that.
WITH_PARENT = COMPLAINT["close_with_parent"].sources
UPHELD = frozenset({Result.UPHELD, Result.PARTLY})


class NothingFollows(Exception):
    """An upheld complaint without anything that came of it: a finding, a visit, or a letter."""


class FoundNothing(Exception):
    """An upheld complaint whose visit found nothing, and not a word about why all the same."""


class ReviewClosed(Exception):
    """The review was asked for before, or its days are over."""


@action
def start_investigation(complaint: Complaint, *, by: Actor, at: dt.datetime) -> Complaint:
    """Work begins (again)."""
    return apply(complaint, "investigate", by=by, at=at)  # type: ignore[no-any-return]


@action
def propose_reply(
    complaint: Complaint,
    result: str,
    evidence: str,
    text: str,
    *,
    by: Actor,
    at: dt.datetime,
    why: str = "",
) -> Complaint:
    """The result, what it rests on, and the text for the complainant; a second person decides.

    `why` is what the upheld result rests on where the visit found nothing; the timeline keeps it.
    """

    def columns(noun: Complaint) -> Mapping[str, Any]:
        if result in UPHELD and not something_follows(noun):
            raise NothingFollows(noun.number)
        if result in UPHELD and not why and queries.visit_found_nothing(noun):
            raise FoundNothing(noun.number)
        return resumed(noun, at) | {
            "result": result, "proposed_by": by.somebody, "decided_by": None,
            "evidence": noun.sealed(evidence, "evidence"), "reply": noun.sealed(text, "reply"),
        }  # fmt: skip

    complaint = apply(complaint, "propose_reply", by=by, at=at, sets=columns, result=result)
    step(complaint, StepKind.PROPOSED, str(Result(result).label), why, by=by, at=at)
    people = [p for p in queries.approvers_of(complaint, clock.day_of(at)) if p != by.somebody]
    tell(people, complaint, "reply_waits", at=at, once=at.isoformat())
    return complaint


def something_follows(complaint: Complaint) -> bool:
    """Whether a letter to another authority, a report or a visit came of it."""
    return bool(
        Transfer.objects.of(complaint).exists()
        or complaint.reports.exists()
        or complaint.lead_id
        or queries.stands(complaint.inspection)
    )


@action
def hand_back_reply(complaint: Complaint, reason: str, *, by: Actor, at: dt.datetime) -> Complaint:
    """The second person wants another result or another text."""
    writer = complaint.proposed_by

    def columns(noun: Complaint) -> Mapping[str, Any]:
        refuse_others(noun, "hand_back", by=by, at=at)
        return {"decided_by": None}

    complaint = apply(complaint, "hand_back", by=by, at=at, sets=columns, reason=reason)
    step(complaint, StepKind.HANDED_BACK, "", reason, by=by, at=at)
    tell([p for p in (writer,) if p], complaint, "reply_back", at=at, once=at.isoformat())
    return complaint


@action
def approve_reply(complaint: Complaint, *, by: Actor, at: dt.datetime) -> Complaint:
    """The second person agrees: the complainant reads the reply, and everybody merged under it."""
    day = clock.day_of(at)

    def columns(noun: Complaint) -> Mapping[str, Any]:
        refuse_others(noun, "approve_reply", by=by, at=at)
        return {"decided_by": by.somebody} | ended(noun, day, result=noun.result)

    complaint = apply(complaint, "approve_reply", by=by, at=at, sets=columns)
    _reply(complaint, complaint.reply_text, by, at)
    tell_risk(complaint, at=at)
    for child in complaint.children.filter(state__in=WITH_PARENT):
        _close_child(child, complaint, by, at)
    return complaint


def _reply(complaint: Complaint, text: str, by: Actor, at: dt.datetime) -> None:
    message(complaint, MessageKind.REPLY, text, from_office=True, by=by, at=at)
    step(complaint, StepKind.CLOSED, str(complaint.get_result_display()), by=by, at=at)
    tell_caseworkers(complaint, "closed", at=at, once=at.isoformat())


def _close_child(child: Complaint, parent: Complaint, by: Actor, at: dt.datetime) -> None:
    """The same result and text, sealed under the child's own key."""
    day = clock.day_of(at)

    def columns(noun: Complaint) -> Mapping[str, Any]:
        clock_runs = resumed(noun, at)
        due = clock_runs.get("finish_due")
        return clock_runs | ended(noun, day, due=due, result=parent.result) | {
            "result": parent.result, "proposed_by": parent.proposed_by,
            "decided_by": by.somebody,
            "evidence": noun.sealed(parent.evidence_text, "evidence"),
            "reply": noun.sealed(parent.reply_text, "reply"),
        }  # fmt: skip

    child = apply(
        child, "close_with_parent", by=Actor.calendar(), at=at, sets=columns, result=parent.result
    )
    _reply(child, parent.reply_text, by, at)


@action
def rate_complaint(
    complaint: Complaint, *, is_solved: bool, satisfaction: str, by: Actor, at: dt.datetime
) -> Complaint:
    """The complainant says whether it was solved and how he was served; the last word counts."""
    columns = {"is_solved": is_solved, "satisfaction": satisfaction}
    complaint = apply(complaint, "rate", by=by, at=at, sets=lambda _: columns)
    words = "已解决" if is_solved else "没有解决"
    step(complaint, StepKind.RATED, f"{words}，{Satisfaction(satisfaction).label}", by=by, at=at)
    return complaint


@action
def request_review(complaint: Complaint, text: str, *, by: Actor, at: dt.datetime) -> Complaint:
    """Once, within the days of the review; it goes to somebody else."""
    day = clock.day_of(at)
    law = in_force(day)

    def columns(noun: Complaint) -> Mapping[str, Any]:
        if not queries.review_is_open(noun, day, law):
            raise ReviewClosed(noun.number)
        return {
            "review_asked_on": day, "first_handler": noun.handler,
            "first_author": noun.proposed_by,
            "handler": None, "decided_by": None, "proposed_by": None, "result": "", "parent": None,
            "closed_on": None, "erase_after": None, "contact_until": None,
            "extended_on": None, "finish_due": rules.review_due(day, law, working_calendar()),
        }  # fmt: skip

    complaint = apply(complaint, "request_review", by=by, at=at, sets=columns)
    first = [who for who in (complaint.first_handler, complaint.first_author) if who]
    complaint.assistants.remove(*first)
    message(complaint, MessageKind.REVIEW, text, from_office=False, by=by, at=at)
    step(complaint, StepKind.REVIEW, by=by, at=at)
    people = queries.assignable_to(complaint, day)
    tell(people, complaint, "review", at=at, once="once")
    return complaint


@action
def withdraw_complaint(complaint: Complaint, text: str, *, by: Actor, at: dt.datetime) -> Complaint:
    """The complainant takes it back. A report of danger to a child is looked into all the same."""
    complaint = lock(complaint)
    if not complaint.admits_withdrawal:
        complaint = apply(complaint, "add", by=by, at=at)
        words = text or "要求撤回，没有写原因。"
        if not is_said(complaint, words, from_office=False, at=at):
            message(complaint, MessageKind.WITHDRAWAL, words, from_office=False, by=by, at=at)
        tell_caseworkers(complaint, "answered", at=at, once=f"withdrawal:{clock.day_of(at)}")
        return complaint
    day = clock.day_of(at)

    def columns(noun: Complaint) -> Mapping[str, Any]:
        # A result that was proposed and handed back has never been decided.
        return RUNNING | {"result": ""} | ended(noun, day)

    complaint = apply(complaint, "withdraw", by=by, at=at, sets=columns)
    set_apart(complaint, by, at)
    if text:
        message(complaint, MessageKind.WITHDRAWAL, text, from_office=False, by=by, at=at)
    step(complaint, StepKind.WITHDRAWN, by=by, at=at)
    tell_caseworkers(complaint, "withdrawn", at=at, once="once")
    return complaint


@action
def archive_complaint(complaint: Complaint, *, at: dt.datetime) -> Complaint:
    """The days of the review are over."""
    return apply(complaint, "archive", by=Actor.calendar(), at=at)  # type: ignore[no-any-return]


@action
def take_over_discipline(complaint: Complaint, *, by: Actor, at: dt.datetime) -> Complaint:
    """The discipline inspectors take a complaint about the office itself; nobody else sees it."""
    complaint = apply(complaint, "take_over", by=by, at=at)
    step(complaint, StepKind.REFERRED, "纪工委", by=by, at=at)
    return complaint


@action
def answer_discipline(
    complaint: Complaint, result: str, text: str, *, by: Actor, at: dt.datetime
) -> Complaint:
    """Their answer to the complainant."""
    day = clock.day_of(at)

    def columns(noun: Complaint) -> Mapping[str, Any]:
        reply = noun.sealed(text, "reply")
        return {"result": result, "reply": reply} | ended(noun, day, result=result)

    complaint = apply(complaint, "answer_discipline", by=by, at=at, sets=columns, result=result)
    message(complaint, MessageKind.REPLY, text, from_office=True, by=by, at=at)
    step(complaint, StepKind.CLOSED, str(complaint.get_result_display()), by=by, at=at)
    return complaint
