"""What the calendar asks: what is due, and of whom."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from evaluations.models import (
    DueEvaluation,
    Evaluation,
    EvaluationRound,
    Evaluator,
    ImprovementPlan,
    Objection,
    PanelMember,
)
from evaluations.models.choices import RoundKind
from evaluations.rules import schedule
from evaluations.rules.schedule import Intervals
from evaluations.rules.terms import GRADES
from evaluations.workflow import PlanStatus, RoundStatus, SelfStatus
from facilities.models import Facility
from facilities.workflow import OperatingStatus, RegistrationStatus
from portal.core.models import User
from portal.core.regulation import Regulation


def facilities_in_register() -> list[Facility]:
    """Every facility that looks after children or could."""
    found = Facility.objects.filter(registration=RegistrationStatus.REGISTERED, merged_into=None)
    found = found.exclude(operating=OperatingStatus.CLOSED)
    return list(found.select_related("community").order_by("sort_key", "code"))


def intervals(law: Regulation) -> Intervals:
    """After how many months a facility is evaluated again."""
    key = "evaluations.interval_months"
    return Intervals(*(law.integer(key, why) for why in ("new", "failed", "regular")))


def next_due(facility: Facility, law: Regulation) -> tuple[str, dt.date]:
    """Why and when a facility is evaluated next."""
    since = facility.registered_on or facility.facts_on
    return schedule.next_evaluation(
        since, facility.quality_grade, facility.graded_on, intervals(law), GRADES[-1]
    )


def nearly_due(day: dt.date, law: Regulation) -> list[Facility]:
    """Facilities whose next evaluation is near and not noted yet; three questions for all.

    Where a round is under way its result says when the next is due.
    """
    busy = set(under_way().values_list("facility", flat=True))
    near = day + dt.timedelta(days=law.integer("evaluations.plan_ahead_days"))
    found = [
        (each, *next_due(each, law))
        for each in facilities_in_register()
        if each.pk not in busy and next_due(each, law)[1] <= near
    ]
    noted = set(
        DueEvaluation.objects.filter(facility__in=[each.pk for each, _why, _due in found])
        .values_list("facility", "why", "due_on")
    )  # fmt: skip
    return [each for each, why, due in found if (each.pk, why, due) not in noted]


def under_way() -> QuerySet[Evaluation]:
    """The facilities in rounds of a panel that are not over."""
    rounds = EvaluationRound.objects.open().exclude(kind=RoundKind.SELF)
    return Evaluation.objects.filter(round__in=rounds.order_by().values("pk")).order_by()


def round_of(facility: Facility) -> EvaluationRound | None:
    """The round of a panel that is under way for a facility."""
    found = EvaluationRound.objects.filter(
        pk__in=under_way().filter(facility=facility).values("round")
    )
    return found.order_by("created_at").first()


def rounds_of_month(occasion: str) -> QuerySet[EvaluationRound]:
    """The rounds the calendar began for a month, the first of them first."""
    found = EvaluationRound.objects.filter(
        Q(occasion=occasion) | Q(occasion__startswith=f"{occasion}:")
    )
    return found.order_by("created_at", "number")


def untaken(day: dt.date) -> QuerySet[DueEvaluation]:
    """What has become due and no round has taken up."""
    found = DueEvaluation.objects.filter(round=None, due_on__lte=day)
    return found.select_related("facility__community")


def self_waiting() -> QuerySet[Evaluation]:
    """Facilities that have not handed in their own assessment."""
    found = Evaluation.objects.filter(
        round__state=RoundStatus.SELF_ASSESSMENT, self_assessment__state=SelfStatus.DRAFT
    )
    return found.select_related("round", "facility")


def self_waiting_to_start() -> QuerySet[EvaluationRound]:
    """The years' self-assessments that were set up and nobody has started."""
    return EvaluationRound.objects.filter(kind=RoundKind.SELF, state=RoundStatus.SETUP)


def terms_running_out(day: dt.date) -> QuerySet[Evaluator]:
    """Members of the pool whose term has a last day that is not over."""
    found = Evaluator.objects.in_term(day).exclude(term_to=None)
    return found.select_related("user")


def self_over(day: dt.date) -> QuerySet[EvaluationRound]:
    """Rounds whose time for self-assessment has passed."""
    return EvaluationRound.objects.filter(state=RoundStatus.SELF_ASSESSMENT, self_due__lt=day)


def scoring() -> QuerySet[EvaluationRound]:
    """Rounds that are being scored."""
    return EvaluationRound.objects.filter(state=RoundStatus.SCORING)


def shown_to_facilities() -> QuerySet[Evaluation]:
    """Drafts and notices a facility may still answer to."""
    states = [RoundStatus.FACT_CHECK, RoundStatus.NOTICE]
    return Evaluation.objects.filter(round__state__in=states).select_related("round", "facility")


def objections() -> QuerySet[Objection]:
    """Objections without an answer."""
    return Objection.objects.open().select_related("evaluation__facility")


def plans() -> QuerySet[ImprovementPlan]:
    """Plans the facility still has to hand in."""
    states = [PlanStatus.DUE, PlanStatus.RETURNED]
    found = ImprovementPlan.objects.filter(state__in=states)
    return found.select_related("evaluation__facility", "evaluation__round")


def reviewers_of(objection: Objection) -> list[User]:
    """The members who look at an objection."""
    seats = PanelMember.objects.filter(panel__objection=objection).values("evaluator__user")
    return list(User.objects.filter(pk__in=seats, is_active=True).order_by("id"))
