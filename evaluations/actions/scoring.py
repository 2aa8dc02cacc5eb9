"""What an evaluator does alone: pledge, stay away, score, hand in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypedDict, cast

from django.core.exceptions import PermissionDenied

from evaluations.models import (
    Evaluation,
    EvaluationRound,
    Indicator,
    PanelMember,
    Recusal,
    Score,
    ScoreSheet,
    SkippedItem,
)
from evaluations.models.scores import leader_of
from evaluations.queries import committee, indicators, scores
from evaluations.rules import Problem
from evaluations.rules.values import halves
from evaluations.workflow import RoundStatus, SkipStatus
from portal.core import attachments, clock, outbox
from portal.core.actors import Actor
from portal.core.files import Accepted
from portal.core.models import Attachment, User, staff_with
from portal.core.roles import Role
from portal.core.statemachine import TransitionNotOpen
from portal.core.workflow import action, apply, lock, one_at_a_time, record

from .committee import BLIND, declare_tie, stay_away
from .rounds import NotReady

EVIDENCE = "evidence"


class Typed(TypedDict, total=False):
    """What was typed about one item; what is absent stays as it was."""

    points: Decimal | None
    is_met: bool | None
    reason: str
    evidence: str


class SheetChanged(Exception):
    """The sheet was saved elsewhere meanwhile."""


class SheetIncomplete(Exception):
    """The sheet cannot be handed in yet; carries every problem."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(f"{each.code} {each.item}" for each in problems))
        self.problems = tuple(problems)


class NotPledged(Exception):
    """Nobody scores before he has pledged secrecy and integrity."""


class PointsWrong(Exception):
    """A number between the steps or above the most; carries the codes of the items."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = tuple(codes)


def require(round_: EvaluationRound, name: str, *states: str) -> EvaluationRound:
    """The round as it stands, locked; TransitionNotOpen when it has moved on."""
    fresh = cast("EvaluationRound", lock(round_))
    if fresh.state not in states:
        raise TransitionNotOpen("evaluationround", name, fresh.state)
    return fresh


@action
def pledge(member: PanelMember, text: str, *, by: Actor, at: dt.datetime) -> PanelMember:
    """The member pledges secrecy and integrity, in these words; the first time counts."""
    fresh = cast("PanelMember", lock(member))
    if fresh.evaluator.user_id != by.somebody.pk:
        raise PermissionDenied("everybody pledges for himself")
    if fresh.pledged_at is None:
        fresh.pledged_at, fresh.pledge_text = at, text
        fresh.save(update_fields=["pledged_at", "pledge_text"])
        record(fresh.panel.round, "panel.pledge", by=by, at=at, seat=fresh.order)
    return fresh


@action
def recuse(
    evaluation: Evaluation, member: PanelMember, ground: str, *, by: Actor, at: dt.datetime
) -> Recusal:
    """The member stays away from this facility from now on; his sheet counts for nothing.

    Declared by himself, or by the office; asked twice, it is once. The clerks are told where too
    few are left.
    """
    one_at_a_time(f"recusal:{evaluation.pk}:{member.evaluator_id}")
    done = Recusal.objects.filter(evaluation=evaluation, evaluator=member.evaluator).first()
    if done:
        return done
    sheet = ScoreSheet.objects.get(evaluation=evaluation, member=member)
    if by.user and by.user.pk != member.evaluator.user_id and not by.user.has_role(Role.CLERK):
        raise PermissionDenied("everybody declares for himself")
    require(evaluation.round, "recuse", *BLIND)
    made = stay_away(sheet, ground, by=by, at=at)
    declare_tie(member.evaluator, evaluation.facility, ground, by=by, at=at)
    return made


@action
def save_scores(
    sheet: ScoreSheet,
    values: Mapping[str, Typed],
    *,
    by: Actor,
    at: dt.datetime,
    version: int | None = None,
) -> ScoreSheet:
    """Keep what was typed about these items (by code); the rest of the sheet stays as it was.

    Half-finished items are kept; numbers that could never be handed in raise PointsWrong. With a
    `version` that is no longer the sheet's, SheetChanged. Raises NotPledged.
    """
    require(sheet.evaluation.round, "score", RoundStatus.SCORING)
    tree = indicators.tree_of(sheet.evaluation.round.indicator_set_id)
    by_code = tree.by_code()
    wrong = [
        code for code, typed in values.items() if not fits(by_code.get(code), typed.get("points"))
    ]
    if wrong:
        raise PointsWrong(wrong)

    def columns(fresh: ScoreSheet) -> dict[str, Any]:
        if fresh.member.pledged_at is None:
            raise NotPledged
        if version is not None and version != fresh.version:
            raise SheetChanged
        return {"version": fresh.version + 1, "saved_at": at}

    made: ScoreSheet = apply(sheet, "score", by=by, at=at, sets=columns, items=len(values))
    _keep(made, {by_code[code]: typed for code, typed in values.items()})
    return made


def _keep(sheet: ScoreSheet, values: Mapping[Indicator, Typed]) -> None:
    """Write the items that were typed; the sheet's row is locked, so nobody writes beside us."""
    known = {
        each.indicator_id: each
        for each in Score.objects.filter(sheet=sheet, indicator__in=list(values))
    }
    new: list[Score] = []
    for indicator, typed in values.items():
        if indicator.pk not in known:
            new.append(Score(sheet=sheet, indicator=indicator))
        score = known.get(indicator.pk) or new[-1]
        for name, value in typed.items():
            setattr(score, name, value)
    Score.objects.bulk_create(new)
    Score.objects.bulk_update(known.values(), ["points", "is_met", "reason", "evidence"])


def fits(indicator: Indicator | None, points: Decimal | None) -> bool:
    """Whether an item may get these points: none yet, or a step from zero to its most."""
    if indicator is None:
        return False
    if points is None:
        return True
    try:
        return 0 <= halves(points) <= halves(indicator.max_points)
    except ValueError:
        return False


@action
def attach_evidence(
    sheet: ScoreSheet, code: str, file: Accepted, *, by: Actor, at: dt.datetime
) -> Attachment:
    """A file to one item of the sheet; seen with the score, by nobody before.

    It is kept under the code of the item: the panel talks without names, and a file's own name may
    tell whose it is.
    """
    made = save_scores(sheet, {code: {}}, by=by, at=at)
    score = Score.objects.get(sheet=made, indicator__code=code)
    number = Attachment.objects.of(score).count() + 1
    nameless = replace(file, display_name=f"{code}-{number}{file.extension}")
    return attachments.attach(score, nameless, slot=EVIDENCE, by=by, at=at)


@action
def remove_evidence(
    sheet: ScoreSheet, file: Attachment, *, by: Actor, at: dt.datetime
) -> Attachment:
    """Take a file of the sheet back before it is handed in."""
    made = save_scores(sheet, {}, by=by, at=at)
    if not Score.objects.filter(sheet=made, pk=file.noun_id).exists():
        raise PermissionDenied("not a file of this sheet")
    return attachments.remove(file, by=by, at=at)


@action
def submit_sheet(sheet: ScoreSheet, signature: str, *, by: Actor, at: dt.datetime) -> ScoreSheet:
    """Hand in the whole sheet, signed; raises SheetIncomplete with what is missing.

    The clerks are told when the last sheet of the round is in.
    """
    round_ = require(sheet.evaluation.round, "submit", RoundStatus.SCORING)
    tree = indicators.tree_of(round_.indicator_set_id)

    def columns(fresh: ScoreSheet) -> dict[str, Any]:
        if fresh.member.pledged_at is None:
            raise NotPledged
        if problems := scores.problems_of(fresh, tree):
            raise SheetIncomplete(problems)
        return {"submitted_at": at, "signature": signature, "return_reason": ""}

    made: ScoreSheet = apply(sheet, "submit", by=by, at=at, sets=columns)
    if not scores.unfinished(round_).exists():
        clerks = staff_with(Role.CLERK, clock.day_of(at))
        outbox.notify(clerks, "round.all_in", round_, at=at, once=at.isoformat())
    return made


@action
def return_sheet(sheet: ScoreSheet, reason: str, *, by: Actor, at: dt.datetime) -> ScoreSheet:
    """The office sends a sheet back before the scores are opened; not to who has dropped out."""
    if sheet.member.left_at is not None:
        raise NotReady(["left"])
    require(sheet.evaluation.round, "return", RoundStatus.SCORING)
    made: ScoreSheet = apply(
        sheet, "return", by=by, at=at, reason=reason, sets=lambda _: {"return_reason": reason}
    )
    person = made.member.evaluator.user
    outbox.notify([person], "sheet.returned", made, at=at, once=at.isoformat(), reason=reason)
    return made


# --- what does not apply --------------------------------------------------------------------------


@action
def ask_to_skip(
    evaluation: Evaluation, indicator: Indicator, reason: str, *, by: Actor, at: dt.datetime
) -> SkippedItem:
    """An evaluator says that an item does not apply to the facility; the leader answers."""
    require(evaluation.round, "score", RoundStatus.SCORING)
    sheet = scores.sheet_of(by.somebody, evaluation)
    if sheet is None:
        raise PermissionDenied("only who scores the facility asks")
    if sheet.member.pledged_at is None:
        raise NotPledged
    if not indicator.may_skip:
        raise PermissionDenied("a basic item always applies")
    one_at_a_time(f"skip:{evaluation.pk}:{indicator.pk}")
    columns = {"reason": reason, "asked_by": by.user, "asked_at": at, "decided_by": None,
               "decided_at": None, "answer": ""}  # fmt: skip
    made = SkippedItem.objects.filter(evaluation=evaluation, indicator=indicator).first()
    if made is None:
        made = SkippedItem.objects.create(evaluation=evaluation, indicator=indicator, **columns)
        record(made, "skippeditem.asked", by=by, at=at, item=indicator.code)
    elif made.state == SkipStatus.REFUSED:
        made = apply(made, "ask", by=by, at=at, reason=reason, sets=lambda _: columns)
    else:  # asked or answered already, perhaps by another member
        return made
    outbox.notify(
        _who_answers(evaluation, by), "skip.asked", made, at=at, once=at.isoformat(),
        item=indicator.code,
    )  # fmt: skip
    return cast("SkippedItem", made)


def _who_answers(evaluation: Evaluation, by: Actor) -> list[User]:
    """Who leads the panel for this facility, or the others where he asks; nobody who stays away."""
    away = Recusal.objects.filter(evaluation=evaluation).values("evaluator")
    seats = committee.standing_seats(evaluation.round).exclude(evaluator__in=away)
    leader = leader_of(evaluation)
    asks_himself = by.somebody.pk == leader
    people = [each.evaluator.user for each in seats]
    return [person for person in people if (person.pk == leader) != asks_himself]


@action
def allow_skip(item: SkippedItem, *, by: Actor, at: dt.datetime) -> SkippedItem:
    """The item leaves numerator and denominator for everybody."""
    require(item.evaluation.round, "score", RoundStatus.SCORING)
    columns = {"decided_by": by.user, "decided_at": at}
    made: SkippedItem = apply(item, "approve", by=by, at=at, sets=lambda _: columns)
    outbox.notify([made.asked_by], "skip.answered", made, at=at, once=at.isoformat())
    return made


@action
def refuse_skip(item: SkippedItem, answer: str, *, by: Actor, at: dt.datetime) -> SkippedItem:
    """The item is to be scored all the same."""
    require(item.evaluation.round, "score", RoundStatus.SCORING)
    columns = {"decided_by": by.user, "decided_at": at, "answer": answer}
    made: SkippedItem = apply(item, "refuse", by=by, at=at, reason=answer, sets=lambda _: columns)
    outbox.notify([made.asked_by], "skip.answered", made, at=at, once=at.isoformat())
    return made
