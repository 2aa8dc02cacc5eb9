"""What the pages of the evaluators and of the facilities list: what waits for this person."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from evaluations.models import (
    Evaluation,
    Meeting,
    Objection,
    PanelMember,
    Recusal,
    ScoreSheet,
    SelfAssessment,
    SelfItem,
    SkippedItem,
)
from evaluations.models.choices import PanelKind, RoundKind
from evaluations.models.scores import FIRST_LEADS, sits
from evaluations.workflow import (
    OPEN_ROUNDS,
    ModerationStatus,
    ObjectionStatus,
    RoundStatus,
    SheetStatus,
    SkipStatus,
)
from portal.core.models import User

GIVEN = Count("self_assessment__items", filter=Q(self_assessment__items__points__isnull=False))


def seats_of_person(user: User) -> QuerySet[PanelMember]:
    """The person's seats in rounds that are not over, the newest first."""
    found = PanelMember.objects.standing().filter(
        evaluator__user=user, panel__kind=PanelKind.SCORING, panel__round__state__in=OPEN_ROUNDS
    )
    return found.select_related("panel__round", "evaluator").order_by("-panel__drawn_at")


def _recused_here() -> QuerySet[Recusal]:
    """For a seat asked about inside a skipped item: its member stays away from the facility."""
    return Recusal.objects.filter(
        evaluation=OuterRef(OuterRef("evaluation")), evaluator=OuterRef("evaluator")
    )


def skips_to_answer(user: User) -> list[SkippedItem]:
    """Items said not to apply that this person may decide on."""
    seats = PanelMember.objects.standing().filter(
        ~Exists(_recused_here()), panel__round=OuterRef("evaluation__round"), panel__objection=None
    )
    leader = seats.order_by(*FIRST_LEADS).values("evaluator__user")[:1]
    mine = SkippedItem.objects.visible_to(user).filter(sits(user, "evaluation"))
    found = mine.annotate(leader=Subquery(leader)).filter(
        Q(leader=user.pk) | Q(leader=F("asked_by")),
        state=SkipStatus.ASKED, evaluation__round__state=RoundStatus.SCORING,
    )  # fmt: skip
    found = found.exclude(asked_by=user)
    return list(found.select_related("evaluation__facility", "indicator").order_by("asked_at"))


def evaluations_to_moderate(user: User) -> list[Evaluation]:
    """Facilities whose scores are opened, with the number of items to agree on (`open_items`)."""
    own = PanelMember.objects.standing().filter(
        panel__round=OuterRef("round"), panel__objection=None, evaluator__user=user
    )
    states = [RoundStatus.MODERATION, RoundStatus.FACT_CHECK]
    waiting = Count("moderations", filter=Q(moderations__state=ModerationStatus.OPEN))
    found = Evaluation.objects.visible_to(user).filter(Exists(own), round__state__in=states)
    return list(found.select_related("facility", "round").annotate(open_items=waiting))


def objections_to_review(user: User) -> list[Objection]:
    """Objections this person was drawn to look at again."""
    drawn = PanelMember.objects.filter(panel__objection=OuterRef("pk"), evaluator__user=user)
    found = Objection.objects.filter(
        Exists(drawn), state__in=[ObjectionStatus.IN_REVIEW, ObjectionStatus.PROPOSED]
    )
    return list(found.select_related("evaluation__facility", "evaluation__round"))


def meetings_of(user: User) -> list[Meeting]:
    """The meetings of rounds that are not over to which this person was called."""
    found = Meeting.objects.visible_to(user).filter(round__state__in=OPEN_ROUNDS)
    return list(found.select_related("round").order_by("planned_for").distinct())


def recused_from(seat: PanelMember) -> list[Recusal]:
    """From which facilities of the round the member stays away."""
    found = Recusal.objects.filter(
        evaluation__round=seat.panel.round_id, evaluator=seat.evaluator_id
    )
    return list(found.select_related("evaluation__facility").order_by("since"))


def sheets_of(seat: PanelMember) -> list[ScoreSheet]:
    """The sheets of a seat about facilities from which the member need not stay away."""
    found = seat.sheets.exclude(state=SheetStatus.RECUSED).select_related("evaluation__facility")
    return list(found.order_by("evaluation__facility__sort_key"))


def assessment_of(evaluation: Evaluation) -> SelfAssessment | None:
    """The facility's own assessment with its items."""
    found = SelfAssessment.objects.filter(evaluation=evaluation)
    return found.prefetch_related(Prefetch("items", SelfItem.objects.order_by())).first()


# --- the facility's side --------------------------------------------------------------------------


def evaluations_of_person(user: User) -> QuerySet[Evaluation]:
    """The evaluations of this person's facilities, the newest first, with what hangs on them.

    `given` counts the items with a number in the facility's own assessment.
    """
    mine = user.memberships.filter(left_on=None).values("facility")
    found = Evaluation.objects.visible_to(user).filter(facility__in=mine)
    found = found.select_related(
        "round__indicator_set", "facility__community", "self_assessment", "plan", "reply"
    )
    return found.annotate(given=GIVEN).order_by("-round__created_at", "facility__sort_key", "pk")


def has_scores(evaluation: Evaluation) -> bool:
    """Whether the round ends with a result; in a yearly round facilities look at themselves."""
    return bool(evaluation.round.kind != RoundKind.SELF)


def objection_of(evaluation: Evaluation) -> Any:
    """The newest objection of the facility, if there is one."""
    return Objection.objects.filter(evaluation=evaluation).order_by("-filed_on", "-pk").first()
