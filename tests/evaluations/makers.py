"""Makers of the evaluation, through the acts, with the fewest rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any

from evaluations import actions
from evaluations.models import (
    Evaluation,
    EvaluationRound,
    Evaluator,
    IndicatorSet,
    Panel,
    PanelMember,
    ScoreSheet,
)
from evaluations.queries import committee, indicators
from evaluations.rules import Leaf
from facilities.models import Facility, Membership, StatutoryFiling
from portal.core import clock, publishing
from portal.core.actors import Actor
from portal.core.models import Community, Publication, User
from portal.core.remembering import remembered
from portal.core.roles import Role
from tests import makers

AT = makers.AT
DAY = dt.timedelta(days=1)
PLEDGE = "本人承诺保守评审秘密，廉洁公正。"
FIELDS = ("medical", "fire", "education", "market", "health", "parent", "community")
Values = Mapping[int, Any] | None  # by number of facility
_n = count(1)


def actor(person: User) -> Actor:
    return Actor.person(person)


def small_tree() -> tuple[dict[int, tuple[str, Decimal]], list[Leaf]]:
    """Seven dimensions of the standard's points with two or three items each."""
    points = {1: 100, 2: 140, 3: 200, 4: 210, 5: 80, 6: 200, 7: 70}
    names = ("办托条件", "托育队伍", "保育照护", "卫生保健", "养育支持", "安全保障", "机构管理")
    dimensions = {no: (names[no - 1], Decimal(p)) for no, p in points.items()}
    leaves = []
    for no, whole in points.items():
        first = Decimal(whole) / 2
        for n, part in enumerate((first, whole - first), start=1):
            is_veto = no in {4, 6} and n == 1
            leaves.append(
                Leaf(
                    no, f"{no + 3}.1.{n}", f"{no + 3}.1 组", f"指标{no}.{n}", part, is_veto,
                    ("observe",), may_skip=not is_veto,
                )
            )  # fmt: skip
    return dimensions, leaves


@remembered()
def published_set(*, small: bool = True, at: dt.datetime = AT) -> IndicatorSet:
    """A set two persons have published: a small tree, or the shipped draft."""
    clerk, approver = actor(makers.clerk()), actor(makers.approver())
    if small:
        dimensions, leaves = small_tree()
        words = {"title": "示例指标", "standard": "示例", "note": ""}
        made = actions.start_set(words, dimensions, leaves, by=clerk, at=at)
    else:
        made = IndicatorSet.objects.get(version=1)
    made = actions.propose_set(made, by=clerk, at=at)
    return actions.publish_set(made, by=approver, at=at)


def evaluator(
    field_: str = "education", *, community: Community | None = None, at: dt.datetime = AT,
    roles: Sequence[str] = (),
) -> Evaluator:  # fmt: skip
    """A member of the pool."""
    person = makers.user(Role.EVALUATOR, *roles)
    number = next(_n)
    values = {
        "field": field_, "unit": f"示例单位{number}", "community": community,
        "term_from": clock.day_of(at) - dt.timedelta(days=30),
    }  # fmt: skip
    return actions.add_evaluator(person, values, by=actor(makers.clerk()), at=at)


def facility(number: int | None = None, slug: str = "longquan", **columns: Any) -> Facility:
    """A facility in the register, written directly: what the filings need is not at stake here."""
    n = number or next(_n)
    values = {
        "code": f"SP-TY-9{n:03d}",
        "name": f"评估托育园{n}（示例）",
        "uscc": makers.uscc(),
        "facility_type": "independent",
        "legal_form": "for_profit",
        "operating_model": "private",
        "community": makers.community(slug),
        "address": f"示例路{n}号",
        "registered_on": AT.date() - dt.timedelta(days=400),
        "facts_on": AT.date(),
        "public_phone": "0375-0000000",
        "sort_key": f"p{n:05d}",
        "tenure": "leased",
    } | columns
    made = Facility.objects.create(**values)
    StatutoryFiling.objects.create(facility=made)
    return made


def member_of(about: Facility, **fields: Any) -> User:
    """A manager of the facility."""
    person = makers.operator(**fields)
    Membership.objects.create(facility=about, user=person, role="manager", since=AT.date())
    return person


@dataclass
class Stage:
    """A round with everybody in it."""

    round: EvaluationRound
    clerk: User
    approver: User
    facilities: list[Facility]
    operators: list[User]
    pool: list[Evaluator]
    panel: Panel | None = None
    seats: list[PanelMember] = field(default_factory=list)

    def again(self) -> EvaluationRound:
        """The round as it stands."""
        self.round = EvaluationRound.objects.get(pk=self.round.pk)
        return self.round

    def evaluation(self, n: int = 0) -> Evaluation:
        return Evaluation.objects.select_related("round", "facility").get(
            round=self.round, facility=self.facilities[n]
        )

    def user(self, seat: PanelMember) -> User:
        return User.objects.get(pk=seat.evaluator.user_id)

    def sheet(self, seat: PanelMember, n: int = 0) -> ScoreSheet:
        return ScoreSheet.objects.get(evaluation=self.evaluation(n), member=seat)

    @property
    def leader(self) -> User:
        return self.user(next(seat for seat in self.seats if seat.is_leader))


def setup(
    facilities: int = 1, pool: int = 7, *, at: dt.datetime = AT, slug: str = "longquan"
) -> Stage:
    """A round in setup, with a published set and a pool of all fields."""
    if indicators.newest_published() is None:
        published_set(at=at)
    clerk, approver = makers.clerk(), makers.approver()
    members = [evaluator(FIELDS[n % len(FIELDS)], at=at) for n in range(pool)]
    places = [facility(slug=slug) for _ in range(facilities)]
    people = [member_of(place) for place in places]
    made = actions.create_round(
        "2026年质量评估", "regular", places, by=actor(clerk), at=at, occasion=f"test:{next(_n)}"
    )
    return Stage(made, clerk, approver, places, people, members)


@remembered()
def drawn(facilities: int = 1, pool: int = 7, *, at: dt.datetime = AT, seed: str = "s") -> Stage:
    """A round whose panel is drawn."""
    stage = setup(facilities, pool, at=at)
    stage.panel = actions.draw_panel(stage.round, by=actor(stage.clerk), at=at, seed=seed)
    stage.seats = list(committee.seats_of(stage.round))
    return stage


@remembered()
def scoring(facilities: int = 1, *, at: dt.datetime = AT, pool: int = 7, seed: str = "s") -> Stage:
    """A round that is being scored; everybody has pledged."""
    stage = drawn(facilities, pool, at=at, seed=seed)
    actions.start_round(stage.again(), by=actor(stage.approver), at=at)
    actions.open_scoring(stage.again(), by=actor(stage.clerk), at=at)
    for seat in stage.seats:
        actions.pledge(seat, PLEDGE, by=actor(stage.user(seat)), at=at)
    stage.again()
    return stage


def marks(share: str = "0.9", **changes: Mapping[str, Any]) -> dict[str, Any]:
    """Points for every item of the small tree at a share of the most, in steps."""
    _dimensions, leaves = small_tree()
    given = {}
    for leaf in leaves:
        halves = int(leaf.points * Decimal(share) * 2)
        given[leaf.code] = {"points": Decimal(halves) / 2, "reason": "有记录"}
        if leaf.is_veto:
            given[leaf.code]["is_met"] = True
    for code, change in changes.items():
        given[code.replace("_", ".")[1:]] |= change
    return given


def score(
    stage: Stage, seat: PanelMember, n: int = 0, values: Mapping[str, Any] | None = None,
    *, at: dt.datetime = AT, submit: bool = True,
) -> ScoreSheet:  # fmt: skip
    """One evaluator's sheet about one facility, filled and handed in."""
    by = actor(stage.user(seat))
    made = actions.save_scores(stage.sheet(seat, n), values or marks(), by=by, at=at)
    return actions.submit_sheet(made, "示例", by=by, at=at) if submit else made


@remembered()
def score_all(stage: Stage, values: Values = None, *, at: dt.datetime = AT) -> None:
    """Every sheet that is open, handed in; `values` by number of facility."""
    for n in range(len(stage.facilities)):
        for seat in stage.seats:
            sheet = stage.sheet(seat, n)
            if sheet.state in {"not_started", "in_progress"}:
                score(stage, seat, n, (values or {}).get(n), at=at)


@remembered()
def opened(facilities: int = 1, values: Values = None, *, at: dt.datetime = AT) -> Stage:
    """A round whose scores are opened."""
    stage = scoring(facilities, at=at)
    score_all(stage, values, at=at)
    actions.open_scores(stage.again(), by=actor(stage.clerk), at=at)
    stage.again()
    return stage


def pass_gate(publication: Publication, by: User, *, at: dt.datetime) -> Publication:
    """The second person makes a text public."""
    return publishing.publish(publication, by=actor(by), at=at)


@remembered()
def announced(facilities: int = 1, values: Values = None, *, at: dt.datetime = AT) -> Stage:
    """A round in its notice."""
    stage = opened(facilities, values, at=at)
    clerk = actor(stage.clerk)
    actions.send_facts(stage.round, by=clerk, at=at)
    later = at + 10 * DAY
    text = actions.propose_notice(stage.again(), by=clerk, at=later)
    public = pass_gate(text, stage.approver, at=later)
    actions.announce(stage.again(), public, by=Actor.calendar(), at=later)
    stage.again()
    return stage


@remembered()
def finished(facilities: int = 1, values: Values = None, *, at: dt.datetime = AT) -> Stage:
    """A round whose results are published, 30 days after `at`."""
    stage = announced(facilities, values, at=at)
    clerk, later = actor(stage.clerk), at + 30 * DAY
    actions.close_notice(stage.round, by=clerk, at=later)
    decide(stage, at=later)
    text = actions.propose_result(stage.again(), by=clerk, at=later)
    public = pass_gate(text, stage.approver, at=later)
    actions.finish(stage.again(), public, by=Actor.calendar(), at=later)
    stage.again()
    return stage


@remembered()
def decide(stage: Stage, *, at: dt.datetime) -> None:
    """A meeting with everybody, all in favour, and its decision."""
    clerk = actor(stage.clerk)
    meeting = actions.call_meeting(stage.again(), "decision", at, "会议室", by=clerk, at=at)
    meeting = actions.hold_meeting(meeting, [s.pk for s in stage.seats], by=clerk, at=at)
    for n in range(len(stage.facilities)):
        evaluation = stage.evaluation(n)
        away = set(evaluation.recusals.values_list("evaluator", flat=True))
        votes = {s.pk: "yes" for s in stage.seats if s.evaluator_id not in away}
        actions.record_votes(meeting, evaluation, votes, by=clerk, at=at)
    meeting = actions.close_meeting(meeting, "审定结果。", by=clerk, at=at)
    actions.decide(stage.again(), meeting, by=clerk, at=at)
