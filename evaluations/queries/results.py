"""What is asked of results: public rows, votes, versions, medians, statistics."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import Any, cast

from django.db.models import Count, Max, OuterRef, Prefetch, Q, QuerySet, Subquery

from evaluations.models import (
    Amendment,
    Decision,
    Evaluation,
    EvaluationRound,
    FactRemark,
    Meeting,
    Objection,
    Panel,
    PanelMember,
    Recusal,
    SelfAssessment,
    SelfItem,
    Vote,
)
from evaluations.models.choices import Choice
from evaluations.models.rounds import RESULT
from evaluations.rules.schedule import add_months
from evaluations.workflow import OPEN_ROUNDS, SHOWN_TO_PUBLIC, RoundStatus
from facilities.models import Facility
from inspections.models import Finding
from portal.core import clock
from portal.core.models import Attachment, Publication, User
from portal.core.models.publication import PublicationStatus

from . import facts, indicators, meetings


@dataclass(slots=True)
class Tally:
    """How those present who may vote on a facility voted; nobody else is counted."""

    present: int = 0
    yes: int = 0
    no: int = 0
    abstain: int = 0

    @property
    def missing(self) -> int:
        """How many votes have not been set down."""
        return self.present - self.yes - self.no - self.abstain


def open_objections(round_: EvaluationRound) -> QuerySet[Objection]:
    """The objections of a round without an answer."""
    return Objection.objects.open().filter(evaluation__round=round_)


def decision_of(evaluation: Evaluation) -> Decision | None:
    """The newest version of a result."""
    return Decision.objects.filter(evaluation=evaluation).order_by("-version").first()


def is_newest(evaluation: Evaluation) -> bool:
    """Whether no later round has published a result of the facility."""
    later = Decision.objects.filter(
        evaluation__facility=evaluation.facility_id,
        evaluation__round__state=RoundStatus.FINAL,
        evaluation__round__finished_on__gt=evaluation.round.finished_on,
    )
    return not later.exists()


def standing_decisions(day: dt.date, **only: Any) -> dict[uuid.UUID, Decision]:
    """By facility the version that counts, where its grade is published and may be used.

    `only` narrows the evaluations.
    """
    rounds = EvaluationRound.objects.filter(state=RoundStatus.FINAL, finished_on__lte=day)
    ended = Evaluation.objects.filter(round__in=rounds.order_by().values("pk"), **only)
    found = Decision.objects.filter(evaluation__in=ended.order_by().values("pk"))
    newest = {
        each.evaluation.facility_id: each
        for each in found.select_related("evaluation__round", "evaluation__facility").order_by(
            "evaluation__round__finished_on", "evaluation__round__number", "version"
        )
    }
    return {pk: each for pk, each in newest.items() if not each.is_suspended}


def asked_for_grade(day: dt.date, **only: Any) -> list[tuple[Evaluation, Finding]]:
    """The published grades that a grave finding has put in question since, each with the finding.

    What was known before the grade was decided, or before somebody proposed to change it, has been
    weighed. Three questions however many facilities there are.
    """
    graded = standing_decisions(day, **only)
    grave = list(facts.grave_findings(graded))
    if not grave:
        return []
    proposed = Amendment.objects.filter(evaluation__in=[d.evaluation_id for d in graded.values()])
    last = dict(proposed.order_by().values_list("evaluation").annotate(last=Max("proposed_at")))
    found = []
    for finding in grave:
        decision, since = graded[finding.facility_id], cast("dt.date", finding.issued_on)
        weighed = last.get(decision.evaluation_id)
        is_new = since >= clock.day_of(decision.decided_at)
        if is_new and (weighed is None or clock.day_of(weighed) < since):
            found.append((decision.evaluation, finding))
    return found


def grave_findings_since(evaluation: Evaluation, day: dt.date) -> list[Finding]:
    """The findings that have put this result in question, where it is the newest."""
    asked = asked_for_grade(day, facility=evaluation.facility_id)
    return [finding for graded, finding in asked if graded.pk == evaluation.pk]


def public_rows(round_: EvaluationRound) -> list[dict[str, Any]]:
    """What a notice says of each facility: the decided version, else the result as computed."""
    newest = Decision.objects.filter(evaluation=OuterRef("pk")).order_by("-version")
    rows: Any = round_.evaluations.select_related("facility").annotate(
        decided_total=Subquery(newest.values("total")[:1]),
        decided_grade=Subquery(newest.values("grade")[:1]),
        suspended=Subquery(newest.values("is_suspended")[:1]),
        decided_version=Subquery(newest.values("version")[:1]),
        decided_reason=Subquery(newest.values("reason")[:1]),
    )
    return [
        {
            "name": each.facility.name,
            "code": each.facility.code,
            "total": each.decided_total if each.decided_total is not None else each.total,
            "grade": each.decided_grade or each.grade,
            "suspended": bool(each.suspended),
            "version": each.decided_version or 0,
            "reason": each.decided_reason or "",
        }
        for each in rows
    ]


# --- votes ----------------------------------------------------------------------------------------


def tally(meeting: Meeting) -> dict[uuid.UUID, Tally]:
    """The votes by facility, in five questions."""
    found = {pk: Tally(present=len(seats)) for pk, seats in meetings.voters(meeting).items()}
    for evaluation, choice in Vote.objects.filter(meeting=meeting).values_list(
        "evaluation", "choice"
    ):
        counted = found[evaluation]
        setattr(counted, choice, getattr(counted, choice) + 1)
    return found


def unvoted(meeting: Meeting) -> list[uuid.UUID]:
    """The evaluations on which a vote of somebody present is missing."""
    return [pk for pk, found in tally(meeting).items() if found.missing > 0]


def not_agreed(meeting: Meeting) -> list[uuid.UUID]:
    """The evaluations without a majority of those present who may vote on them."""
    return [pk for pk, found in tally(meeting).items() if found.yes * 2 <= found.present]


def voted_down(counted: Mapping[uuid.UUID, Tally]) -> list[uuid.UUID]:
    """Those on which everybody voted without a majority; silence is not a no."""
    return [
        pk for pk, found in counted.items() if found.missing <= 0 and found.yes * 2 <= found.present
    ]


def chairs_of(meeting: Meeting) -> dict[uuid.UUID, User | None]:
    """Who was in the chair for each facility: the leader, else the next seat that was there.

    Who stays away from a facility does not put his name to its result.
    """
    return {
        pk: next((seat.evaluator.user for seat in seats), None)
        for pk, seats in meetings.voters(meeting).items()
    }


def votes_of(meeting: Meeting, evaluation: Evaluation) -> dict[uuid.UUID, str]:
    """Who voted how on one facility, for the page that sets it down."""
    rows = Vote.objects.filter(meeting=meeting, evaluation=evaluation)
    return dict(rows.values_list("member", "choice"))


def choices() -> list[tuple[str, str]]:
    """The votes there are."""
    return [(str(each), str(each.label)) for each in Choice]


# --- the facility's side --------------------------------------------------------------------------


def self_missing(assessment: SelfAssessment, round_: EvaluationRound) -> list[str]:
    """The codes of items without points (or, for basic items, without a verdict)."""
    tree = indicators.tree_of(round_.indicator_set_id)
    done = {item.indicator_id: item for item in SelfItem.objects.filter(assessment=assessment)}
    return [
        each.code
        for each in tree.indicators
        if (item := done.get(each.pk)) is None
        or item.points is None
        or (each.is_veto and item.is_met is None)
    ]


def remarks_of(evaluation: Evaluation) -> list[FactRemark]:
    """What the facility said about the facts, with the answers."""
    return list(evaluation.remarks.select_related("indicator", "told_by", "answered_by"))


# --- what the public sees -------------------------------------------------------------------------


def public_rounds() -> QuerySet[EvaluationRound]:
    """The rounds whose results were announced, the newest first."""
    shown = EvaluationRound.objects.filter(state__in=SHOWN_TO_PUBLIC).exclude(kind="self")
    return shown.order_by("-notice_from", "-number").select_related("indicator_set")


def standing_publication(round_: EvaluationRound, kind: str) -> Publication | None:
    """The version of a text about a round that is public."""
    found = Publication.objects.of(round_).filter(kind=kind, state=PublicationStatus.PUBLISHED)
    return found.order_by("-version").first()


def was_withdrawn(round_: EvaluationRound) -> bool:
    """Whether the result was public and has been taken back."""
    kinds = Publication.objects.of(round_).filter(kind=RESULT)
    last = kinds.order_by("-version").first()
    return last is not None and last.state == PublicationStatus.WITHDRAWN


def history_of(facility: Facility) -> list[Evaluation]:
    """The announced results of a facility, the newest first, each with its versions."""
    shown = Evaluation.objects.shown_to_public().filter(facility=facility)
    versions = Decision.objects.order_by("-version")
    return list(
        shown.select_related("round__indicator_set", "facility")
        .prefetch_related(Prefetch("decisions", queryset=versions, to_attr="versions"))
        .order_by("-round__notice_from", "-round__number")
    )


def rounds_of(facility: Facility, user: User) -> list[Evaluation]:
    """The rounds a facility took or takes part in, as this person may see them, newest first."""
    seen = Evaluation.objects.visible_to(user).filter(facility=facility)
    newest = Decision.objects.order_by("-version")
    return list(
        seen.select_related("round", "self_assessment", "plan")
        .prefetch_related(Prefetch("decisions", newest, to_attr="versions"))
        .order_by("-round__created_at", "-pk")
    )


def bars_of(
    result: dict[str, Any], names: dict[int, str], medians: dict[int, Decimal]
) -> list[dict[str, Any]]:
    """The seven dimensions as bars and rows: name, points of most, percent, the street's median."""
    return [
        {
            "no": each["no"],
            "name": names.get(each["no"], ""),
            "points": Decimal(each["points"]),
            "most": Decimal(each["most"]),
            "percent": Decimal(each["percent"]),
            "is_empty": each["is_empty"],
            "median": medians.get(each["no"]),
        }
        for each in result.get("dimensions", [])
    ]


def medians(found: Iterable[dict[str, Any]]) -> dict[int, Decimal]:
    """The median percent of each dimension over these results, where there are at least two."""
    values: dict[int, list[Decimal]] = {}
    for result in found:
        for each in result.get("dimensions", []):
            if not each["is_empty"]:
                values.setdefault(each["no"], []).append(Decimal(each["percent"]))
    return {no: median(percents) for no, percents in values.items() if len(percents) > 1}


def median_of(totals: Iterable[Decimal | None]) -> Decimal | None:
    """The median of those totals that there are; of one there is none to compare it with."""
    known = [each for each in totals if each is not None]
    return median(known) if len(known) > 1 else None


def medians_of(round_: EvaluationRound) -> dict[int, Decimal]:
    """The median percent of each dimension over the facilities of a round."""
    return medians(round_.evaluations.filter(total__isnull=False).values_list("result", flat=True))


def names_of(round_: EvaluationRound) -> dict[int, str]:
    """The names of the dimensions by number."""
    return dict(round_.indicator_set.dimensions.values_list("no", "name"))


def statistics(round_: EvaluationRound, objections: Sequence[Objection]) -> dict[str, Any]:
    """How a round came out: grades, median, objections; nothing about a single evaluator."""
    rows = list(round_.evaluations.order_by().values_list("grade", "total"))
    grades = [grade for grade, _total in rows]
    return {
        "facilities": len(rows),
        "grades": [(grade, grades.count(grade)) for grade in "ABCD"],
        "median": median_of(total for _grade, total in rows),
        "objections": len(objections),
        "upheld": sum(each.state == "upheld" for each in objections),
        "recusals": Recusal.objects.filter(evaluation__round=round_).count(),
    }


def rounds_for(user: User) -> QuerySet[EvaluationRound]:
    """The rounds within sight with what a row of the list shows."""
    seen = EvaluationRound.objects.visible_to(user).select_related("indicator_set")
    waits = Q(evaluations__sheets__state__in=["not_started", "in_progress", "returned"])
    return seen.annotate(
        facility_count=Count("evaluations", distinct=True),
        sheet_count=Count(
            "evaluations__sheets", filter=~Q(evaluations__sheets__state="recused"), distinct=True
        ),
        waiting=Count("evaluations__sheets", filter=waits, distinct=True),
    )


def rounds_in(rounds: QuerySet[EvaluationRound], shown: str) -> QuerySet[EvaluationRound]:
    """Those under way ("open"), those of one state, or all; the newest first."""
    if shown == "open":
        rounds = rounds.filter(state__in=OPEN_ROUNDS)
    elif shown in RoundStatus.values:
        rounds = rounds.filter(state=shown)
    return rounds.order_by("-created_at", "-id")


def awaiting_gate(state: str, kind: str) -> list[tuple[EvaluationRound, Publication]]:
    """Rounds in `state` whose text has been published meanwhile: what the calendar takes up.

    A text older than the results is the one of before the committee sent them back.
    """
    found = EvaluationRound.objects.filter(state=state)
    rounds: dict[Any, Any] = {
        each.pk: each for each in found.annotate(computed=Max("evaluations__computed_at"))
    }
    rows = Publication.objects.filter(
        kind=kind, noun_id__in=rounds, state=PublicationStatus.PUBLISHED
    )
    return [
        (rounds[each.noun_id], each)
        for each in rows
        if each.proposed_at >= rounds[each.noun_id].computed
    ]


def notices_over(day: dt.date) -> QuerySet[EvaluationRound]:
    """Rounds whose notice has run out and whose objections are answered."""
    waiting = Objection.objects.open().values("evaluation__round")
    over = EvaluationRound.objects.filter(state=RoundStatus.NOTICE, notice_until__lt=day)
    return over.exclude(pk__in=waiting)


# --- what the desk shows beside a result ----------------------------------------------------------


def objections_of(round_: EvaluationRound) -> list[Objection]:
    """The objections of a round, the newest first."""
    found = Objection.objects.filter(evaluation__round=round_)
    return list(found.select_related("evaluation__facility").order_by("-filed_on", "-id"))


def files_of(objection: Objection) -> list[Attachment]:
    """The evidence of an objection."""
    return list(Attachment.objects.of(objection).present())


def review_panel(objection: Objection) -> Panel | None:
    """Who looks at an objection."""
    members = PanelMember.objects.select_related("evaluator__user").order_by("order")
    found = Panel.objects.filter(objection=objection)
    return found.prefetch_related(Prefetch("members", queryset=members)).first()


def facts_beside(evaluation: Evaluation) -> facts.Facts:
    """What the visits of the year before the round brought."""
    until = clock.day_of(evaluation.round.created_at)
    months = evaluation.round.terms.recusal_months
    return facts.visits_of(evaluation.facility_id, add_months(until, -months))
