"""A round of evaluation that is published, and one that is being scored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from evaluations import actions
from evaluations.models import EvaluationRound, IndicatorSet
from evaluations.queries import committee, indicators
from evaluations.queries.indicators import Tree
from facilities.models import Facility
from facilities.workflow import RegistrationStatus
from portal.core import clock, publishing
from portal.core.actors import Actor
from portal.core.models import User

from .people import EVALUATORS

DAY = dt.timedelta(days=1)
PLEDGE = "本人承诺：保守评审秘密，公正评分，不接受被评机构的任何利益。"
SHARES = (Decimal("0.95"), Decimal("0.86"), Decimal("0.72"))
IN_A_ROUND = 3
FIRST = 5  # so many are in the pool when the rounds are drawn; the others come today


def tell_evaluations(people: Mapping[str, User], now: dt.datetime) -> None:
    """The first indicators published, the pool, and two rounds by the acts of people."""
    clerk, approver = Actor.person(people["clerk"]), Actor.person(people["approver"])
    began = now - 110 * DAY
    chosen = actions.propose_set(IndicatorSet.objects.get(version=1), by=clerk, at=began)
    actions.publish_set(chosen, by=approver, at=began)
    for number, (username, field, unit) in enumerate(EVALUATORS):
        since = began if number < FIRST else now
        values = {"field": field, "unit": unit, "term_from": clock.day_of(since)}
        actions.add_evaluator(people[username], values, by=clerk, at=since)
    standing = Facility.objects.filter(registration=RegistrationStatus.REGISTERED)
    places = list(standing.order_by("registered_on", "code")[: 2 * IN_A_ROUND])
    if len(places) == 2 * IN_A_ROUND:
        year = clock.day_of(began).year
        published = _begin(
            f"{year}年质量评估（第一批）", places[:IN_A_ROUND], began, clerk, approver
        )
        _publish(published, began + 50 * DAY, clerk, approver)
        running = _begin(
            f"{year}年质量评估（第二批）", places[IN_A_ROUND:], now - 25 * DAY, clerk, approver
        )
        _score(running, now - 3 * DAY, seats=2)


def _begin(
    title: str, places: Sequence[Facility], at: dt.datetime, clerk: Actor, approver: Actor
) -> EvaluationRound:
    """Set up, drawn, started and open for scores; everybody has pledged."""
    made = actions.create_round(title, "regular", places, by=clerk, at=at, occasion=f"demo:{title}")
    actions.draw_panel(made, by=clerk, at=at, seed=f"示例-{clock.day_of(at).isoformat()}")
    actions.start_round(_fresh(made), by=approver, at=at + DAY)
    actions.open_scoring(_fresh(made), by=clerk, at=at + 20 * DAY)
    for seat in committee.seats_of(made):
        by = Actor.person(seat.evaluator.user)
        actions.pledge(seat, PLEDGE, by=by, at=at + 20 * DAY)
    return _fresh(made)


def _fresh(made: EvaluationRound) -> EvaluationRound:
    return EvaluationRound.objects.get(pk=made.pk)


def _score(made: EvaluationRound, at: dt.datetime, *, seats: int) -> None:
    """So many members hand in their sheets."""
    tree = indicators.tree_of(made.indicator_set_id)
    evaluations = list(made.evaluations.order_by("facility__code"))
    for seat in list(committee.seats_of(made))[:seats]:
        by = Actor.person(seat.evaluator.user)
        for evaluation, share in zip(evaluations, SHARES, strict=True):
            sheet = seat.sheets.get(evaluation=evaluation)
            saved = actions.save_scores(sheet, _marks(tree, share, seat.order), by=by, at=at)
            actions.submit_sheet(saved, seat.evaluator.user.display_name, by=by, at=at)


def _marks(tree: Tree, share: Decimal, order: int) -> dict[str, Any]:
    """Points near the share, a half more or less by member and item; basic items are met."""
    given: dict[str, Any] = {}
    for number, item in enumerate(tree.indicators):
        most = int(item.max_points * 2)
        halves = min(int(most * share) + (number + order) % 2, most)
        given[item.code] = {"points": Decimal(halves) / 2, "reason": "查看记录和现场（示例）"}
        if item.is_veto:
            given[item.code]["is_met"] = True
    return given


def _publish(made: EvaluationRound, at: dt.datetime, clerk: Actor, approver: Actor) -> None:
    """From the last sheet to the published result."""
    _score(made, at - 20 * DAY, seats=FIRST)
    actions.open_scores(_fresh(made), by=clerk, at=at - 19 * DAY)
    actions.send_facts(_fresh(made), by=clerk, at=at - 18 * DAY)
    text = actions.propose_notice(_fresh(made), by=clerk, at=at)
    public = publishing.publish(text, by=approver, at=at)
    actions.announce(_fresh(made), public, by=Actor.calendar(), at=at)
    later = at + 20 * DAY
    actions.close_notice(_fresh(made), by=clerk, at=later)
    _decide(made, later, clerk)
    text = actions.propose_result(_fresh(made), by=clerk, at=later)
    public = publishing.publish(text, by=approver, at=later)
    actions.finish(_fresh(made), public, by=Actor.calendar(), at=later)


def _decide(made: EvaluationRound, at: dt.datetime, clerk: Actor) -> None:
    meeting = actions.call_meeting(_fresh(made), "decision", at, "街道二楼会议室", by=clerk, at=at)
    seats = list(committee.seats_of(made))
    meeting = actions.hold_meeting(meeting, [seat.pk for seat in seats], by=clerk, at=at)
    for evaluation in made.evaluations.all():
        votes = {seat.pk: "yes" for seat in seats}
        actions.record_votes(meeting, evaluation, votes, by=clerk, at=at)
    meeting = actions.close_meeting(meeting, "委员一致同意各机构的评估结果。", by=clerk, at=at)
    actions.decide(_fresh(made), meeting, by=clerk, at=at)
