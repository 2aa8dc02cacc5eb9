"""Opening a visit and sending people: the kind decides who may go and what it takes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from facilities.models import Facility
from inspections.models import (
    ChecklistVersion,
    DelegatedItem,
    DrawReplacement,
    Inspection,
    InspectionMember,
    InspectionPlan,
    RandomDraw,
)
from inspections.models.choices import SwapReason
from inspections.queries import people as people_queries
from inspections.queries import plans as plan_queries
from inspections.queries import visits as queries
from inspections.rules import deadlines, draws, kinds
from inspections.workflow import UNDER_WAY, InspectionKind, InspectionStatus, Selection
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.identifiers import filing_number
from portal.core.models import User, staff_with
from portal.core.papers.numbering import next_serial
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.workflow import (
    TransitionNotOpen,
    action,
    apply,
    lock,
    one_at_a_time,
    record,
)

from .noticing import give_notice, give_notice_anew, take_notice_back
from .problems import (
    CapReached,
    NobodyLeft,
    NoLead,
    NotByLot,
    NotDelegated,
    TeamRefused,
    WrongKind,
)
from .stepping import decide, refuse_tied, tell_proposer


@action
def open_inspection(  # ruff: ignore[too-many-arguments] - a visit has that many sides
    facility: Facility,
    kind: str,
    checklist: ChecklistVersion,
    *,
    by: Actor,
    at: dt.datetime,
    selection: str = Selection.PLANNED,
    trigger_key: str = "",
    note: str = "",
    planned_on: dt.date | None = None,
    due_on: dt.date | None = None,
    is_urgent: bool = False,
    delegated: DelegatedItem | None = None,
    lead_department: str = "",
    partners: Sequence[str] = (),
    plan: InspectionPlan | None = None,
    drawing: RandomDraw | None = None,
    token: uuid.UUID | None = None,
) -> Inspection:
    """Open a visit. The same `trigger_key` (opaque, of the caller) or form `token` opens it once.

    One nobody says anything else about is planned, and counts (`inspections.cap_counts`).
    `trigger_key` and `note` are read inside the office only (R14). Raises CapReached for an
    administrative inspection beyond the yearly cap, NotDelegated without a matter in force, NoLead
    for a joint one that no department leads.
    """
    one_at_a_time(f"inspection:{trigger_key or token}" if trigger_key or token else "inspection")
    if known := _opened_before(trigger_key, token):
        return known
    day = clock.day_of(at)
    law = in_force(day)
    planned = planned_on or day
    counts = kinds.counts_towards_cap(kind, selection, law)
    if kind == InspectionKind.ADMINISTRATIVE:
        refuse_undelegated(delegated, planned)
    if plan is None:  # one of a plan from before departments were named goes on without
        refuse_unled(kind, lead_department)
    if counts:
        refuse_beyond_cap(facility, planned.year)
    serial = next_serial("visit", day.year)
    made = Inspection.objects.create(
        number=filing_number(day.year, serial, law.text("inspections.number_template")),
        submit_token=token or uuid.uuid4(),
        kind=kind,
        selection=selection,
        facility=facility,
        checklist=checklist,
        plan=plan,
        drawing=drawing,
        delegated=delegated if kind == InspectionKind.ADMINISTRATIVE else None,
        trigger_key=trigger_key,
        assignment_note=note,
        is_urgent=is_urgent,
        planned_on=planned,
        due_on=due_on or (deadlines.urgent_due(planned, law) if is_urgent else planned),
        **led_by(kind, lead_department, partners),
        counts_towards_cap=counts,
        created_by=by.user,
        created_at=at,
    )
    record(made, "inspection.open", by=by, at=at, kind=kind, selection=selection)
    if plan is None:
        clerks = staff_with(Role.CLERK, day)
        others = clerks.exclude(pk=by.user.pk) if by.user else clerks
        outbox.notify(others, "inspection.opened", made, at=at, once="once")
    return made


def _opened_before(trigger_key: str, token: uuid.UUID | None) -> Inspection | None:
    same = Q(submit_token=token) if token else Q(pk__in=[])
    if trigger_key:
        same |= Q(trigger_key=trigger_key)
    return Inspection.objects.filter(same).first()


def refuse_undelegated(delegated: DelegatedItem | None, day: dt.date) -> None:
    """Raises NotDelegated unless the matter is in force on the day."""
    found = DelegatedItem.objects.in_force(day)
    if delegated is None or not found.filter(pk=delegated.pk).exists():
        raise NotDelegated


def refuse_unled(kind: str, lead: str) -> None:
    """Raises NoLead."""
    if kinds.misses_lead(kind, lead):
        raise NoLead


def led_by(kind: str, lead: str, partners: Sequence[str]) -> dict[str, Any]:
    """Who leads and who takes part, as columns; nobody but the street where it goes alone."""
    if kind != InspectionKind.JOINT:
        return {"lead_department": "", "partners": []}
    return {"lead_department": lead, "partners": [name for name in partners if name != lead]}


def refuse_beyond_cap(facility: Facility, year: int, *, but: Inspection | None = None) -> None:
    """Count once more, one at a time for a facility; raises CapReached."""
    one_at_a_time(f"cap:{facility.pk}:{year}")
    law = in_force(dt.date(year, 12, 31))
    counted = queries.counted_in_year(facility, year, but=but)
    if kinds.cap_reached(counted, law):
        raise CapReached(counted, law.integer("inspections.yearly_cap"), year)


def refuse_team(inspection: Inspection, people: Sequence[User], day: dt.date) -> None:
    """Raises TeamRefused with every reason that keeps these people from going on the day."""
    found = people_queries.candidates(people, inspection.facility, day)
    if refusals := kinds.team_refusals(inspection.kind, found, in_force(day)):
        raise TeamRefused(refusals)


def refuse_other_than_drawn(inspection: Inspection, people: Sequence[User]) -> None:
    """Raises NotByLot where a drawn visit is to be given to others than those who were drawn."""
    drawing = inspection.drawing
    if drawing is None:
        return
    drawn = plan_queries.drawn_for(inspection, drawing)
    if not draws.keeps_to_lot(drawn, [str(person.pk) for person in people], drawing.team):
        raise NotByLot


@action
def assign_team(
    inspection: Inspection,
    people: Sequence[User],
    *,
    by: Actor,
    at: dt.datetime,
    planned_on: dt.date | None = None,
    delegated: DelegatedItem | None = None,
) -> Inspection:
    """Say who goes. An administrative inspection is thereby proposed to a second person.

    Raises TeamRefused, NotDelegated, CapReached, NotByLot where others were drawn, and Tied.
    """
    refuse_tied(inspection.facility, by)
    return _assigned(inspection, people, by, at, planned_on=planned_on, delegated=delegated)


@action
def assign_drawn(
    inspection: Inspection, people: Sequence[User], *, by: Actor, at: dt.datetime
) -> Inspection:
    """The same for those whom the lot gave: whoever had it drawn chooses nobody, tied or not.

    It follows from the draw, so the right to draw is enough.
    """
    return _assigned(inspection, people, by, at, drawn=True)


def _assigned(
    inspection: Inspection,
    people: Sequence[User],
    by: Actor,
    at: dt.datetime,
    *,
    planned_on: dt.date | None = None,
    delegated: DelegatedItem | None = None,
    drawn: bool = False,
) -> Inspection:
    day = planned_on or inspection.planned_on
    inspection = lock(inspection)  # nobody of those who were drawn is replaced meanwhile
    refuse_other_than_drawn(inspection, people)
    refuse_team(inspection, people, day)
    columns: dict[str, Any] = {"planned_on": day, "due_on": max(day, inspection.due_on)}
    if inspection.kind == InspectionKind.ADMINISTRATIVE:
        matter = delegated or inspection.delegated
        refuse_undelegated(matter, day)
        if inspection.counts_towards_cap:
            refuse_beyond_cap(inspection.facility, day.year, but=inspection)
        columns |= {"delegated": matter, "proposed_by": by.somebody}
        columns |= {"approved_by": None, "approved_on": None}
        name, facts = "propose", {"team": len(people), "delegated": matter and matter.code}
    else:
        name, facts = "assign", {"team": len(people)}
    acting = Actor.calendar() if drawn else by
    done: Inspection = apply(inspection, name, by=acting, at=at, sets=lambda _: columns, **facts)
    send(done, people, day, at)
    if name == "propose":
        take_notice_back(done, "重新报批", by=by, at=at)
        approvers = staff_with(Role.APPROVER, clock.day_of(at)).exclude(pk=by.somebody.pk)
        outbox.notify(approvers, "inspection.proposed", done, at=at, once=at.isoformat())
    else:
        _tell_team(done, at)
    return done


def send(inspection: Inspection, people: Sequence[User], day: dt.date, at: dt.datetime) -> None:
    """The team as it is from now on, each with the certificate that is valid on the day."""
    keys = [person.pk for person in people]
    standing = inspection.members.filter(left_at=None)
    standing.exclude(user__in=keys).update(left_at=at)
    for place, person in enumerate(people, start=1):
        certificate = people_queries.certificate_of(person, day)
        InspectionMember.objects.update_or_create(
            inspection=inspection, user=person, left_at=None,
            defaults={"certificate": certificate, "position": place},
        )  # fmt: skip


def _tell_team(inspection: Inspection, at: dt.datetime) -> None:
    """Those who go learn of it, once they are sent."""
    if inspection.state not in {InspectionStatus.ASSIGNED, *UNDER_WAY}:
        return
    people = [member.user for member in queries.team_of(inspection)]
    once = f"{inspection.planned_on}"
    outbox.notify(people, "inspection.assigned", inspection, at=at, once=once)


@action
def approve_inspection(inspection: Inspection, *, by: Actor, at: dt.datetime) -> Inspection:
    """A second person lets an administrative inspection go; team and matter are checked again."""
    fresh: Inspection = lock(inspection)
    team = [member.user for member in queries.team_of(fresh)]
    refuse_team(fresh, team, fresh.planned_on)
    refuse_undelegated(fresh.delegated, fresh.planned_on)
    if fresh.counts_towards_cap:
        refuse_beyond_cap(fresh.facility, fresh.planned_on.year, but=fresh)
    columns = {
        "approved_by": by.somebody, "approved_on": clock.day_of(at), "decision_reason": "",
    }  # fmt: skip
    done: Inspection = decide(fresh, "approve", by=by, at=at, sets=lambda _: columns)
    give_notice(done, by=by, at=at)
    _tell_team(done, at)
    return done


@action
def hand_back_inspection(
    inspection: Inspection, reason: str, *, by: Actor, at: dt.datetime
) -> Inspection:
    """The second person returns it, with a reason."""
    columns = {"decision_reason": reason}
    done: Inspection = decide(
        inspection, "hand_back", by=by, at=at, sets=lambda _: columns, reason=reason
    )
    tell_proposer(done, "inspection.handed_back", at)
    return done


@action
def postpone_inspection(
    inspection: Inspection, day: dt.date, *, by: Actor, at: dt.datetime
) -> Inspection:
    """Another day, on which the people can go and the matter is in force.

    Raises TeamRefused, NotDelegated, and CapReached when another year is full.
    """
    team = [member.user for member in queries.team_of(inspection)]
    if team and inspection.state != InspectionStatus.PLANNED:  # else it is still put together
        refuse_team(inspection, team, day)
    if inspection.kind == InspectionKind.ADMINISTRATIVE:
        refuse_undelegated(inspection.delegated, day)
    if inspection.counts_towards_cap:
        refuse_beyond_cap(inspection.facility, day.year, but=inspection)
    columns = {"planned_on": day, "due_on": max(day, inspection.due_on)}
    done: Inspection = decide(
        inspection, "postpone", by=by, at=at, sets=lambda _: columns, day=str(day)
    )
    give_notice_anew(done, "改期", by=by, at=at)
    _tell_team(done, at)
    return done


@action
def cancel_inspection(
    inspection: Inspection, reason: str, *, by: Actor, at: dt.datetime
) -> Inspection:
    """It does not take place; its number stays used."""
    columns = {"decision_reason": reason}
    done: Inspection = decide(
        inspection, "cancel", by=by, at=at, sets=lambda _: columns, reason=reason
    )
    take_notice_back(done, "检查取消", by=by, at=at)
    people = [member.user for member in queries.team_of(done)]
    outbox.notify(people, "inspection.cancelled", done, at=at, once="once")
    return done


@action
def replace_member(
    inspection: Inspection, person: User, reason: str, note: str, *, by: Actor, at: dt.datetime
) -> InspectionMember:
    """Somebody who was drawn recused himself or fell ill: the draw says who goes instead.

    Raises WrongKind for a visit that was not drawn, ValueError for another reason, NobodyLeft.
    """
    fresh: Inspection = lock(inspection)
    if fresh.drawing is None:
        raise WrongKind
    if reason not in SwapReason.values:
        raise ValueError("a drawn person is replaced for recusal or illness only")
    team = queries.team_of(fresh)
    leaving = next((member for member in team if member.user_id == person.pk), None)
    if leaving is None:  # replaced meanwhile
        raise TransitionNotOpen("inspection", "replace", fresh.state)
    instead = _drawn_instead(fresh, fresh.drawing)
    decide(fresh, "replace", by=by, at=at, reason=reason)
    leaving.left_at = at
    leaving.save(update_fields=["left_at"])
    DrawReplacement.objects.create(
        drawing=fresh.drawing, inspection=fresh, person=person, instead=instead, reason=reason,
        note=note, decided_by=by.somebody, at=at,
    )  # fmt: skip
    made = InspectionMember.objects.create(
        inspection=fresh,
        user=instead,
        position=leaving.position,
        certificate=people_queries.certificate_of(instead, fresh.planned_on),
    )
    give_notice_anew(fresh, "检查人员变更", by=by, at=at)
    _tell_team(fresh, at)
    return made


@action
def send_others(
    inspection: Inspection, people: Sequence[User], *, by: Actor, at: dt.datetime
) -> Inspection:
    """These people go on with a visit that is under way; another person than its proposer says so.

    Raises TeamRefused.
    """
    day = clock.day_of(at)
    refuse_team(inspection, people, day)
    done: Inspection = decide(inspection, "send_others", by=by, at=at, team=len(people))
    send(done, people, day, at)
    give_notice_anew(done, "检查人员变更", by=by, at=at)
    _tell_team(done, at)
    return done


def _drawn_instead(inspection: Inspection, drawing: RandomDraw) -> User:
    """The next by the seed who may go there on the day; asked again, the same person."""
    pool = plan_queries.pool_instead(inspection)
    went = {str(key) for key in inspection.members.values_list("user", flat=True)}
    turn = inspection.replacements.count()
    code = inspection.facility.code
    key = draws.draw_replacement(drawing.seed, code, pool, without=went, turn=turn)
    if key is None:
        raise NobodyLeft
    return User.objects.get(pk=key)
