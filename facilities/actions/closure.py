"""Closing a facility: reported ahead, reviewed by two, done by the calendar on its day."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied

from facilities import queries, rules
from facilities.models import Facility, Filing, FilingSubmission
from facilities.models.choices import FilingKind, FilingSource, Proposal
from facilities.models.facility import withheld_from
from facilities.papers import reissue_closure_receipt
from facilities.queries import life
from facilities.workflow import (
    FILING,
    FilingStatus,
    OperatingStatus,
    PauseStatus,
    RegistrationStatus,
)
from portal.core import clock, outbox, papers
from portal.core.actors import Actor
from portal.core.models import OfficialPaper, staff_with
from portal.core.queries import in_force, working_calendar
from portal.core.roles import Role
from portal.core.workflow import FactMissing, action, apply, lock, one_at_a_time, record

from .change import begin, carry_over
from .disclosure import withdraw_registration
from .standing import NotInRegister

KEY, PAPERS = "closure", "certificates"
_ENDED = "机构已停办，登记已注销"
_NOTICE_ENDED = "已停办"
_REVOKED = "机构在停办日前撤回停办"


class ClosingDayPassed(Exception):
    """The facility is closed: a closure cannot be taken back any more."""


@action
def start_closure(facility: Facility, token: uuid.UUID, *, by: Actor, at: dt.datetime) -> Filing:
    """Begin the report that a facility closes; raises OpenFilingExists, NotInRegister.

    PermissionDenied for whoever may not send it: an editor's draft would keep others from theirs.
    """
    if withheld_from(by.somebody, facility.pk, FILING.right("submit")):
        raise PermissionDenied
    filing = begin(facility, FilingKind.CLOSURE, [KEY, PAPERS], token, by=by, at=at)
    if not filing.sections.exists():  # the plan is a task, papers may be added to it
        carry_over(filing, life.current_answers(facility), [KEY])
    return filing


@action
def propose_cancellation(
    facility: Facility,
    plan: Mapping[str, Any],
    ground: str,
    token: uuid.UUID,
    *,
    by: Actor,
    at: dt.datetime,
) -> Filing:
    """The office cancels a registration by itself, as when the authority struck the facility off.

    The clerk writes day and ground and proposes; another person decides, as with any filing.
    """
    _set_draft_aside(facility, at=at)
    counter = FilingSource.COUNTER
    filing = begin(facility, FilingKind.CLOSURE, [KEY], token, by=by, at=at, source=counter)
    if filing.state != FilingStatus.DRAFT:
        return filing
    held = {**life.current_answers(facility), KEY: dict(plan)}
    carry_over(filing, held, [])
    day = clock.day_of(at)
    law = in_force(day)
    due = rules.answer_due(day, law, working_calendar())
    columns = {
        "round": 1,
        "submitted_at": at,
        "received_on": day,
        "answer_due": due,
        "handler": by.user,
        "regulation_version": law.version,
        "proposal": Proposal.REGISTER,
        "proposal_reason": ground,
        "proposed_by": by.user,
        "proposed_at": at,
    }
    filing = apply(filing, "initiate", by=by, at=at, sets=lambda _: columns, ground=ground)
    FilingSubmission.objects.create(
        filing=filing,
        round=1,
        answers=held,
        declared_name="",
        declaration_sha256="",
        submitted_by=by.somebody,
        submitted_at=at,
        regulation_version=law.version,
    )
    approvers = staff_with(Role.APPROVER, day).exclude(pk=by.somebody.pk)
    outbox.notify(approvers, "filing.proposed", filing, at=at, once=at.isoformat())
    proposed: Filing = filing
    return proposed


def _set_draft_aside(facility: Facility, *, at: dt.datetime) -> None:
    """A draft nobody has sent does not keep the office from its own act; its writers are told."""
    one_at_a_time(f"life:{facility.pk}")
    standing = life.open_filing(facility)
    if standing is None or lock(standing).state != FilingStatus.DRAFT:
        return
    apply(standing, "lapse", by=Actor.calendar(), at=at, sets=lambda _: {"ended_at": at})
    outbox.notify(life.people_of(standing), "filing.set_aside", standing, at=at, once="once")


def enter_closure(filing: Filing, *, by: Actor, at: dt.datetime) -> Facility:
    """Write down the closing day; the calendar does the rest on that day (or on the next round)."""
    facility: Facility = lock(filing.facility)
    if facility.registration != RegistrationStatus.REGISTERED:
        raise NotInRegister(facility.code)
    plan = filing.submissions.latest("round").answers[KEY]
    facility.closes_on = dt.date.fromisoformat(plan["closing_on"])
    facility.save(update_fields=["closes_on"])
    record(facility, "facility.closing", by=by, at=at, day=str(facility.closes_on))
    return facility


@action
def revoke_closure(filing: Filing, *, by: Actor, at: dt.datetime) -> Filing:
    """The operator takes a granted closure back before its day; raises ClosingDayPassed.

    FactMissing for a filing that is no closure: a registration is ended by closing.
    """
    if filing.kind != FilingKind.CLOSURE:
        raise FactMissing("only a closure is taken back")
    facility: Facility = lock(filing.facility)
    day = clock.day_of(at)
    if facility.registration != RegistrationStatus.REGISTERED or (
        facility.closes_on and facility.closes_on <= day
    ):
        raise ClosingDayPassed(facility.code)
    filing = apply(filing, "revoke", by=by, at=at, sets=lambda _: {"ended_at": at})
    facility.closes_on = None
    facility.save(update_fields=["closes_on"])
    for paper in OfficialPaper.objects.valid().filter(noun_id=filing.pk, kind="closure_receipt"):
        papers.withdraw(paper, _REVOKED, by=by, at=at)
    record(facility, "facility.stays_open", by=by, at=at, filing=filing.number)
    clerks = staff_with(Role.CLERK, day, facility.community)
    outbox.notify(clerks, "closure.revoked", filing, at=at, once="once")
    return filing


@action
def close_facility(facility: Facility, *, at: dt.datetime) -> bool:
    """Close a facility whose day has come; False when that was done or the day moved meanwhile.

    Operation ends, the registration is cancelled, its receipts and its public notice are withdrawn,
    members and clerks are told. Nothing is deleted: the file and the closed page stay.
    """
    by, day = Actor.calendar(), clock.day_of(at)
    fresh: Facility = lock(facility)
    is_due = fresh.closes_on is not None and fresh.closes_on <= day
    if not is_due or fresh.registration == RegistrationStatus.CANCELLED:
        return False
    fresh.operating = OperatingStatus.CLOSED
    fresh.registration = RegistrationStatus.CANCELLED
    fresh.vacancies = 0
    fresh.save(update_fields=["operating", "registration", "vacancies"])
    end_pause(fresh, by=by, at=at)
    for paper in _standing_receipts(fresh):
        papers.withdraw(paper, _ENDED, by=by, at=at)
    withdraw_registration(fresh, _NOTICE_ENDED, by=by, at=at)
    record(fresh, "facility.closed", by=by, at=at, day=str(fresh.closes_on))
    people = {p.pk: p for p in [*life.members_of(fresh), *_clerks(fresh, day)]}
    outbox.notify(people.values(), "facility.closed", fresh, at=at, once=str(fresh.closes_on))
    return True


@action
def make_way(filing: Filing, *, by: Actor, at: dt.datetime) -> bool:
    """Close the facility that a new registration under the same credit code takes the place of.

    Only one whose closure two people have granted gives way: its day becomes today, its receipt is
    written anew with that day, and the calendar closes it in the same transaction. False where
    nobody has to give way.
    """
    old = queries.facility_with(filing.submissions.latest("round").answers["registration"]["uscc"])
    if old is None:
        return False
    facility: Facility = lock(old)  # taking the closure back waits here, or was before
    granted = life.standing_closure(facility)
    if granted is None:
        return False
    day = clock.day_of(at)
    if facility.closes_on is None or facility.closes_on > day:
        facility.closes_on = day
        facility.save(update_fields=["closes_on"])
        record(facility, "facility.closing", by=by, at=at, day=str(day), successor=filing.number)
        reissue_closure_receipt(granted, in_force(day), by=by, at=at)
    return close_facility(facility, at=at)


def end_pause(facility: Facility, *, by: Actor, at: dt.datetime) -> None:
    """A pause ends with the facility: one under way is over, one announced does not come."""
    pause = life.open_pause(facility)
    if pause is None:
        return
    if pause.state == PauseStatus.RUNNING:
        apply(pause, "close", by=by, at=at, sets=lambda _: {"ended_on": clock.day_of(at)})
    else:
        apply(pause, "cancel", by=by, at=at)


def _standing_receipts(facility: Facility) -> list[OfficialPaper]:
    kinds = ("registration_receipt", "change_receipt")
    return list(OfficialPaper.objects.valid().filter(party=facility.code, kind__in=kinds))


def _clerks(facility: Facility, day: dt.date) -> list[Any]:
    return list(staff_with(Role.CLERK, day, facility.community))
