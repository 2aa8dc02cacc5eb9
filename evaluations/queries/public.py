"""What the public reads of evaluations: only what a publication that stands says.

A later version of a result is shown once the publication that brings it is public.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import OuterRef, QuerySet, Subquery

from evaluations.models import Decision, Evaluation, EvaluationRound, FacilityReply
from evaluations.models.rounds import NOTICE, REPLY, RESULT
from evaluations.queries import results
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


def history_of(facility: Facility, day: dt.date) -> list[Shown]:
    """The results of one facility that are public, the newest first."""
    rows = Evaluation.objects.shown_to_public().filter(facility=facility)
    rows = rows.select_related("facility", "round__indicator_set").order_by(
        "-round__notice_from", "-round__number"
    )
    found = _with_texts(rows, day)
    texts = standing(day) if found else {}
    return _shown([each for each in found if each.round_id in texts], texts)


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
