"""Seeing who complained takes a reason and a second person (diff:23); keeping away takes a word."""

from __future__ import annotations

import datetime as dt

from complaints import queries
from complaints.models import Complaint, ConfidentialTie, ContactReveal, StepKind
from complaints.workflow import RevealStatus
from facilities.models import Facility
from portal.core import audit, clock
from portal.core.actors import Actor
from portal.core.models import User
from portal.core.papers.content import chinese_date
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.workflow import NotAllowed, action, apply, lock, record

from .telling import tell
from .timeline import step


class NoContact(Exception):
    """The complaint is anonymous, or who complained has been erased."""


@action
def ask_contact(complaint: Complaint, reason: str, *, by: Actor, at: dt.datetime) -> ContactReveal:
    """Ask to see who complained; one open wish a person and case."""
    complaint = apply(complaint, "ask_contact", by=by, at=at)
    if not queries.masked_contact(complaint):
        raise NoContact(complaint.number)
    waiting = complaint.reveals.filter(asked_by=by.somebody, state=RevealStatus.ASKED).first()
    if waiting:
        return waiting
    made = ContactReveal.objects.create(
        complaint=complaint, reason=reason, asked_by=by.somebody, asked_on=clock.day_of(at)
    )
    step(complaint, StepKind.CONTACT, "申请查看", reason, by=by, at=at)
    people = queries.others_who_may(complaint, clock.day_of(at), by.somebody)
    tell(people, complaint, "second_person", at=at, once=f"contact:{made.pk}")
    return made


@action
def grant_contact(reveal: ContactReveal, *, by: Actor, at: dt.datetime) -> ContactReveal:
    """The second person agrees; only who asked may look, until the day given."""
    day = clock.day_of(at)
    until = day + dt.timedelta(days=in_force(day).integer("complaints.reveal_days"))
    columns = {"decided_by": by.somebody, "decided_on": day, "open_until": until}
    reveal = apply(reveal, "grant", by=by, at=at, sets=lambda _: columns)
    step(
        lock(reveal.complaint), StepKind.CONTACT, f"同意查看，到{chinese_date(until)}", by=by, at=at
    )
    tell([reveal.asked_by], reveal.complaint, "contact", at=at, once=str(reveal.pk))
    return reveal


@action
def refuse_contact(
    reveal: ContactReveal, reason: str, *, by: Actor, at: dt.datetime
) -> ContactReveal:
    """The second person does not agree."""
    columns = {"decided_by": by.somebody, "decided_on": clock.day_of(at), "refusal": reason}
    reveal = apply(reveal, "refuse", by=by, at=at, sets=lambda _: columns, reason=reason)
    step(lock(reveal.complaint), StepKind.CONTACT, "未同意查看", reason, by=by, at=at)
    tell([reveal.asked_by], reveal.complaint, "contact", at=at, once=str(reveal.pk))
    return reveal


@action
def open_contact(reveal: ContactReveal, *, by: Actor, at: dt.datetime) -> dict[str, str]:
    """Read it under the grant; each reading is a line of the trail and of the timeline."""
    reveal = apply(reveal, "open", by=by, at=at)
    if reveal.open_until is None or reveal.open_until < clock.day_of(at):
        line = audit.line("contactreveal.open.refused", reveal, by=by, at=at, why="over")
        raise NotAllowed(line)
    record(reveal.complaint, "contact.revealed", by=by, at=at, reveal=str(reveal.pk))
    step(lock(reveal.complaint), StepKind.CONTACT, "已查看", by=by, at=at)
    return queries.contact_of(reveal)


@action
def end_reveal(reveal: ContactReveal, *, at: dt.datetime) -> ContactReveal:
    """Its day is past."""
    return apply(reveal, "end", by=Actor.calendar(), at=at)  # type: ignore[no-any-return]


@action
def declare_tie(
    reason: str,
    *,
    by: Actor,
    at: dt.datetime,
    facility: Facility | None = None,
    complaint: Complaint | None = None,
    user: User | None = None,
) -> ConfidentialTie:
    """Keep away from a facility or a case: the person himself, or somebody who knows of it.

    What he was dealing with goes back to the others at once.
    """
    person = user or by.somebody
    standing = person.confidential_ties.filter(
        facility=facility, complaint=complaint, ended_on=None
    ).first()
    if standing:
        return standing
    cases = Complaint.objects.open().filter(handler=person)
    cases = cases.filter(facility=facility) if facility else cases.filter(
        pk__in=[complaint.pk] if complaint else []
    )  # fmt: skip
    made = ConfidentialTie.objects.create(
        user=person, facility=facility, complaint=complaint, reason=reason,
        declared_by=by.somebody, declared_on=clock.day_of(at),
    )  # fmt: skip
    record(made, "tie.declared", by=by, at=at, person=person.audit_label)
    for case in cases.select_for_update():
        case.handler = None
        case.save(update_fields=["handler"])
        step(case, StepKind.ASSIGNED, "承办人回避", by=by, at=at)
        tell(queries.assignable_to(case, clock.day_of(at)), case, "new", at=at, once=str(made.pk))
    return made


@action
def end_tie(tie: ConfidentialTie, *, by: Actor, at: dt.datetime) -> ConfidentialTie:
    """It is over; only somebody else who oversees ties may say so."""
    tie = lock(tie)
    overseer = by.somebody.has_role(Role.APPROVER, Role.AUDITOR)
    if tie.user_id == by.somebody.pk or not overseer:
        raise NotAllowed(audit.line("tie.end.refused", tie, by=by, at=at))
    if tie.ended_on is None:
        tie.ended_on, tie.ended_by = clock.day_of(at), by.somebody
        tie.save(update_fields=["ended_on", "ended_by"])
        record(tie, "tie.ended", by=by, at=at)
    return tie
