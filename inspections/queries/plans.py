"""Plans: scope, progress, and the lists of a draw."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Count, Q, QuerySet

from facilities.models import Facility
from inspections.models import (
    FacilityRisk,
    Inspection,
    InspectionPlan,
    RandomDraw,
)
from inspections.models.choices import PlanScope, RiskClass
from inspections.rules.draws import Drawn, Pool, draw
from inspections.rules.kinds import TIED, cap_reached, counts_towards_cap, why_not
from inspections.workflow import DONE, InspectionStatus
from portal.core.models import User
from portal.core.regulation import Regulation

from .people import candidates, candidates_at, visitors
from .visits import counted_in_year, supervised


def plans_for(user: User) -> QuerySet[InspectionPlan]:
    """The plans within reach with their progress."""
    ahead = ~Q(inspections__state=InspectionStatus.CANCELLED)
    return InspectionPlan.objects.visible_to(user).select_related("checklist__checklist").annotate(
        total=Count("inspections", filter=ahead),
        carried_out=Count("inspections", filter=Q(inspections__state__in=DONE)),
    )  # fmt: skip


def in_scope(plan: InspectionPlan) -> QuerySet[Facility]:
    """The facilities the plan covers."""
    found = supervised().select_related("community").order_by("code")
    match plan.scope:
        case PlanScope.COMMUNITIES:
            return found.filter(community__slug__in=plan.scope_values)
        case PlanScope.TYPES:
            return found.filter(facility_type__in=plan.scope_values)
        case PlanScope.CLASSES:
            return found.filter(risk__risk_class__in=plan.scope_values)
        case _:
            return found


@dataclass(frozen=True)
class DrawLists:
    """The lists of a draw: who may be drawn with which weight, and who may not and why."""

    pool: Pool
    excluded: list[list[str]]  # [code, reason]
    people_excluded: list[list[str]]  # [user, reason]
    apart: list[list[str]]  # [user, code, reason]: may be drawn, but not for this facility


CAP, VISITED, ELSEWHERE, LAPSED = "cap", "planned", "elsewhere", "lapsed"


def draw_lists(plan: InspectionPlan, law: Regulation, day: dt.date) -> DrawLists:
    """Everything the draw of a plan chooses from, on a day."""
    facilities = list(in_scope(plan))
    weights = draw_weights(facilities, law)
    counts = counts_towards_cap(plan.kind, plan.selection, law)
    excluded = [
        [facility.code, reason]
        for facility in facilities
        if (reason := _why_excluded(plan, facility, law, counts=counts))
    ]
    out = {code for code, _reason in excluded}
    people = list(visitors(day))
    refused = [
        [person.key, reason]
        for person in candidates(people, None, day)
        if (reason := why_not(person, plan.kind))
    ]
    away = {key for key, _reason in refused}
    free = [person for person in people if str(person.pk) not in away]
    apart = _kept_apart(free, [f for f in facilities if f.code not in out], plan.kind, day)
    pool = Pool(
        {code: weight for code, weight in weights.items() if code not in out},
        [str(person.pk) for person in free],
        [(person, code) for person, code, _reason in apart],
    )
    return DrawLists(pool, excluded, refused, apart)


def _kept_apart(
    people: list[User], facilities: list[Facility], kind: str, day: dt.date
) -> list[list[str]]:
    """Who may not go to which facility: a tie, or a community worker of somewhere else."""
    return sorted(
        [person.key, facility.code, TIED if person.tied else ELSEWHERE]
        for facility, found in zip(facilities, candidates_at(people, facilities, day), strict=True)
        for person in found
        if why_not(person, kind)
    )


def with_lapsed(lists: DrawLists, days: Sequence[tuple[Facility, dt.date]], kind: str) -> DrawLists:
    """The lists without whom a certificate or a post keeps away on the day of a visit itself."""
    people = list(User.objects.filter(pk__in=lists.pool.people))
    known = set(lists.pool.ties)
    lapsed = sorted(
        [person.key, facility.code, LAPSED]
        for facility, day in days
        for person in candidates(people, facility, day)
        if (person.key, facility.code) not in known and why_not(person, kind)
    )
    apart = [*lists.apart, *lapsed]
    pool = replace(lists.pool, ties=[(person, code) for person, code, _reason in apart])
    return replace(lists, pool=pool, apart=apart)


def lapsed_pairs(drawing: RandomDraw) -> list[tuple[str, str]]:
    """(user, code) of those whose certificate or post ends before the day of the visit there."""
    return [(row[0], row[1]) for row in drawing.ties if row[2:] == [LAPSED]]


def tied_pairs(drawing: RandomDraw) -> list[tuple[str, str]]:
    """(user, code) of the ties a draw kept to; those of an earlier one stand without a reason."""
    return [(row[0], row[1]) for row in drawing.ties if row[2:] in ([], [TIED])]


def elsewhere(drawing: RandomDraw) -> Counter[str]:
    """From how many facilities outside his community each person was kept."""
    return Counter(row[0] for row in drawing.ties if row[2:] == [ELSEWHERE])


def pool_instead(inspection: Inspection) -> Pool:
    """Who may go to the facility of a drawn visit on its day, for one who does not."""
    day, where = inspection.planned_on, inspection.facility
    found = candidates(visitors(day, where), where, day)
    free = [person.key for person in found if not why_not(person, inspection.kind)]
    return Pool({where.code: 1}, free)


def _why_excluded(
    plan: InspectionPlan, facility: Facility, law: Regulation, *, counts: bool
) -> str:
    if Inspection.objects.filter(plan=plan, facility=facility).exists():
        return VISITED
    if counts and cap_reached(counted_in_year(facility, plan.starts_on.year), law):
        return CAP
    return ""


def draw_weights(facilities: list[Facility], law: Regulation) -> dict[str, int]:
    """The weight of each facility: by its risk class, the lowest where none was computed."""
    classes = dict(
        FacilityRisk.objects.filter(facility__in=[f.pk for f in facilities]).values_list(
            "facility", "risk_class"
        )
    )
    return {
        facility.code: law.integer(
            "risk.draw_weights", classes.get(facility.pk, str(RiskClass.LOW))
        )
        for facility in facilities
    }


def progress(plan: InspectionPlan) -> dict[str, int]:
    """How far a plan has come: by state."""
    rows = plan.inspections.order_by().values("state").annotate(n=Count("pk"))
    return {row["state"]: row["n"] for row in rows}


def drawn_for(inspection: Inspection, drawing: RandomDraw) -> list[str]:
    """Whom the lot gave to a visit, those who were replaced since left out: public keys."""
    code = inspection.facility.code
    keys = [key for drawn, people in drawing.result if drawn == code for key in people]
    for swap in drawing.replacements.filter(inspection=inspection):
        keys = [key for key in keys if key != str(swap.person_id)] + [str(swap.instead_id)]
    return keys


def is_settled_by_lot(inspection: Inspection) -> bool:
    """Whether the lot has said who goes, all of them: nobody is chosen by hand then."""
    drawing = inspection.drawing
    return drawing is not None and len(drawn_for(inspection, drawing)) >= drawing.team


def who_may_be_sent(inspection: Inspection) -> QuerySet[User]:
    """From whom a team is put together: those who were drawn, else everybody who may go there."""
    drawing, found = inspection.drawing, visitors(inspection.planned_on, inspection.facility)
    if drawing is None or not is_settled_by_lot(inspection):
        return found
    return found.filter(pk__in=drawn_for(inspection, drawing))


def replay(drawing: RandomDraw) -> list[Drawn]:
    """The draw made again from what was kept; equal to its result, or something was changed."""
    pool = Pool(
        dict(drawing.facilities),
        drawing.people,
        [(row[0], row[1]) for row in drawing.ties],
    )
    return draw(drawing.seed, pool, facilities=drawing.wanted, people=drawing.team)
