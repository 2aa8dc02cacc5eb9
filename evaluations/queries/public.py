"""What the public reads of evaluations: only what a publication that stands says.

A later version of a result is shown once the publication that brings it is public.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast, JSONObject

from evaluations.models import Decision, Dimension, Evaluation, EvaluationRound, FacilityReply
from evaluations.models.rounds import NOTICE, REPLY, RESULT
from evaluations.queries import results
from evaluations.rules.terms import GRADES
from evaluations.workflow import RoundStatus
from facilities.models import Facility
from portal.core.models import Publication
from portal.core.within import revived, rows_within


@dataclass(frozen=True, slots=True)
class Shown:
    """One result as the public sees it."""

    evaluation: Evaluation
    publication: Publication
    decision: Decision | None
    reply: str

    @property
    def is_final(self) -> bool:
        """Whether it was decided, or is announced only."""
        return self.decision is not None

    @property
    def total(self) -> Decimal | None:
        """The total of the version shown."""
        return self.decision.total if self.decision else total_announced(self.evaluation)

    @property
    def grade(self) -> str:
        """The grade of the version shown; empty while it is suspended."""
        if self.decision is None:
            return str(self.evaluation.announced.get("grade", self.evaluation.grade))
        return "" if self.decision.is_suspended else self.decision.grade

    @property
    def result(self) -> dict[str, Any]:
        """The frozen explanation."""
        about = self.evaluation
        found: dict[str, Any] = about.announced.get("result", about.result)
        return self.decision.result if self.decision else found


def total_announced(evaluation: Evaluation) -> Decimal | None:
    """The total the notice says; an objection upheld since changes only what is decided."""
    said = evaluation.announced.get("total")
    return evaluation.total if said is None else Decimal(said)


def standing(day: dt.date) -> dict[Any, Publication]:
    """The publication that stands for each round: its result, before that its notice."""
    kind = ContentType.objects.get_for_model(EvaluationRound)
    texts = Publication.objects.standing(day).filter(noun_type=kind, kind__in=[NOTICE, RESULT])
    # A result that was taken back leaves nothing: the notice before it had its time.
    over = EvaluationRound.objects.filter(state=RoundStatus.FINAL).values("pk")
    texts = texts.exclude(kind=NOTICE, noun_id__in=over)
    found: dict[Any, Publication] = {}
    for text in texts.order_by("published_on"):
        if text.kind == RESULT or text.noun_id not in found:
            found[text.noun_id] = text
    return found


def rounds(day: dt.date) -> list[tuple[EvaluationRound, Publication]]:
    """The rounds the public may read about, the newest first."""
    texts = standing(day)
    found = results.public_rounds().filter(pk__in=texts)
    return [(each, texts[each.pk]) for each in found]


def round_shown(number: str, day: dt.date) -> tuple[EvaluationRound, Publication] | None:
    """One round the public may read about."""
    found = results.public_rounds().filter(number=number).first()
    text = standing(day).get(found.pk) if found else None
    return (found, text) if found and text else None


def rows_of(round_: EvaluationRound, text: Publication, day: dt.date) -> list[Shown]:
    """The results of a round as the publication shows them."""
    rows = round_.evaluations.filter(total__isnull=False).select_related("facility", "round")
    return _shown(_with_texts(rows, day), {round_.pk: text})


def grades_among(rows: Sequence[Shown]) -> list[tuple[str, int]]:
    """How many facilities of a round have which grade; those of a suspended grade under none.

    Of a single facility there is nothing to count.
    """
    if len(rows) < 2:
        return []
    grades = [row.grade for row in rows]
    return [(grade, grades.count(grade)) for grade in (*GRADES, "") if grade or "" in grades]


def history_of(facility: Facility, day: dt.date) -> list[Shown]:
    """The results of one facility that are public, the newest first."""
    rows = Evaluation.objects.shown_to_public().filter(facility=facility)
    rows = rows.select_related("facility", "round__indicator_set").order_by(
        "-round__notice_from", "-round__number"
    )
    found = _with_texts(rows, day)
    texts = standing(day) if found else {}
    return _shown([each for each in found if each.round_id in texts], texts)


@dataclass(frozen=True, slots=True)
class Beside:
    """What a result is shown beside: the names of its dimensions, the medians of the street."""

    names: dict[int, str]
    medians: dict[int, Decimal]
    total: Decimal | None


def beside(round_: EvaluationRound, day: dt.date) -> Beside:
    """The names of a round's dimensions and the street's medians, in one question.

    A round may hold one facility only, rated again: so its result is shown beside the newest
    public result of every facility, whichever round that comes from.
    """
    dimensions = Dimension.objects.filter(set=OuterRef("indicator_set")).order_by()
    row = JSONObject(
        decided="decided_total", announced="announced__total", total=Cast("total", CharField()),
        said="announced__result__dimensions", dimensions="result__dimensions",
        is_decided="is_decided",
    )  # fmt: skip
    found = (
        EvaluationRound.objects.filter(pk=round_.pk)
        .annotate(
            names=ArraySubquery(dimensions.values(one=JSONObject(no="no", name="name"))),
            rows=ArraySubquery(_newest_of_each(day).values(one=row)),
        )
        .values("names", "rows")
        .get()
    )
    street = [_as_shown(each) for each in found["rows"]]
    return Beside(
        names={each["no"]: each["name"] for each in found["names"]},
        medians=results.medians({"dimensions": dimensions} for _total, dimensions in street),
        total=results.median_of(total for total, _dimensions in street),
    )


def _newest_of_each(day: dt.date) -> QuerySet[Evaluation]:
    """By facility the newest result the public reads, with the total of the version it reads."""
    kind = ContentType.objects.get_for_model(EvaluationRound)
    its = Publication.objects.standing(day).filter(noun_type=kind, noun_id=OuterRef("round"))
    text = its.filter(kind=RESULT).order_by("-version").values("decided_at")[:1]
    read = Decision.objects.filter(evaluation=OuterRef("pk"), decided_at__lte=OuterRef("text_at"))
    shown = Evaluation.objects.shown_to_public().annotate(
        text_at=Subquery(text), is_decided=Q(text_at__isnull=False),
        decided_total=Cast(Subquery(read.order_by("-version").values("total")[:1]), CharField()),
    )  # fmt: skip
    # A result that was taken back leaves nothing: the notice before it had its time.
    announced = Q(Exists(its.filter(kind=NOTICE))) & ~Q(round__state=RoundStatus.FINAL)
    shown = shown.filter(Q(is_decided=True) | announced, facility__in=Facility.objects.public())
    order = ("-round__notice_from", "-round__number")
    return shown.order_by("facility_id", *order).distinct("facility_id")


def _as_shown(row: dict[str, Any]) -> tuple[Decimal, list[dict[str, Any]]]:
    """Total and dimensions of a row: as decided, before that as the notice says."""
    if row["is_decided"]:
        return Decimal(row["decided"] or row["total"]), row["dimensions"] or []
    return Decimal(row["announced"] or row["total"]), row["said"] or row["dimensions"] or []


def _with_texts(rows: QuerySet[Evaluation], day: dt.date) -> list[Any]:
    """The rows with the `versions` of their result and the `its_reply` that passed the gate."""
    its = {"evaluation": OuterRef("pk")}
    versions = Decision.objects.filter(**its).order_by("-version")
    said = _public_replies(day).filter(**its).values("text")[:1]
    found: list[Any] = list(
        rows.annotate(its_versions=rows_within(versions), its_reply=Subquery(said))
    )
    for each in found:
        each.versions = revived(Decision, each.its_versions)
    return found


def _shown(found: list[Any], texts: dict[Any, Publication]) -> list[Shown]:
    return [
        Shown(each, text, _version(each, text), each.its_reply or "")
        for each in found
        if (text := texts[each.round_id])
    ]


def _version(evaluation: Any, text: Publication) -> Decision | None:
    """The newest version that had been decided when the text was published."""
    if text.kind != RESULT:
        return None
    known = [v for v in evaluation.versions if text.decided_at and v.decided_at <= text.decided_at]
    return known[0] if known else None


def _public_replies(day: dt.date) -> QuerySet[FacilityReply]:
    kind = ContentType.objects.get_for_model(FacilityReply)
    texts = Publication.objects.standing(day).filter(noun_type=kind, kind=REPLY)
    return FacilityReply.objects.filter(pk__in=texts.values("noun_id"))
