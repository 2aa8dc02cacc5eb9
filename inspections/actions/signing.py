"""Finishing a visit: what is missing, the signatures, the papers, and the facility's receipt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from inspections import papers
from inspections.models import Finding, Inspection, InspectionMember, InspectionSignature
from inspections.models.choices import Access, SignerRole
from inspections.queries import findings as finding_queries
from inspections.queries import people as people_queries
from inspections.queries import visits as queries
from inspections.rules import deadlines, kinds, outcomes
from inspections.workflow import Severity
from portal.core import attachments, clock, outbox
from portal.core.actors import Actor
from portal.core.files import IMAGES, Accepted
from portal.core.identifiers import filing_number
from portal.core.models import User, staff_with
from portal.core.papers.numbering import next_serials
from portal.core.queries import in_force, working_calendar
from portal.core.regulation import Regulation
from portal.core.roles import Role
from portal.core.workflow import TransitionNotOpen, action, apply, lock

from .problems import NotSigned, NotYetShown, ObjectedBefore, Unfinished
from .risk import reassess
from .stepping import decide, step


@action
def finish_inspection(inspection: Inspection, *, by: Actor, at: dt.datetime) -> Inspection:
    """Everything is looked at; now it is signed.

    Raises Unfinished with what is missing; a visit on which nothing was looked at has no result.
    """
    fresh: Inspection = lock(inspection)
    if fresh.access != Access.GRANTED:
        raise NotYetShown
    law = in_force(clock.day_of(at))
    facts = [question.facts for question in queries.questions_of(fresh)]
    if missing := outcomes.unfinished(facts, law):
        raise Unfinished(missing)
    if outcomes.nothing_seen(facts, len(queries.findings_of(fresh))):
        raise Unfinished([("", outcomes.NOTHING_SEEN)])
    columns = {"finished_at": at, "result": _result(fresh)}
    done: Inspection = apply(fresh, "finish", by=by, at=at, sets=lambda _: columns)
    return done


def _result(inspection: Inspection) -> str:
    found = [
        outcomes.FindingFacts(f.severity, f.fixed_on_site) for f in queries.findings_of(inspection)
    ]
    return outcomes.result_of(inspection.access, found)


@action
def reopen_inspection(inspection: Inspection, *, by: Actor, at: dt.datetime) -> Inspection:
    """Something is still to be written down; signatures given so far do not count any more."""
    columns = {"signing_refused": False, "refusal_note": ""}
    done: Inspection = apply(inspection, "reopen", by=by, at=at, sets=lambda _: columns)
    done.signatures.all().delete()
    return done


@action
def keep_statement(
    inspection: Inspection, statement: str, *, by: Actor, at: dt.datetime
) -> Inspection:
    """Keep what the facility says to the result."""
    done: Inspection = apply(
        inspection, "sign", by=by, at=at, sets=lambda _: {"statement": statement}
    )
    return done


@action
def sign(
    inspection: Inspection,
    role: str,
    picture: Accepted | None,
    *,
    by: Actor,
    at: dt.datetime,
    user: User | None = None,
    signer: str = "",
) -> InspectionSignature:
    """Keep a signature drawn by finger; signing again takes the place of the one before.

    An inspector (`user`) is one of the team; `signer` is post and name of the others. A facility
    that signs after all has not refused.
    """
    signs_after_all = {"signing_refused": False, "refusal_note": ""}
    columns = signs_after_all if role == SignerRole.FACILITY else {}
    fresh: Inspection = apply(inspection, "sign", by=by, at=at, sets=lambda _: columns, role=role)
    if role == SignerRole.FACILITY:
        fresh.signatures.filter(role=SignerRole.WITNESS).delete()
    if role == SignerRole.INSPECTOR and not (user and fresh.belongs_to(user)):
        raise ValueError("only the people who went sign as inspectors")
    kept = None
    if picture is not None:
        slot = f"{queries.SIGNATURE_SLOT}:{role}"
        kept = attachments.attach(fresh, picture, slot=slot, by=by, at=at, accept=IMAGES)
    whose = user if role == SignerRole.INSPECTOR else None
    made, _is_new = InspectionSignature.objects.update_or_create(
        inspection=fresh,
        role=SignerRole(role).value,
        user=whose,
        defaults={
            "signer": signer or (user.signature_label if user else ""),
            "picture": kept,
            "signed_at": at,
        },
    )
    return made


@action
def refuse_signing(
    inspection: Inspection, note: str, witness: str, picture: Accepted | None,
    *, by: Actor, at: dt.datetime,
) -> Inspection:  # fmt: skip
    """The facility does not sign: why, and who saw it."""
    columns = {"signing_refused": True, "refusal_note": note}
    done: Inspection = apply(inspection, "sign", by=by, at=at, sets=lambda _: columns, refused=True)
    done.signatures.filter(role=SignerRole.FACILITY).delete()
    sign(done, SignerRole.WITNESS, picture, by=by, at=at, signer=witness)
    return done


@action
def complete_inspection(inspection: Inspection, *, by: Actor, at: dt.datetime) -> Inspection:
    """All have signed: findings get their numbers, the papers are issued, the facility is told.

    Raises NotSigned.
    """
    fresh: Inspection = lock(inspection)
    _refuse_unsigned(fresh)
    columns = {
        "completed_at": at, "completed_on": clock.day_of(at), "result": _result(fresh),
    }  # fmt: skip
    done: Inspection = apply(fresh, "complete", by=by, at=at, sets=lambda _: columns)
    return _issue_everything(done, by, at)


@action
def end_inspection(inspection: Inspection, *, by: Actor, at: dt.datetime) -> Inspection:
    """Nobody came in (nobody there, refused, no childcare): the record says so, and that is all."""
    fresh: Inspection = lock(inspection)
    access = fresh.access if fresh.access in outcomes.WITHOUT_CHECK else ""
    columns = {
        "finished_at": at,
        "completed_at": at,
        "completed_on": clock.day_of(at),
        "result": outcomes.WITHOUT_CHECK.get(access, ""),
    }
    done: Inspection = apply(fresh, "end", by=by, at=at, sets=lambda _: columns, access=access)
    clerks = staff_with(Role.CLERK, clock.day_of(at)).exclude(pk=by.somebody.pk)
    outbox.notify(clerks, "inspection.ended", done, at=at, once="once")
    return _issue_everything(done, by, at)


def _refuse_unsigned(inspection: Inspection) -> None:
    signed = queries.signatures_of(inspection)
    keys = {s.user_id for s in signed if s.role == SignerRole.INSPECTOR}
    roles = {s.role for s in signed}
    team: Sequence[InspectionMember] = queries.team_of(inspection)
    missing = [m.user.signature_label for m in team if m.user_id not in keys]
    facility = SignerRole.FACILITY in roles or (
        inspection.signing_refused and SignerRole.WITNESS in roles
    )
    if missing or not facility:
        raise NotSigned(missing, facility=facility)


def _issue_everything(inspection: Inspection, by: Actor, at: dt.datetime) -> Inspection:
    day = clock.day_of(at)
    law = in_force(day)
    _issue_findings(inspection, law, by, at)
    papers.issue_for_visit(inspection, law, by=by, at=at)
    reassess(inspection.facility, at=at)
    people = queries.operators_of(inspection.facility)
    outbox.notify(people, "inspection.completed", inspection, at=at, once="once")
    grave = inspection.findings.filter(severity=Severity.CRITICAL).exists()
    if grave or inspection.access == Access.REFUSED:
        approvers = staff_with(Role.APPROVER, day)
        outbox.notify(approvers, "inspection.grave", inspection, at=at, once="once")
    return inspection


def _issue_findings(inspection: Inspection, law: Regulation, by: Actor, at: dt.datetime) -> None:
    """From notes to findings: number, day, repeat; what was put right on site ends here."""
    found = queries.findings_of(inspection)
    if not found:
        return
    day = clock.day_of(at)
    serials = next_serials("finding", day.year, len(found))
    template = law.text("inspections.finding_number_template")
    in_force_codes = people_queries.delegated_codes(day)
    since = deadlines.repeats_since(day, law)
    for finding, serial in zip(found, serials, strict=True):
        matter = finding.item.delegated if finding.item else ""
        finding.number = filing_number(day.year, serial, template)
        finding.issued_on = day
        finding.repeat_of = finding_queries.earlier_of(finding, since)
        finding.is_ordered = not finding.fixed_on_site and kinds.may_order(
            inspection.kind, matter, in_force_codes
        )
        finding.save()
        step(finding, "issued", inspection.number, by=by, at=at)
        if finding.fixed_on_site:
            _fixed(finding, day, law, at)


def _fixed(finding: Finding, day: dt.date, law: Regulation, at: dt.datetime) -> None:
    """Put right before their eyes: closed, but a grave one is looked at again."""
    if finding.severity == Severity.CRITICAL:
        due = deadlines.recheck_due(day, law, working_calendar())
        columns = {"done_on": day, "reported_at": at, "recheck_due_on": due}
        apply(finding, "fix_grave", by=Actor.calendar(), at=at, sets=lambda _: columns)
    else:
        ended = {"done_on": day, "closed_on": day, "closed_by": finding.found_by}
        apply(finding, "fix", by=Actor.calendar(), at=at, sets=lambda _: ended)


@action
def acknowledge_inspection(inspection: Inspection, *, by: Actor, at: dt.datetime) -> Inspection:
    """The facility confirms that it has the result; twice is once."""
    if inspection.acknowledged_at is not None:
        return inspection
    columns = {"acknowledged_at": at, "acknowledged_by": by.somebody}
    done: Inspection = apply(inspection, "acknowledge", by=by, at=at, sets=lambda _: columns)
    return done


@action
def object_to_inspection(
    inspection: Inspection, words: str, *, by: Actor, at: dt.datetime
) -> Inspection:
    """The facility does not agree with the result. Raises ObjectedBefore the second time."""

    def columns(fresh: Inspection) -> dict[str, Any]:
        if fresh.objected_at is not None:
            raise ObjectedBefore
        return {"objection": words, "objected_at": at, "objection_answer": ""}

    done: Inspection = apply(inspection, "object", by=by, at=at, sets=columns, words=words)
    clerks = staff_with(Role.CLERK, clock.day_of(at))
    outbox.notify(clerks, "inspection.objected", done, at=at, once=at.isoformat())
    return done


@action
def answer_objection(
    inspection: Inspection, answer: str, *, by: Actor, at: dt.datetime
) -> Inspection:
    """The office answers, once; the facility is told.

    Raises TransitionNotOpen when nobody objected or the answer has gone out.
    """

    def columns(fresh: Inspection) -> dict[str, Any]:
        if fresh.objected_at is None or fresh.objection_answer:
            raise TransitionNotOpen("inspection", "answer_objection", fresh.state)
        return {"objection_answer": answer, "objection_answered_by": by.somebody}

    done: Inspection = decide(
        inspection, "answer_objection", by=by, at=at, sets=columns, answer=answer
    )
    people = queries.operators_of(done.facility)
    outbox.notify(people, "inspection.objection_answered", done, at=at, once=at.isoformat())
    return done
