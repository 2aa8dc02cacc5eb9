"""What is asked of the pool, of conflicts, and of the panels."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence

from django.db.models import Prefetch, Q, QuerySet

from evaluations.models import Evaluation, EvaluationRound, Evaluator, Panel, PanelMember, Tie
from evaluations.models.choices import PanelKind
from evaluations.rules import Candidate, Conflict, Draw, Ground, Terms, conflicts, draw
from evaluations.rules.schedule import add_months
from facilities.models import Membership
from portal.core.models import User
from portal.core.queries import in_force

from . import facts


def pool(day: dt.date) -> list[Evaluator]:
    """The members who may be drawn on a day."""
    found = Evaluator.objects.in_term(day).select_related("user", "community")
    return list(found.order_by("field", "unit", "id"))


def whole_pool() -> QuerySet[Evaluator]:
    """Everybody who is or was in the pool, with open ties."""
    ties = Tie.objects.filter(ended_on=None).select_related("facility")
    return Evaluator.objects.select_related("user", "community").prefetch_related(
        Prefetch("ties", queryset=ties, to_attr="open_ties")
    )


def conflicts_of(
    members: Collection[Evaluator], evaluations: Collection[Evaluation], day: dt.date, terms: Terms
) -> list[Conflict]:
    """Who must stay away from what, from all that is known; constant in both."""
    persons = {each.user_id: str(each.pk) for each in members}
    facilities = {each.facility_id: str(each.facility_id) for each in evaluations}
    since = add_months(day, -terms.recusal_months)
    # A tie is the person's: it lasts beyond the term in which it was declared.
    ties = Tie.objects.filter(
        ended_on=None, evaluator__user__in=persons, facility__in=facilities
    ).values_list("evaluator__user", "facility", "ground")
    left = add_months(day, -in_force(day).integer("evaluations.employment_months"))
    works = Membership.objects.filter(
        Q(left_on=None) | Q(left_on__gte=left), user__in=persons, facility__in=facilities
    ).values_list("user", "facility", "left_on")
    known = [
        *ties.order_by("declared_on", "pk"),
        *((user, facility, Ground.EMPLOYMENT) for user, facility, gone in works if gone),
    ]
    return conflicts(
        {str(each.pk): str(each.community_id or "") for each in members},
        {str(each.facility_id): str(each.community_id) for each in evaluations},
        inspected=_keyed(facts.inspected_since(since, persons, facilities), persons),
        works_there=_keyed([(user, place) for user, place, gone in works if not gone], persons),
        ties=[(persons[user], str(facility), ground) for user, facility, ground in known],
    )


def _keyed(
    pairs: Iterable[tuple[uuid.UUID, uuid.UUID]], persons: dict[uuid.UUID, str]
) -> list[tuple[str, str]]:
    return [(persons[user], str(facility)) for user, facility in pairs]


def candidates(members: Sequence[Evaluator], found: Collection[Conflict]) -> list[Candidate]:
    """The pool as the draw reads it."""
    barred = [each.member for each in found]
    return [Candidate(str(each.pk), each.field, barred.count(str(each.pk))) for each in members]


def scoring_panel(round_: EvaluationRound) -> Panel | None:
    """The panel that scores, with its members."""
    members = PanelMember.objects.select_related("evaluator__user").order_by("order")
    found = Panel.objects.filter(round=round_, kind=PanelKind.SCORING)
    return found.prefetch_related(Prefetch("members", queryset=members)).first()


def drawn_again(panel: Panel) -> Draw:
    """The draw repeated from its record and seed: what everybody may do to check it."""
    record = panel.record
    terms = Terms.from_json(record["terms"])
    people = [Candidate(c["key"], c["field"], c["barred"]) for c in record["candidates"]]
    return draw(people, panel.seed, record["facilities"], terms)


def seat_of(user: User, round_: EvaluationRound) -> PanelMember | None:
    """The person's seat on the scoring panel, until he drops out."""
    seats = standing_seats(round_).filter(evaluator__user=user)
    return seats.select_related("panel", "evaluator__user").first()


def seats_of(round_: EvaluationRound) -> QuerySet[PanelMember]:
    """The seats of the scoring panel, those of who has dropped out too."""
    seats = PanelMember.objects.filter(panel__round=round_, panel__kind=PanelKind.SCORING)
    return seats.select_related("evaluator__user").order_by("order")


def standing_seats(round_: EvaluationRound) -> QuerySet[PanelMember]:
    """The seats of the scoring panel as it stands."""
    return seats_of(round_).filter(left_at=None)


def accounts_of(round_: EvaluationRound) -> list[User]:
    """The accounts of the scoring panel, to be told something."""
    seats = standing_seats(round_).values("evaluator__user")
    return list(User.objects.filter(pk__in=seats, is_active=True).order_by("id"))
