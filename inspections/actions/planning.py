"""Plans and draws: from the scope to the visits."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from facilities.models import Facility
from inspections import papers
from inspections.models import Inspection, InspectionPlan, RandomDraw
from inspections.queries import plans as queries
from inspections.rules import draws
from inspections.workflow import Selection
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.identifiers import filing_number
from portal.core.models import User, staff_with
from portal.core.papers.numbering import next_serial
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.seeds import fresh_seed
from portal.core.workflow import action, apply, one_at_a_time, record

from .problems import CapReached, NothingToDraw, TeamRefused, WrongKind
from .stepping import tell_proposer
from .visits import assign_drawn, open_inspection, refuse_unled, send

PLAN_FIELDS = (
    "name", "kind", "selection", "checklist", "delegated", "scope", "scope_values", "percent",
    "starts_on", "ends_on", "note", "lead_department", "partners",
)  # fmt: skip


@action
def start_plan(
    values: Mapping[str, Any], *, by: Actor, at: dt.datetime, token: uuid.UUID | None = None
) -> InspectionPlan:
    """Begin a plan; the same form sent twice begins one. Raises NoLead for a joint one without."""
    refuse_unled(values["kind"], values.get("lead_department", ""))
    one_at_a_time(f"plan:{token}")
    if token and (known := InspectionPlan.objects.filter(submit_token=token).first()):
        return known
    year = clock.day_of(at).year
    template = in_force(clock.day_of(at)).text("inspections.plan_number_template")
    made = InspectionPlan.objects.create(
        number=filing_number(year, next_serial("plan", year), template),
        submit_token=token or uuid.uuid4(),
        created_by=by.somebody,
        created_at=at,
        **{name: values[name] for name in PLAN_FIELDS if name in values},
    )
    record(made, "inspectionplan.start", by=by, at=at, kind=made.kind)
    return made


@action
def edit_plan(
    plan: InspectionPlan, values: Mapping[str, Any], *, by: Actor, at: dt.datetime
) -> InspectionPlan:
    """Change a plan that has not been proposed. Raises NoLead."""
    lead = values.get("lead_department", plan.lead_department)
    refuse_unled(values.get("kind", plan.kind), lead)
    columns = {name: values[name] for name in PLAN_FIELDS if name in values}
    done: InspectionPlan = apply(plan, "edit", by=by, at=at, sets=lambda _: columns)
    return done


@action
def propose_plan(plan: InspectionPlan, *, by: Actor, at: dt.datetime) -> InspectionPlan:
    """Put the plan before a second person."""
    done: InspectionPlan = apply(
        plan, "propose", by=by, at=at, sets=lambda _: {"proposed_by": by.somebody}
    )
    people = staff_with(Role.APPROVER, clock.day_of(at)).exclude(pk=by.somebody.pk)
    outbox.notify(people, "plan.proposed", done, at=at, once=at.isoformat())
    return done


@action
def approve_plan(plan: InspectionPlan, *, by: Actor, at: dt.datetime) -> InspectionPlan:
    """The second person puts the plan into force."""
    columns = {"approved_by": by.somebody, "approved_on": clock.day_of(at), "decision_reason": ""}
    done: InspectionPlan = apply(plan, "approve", by=by, at=at, sets=lambda _: columns)
    tell_proposer(done, "plan.approved", at)
    return done


@action
def hand_back_plan(
    plan: InspectionPlan, reason: str, *, by: Actor, at: dt.datetime
) -> InspectionPlan:
    """The second person returns the plan, with a reason."""
    columns = {"decision_reason": reason}
    done: InspectionPlan = apply(
        plan, "hand_back", by=by, at=at, sets=lambda _: columns, reason=reason
    )
    tell_proposer(done, "plan.handed_back", at)
    return done


@action
def close_plan(plan: InspectionPlan, *, by: Actor, at: dt.datetime) -> InspectionPlan:
    """The plan is over; visits that are still ahead stay."""
    done: InspectionPlan = apply(plan, "close", by=by, at=at)
    return done


@action
def schedule_plan(plan: InspectionPlan, *, by: Actor, at: dt.datetime) -> list[Inspection]:
    """A visit for each facility in scope that has none yet, spread over the time of the plan.

    A facility whose yearly cap is reached is left out. Calling it again adds what is new. Raises
    WrongKind where the lot decides.
    """
    if plan.selection == Selection.RANDOM:
        raise WrongKind
    done: InspectionPlan = apply(plan, "schedule", by=by, at=at)
    visited = set(done.inspections.values_list("facility", flat=True))
    facilities = [f for f in queries.in_scope(done) if f.pk not in visited]
    today = clock.day_of(at)
    spread = [(f, max(day, today)) for f, day in _spread(facilities, done)]
    made = [_planned(done, f, day, by, at) for f, day in spread]
    return [inspection for inspection in made if inspection is not None]


def _spread(facilities: Sequence[Facility], plan: InspectionPlan) -> list[tuple[Facility, dt.date]]:
    """Each facility with its day, evenly from the first to the last day of the plan."""
    days = (plan.ends_on - plan.starts_on).days
    steps = max(1, len(facilities) - 1)
    return [
        (facility, plan.starts_on + dt.timedelta(days=days * place // steps))
        for place, facility in enumerate(facilities)
    ]


def _planned(
    plan: InspectionPlan, facility: Facility, day: dt.date, by: Actor, at: dt.datetime
) -> Inspection | None:
    try:
        return open_inspection(
            facility, plan.kind, plan.checklist, by=by, at=at, selection=plan.selection,
            planned_on=day, due_on=max(day, plan.ends_on), delegated=plan.delegated, plan=plan,
            lead_department=plan.lead_department, partners=plan.partners,
        )  # fmt: skip
    except CapReached:
        return None


@action
def draw_plan(plan: InspectionPlan, *, by: Actor, at: dt.datetime, seed: str = "") -> RandomDraw:
    """Draw facilities and people, keep everything it took, open the visits, issue the record.

    A plan is drawn once: asked again it gives the draw that was made. Raises NothingToDraw,
    WrongKind where the plan is no draw.
    """
    if plan.selection != Selection.RANDOM:
        raise WrongKind
    one_at_a_time(f"draw:{plan.pk}")
    if known := RandomDraw.objects.filter(plan=plan).first():
        return known
    plan = apply(plan, "draw", by=by, at=at)
    day = clock.day_of(at)
    law = in_force(day)
    lists = queries.draw_lists(plan, law, max(day, plan.starts_on))
    pool, team = lists.pool, law.integer("inspections.draw_team")
    if not pool.facilities or not pool.people:
        raise NothingToDraw
    seed = seed or fresh_seed()
    wanted = draws.share(len(pool.facilities) + len(lists.excluded), plan.percent)
    codes = draws.draw_facilities(seed, pool.facilities, wanted)
    lists = queries.with_lapsed(lists, _on_their_days(plan, codes, day), plan.kind)
    pool = lists.pool
    drawn = draws.draw(seed, pool, facilities=wanted, people=team)
    made = RandomDraw.objects.create(
        plan=plan,
        method=draws.METHOD,
        seed=seed,
        facilities=[[code, weight] for code, weight in sorted(pool.facilities.items())],
        excluded=lists.excluded,
        people=sorted(pool.people),
        people_excluded=lists.people_excluded,
        ties=lists.apart,
        wanted=wanted,
        team=team,
        result=[[each.facility, list(each.people)] for each in drawn],
        drawn_by=by.somebody,
        drawn_at=at,
    )
    record(made, "plan.drawn", by=by, at=at, seed=seed, method=draws.METHOD, drawn=len(drawn))
    named = [*pool.people, *(key for key, _reason in lists.people_excluded)]
    people = {str(person.pk): person for person in User.objects.filter(pk__in=named)}
    made.paper = papers.issue_draw_record(made, people, by=by, at=at)
    made.save(update_fields=["paper"])
    _open_drawn(made, drawn, people, by, at)
    return made


def _on_their_days(
    plan: InspectionPlan, codes: Sequence[str], today: dt.date
) -> list[tuple[Facility, dt.date]]:
    """Each facility that was drawn with the day of its visit, in the order drawn."""
    found = {f.code: f for f in Facility.objects.select_related("community").filter(code__in=codes)}
    spread = _spread([found[code] for code in codes], plan)
    return [(facility, max(day, today)) for facility, day in spread]


def _open_drawn(
    drawing: RandomDraw,
    drawn: Sequence[draws.Drawn],
    people: Mapping[str, User],
    by: Actor,
    at: dt.datetime,
) -> None:
    """The visits of a draw; those of administrative inspections wait for their approval."""
    plan = drawing.plan
    pairs = _on_their_days(plan, [each.facility for each in drawn], clock.day_of(at))
    for (facility, planned), each in zip(pairs, drawn, strict=True):
        inspection = open_inspection(
            facility, plan.kind, plan.checklist, by=by, at=at, selection=Selection.RANDOM,
            planned_on=planned, due_on=max(planned, plan.ends_on), delegated=plan.delegated,
            lead_department=plan.lead_department, partners=plan.partners, plan=plan,
            drawing=drawing,
        )  # fmt: skip
        _send_drawn(inspection, [people[key] for key in each.people], by, at)


def _send_drawn(inspection: Inspection, team: Sequence[User], by: Actor, at: dt.datetime) -> None:
    """Who was drawn goes; a team that may not go (too few) stands, and a person completes it."""
    try:
        assign_drawn(inspection, team, by=by, at=at)
    except TeamRefused:
        send(inspection, team, inspection.planned_on, at)
        people = staff_with(Role.CLERK, clock.day_of(at))
        outbox.notify(people, "inspection.team_missing", inspection, at=at, once="once")
