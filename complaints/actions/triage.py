"""Accepting or rejecting, who deals with it, what staff write, merging."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from complaints import queries, rules
from complaints.models import Complaint, RejectGround, StepKind
from complaints.models.choices import MessageKind
from complaints.workflow import ComplaintStatus
from facilities.actions import start_lead
from facilities.models import Facility, Lead
from facilities.models.leads import LeadSource
from portal.core import clock
from portal.core.actors import Actor
from portal.core.models import User
from portal.core.queries import in_force
from portal.core.workflow import action, apply, lock

from .intake import grams_of, tell_of_spike
from .merging import set_apart
from .red_lane import refuse_unreported
from .telling import tell, tell_caseworkers
from .timeline import message, step


class CannotTake(Exception):
    """The case cannot be given to him: out of reach, a tie, or he dealt with it before."""


class CannotMerge(Exception):
    """The two cases cannot be one: another lane, the same one, or merged already."""


@action
def accept_complaint(
    complaint: Complaint,
    severity: str,
    *,
    by: Actor,
    at: dt.datetime,
    title: str = "",
    summary: str = "",
) -> Complaint:
    """Take it on: severity, and a title and summary without any identity, for the lists."""
    day = clock.day_of(at)

    def columns(noun: Complaint) -> Mapping[str, Any]:
        refuse_unreported(noun)
        noun.title, noun.summary = title or noun.title, summary or noun.summary
        return {
            "accepted_on": day, "severity": severity, "title": noun.title,
            "summary": noun.summary, "search_grams": grams_of(noun),
        }  # fmt: skip

    complaint = apply(complaint, "accept", by=by, at=at, sets=columns, severity=severity)
    step(complaint, StepKind.ACCEPTED, by=by, at=at)
    return complaint


@action
def reject_complaint(
    complaint: Complaint, ground: str, text: str, *, by: Actor, at: dt.datetime
) -> Complaint:
    """Not taken on: the ground, and in `text` where to go instead; the complainant reads it."""
    day = clock.day_of(at)

    def columns(noun: Complaint) -> Mapping[str, Any]:
        refuse_unreported(noun)
        none = {"result": ""}  # proposed before an alarm, never decided
        return {"reject_ground": ground} | none | ended(noun, day)

    complaint = apply(complaint, "reject", by=by, at=at, sets=columns, ground=ground)
    set_apart(complaint, by, at)
    message(complaint, MessageKind.REJECTION, text, from_office=True, by=by, at=at)
    step(complaint, StepKind.REJECTED, str(RejectGround(ground).label), by=by, at=at)
    return complaint


def ended(
    complaint: Complaint, closed_on: dt.date, *, due: dt.date | None = None, result: str = ""
) -> dict[str, Any]:
    """The columns of an end: its day, how it ended the first time, when all is destroyed.

    `due` is its last day where that changes with the end, `result` the result it ends with. A
    review ends a case again; the figures of the office stay with the first time.
    """
    law = in_force(closed_on)
    first: dict[str, Any] = {
        "first_closed_on": closed_on, "first_due": due or complaint.finish_due,
        "first_result": result,
    }  # fmt: skip
    return (first if complaint.first_closed_on is None else {}) | {
        "closed_on": closed_on,
        "contact_until": rules.contact_until(closed_on, complaint.lane, law),
        "erase_after": rules.content_until(closed_on, complaint.lane, law),
    }


@action
def assign_complaint(
    complaint: Complaint, handler: User, *, by: Actor, at: dt.datetime, note: str = ""
) -> Complaint:
    """Give it to a caseworker, or hand it over; CannotTake where he may not."""
    _refuse_outsider(complaint, handler, at)
    complaint = apply(
        complaint, "assign", by=by, at=at, sets=lambda _: {"handler": handler},
        handler=handler.audit_label,
    )  # fmt: skip
    complaint.assistants.remove(handler)
    step(complaint, StepKind.ASSIGNED, handler.signature_label, note, by=by, at=at)
    if handler != by.somebody:
        tell([handler], complaint, "assigned", at=at, once=at.isoformat())
    return complaint


@action
def add_assistant(complaint: Complaint, person: User, *, by: Actor, at: dt.datetime) -> Complaint:
    """Somebody who works on it beside the handler."""
    _refuse_outsider(complaint, person, at)
    complaint = apply(complaint, "assist", by=by, at=at, person=person.audit_label)
    complaint.assistants.add(person)
    step(complaint, StepKind.ASSIGNED, f"协办：{person.signature_label}", by=by, at=at)
    tell([person], complaint, "assigned", at=at, once=f"assist:{at.isoformat()}")
    return complaint


def _refuse_outsider(complaint: Complaint, person: User, at: dt.datetime) -> None:
    if person not in queries.assignable_to(complaint, clock.day_of(at)):
        raise CannotTake(complaint.number)


@action
def remind_handler(complaint: Complaint, *, by: Actor, at: dt.datetime) -> int:
    """Press: once a day and person."""
    apply(complaint, "remind", by=by, at=at)
    return tell_caseworkers(complaint, "pressed", at=at, once=clock.day_of(at).isoformat())


@action
def describe_complaint(
    complaint: Complaint,
    title: str,
    summary: str,
    *,
    by: Actor,
    at: dt.datetime,
    facility: Facility | None = None,
) -> Complaint:
    """The staff's own title and summary, and which facility it is about; no identity in them.

    A complainant who wrote the name by hand may be the one who makes it many about the facility.
    """
    was = lock(complaint).facility_id

    def columns(noun: Complaint) -> Mapping[str, Any]:
        noun.title, noun.summary = title, summary
        noun.facility = facility or noun.facility
        community = noun.facility.community if noun.facility else noun.community
        return {"title": title, "summary": summary, "facility": noun.facility,
                "community": community, "search_grams": grams_of(noun)}  # fmt: skip

    complaint = apply(complaint, "describe", by=by, at=at, sets=columns)
    if complaint.facility_id != was:
        tell_of_spike([complaint], at)
    return complaint


@action
def note_complaint(complaint: Complaint, text: str, *, by: Actor, at: dt.datetime) -> Complaint:
    """An internal note; the complainant and the facility never see it."""
    complaint = apply(complaint, "note", by=by, at=at)
    last = complaint.steps.filter(kind=StepKind.NOTE, done_by=by.user).first()
    if last and last.on_day == clock.day_of(at) and last.note_text == text:
        return complaint  # the form was sent twice
    step(complaint, StepKind.NOTE, "", text, by=by, at=at)
    return complaint


@action
def pass_on_place(
    complaint: Complaint, values: Mapping[str, Any], *, by: Actor, at: dt.datetime
) -> Lead:
    """A place that is not in the register becomes a hint, in the office's own words."""
    complaint = lock(complaint)
    given = {key: values.get(key) for key in ("name", "address", "community", "uscc")}
    given |= {"source": LeadSource.COMPLAINT, "source_key": f"complaint:{complaint.pk}"}
    lead = start_lead(given, by=by, at=at)
    apply(complaint, "pass_on_place", by=by, at=at, sets=lambda _: {"lead": lead})
    if complaint.lead_id is None:
        step(complaint, StepKind.NOTE, f"未登记线索 {lead.number}", by=by, at=at)
    return lead


@action
def merge_complaint(
    complaint: Complaint, parent: Complaint, *, by: Actor, at: dt.datetime
) -> Complaint:
    """Deal with it under `parent`; its complainant keeps his number and is answered too."""
    # Both rows in one order, whichever is to be the parent: two who merge the same two the other
    # way round wait for each other, and the one who comes second is told in words.
    rows = {each.pk: lock(each) for each in sorted((complaint, parent), key=lambda row: row.pk)}
    complaint, parent = rows[complaint.pk], rows[parent.pk]
    if not _mergeable(complaint, parent) or not queries.may_see(parent, by.somebody):
        raise CannotMerge(complaint.number)
    complaint = apply(
        complaint, "merge", by=by, at=at, sets=lambda _: {"parent": parent}, parent=str(parent.pk)
    )
    step(complaint, StepKind.MERGED, f"并入 {parent.number}", by=by, at=at)
    step(parent, StepKind.MERGED, f"并入本件 {complaint.number}", by=by, at=at)
    return complaint


def _mergeable(complaint: Complaint, parent: Complaint) -> bool:
    return (
        complaint.pk != parent.pk
        and complaint.lane == parent.lane
        and parent.parent_id is None
        and not complaint.children.exists()
        and parent.state in parent.machine["merge"].sources
        and (not complaint.is_red or complaint.state != ComplaintStatus.RECEIVED)
    )


@action
def separate_complaint(
    complaint: Complaint, reason: str, *, by: Actor, at: dt.datetime
) -> Complaint:
    """It is a case of its own after all."""
    complaint = apply(
        complaint, "separate", by=by, at=at, sets=lambda _: {"parent": None}, reason=reason
    )
    step(complaint, StepKind.MERGED, "恢复单独办理", reason, by=by, at=at)
    return complaint
