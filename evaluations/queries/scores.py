"""What is asked of sheets and scores. Points of others are read through Score.visible_to only."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any, cast

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast

from evaluations.models import (
    Evaluation,
    EvaluationRound,
    Indicator,
    Moderation,
    Objection,
    PanelMember,
    Recusal,
    Score,
    ScoreSheet,
    SkippedItem,
)
from evaluations.rules import Given, Outcome, Problem, compute, sheet_problems, spread_of
from evaluations.rules.values import halves
from evaluations.workflow import (
    ModerationStatus,
    ObjectionStatus,
    RoundStatus,
    SheetStatus,
    SkipStatus,
)
from facilities.queries.desk import how_many
from portal.core import clock
from portal.core.models import Attachment, User

from . import indicators
from .indicators import Tree

LETTERS = "甲乙丙丁戊己庚辛壬癸"


@dataclass(slots=True)
class Material:
    """What the results of a round are computed from, by evaluation."""

    tree: Tree
    given: dict[uuid.UUID, dict[str, list[Given]]] = field(default_factory=dict)
    skipped: dict[uuid.UUID, set[str]] = field(default_factory=dict)
    agreed: dict[uuid.UUID, dict[str, Given]] = field(default_factory=dict)


def evaluations_of(round_: EvaluationRound, user: User) -> QuerySet[Evaluation]:
    """The evaluations of a round this person may see, with facility and community."""
    seen = Evaluation.objects.visible_to(user).filter(round=round_)
    return seen.select_related("facility", "community", "round")


# A score as one number, so that those of an item come in one row: half points, and the verdict.
_VERDICTS = (None, False, True)
_PACKED = Cast(F("points") * 2 * len(_VERDICTS), IntegerField()) + Case(
    When(is_met=False, then=Value(1)), When(is_met=True, then=Value(2)), default=Value(0)
)


@cache
def _unpacked(number: int) -> Given:
    return Given(number // len(_VERDICTS), _VERDICTS[number % len(_VERDICTS)])


def material(round_: EvaluationRound, only: Collection[uuid.UUID] | None = None) -> Material:
    """Everything the results hang on, in six questions however large the round.

    For the acts and for pages about an opened round: it does not ask who looks.
    """
    chosen = Q(evaluation__round=round_)
    if only is not None:
        chosen &= Q(evaluation__in=only)
    found = Material(indicators.tree_of(round_.indicator_set_id))
    codes = {each.pk: each.code for each in found.tree.indicators}
    given: dict[uuid.UUID, dict[str, list[Given]]] = defaultdict(dict)
    submitted = ScoreSheet.objects.filter(chosen, state=SheetStatus.SUBMITTED)
    rows = Score.objects.filter(sheet__in=submitted, points__isnull=False).order_by()
    packed = rows.values_list("sheet__evaluation", "indicator").annotate(together=ArrayAgg(_PACKED))
    for evaluation, indicator, together in packed.iterator(chunk_size=20_000):
        given[evaluation][codes[indicator]] = [_unpacked(each) for each in together]
    found.given = given
    found.skipped = _skipped(chosen, codes)
    found.agreed = _agreed(chosen, codes)
    return found


def _skipped(chosen: Q, codes: dict[uuid.UUID, str]) -> dict[uuid.UUID, set[str]]:
    skipped: dict[uuid.UUID, set[str]] = defaultdict(set)
    rows = SkippedItem.objects.filter(chosen, state=SkipStatus.APPROVED)
    for evaluation, indicator in rows.values_list("evaluation", "indicator"):
        skipped[evaluation].add(codes[indicator])
    return skipped


def _agreed(chosen: Q, codes: dict[uuid.UUID, str]) -> dict[uuid.UUID, dict[str, Given]]:
    """What the panel agreed on and what reviews changed: whatever was said last counts."""
    agreed: dict[uuid.UUID, dict[str, Given]] = defaultdict(dict)
    said: dict[tuple[uuid.UUID, str], dt.date] = {}
    rows = Moderation.objects.filter(chosen, state=ModerationStatus.AGREED)
    for evaluation, indicator, points, met, at in rows.values_list(
        "evaluation", "indicator", "points", "is_met", "agreed_at"
    ):
        agreed[evaluation][codes[indicator]] = Given(halves(points or 0), met)
        said[evaluation, codes[indicator]] = clock.day_of(cast("dt.datetime", at))
    upheld = Objection.objects.filter(chosen, state=ObjectionStatus.UPHELD)
    for evaluation, amendments, decided in upheld.order_by("filed_on", "id").values_list(
        "evaluation", "amendments", "decided_on"
    ):
        day = cast("dt.date", decided)
        for code, changed in amendments.items():
            # The panel speaks after a review only where the committee sent the result back.
            if said.get((evaluation, code), day) <= day:
                agreed[evaluation][code] = _reviewed(changed)
    return agreed


def _reviewed(changed: Mapping[str, Any]) -> Given:
    """What a review puts in the place of the scores of one item."""
    return Given(halves(changed["points"]), changed.get("met"), review=True)


def outcome(found: Material, evaluation: uuid.UUID, round_: EvaluationRound) -> Outcome:
    """The result of one facility, from the material of its round."""
    return compute(
        found.tree.items,
        found.tree.points,
        found.given.get(evaluation, {}),
        round_.terms,
        skipped=found.skipped.get(evaluation, set()),
        agreed=found.agreed.get(evaluation, {}),
    )


def outcomes(round_: EvaluationRound, evaluations: Iterable[uuid.UUID]) -> dict[uuid.UUID, Outcome]:
    """The results of these facilities of a round."""
    wanted = list(evaluations)
    found = material(round_, wanted)
    return {each: outcome(found, each, round_) for each in wanted}


def as_if_upheld(objection: Objection, evaluation: Evaluation) -> None:
    """Give the evaluation in hand (nothing is stored) the result the proposed answer leads to."""
    found = material(evaluation.round, [evaluation.pk])
    agreed = found.agreed.setdefault(evaluation.pk, {})
    for code, changed in objection.amendments.items():
        agreed[code] = _reviewed(changed)
    result = outcome(found, evaluation.pk, evaluation.round)
    evaluation.total, evaluation.grade = result.total, result.grade


# --- sheets ---------------------------------------------------------------------------------------


def sheet_of(user: User, evaluation: Evaluation) -> ScoreSheet | None:
    """The person's own sheet about a facility, if it is his to score."""
    own = ScoreSheet.objects.visible_to(user).filter(
        evaluation=evaluation, member__evaluator__user=user, member__left_at=None
    )
    return own.select_related("evaluation__round", "member__evaluator__user").first()


def scores_of(sheet: ScoreSheet) -> dict[uuid.UUID, Score]:
    """The scores of a sheet by indicator."""
    return {each.indicator_id: each for each in Score.objects.filter(sheet=sheet)}


def files_of(sheet: ScoreSheet) -> dict[uuid.UUID, list[Attachment]]:
    """The files the evaluator has put to items of the sheet, by indicator."""
    items = dict(Score.objects.filter(sheet=sheet).values_list("pk", "indicator"))
    found: dict[uuid.UUID, list[Attachment]] = defaultdict(list)
    for file in Attachment.objects.filter(noun_id__in=items).present():
        found[items[file.noun_id]].append(file)
    return found


def skips_of(evaluation: Evaluation) -> dict[uuid.UUID, SkippedItem]:
    """What was asked to be left out, by indicator."""
    found = SkippedItem.objects.filter(evaluation=evaluation)
    return {each.indicator_id: each for each in found.select_related("indicator")}


def problems_of(sheet: ScoreSheet, tree: Tree) -> list[Problem]:
    """What the sheet still lacks before it can be submitted."""
    codes = {each.pk: each.code for each in tree.indicators}
    given = {
        codes[pk]: (score.points, score.is_met, score.reason)
        for pk, score in scores_of(sheet).items()
    }
    skips = skips_of(sheet.evaluation)
    of = {
        state: {codes[pk] for pk, skip in skips.items() if skip.state == state}
        for state in SkipStatus
    }
    return sheet_problems(
        tree.items, given, sheet.evaluation.round.terms,
        skipped=of[SkipStatus.APPROVED], asked=of[SkipStatus.ASKED],
    )  # fmt: skip


def my_sheets(user: User) -> list[ScoreSheet]:
    """Every sheet of this person that is not one of a round that is over, with its progress.

    `done` counts the items with points, `skips` those that do not apply, `of` all items.
    """
    own = ScoreSheet.objects.visible_to(user).filter(
        member__evaluator__user=user, member__left_at=None
    )
    live = own.exclude(
        evaluation__round__state__in=[RoundStatus.FINAL, RoundStatus.CANCELLED]
    ).select_related("evaluation__round__indicator_set", "evaluation__facility", "member")
    skips = SkippedItem.objects.filter(evaluation=OuterRef("evaluation"), state=SkipStatus.APPROVED)
    items = Indicator.objects.filter(set=OuterRef("evaluation__round__indicator_set"))
    found = live.annotate(
        done=how_many(Score.objects.filter(sheet=OuterRef("pk"), points__isnull=False)),
        skips=how_many(skips),
        of=how_many(items) - F("skips"),
    )
    return list(found.order_by("evaluation__round__number", "evaluation__facility__sort_key"))


def _counted(rows: QuerySet[Any], by: str) -> dict[uuid.UUID, int]:
    return dict(rows.order_by().values_list(by).annotate(n=Count("pk")))


def unfinished(round_: EvaluationRound) -> QuerySet[ScoreSheet]:
    """The sheets the round waits for."""
    done = [SheetStatus.SUBMITTED, SheetStatus.RECUSED]
    found = ScoreSheet.objects.filter(evaluation__round=round_).exclude(state__in=done)
    return found.select_related("member__evaluator__user", "evaluation__facility")


def scorers(round_: EvaluationRound) -> dict[uuid.UUID, int]:
    """How many submitted sheets each facility has."""
    rows = ScoreSheet.objects.filter(evaluation__round=round_, state=SheetStatus.SUBMITTED)
    return _counted(rows, "evaluation")


def matrix(seats: Sequence[PanelMember], evaluations: Sequence[Evaluation]) -> list[dict[str, Any]]:
    """Facility by evaluator: states and progress, never points; one question for all."""
    rows = ScoreSheet.objects.filter(evaluation__in=evaluations).annotate(
        done=Count("scores", filter=Q(scores__points__isnull=False))
    )
    cells = {(each.evaluation_id, each.member_id): each for each in rows}
    return [
        {"evaluation": each, "cells": [(seat, cells.get((each.pk, seat.pk))) for seat in seats]}
        for each in evaluations
    ]


# --- moderation -----------------------------------------------------------------------------------


def letters_of(evaluation: Evaluation) -> dict[uuid.UUID, str]:
    """A letter for each member who scored the facility, the same on every page, no order of seats.

    The letters follow the keys of the sheets, which nobody sees.
    """
    sheets = ScoreSheet.objects.filter(evaluation=evaluation, state=SheetStatus.SUBMITTED)
    members = sorted(sheets.values_list("pk", "member"), key=lambda pair: pair[0].hex[::-1])
    return {member: LETTERS[n % len(LETTERS)] for n, (_pk, member) in enumerate(members)}


def _by_letter(opinion: dict[str, Any]) -> int:
    """甲 before 乙 before 丙, which is not how a computer sorts them."""
    return LETTERS.index(opinion["letter"])


def moderations_of(evaluation: Evaluation) -> list[Moderation]:
    """What the panel had to agree on, with what each member gave under his letter."""
    found = list(
        Moderation.objects.filter(evaluation=evaluation)
        .select_related("indicator").prefetch_related("remarks").order_by("indicator__position")
    )  # fmt: skip
    letters = letters_of(evaluation)
    rows = Score.objects.filter(
        sheet__evaluation=evaluation,
        sheet__state=SheetStatus.SUBMITTED,
        indicator__in=[each.indicator_id for each in found],
    ).values_list("indicator", "sheet__member", "points", "is_met", "reason")
    by_indicator: dict[uuid.UUID, list[dict[str, Any]]] = defaultdict(list)
    for indicator, member, points, met, reason in rows:
        by_indicator[indicator].append(
            {"letter": letters[member], "points": points, "is_met": met, "reason": reason}
        )
    for each in found:
        shown: Any = each
        shown.opinions = sorted(by_indicator[each.indicator_id], key=_by_letter)
        shown.said = [
            {"letter": letters.get(r.member_id, ""), "text": r.text, "at": r.said_at}
            for r in each.remarks.all()
        ]
    return found


def evidence_of(evaluation: Evaluation) -> list[dict[str, Any]]:
    """What the members put to items of sheets that count, each under his letter, by item.

    For pages about an opened round: it does not ask who looks.
    """
    counted = Score.objects.filter(
        sheet__evaluation=evaluation, sheet__state=SheetStatus.SUBMITTED
    ).select_related("indicator", "sheet")
    files: dict[uuid.UUID, list[Attachment]] = defaultdict(list)
    for file in Attachment.objects.filter(noun_id__in=counted.values("pk")).present():
        files[file.noun_id].append(file)
    letters = letters_of(evaluation) if files else {}
    rows = [
        {"item": each.indicator, "letter": letters[each.sheet.member_id], "files": files[each.pk]}
        for each in counted.filter(pk__in=files)
    ]
    return sorted(rows, key=lambda row: (row["item"].position, _by_letter(row)))


def not_before_the_panel(evaluation: Evaluation) -> dict[str, Indicator]:
    """The items that apply and that the panel did not have to talk about, by code."""
    busy = Moderation.objects.filter(evaluation=evaluation).values("indicator")
    out = SkippedItem.objects.filter(evaluation=evaluation, state=SkipStatus.APPROVED)
    found = Indicator.objects.filter(set=evaluation.round.indicator_set_id)
    found = found.exclude(pk__in=busy).exclude(pk__in=out.values("indicator"))
    return {each.code: each for each in found}


def open_moderations(round_: EvaluationRound) -> QuerySet[Moderation]:
    """What the panel still has to agree on."""
    found = Moderation.objects.filter(evaluation__round=round_, state=ModerationStatus.OPEN)
    return found.select_related("evaluation__facility", "indicator")


def spread_in_points(given: Collection[Given]) -> Decimal:
    """The distance between the highest and the lowest, in points."""
    return Decimal(spread_of(given)) / 2


def recusals_of(round_: EvaluationRound) -> QuerySet[Recusal]:
    """Who stays away from what in a round."""
    found = Recusal.objects.filter(evaluation__round=round_)
    return found.select_related("evaluation__facility", "evaluator__user").order_by(
        F("evaluation__facility__sort_key")
    )
