"""A round from its setup to the published result, through the acts; who sees what, and when."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from evaluations import actions, papers
from evaluations.models import (
    Decision,
    DueEvaluation,
    Evaluation,
    EvaluationRound,
    IndicatorSet,
    Moderation,
    Score,
    ScoreSheet,
    SkippedItem,
)
from evaluations.queries import committee, facts, indicators, public, results, scores
from evaluations.rules import CannotDraw, Leaf
from facilities.models import Facility
from portal.core import attachments, publishing
from portal.core.actors import Actor
from portal.core.models import OfficialPaper, Publication, User
from portal.core.roles import Role
from portal.core.statemachine import TransitionNotOpen
from portal.core.workflow import NotAllowed
from tests import makers

from . import makers as own

AT, DAY = own.AT, own.DAY
actor = own.actor
pytestmark = pytest.mark.django_db


# --- indicators -----------------------------------------------------------------------------------


@pytest.mark.proves("prod:I1")
def test_the_shipped_tree_is_loaded_once_as_a_draft_two_persons_publish() -> None:
    shipped = IndicatorSet.objects.get()
    assert (shipped.state, shipped.is_draft_of_ours, shipped.indicators.count()) == (
        "draft", True, 88,
    )  # fmt: skip
    assert shipped.indicators.filter(is_veto=True).count() == 16
    assert actions.load_draft(AT) == 0
    made = own.published_set(small=False)
    assert made.state == "published"
    assert indicators.newest_published() == made


def test_nobody_publishes_what_he_proposed() -> None:
    both = makers.user(Role.CLERK, Role.APPROVER)
    made = actions.propose_set(IndicatorSet.objects.get(), by=actor(both), at=AT)
    with pytest.raises(NotAllowed):
        actions.publish_set(made, by=actor(both), at=AT)
    back = actions.hand_back_set(made, "条号有误", by=actor(makers.approver()), at=AT)
    assert (back.state, back.reason) == ("draft", "条号有误")


def test_a_tree_that_does_not_add_up_is_not_proposed() -> None:
    clerk = actor(makers.clerk())
    dimensions, leaves = own.small_tree()
    words = {"title": "示例", "standard": "", "note": ""}
    made = actions.start_set(words, dimensions, leaves[1:], by=clerk, at=AT)
    with pytest.raises(actions.TreeUnsound) as unsound:
        actions.propose_set(made, by=clerk, at=AT)
    assert {each.code for each in unsound.value.problems} == {"sum"}
    actions.replace_tree(made, dimensions, leaves, by=clerk, at=AT)
    proposed = actions.propose_set(made, by=clerk, at=AT)
    approver = actor(makers.approver())
    published = actions.publish_set(proposed, by=approver, at=AT)
    assert actions.retire_set(published, "有新版", by=approver, at=AT).state == "retired"
    assert list(indicators.earlier_versions(made)) == [IndicatorSet.objects.get(version=1)]


def test_a_published_tree_may_not_be_edited_nor_an_unsound_one_slip_through() -> None:
    made = own.published_set()
    dimensions, leaves = own.small_tree()
    with pytest.raises(TransitionNotOpen):
        actions.replace_tree(made, dimensions, leaves, by=actor(makers.clerk()), at=AT)
    with pytest.raises(PermissionDenied):
        actions.start_set({"title": "x"}, {}, [], by=actor(makers.approver()), at=AT)
    draft = IndicatorSet.objects.get(version=1)
    proposed = actions.propose_set(draft, by=actor(makers.clerk()), at=AT)
    proposed.indicators.first().delete()  # type: ignore[union-attr]
    with pytest.raises(actions.TreeUnsound):
        actions.publish_set(proposed, by=actor(makers.approver()), at=AT)


# --- pool and draw --------------------------------------------------------------------------------


def test_only_evaluators_enter_the_pool_and_once() -> None:
    clerk = actor(makers.clerk())
    values = {"field": "fire", "unit": "应急所", "term_from": AT.date()}
    with pytest.raises(actions.NotAnEvaluator):
        actions.add_evaluator(makers.clerk(), values, by=clerk, at=AT)
    person = makers.user(Role.EVALUATOR)
    first, second = (actions.add_evaluator(person, values, by=clerk, at=AT) for _ in range(2))
    assert first == second
    with pytest.raises(PermissionDenied):
        actions.add_evaluator(person, values, by=actor(person), at=AT)
    assert actions.end_term(first, AT.date(), by=clerk, at=AT).term_to == AT.date()
    assert committee.pool(AT.date() + DAY) == []


def test_a_tie_is_declared_by_the_member_and_ended_by_somebody_else() -> None:
    member, place = own.evaluator(roles=[Role.CLERK]), own.facility()
    tie = actions.declare_tie(member, place, "kinship", by=actor(member.user), at=AT)
    assert actions.declare_tie(member, place, "other", by=actor(member.user), at=AT) == tie
    with pytest.raises(PermissionDenied):
        actions.end_tie(tie, by=actor(member.user), at=AT)
    with pytest.raises(PermissionDenied):
        actions.declare_tie(member, place, "other", by=actor(makers.user("evaluator")), at=AT)
    clerk = actor(makers.clerk())
    assert actions.end_tie(tie, by=clerk, at=AT).ended_on == AT.date()
    assert actions.end_tie(tie, by=clerk, at=AT).ended_on == AT.date()


@pytest.mark.proves("prod:I6", "diff:16")
def test_the_draw_is_recorded_and_can_be_repeated_by_anybody() -> None:
    stage = own.drawn(2)
    assert stage.panel is not None
    assert len(stage.seats) == 5
    again = committee.drawn_again(stage.panel)
    assert [str(seat.evaluator_id) for seat in stage.seats] == list(again.chosen)
    fields = {seat.evaluator.field for seat in stage.seats}
    assert {"medical", "fire"} <= fields
    same = actions.draw_panel(stage.round, by=actor(stage.clerk), at=AT, seed="other")
    assert same.seed == "s"
    rows = papers.draw_rows(stage.panel)
    assert sorted(row["seat"] for row in rows if row["seat"]) == [1, 2, 3, 4, 5]
    assert sorted(row["substitute"] for row in rows if row["substitute"]) == [1, 2]


def test_a_pool_without_a_required_field_gives_no_panel_and_no_trace() -> None:
    stage = own.setup(pool=0)
    for _ in range(6):
        own.evaluator("education")
    with pytest.raises(CannotDraw) as refused:
        actions.draw_panel(stage.round, by=actor(stage.clerk), at=AT)
    assert refused.value.missing == ("medical", "fire")
    assert committee.scoring_panel(stage.round) is None


@pytest.mark.proves("prod:I5", "diff:16", "sec:W5")
def test_ties_communities_and_memberships_are_computed_into_recusals() -> None:
    stage = own.setup(4, pool=5)
    first, second, third, *_rest = stage.pool
    actions.declare_tie(first, stage.facilities[0], "kinship", by=actor(stage.clerk), at=AT)
    Facility.objects.filter(pk=stage.facilities[1].pk).update(community=makers.community("hubin"))
    Evaluation.objects.filter(facility=stage.facilities[1]).update(
        community=makers.community("hubin")
    )
    second.community = makers.community("hubin")
    second.save()
    stage.facilities[2].memberships.create(user=third.user, role="editor", since=AT.date())
    actions.draw_panel(stage.round, by=actor(stage.clerk), at=AT)
    found = {(r.evaluator_id, r.evaluation.facility_id, r.ground) for r in
             scores.recusals_of(stage.round)}  # fmt: skip
    assert found == {
        (first.pk, stage.facilities[0].pk, "kinship"),
        (second.pk, stage.facilities[1].pk, "community"),
        (third.pk, stage.facilities[2].pk, "member"),
    }
    assert ScoreSheet.objects.filter(state="recused").count() == 3


@pytest.mark.proves("prod:I5")
@pytest.mark.parametrize(
    ("left_on", "stays_away"), [(dt.date(2023, 11, 24), True), (dt.date(2023, 11, 22), False)]
)
def test_who_worked_there_in_the_last_three_years_stays_away(
    left_on: dt.date, stays_away: bool
) -> None:
    stage = own.setup()
    members, before = stage.facilities[0].memberships, dt.date(2020, 1, 1)
    for _again in range(2):  # who has come and gone twice stays away once
        members.create(user=stage.pool[0].user, role="editor", since=before, left_on=left_on)
    evaluations, law = [stage.evaluation()], stage.round.terms
    found = committee.conflicts_of(stage.pool, evaluations, AT.date(), law)
    assert [each.ground for each in found] == (["employment"] if stays_away else [])


def test_a_panel_that_leaves_too_few_for_a_facility_is_refused() -> None:
    stage = own.setup(4, pool=5)
    for member in stage.pool[:3]:
        actions.declare_tie(member, stage.facilities[0], "other", by=actor(stage.clerk), at=AT)
    with pytest.raises(CannotDraw) as refused:
        actions.draw_panel(stage.round, by=actor(stage.clerk), at=AT)
    assert refused.value.missing == ("scorers",)


def test_another_choice_of_facilities_undoes_the_draw() -> None:
    stage = own.drawn(2)
    clerk = actor(stage.clerk)
    more = own.facility()
    actions.choose_facilities(stage.round, stage.facilities, by=clerk, at=AT)
    assert committee.scoring_panel(stage.round) is not None
    actions.choose_facilities(stage.round, [stage.facilities[0], more], by=clerk, at=AT)
    assert committee.scoring_panel(stage.round) is None
    assert ScoreSheet.objects.count() == 0
    assert {e.facility for e in stage.round.evaluations.all()} == {stage.facilities[0], more}


def test_a_substitute_takes_the_seat_with_conflicts_of_his_own() -> None:
    stage = own.drawn(2)
    assert stage.panel is not None
    clerk = actor(stage.clerk)
    required = {"medical", "fire"}
    leaver, other, _third = (s for s in stage.seats if s.evaluator.field not in required)
    gone = leaver.evaluator
    keys = stage.panel.record["substitutes"]
    heir_key = uuid.UUID(keys[0])
    heir = next(member for member in stage.pool if member.pk == heir_key)
    actions.declare_tie(heir, stage.facilities[0], "dispute", by=clerk, at=AT)
    with pytest.raises(actions.NotReady):
        actions.replace_member(leaver, " ", by=clerk, at=AT)
    for _ in range(2):  # the form sent twice replaces once
        seat = actions.replace_member(leaver, "住院", by=clerk, at=AT, leaver=str(gone.pk))
        assert seat.evaluator_id == heir_key
    assert {s.state for s in seat.sheets.all()} == {"recused", "not_started"}
    assert not Evaluation.objects.visible_to(gone.user).exists()
    stage.panel.refresh_from_db()
    assert [row["reason"] for row in stage.panel.record["replaced"]] == ["住院"]
    needed = next(s for s in stage.seats if s.evaluator.field == "fire")
    with pytest.raises(CannotDraw) as none_left:  # the only one of a required field
        actions.replace_member(needed, "出差", by=clerk, at=AT)
    assert none_left.value.missing == ("fire",)
    for each in stage.pool:
        if each.pk == uuid.UUID(keys[1]):
            actions.end_term(each, AT.date() - DAY, by=clerk, at=AT)
    with pytest.raises(CannotDraw):
        actions.replace_member(other, "出差", by=clerk, at=AT + 40 * DAY)


# --- setup and start ------------------------------------------------------------------------------


def test_a_round_needs_a_published_set_and_a_clerk() -> None:
    clerk = actor(makers.clerk())
    with pytest.raises(actions.NotReady) as without:
        actions.create_round("x", "regular", [], by=clerk, at=AT)
    assert without.value.why == ("no_set",)
    with pytest.raises(PermissionDenied):
        actions.create_round("x", "regular", [], by=actor(makers.approver()), at=AT)


def test_the_second_person_starts_it_when_everything_is_there() -> None:
    stage = own.setup(0)
    approver = actor(stage.approver)
    with pytest.raises(actions.NotReady) as bare:
        actions.start_round(stage.round, by=approver, at=AT)
    assert bare.value.why == ("no_facilities", "no_panel")
    clerk = actor(stage.clerk)
    place = own.facility()
    stage.operators = [own.member_of(place)]
    actions.choose_facilities(stage.round, [place], by=clerk, at=AT)
    bad = stage.round.terms.changed(panel_size=4)
    with pytest.raises(actions.NotReady):
        actions.edit_round(stage.round, {"terms": bad}, by=clerk, at=AT)
    good = stage.round.terms.changed(panel_size=3)
    actions.edit_round(stage.again(), {"terms": good, "title": "新名"}, by=clerk, at=AT)
    actions.draw_panel(stage.again(), by=clerk, at=AT)
    assert not EvaluationRound.objects.visible_to(stage.operators[0]).exists()
    started = actions.start_round(stage.again(), by=approver, at=AT)
    assert (started.state, started.title, len(committee.seats_of(started))) == (
        "self_assessment", "新名", 3,
    )  # fmt: skip
    assert EvaluationRound.objects.visible_to(stage.operators[0]).exists()
    with pytest.raises(TransitionNotOpen):
        actions.start_round(started, by=approver, at=AT)


def test_the_same_form_begins_one_round_with_a_number() -> None:
    own.published_set()
    clerk = actor(makers.clerk())
    one, two = (
        actions.create_round("x", "regular", [], by=clerk, at=AT, occasion="form:1")
        for _ in range(2)
    )
    assert one == two
    assert one.number == "PG-2026-001"
    assert actions.create_round("y", "regular", [], by=clerk, at=AT).number == "PG-2026-002"


def test_a_round_is_given_up_with_its_reason() -> None:
    stage = own.scoring()
    done = actions.cancel_round(stage.round, "机构停办", by=actor(stage.approver), at=AT)
    assert (done.state, done.cancel_reason) == ("cancelled", "机构停办")
    early = own.setup()
    assert actions.cancel_round(early.round, "x", by=actor(early.approver), at=AT).state == (
        "cancelled"
    )


# --- scoring --------------------------------------------------------------------------------------


def test_nobody_scores_before_he_has_pledged_nor_for_another() -> None:
    stage = own.scoring()
    seat = stage.seats[0]
    other = actor(stage.user(stage.seats[1]))
    with pytest.raises(PermissionDenied):
        actions.pledge(seat, own.PLEDGE, by=other, at=AT)
    seat.pledged_at, seat.pledge_text = None, ""
    seat.save()
    me = actor(stage.user(seat))
    with pytest.raises(actions.NotPledged):
        actions.save_scores(stage.sheet(seat), own.marks(), by=me, at=AT)
    with pytest.raises(actions.NotPledged):
        actions.submit_sheet(stage.sheet(seat), "x", by=me, at=AT)
    with pytest.raises(actions.NotPledged):
        actions.ask_to_skip(stage.evaluation(), item(stage, "5.1.1"), "没有", by=me, at=AT)
    assert actions.pledge(seat, own.PLEDGE, by=me, at=AT).pledged_at == AT
    assert actions.pledge(seat, "again", by=me, at=AT + DAY).pledged_at == AT
    with pytest.raises(NotAllowed):
        actions.save_scores(stage.sheet(seat), own.marks(), by=other, at=AT)


@pytest.mark.proves("prod:I3", "prod:I4")
def test_a_sheet_is_saved_in_parts_and_handed_in_whole() -> None:
    stage = own.scoring()
    seat = stage.seats[0]
    me = actor(stage.user(seat))
    sheet = actions.save_scores(
        stage.sheet(seat), {"4.1.1": {"points": Decimal("45.5")}}, by=me, at=AT
    )
    assert (sheet.state, sheet.version) == ("in_progress", 1)
    actions.save_scores(sheet, {"4.1.1": {"reason": "有记录"}}, by=me, at=AT, version=1)
    kept = Score.objects.get(sheet=sheet)
    assert (kept.points, kept.reason) == (Decimal("45.5"), "有记录")
    with pytest.raises(actions.SheetChanged):
        actions.save_scores(sheet, {"4.1.1": {"points": None}}, by=me, at=AT, version=1)
    for wrong in ({"4.1.1": {"points": Decimal("50.5")}}, {"4.1.1": {"points": Decimal("1.2")}},
                  {"9.9.9": {"points": Decimal(1)}}):  # fmt: skip
        with pytest.raises(actions.PointsWrong):
            actions.save_scores(sheet, wrong, by=me, at=AT)  # type: ignore[arg-type]
    with pytest.raises(actions.SheetIncomplete) as incomplete:
        actions.submit_sheet(sheet, "示例", by=me, at=AT)
    assert len(incomplete.value.problems) == 13
    actions.save_scores(sheet, own.marks(), by=me, at=AT)
    done = actions.submit_sheet(sheet, "示例", by=me, at=AT)
    assert (done.state, done.signature) == ("submitted", "示例")
    with pytest.raises(TransitionNotOpen):
        actions.save_scores(done, own.marks(), by=me, at=AT)


def test_a_sheet_is_sent_back_with_a_reason_before_the_scores_are_opened() -> None:
    stage = own.scoring()
    sheet = own.score(stage, stage.seats[0])
    back = actions.return_sheet(sheet, "请补依据", by=actor(stage.clerk), at=AT)
    assert (back.state, back.return_reason) == ("returned", "请补依据")
    assert own.score(stage, stage.seats[0]).state == "submitted"


@pytest.mark.proves("prod:I9")
def test_evidence_of_an_evaluator_is_seen_with_the_score(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    stage = own.scoring()
    me, other = (stage.user(seat) for seat in stage.seats[:2])
    sheet = stage.sheet(stage.seats[0])
    sent = attachments.inspected(makers.jpeg("某某拍的.jpg"))
    file = actions.attach_evidence(sheet, "4.1.1", sent, by=actor(me), at=AT)
    assert file.display_name == "4.1.1-1.jpg"  # its own name might tell whose it is
    seen = type(file).objects.visible_to
    assert seen(me).filter(pk=file.pk).exists()
    for person in (other, stage.clerk, stage.operators[0]):
        assert not seen(person).filter(pk=file.pk).exists()


@pytest.mark.proves("prod:I4", "sec:W6")
def test_nobody_sees_points_of_another_before_all_are_in() -> None:
    stage = own.scoring(2)
    own.score(stage, stage.seats[0])
    me, other = (stage.user(seat) for seat in stage.seats[:2])
    auditor, leader = makers.user(Role.AUDITOR), makers.user(Role.LEADER)
    curious = (other, stage.clerk, stage.approver, auditor, leader, stage.operators[0])
    assert Score.objects.visible_to(me).count() == 14
    assert all(not Score.objects.visible_to(person).exists() for person in curious)
    assert ScoreSheet.objects.visible_to(other).count() == 2
    assert stage.evaluation().total is None
    own.score_all(stage)
    assert all(not Score.objects.visible_to(person).exists() for person in (stage.clerk, leader))
    assert Score.objects.visible_to(other).count() == 28
    actions.open_scores(stage.again(), by=actor(stage.clerk), at=AT)
    assert Score.objects.visible_to(other).count() == 140
    assert Score.objects.visible_to(stage.clerk).count() == 140
    for outsider in (stage.operators[0], makers.user(Role.EVALUATOR), makers.user(Role.INSPECTOR)):
        assert not Score.objects.visible_to(outsider).exists()


@pytest.mark.proves("prod:I5", "sec:W5")
def test_who_is_recused_sees_nothing_of_the_facility_any_more() -> None:
    stage = own.scoring(2)
    seat = stage.seats[1]
    me = stage.user(seat)
    own.score(stage, seat)
    evaluation = stage.evaluation()
    with pytest.raises(PermissionDenied):
        actions.recuse(evaluation, seat, "other", by=actor(stage.user(stage.seats[2])), at=AT)
    first = actions.recuse(evaluation, seat, "kinship", by=actor(me), at=AT)
    assert actions.recuse(evaluation, seat, "other", by=actor(me), at=AT) == first
    assert {e.facility_id for e in Evaluation.objects.visible_to(me)} == {stage.facilities[1].pk}
    assert {s.evaluation.facility_id for s in ScoreSheet.objects.visible_to(me)} == {
        stage.facilities[1].pk
    }
    assert not Score.objects.visible_to(me).exists()
    assert scores.sheet_of(me, evaluation) is None
    with pytest.raises(TransitionNotOpen):
        actions.submit_sheet(ScoreSheet.objects.get(evaluation=evaluation, member=seat), "x",
                             by=actor(me), at=AT)  # fmt: skip
    own.score_all(stage)
    actions.open_scores(stage.again(), by=actor(stage.clerk), at=AT)
    assert not Score.objects.visible_to(me).filter(sheet__evaluation=evaluation).exists()
    given = scores.material(stage.round).given[evaluation.pk]["4.1.1"]
    assert len(given) == 4


def test_a_recused_official_does_not_see_it_either() -> None:
    stage = own.scoring()
    seat = stage.seats[1]
    person = stage.user(seat)
    person.role_assignments.create(role=Role.CLERK, valid_from=AT.date() - DAY)
    actions.recuse(stage.evaluation(), seat, "other", by=actor(stage.clerk), at=AT)
    fresh = User.objects.get(pk=person.pk)
    assert fresh.has_role(Role.CLERK)
    assert not Evaluation.objects.visible_to(fresh).exists()
    assert not ScoreSheet.objects.visible_to(fresh).exists()


# --- what does not apply --------------------------------------------------------------------------


def item(stage: own.Stage, code: str) -> Any:
    return indicators.tree_of(stage.round.indicator_set_id).by_code()[code]


def test_the_leader_decides_what_does_not_apply() -> None:
    stage = own.scoring()
    leader = stage.leader
    asker = next(stage.user(s) for s in stage.seats if not s.is_leader)
    evaluation = stage.evaluation()
    skip = actions.ask_to_skip(evaluation, item(stage, "8.1.1"), "没有", by=actor(asker), at=AT)
    assert actions.ask_to_skip(
        evaluation, item(stage, "8.1.1"), "没有", by=actor(asker), at=AT
    ) == skip  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.allow_skip(skip, by=actor(asker), at=AT)
    refused = actions.refuse_skip(skip, "有场地", by=actor(leader), at=AT)
    again = actions.ask_to_skip(
        evaluation, item(stage, "8.1.1"), "确实没有", by=actor(asker), at=AT
    )
    assert (refused.state, again.state) == ("refused", "asked")
    assert actions.allow_skip(again, by=actor(leader), at=AT).state == "approved"
    values = {k: v for k, v in own.marks("1").items() if k != "8.1.1"}
    own.score_all(stage, {0: values})
    actions.open_scores(stage.again(), by=actor(stage.clerk), at=AT)
    outcome = scores.outcomes(stage.round, [evaluation.pk])[evaluation.pk]
    assert outcome.total == 1000
    assert outcome.items["8.1.1"].way == "skipped"


def test_where_the_leader_asks_another_member_decides_and_a_basic_item_always_applies() -> None:
    stage = own.scoring()
    evaluation, leader = stage.evaluation(), stage.leader
    skip = actions.ask_to_skip(evaluation, item(stage, "8.1.1"), "没有", by=actor(leader), at=AT)
    with pytest.raises(NotAllowed):
        actions.allow_skip(skip, by=actor(leader), at=AT)
    other = next(stage.user(s) for s in stage.seats if not s.is_leader)
    assert actions.allow_skip(skip, by=actor(other), at=AT).decided_by == other
    with pytest.raises(PermissionDenied):
        actions.ask_to_skip(evaluation, item(stage, "7.1.1"), "x", by=actor(other), at=AT)
    with pytest.raises(PermissionDenied):
        actions.ask_to_skip(evaluation, item(stage, "8.1.2"), "x", by=actor(stage.clerk), at=AT)
    assert not SkippedItem.objects.visible_to(stage.operators[0]).exists()


# --- moderation -----------------------------------------------------------------------------------


def test_scores_are_opened_only_when_every_sheet_is_in() -> None:
    stage = own.scoring()
    with pytest.raises(actions.NotReady) as early:
        actions.open_scores(stage.round, by=actor(stage.clerk), at=AT)
    assert early.value.why == ("sheets", "scorers")
    assert scores.unfinished(stage.round).count() == 5


def wide(stage: own.Stage) -> Moderation:
    """A spread over the limit on one item of the first facility."""
    for n, seat in enumerate(stage.seats):
        share = "0.9" if n else "0.5"
        own.score(stage, seat, values=own.marks("0.9") | {"5.1.1": own.marks(share)["5.1.1"]})
    actions.open_scores(stage.again(), by=actor(stage.clerk), at=AT)
    stage.again()
    return Moderation.objects.get()


@pytest.mark.proves("prod:I8", "diff:16")
def test_a_wide_spread_is_talked_over_without_names_and_agreed_on_with_a_reason() -> None:
    stage = own.scoring()
    moderation = wide(stage)
    assert (moderation.indicator.code, moderation.spread) == ("5.1.1", Decimal(28))
    clerk, leader = actor(stage.clerk), actor(stage.leader)
    with pytest.raises(actions.NotReady):
        actions.send_facts(stage.round, by=clerk, at=AT)
    token = uuid.uuid4()
    one, two = (
        actions.discuss(moderation, "现场有记录", by=leader, at=AT, token=token) for _ in range(2)
    )
    assert one == two
    with pytest.raises(PermissionDenied):
        actions.discuss(moderation, "x", by=clerk, at=AT, token=uuid.uuid4())
    (shown,) = scores.moderations_of(stage.evaluation())
    assert len(shown.opinions) == 5  # type: ignore[attr-defined]
    assert shown.said[0]["letter"] in scores.LETTERS  # type: ignore[attr-defined]
    assert "evaluator" not in str(shown.opinions)  # type: ignore[attr-defined]
    follower = next(stage.user(s) for s in stage.seats if not s.is_leader)
    with pytest.raises(NotAllowed):
        actions.agree(moderation, Decimal(60), "一致", by=actor(follower), at=AT)
    for wrong in (Decimal("70.5"), Decimal("1.3")):
        with pytest.raises(actions.PointsWrong):
            actions.agree(moderation, wrong, "一致", by=leader, at=AT)
    agreed = actions.agree(moderation, Decimal(60), "一致同意", by=leader, at=AT)
    assert agreed.state == "agreed"
    outcome = scores.outcomes(stage.round, [stage.evaluation().pk])[stage.evaluation().pk]
    assert outcome.items["5.1.1"].halves == 120
    assert actions.reopen_agreement(agreed, "有新材料", by=leader, at=AT).state == "open"


def test_a_basic_item_is_agreed_on_with_a_verdict() -> None:
    stage = own.opened()
    clerk = actor(stage.clerk)
    brought = actions.bring_up(stage.evaluation(), item(stage, "7.1.1"), by=clerk, at=AT)
    assert actions.bring_up(stage.evaluation(), item(stage, "7.1.1"), by=clerk, at=AT) == brought
    leader = actor(stage.leader)
    for points, met in ((Decimal(5), None), (Decimal(5), False)):
        with pytest.raises(actions.PointsWrong):
            actions.agree(brought, points, "x", is_met=met, by=leader, at=AT)
    actions.agree(brought, Decimal(0), "没有查验", is_met=False, by=leader, at=AT)
    sent = actions.send_facts(stage.again(), by=clerk, at=AT)
    evaluation = stage.evaluation()
    assert (sent.state, evaluation.grade) == ("fact_check", "D")
    assert evaluation.result["failed"] == ["7.1.1"]
    with pytest.raises(PermissionDenied):
        actions.bring_up(evaluation, item(stage, "7.1.2"), by=actor(stage.approver), at=AT)


def test_where_the_leader_stays_away_the_next_seat_leads() -> None:
    stage = own.scoring()
    lead = next(s for s in stage.seats if s.is_leader)
    actions.recuse(stage.evaluation(), lead, "other", by=actor(stage.user(lead)), at=AT)
    own.score_all(stage)
    actions.open_scores(stage.again(), by=actor(stage.clerk), at=AT)
    stage.again()
    brought = actions.bring_up(
        stage.evaluation(), item(stage, "5.1.1"), by=actor(stage.clerk), at=AT
    )
    following = actor(stage.user(stage.seats[1]))
    assert actions.agree(brought, Decimal(60), "一致", by=following, at=AT).state == "agreed"
    assert not Moderation.objects.visible_to(stage.user(lead)).exists()


# --- facts, notice, objection ---------------------------------------------------------------------


@pytest.mark.proves("diff:27", "prod:I11")
def test_the_facility_checks_the_facts_before_the_notice() -> None:
    stage = own.opened()
    clerk, operator = actor(stage.clerk), actor(stage.operators[0])
    assert not stage.evaluation().is_shown_to_facility
    actions.send_facts(stage.round, by=clerk, at=AT)
    stage.again()
    assert stage.evaluation().is_shown_to_facility
    token = uuid.uuid4()
    remark = actions.tell_fact(
        stage.evaluation(), item(stage, "5.1.1"), "人数写错了", by=operator, at=AT, token=token
    )
    assert actions.tell_fact(
        stage.evaluation(), None, "x", by=operator, at=AT, token=token
    ) == remark  # fmt: skip
    with pytest.raises(PermissionDenied):
        actions.tell_fact(stage.evaluation(), None, "x", by=clerk, at=AT, token=uuid.uuid4())
    with pytest.raises(actions.NotReady) as early:
        actions.propose_notice(stage.round, by=clerk, at=AT)
    assert early.value.why == ("facts_due", "remarks")
    with pytest.raises(PermissionDenied):
        actions.answer_fact(remark, "x", by=operator, at=AT)
    assert actions.answer_fact(remark, "已核对", by=clerk, at=AT).answer == "已核对"
    assert actions.answer_fact(remark, "again", by=clerk, at=AT).answer == "已核对"
    actions.bring_up(stage.evaluation(), item(stage, "5.1.2"), by=actor(stage.leader), at=AT)
    with pytest.raises(actions.NotReady) as still:
        actions.propose_notice(stage.round, by=clerk, at=AT + 10 * DAY)
    assert still.value.why == ("moderation",)
    assert results.remarks_of(stage.evaluation()) == [remark]


@pytest.mark.proves("prod:I11")
def test_an_objection_is_upheld_by_others_than_those_who_scored() -> None:  # ruff: ignore[too-many-locals, too-many-statements] - one story
    values = {0: own.marks("0.7")}
    stage = own.announced(1, values)
    notice = stage.round.notice_from
    assert notice is not None
    assert stage.round.notice_until == dt.date(2026, 12, 10)
    at = dt.datetime.combine(notice, dt.time(4), dt.UTC)
    operator, clerk = actor(stage.operators[0]), actor(stage.clerk)
    evaluation = stage.evaluation()
    before = evaluation.total
    with pytest.raises(PermissionDenied):
        actions.file_objection(evaluation, "x", by=clerk, at=at, token=uuid.uuid4())
    objection = actions.file_objection(
        evaluation, "5.1.1 少算了", by=operator, at=at, token=uuid.uuid4(),
    )  # fmt: skip
    assert actions.file_objection(
        evaluation, "x", by=operator, at=at, token=uuid.uuid4()
    ) == objection  # fmt: skip
    assert objection.number == "YY-2026-001"
    for _ in range(3):
        own.evaluator("parent")
    panel = actions.assign_objection(objection, by=clerk, at=at)
    assert actions.assign_objection(objection, by=clerk, at=at) == panel
    scored = {seat.evaluator_id for seat in stage.seats}
    reviewers = list(panel.members.select_related("evaluator__user"))
    assert len(reviewers) == 3
    assert not scored & {seat.evaluator_id for seat in reviewers}
    for seat in reviewers:  # they pledge nothing, and read what they are to judge
        assert evaluation in Evaluation.objects.open_to(seat.evaluator.user)
    with pytest.raises(actions.NotReady) as waits:
        actions.close_notice(stage.round, by=clerk, at=at + 30 * DAY)
    assert waits.value.why == ("objections",)
    lead = actor(reviewers[0].evaluator.user)
    change = {"5.1.1": {"points": "70", "reason": "核对名册"}}
    for wrong in ({"5.1.1": {"points": "71", "reason": "x"}}, {"5.1.1": {"points": "1"}},
                  {"0": {"points": "1", "reason": "x"}},
                  {"7.1.1": {"points": "1", "reason": "x", "met": False}}):  # fmt: skip
        with pytest.raises(actions.PointsWrong):
            actions.propose_answer(objection, "x", wrong, by=lead, at=at)
    other = actor(reviewers[1].evaluator.user)
    with pytest.raises(NotAllowed):
        actions.propose_answer(objection, "x", change, by=other, at=at)
    proposed = actions.propose_answer(objection, "人数属实", change, by=lead, at=at)
    approver = actor(stage.approver)
    back = actions.hand_back_answer(proposed, "再写清楚", by=approver, at=at)
    proposed = actions.propose_answer(back, "人数属实，应得满分", change, by=lead, at=at)
    done = actions.answer_objection(proposed, by=approver, at=at)
    assert done.state == "upheld"
    after = stage.evaluation()
    assert after.total is not None
    assert before is not None
    assert after.total - before == Decimal("21.00")
    assert OfficialPaper.objects.of(done).get().kind == "objection_answer"
    actions.close_notice(stage.round, by=clerk, at=at + 30 * DAY)


def test_an_objection_without_a_change_leaves_the_result_and_one_may_be_taken_back() -> None:
    stage = own.announced(2)
    assert stage.round.notice_from is not None
    at = dt.datetime.combine(stage.round.notice_from, dt.time(4), dt.UTC)
    for _ in range(3):
        own.evaluator("parent")
    clerk = actor(stage.clerk)
    first, second = (
        actions.file_objection(
            stage.evaluation(n), "x", by=actor(stage.operators[n]), at=at, token=uuid.uuid4()
        )
        for n in range(2)
    )
    panel = actions.assign_objection(first, by=clerk, at=at)
    lead = actor(panel.members.get(is_leader=True).evaluator.user)
    answered = actions.propose_answer(first, "材料不足", {}, by=lead, at=at)
    assert actions.answer_objection(answered, by=actor(stage.approver), at=at).state == "rejected"
    with pytest.raises(PermissionDenied):
        actions.withdraw_objection(second, by=actor(stage.operators[0]), at=at)
    gone = actions.withdraw_objection(second, by=actor(stage.operators[1]), at=at)
    assert gone.state == "withdrawn"
    with pytest.raises(actions.TooLate):
        actions.file_objection(
            stage.evaluation(), "x", by=actor(stage.operators[0]), at=at + 30 * DAY,
            token=uuid.uuid4(),
        )  # fmt: skip


# --- meetings and the decision --------------------------------------------------------------------


@pytest.mark.proves("prod:I13")
def test_the_committee_decides_with_quorum_majority_and_minutes() -> None:  # ruff: ignore[too-many-statements] - one story
    stage = own.announced(1)
    clerk, at = actor(stage.clerk), AT + 30 * DAY
    with pytest.raises(actions.NotReady) as early:
        actions.close_notice(stage.round, by=clerk, at=AT + 10 * DAY)
    assert early.value.why == ("notice",)
    actions.close_notice(stage.round, by=clerk, at=at)
    with pytest.raises(actions.NotReady) as undecided:
        actions.propose_result(stage.again(), by=clerk, at=at)
    assert undecided.value.why == ("decision",)
    meeting = actions.call_meeting(stage.round, "decision", at, "会议室", by=clerk, at=at)
    assert actions.call_meeting(stage.round, "decision", at, "会议室", by=clerk, at=at) == meeting
    with pytest.raises(actions.NoQuorum) as few:
        actions.hold_meeting(meeting, [s.pk for s in stage.seats[:3]], by=clerk, at=at)
    assert (few.value.present, few.value.members) == (3, 5)
    meeting = actions.hold_meeting(meeting, [s.pk for s in stage.seats[:4]], by=clerk, at=at)
    absent = stage.seats[4]
    with pytest.raises(actions.MayNotVote):
        actions.record_votes(meeting, stage.evaluation(), {absent.pk: "yes"}, by=clerk, at=at)
    foreign = own.setup().evaluation()
    with pytest.raises(actions.MayNotVote):
        actions.record_votes(meeting, foreign, {}, by=clerk, at=at)
    votes = {seat.pk: "yes" if n < 2 else "no" for n, seat in enumerate(stage.seats[:4])}
    actions.record_votes(meeting, stage.evaluation(), votes, by=clerk, at=at)
    with pytest.raises(actions.NotReady) as open_minutes:
        actions.decide(stage.again(), meeting, by=clerk, at=at)
    assert open_minutes.value.why == ("minutes",)
    closed = actions.close_meeting(meeting, "两票同意，两票不同意。", by=clerk, at=at)
    with pytest.raises(actions.NotReady) as tied:
        actions.decide(stage.again(), closed, by=clerk, at=at)
    assert tied.value.why == ("votes",)
    tally = results.tally(closed)[stage.evaluation().pk]
    assert (tally.present, tally.yes, tally.no) == (4, 2, 2)
    own.decide(stage, at=at + DAY)
    decision = Decision.objects.get()
    assert (decision.version, decision.seed, decision.total) == (1, "s", stage.evaluation().total)
    own.decide(stage, at=at + 2 * DAY)
    assert Decision.objects.count() == 1


@pytest.mark.proves("sec:W9")
def test_a_decision_is_never_altered() -> None:
    own.finished()
    decision = Decision.objects.get()
    for change in (lambda: Decision.objects.update(total=1), decision.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.proves("prod:I13", "prod:I14", "prod:I15")
def test_publication_tells_the_register_and_a_low_grade_asks_for_a_plan_and_a_new_round() -> None:
    stage = own.finished(2, {0: own.marks("0.7"), 1: own.marks("1")})
    low, high = (Facility.objects.get(pk=f.pk) for f in stage.facilities)
    assert (low.quality_grade, high.quality_grade) == ("C", "A")
    assert low.graded_on == stage.round.finished_on
    titles = set(OfficialPaper.objects.of(stage.evaluation(1)).values_list("title", flat=True))
    assert titles == {papers.CERTIFICATE_TITLE, papers.GRADE_TITLE}
    assert not hasattr(stage.evaluation(1), "plan")
    plan = stage.evaluation(0).plan
    operator, clerk = actor(stage.operators[0]), actor(stage.clerk)
    at, finish = AT + 31 * DAY, AT.date() + 90 * DAY
    plan = actions.submit_plan(plan, "培训", finish, by=operator, at=at)
    plan = actions.hand_back_plan(plan, "写明时限", by=clerk, at=at)
    plan = actions.submit_plan(plan, "三月前完成培训", finish, by=operator, at=at)
    plan = actions.accept_plan(plan, by=clerk, at=at)
    done = actions.ask_to_be_rated_again(plan, "已完成", by=operator, at=at)
    assert done.again is not None
    assert (done.state, done.again.kind, done.again.state) == ("done", "again", "setup")
    assert [e.facility for e in done.again.evaluations.all()] == [low]
    history = results.history_of(low)
    assert [v.grade for v in history[0].versions] == ["C"]  # type: ignore[attr-defined]


@pytest.mark.proves("prod:I12", "prod:I13", "sec:W9")
def test_a_proven_serious_finding_lowers_a_grade_as_a_new_version_by_two_persons() -> None:
    stage = own.finished(1, {0: own.marks("1")})
    at, clerk, approver = AT + 40 * DAY, actor(stage.clerk), actor(stage.approver)
    evaluation = stage.evaluation()
    with pytest.raises(actions.NotReady):
        actions.propose_amendment(evaluation, "lower", "A", "x", by=clerk, at=at)
    with pytest.raises(PermissionDenied):
        actions.propose_amendment(evaluation, "lower", "D", "x", by=approver, at=at)
    made = actions.propose_amendment(evaluation, "suspend", "A", "正在核查", by=clerk, at=at)
    assert actions.propose_amendment(evaluation, "lower", "D", "x", by=clerk, at=at) == made
    decision = actions.grant_amendment(made, by=approver, at=at)
    assert (decision.version, decision.is_suspended) == (2, True)
    assert Facility.objects.get(pk=evaluation.facility_id).grade_version == 2
    lower = actions.propose_amendment(evaluation, "lower", "D", "查实事故", by=clerk, at=at + DAY)
    actions.grant_amendment(lower, by=approver, at=at + DAY)
    assert Facility.objects.get(pk=evaluation.facility_id).quality_grade == "D"
    papers_ = OfficialPaper.objects.of(evaluation).filter(kind="evaluation_result")
    papers_ = papers_.order_by("issued_at")
    assert [p.status for p in papers_] == ["replaced", "replaced", "valid"]
    third = actions.propose_amendment(
        evaluation, "correction", "B", "更正", by=clerk, at=at + 2 * DAY, total=Decimal(850)
    )
    kept = actions.refuse_amendment(third, "依据不足", by=approver, at=at + 2 * DAY)
    assert kept.state == "refused"
    (row,) = results.public_rows(stage.round)
    assert (row["grade"], row["version"], row["reason"]) == ("D", 3, "查实事故")


def test_two_persons_decide_a_change() -> None:
    stage = own.finished()
    both = makers.user(Role.CLERK, Role.APPROVER)
    made = actions.propose_amendment(
        stage.evaluation(), "lower", "D", "x", by=actor(both), at=AT + 40 * DAY
    )
    with pytest.raises(NotAllowed):
        actions.grant_amendment(made, by=actor(both), at=AT + 40 * DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        type(made).objects.filter(pk=made.pk).update(state="granted", decided_by=both)


@pytest.mark.proves("prod:A14", "diff:27")
def test_the_facility_replies_once_through_the_gate() -> None:
    stage = own.finished()
    at, operator = AT + 31 * DAY, actor(stage.operators[0])
    first = actions.reply(stage.evaluation(), "我们会改进。", by=operator, at=at)
    assert actions.reply(stage.evaluation(), "again", by=operator, at=at) == first
    with pytest.raises(PermissionDenied):
        actions.reply(stage.evaluation(), "x", by=actor(stage.clerk), at=at)
    assert not public.history_of(stage.facilities[0], at.date())[0].reply  # not before the gate
    text = Publication.objects.get(kind="evaluation_reply")
    publishing.publish(text, by=actor(stage.approver), at=at)
    with time_machine.travel(at, tick=False):
        page = Client().get(f"/facilities/{stage.facilities[0].code}/").content.decode()
    assert "我们会改进。</blockquote>" in page
    assert "内容未经街道核实" in page


def test_a_grade_told_twice_or_too_late_changes_nothing() -> None:
    from facilities.actions import record_grade  # noqa: PLC0415

    place, by = own.facility(), Actor.calendar()
    record_grade(place, "B", dt.date(2026, 5, 1), 1, by=by, at=AT)
    record_grade(place, "A", dt.date(2026, 5, 1), 1, by=by, at=AT)
    record_grade(place, "D", dt.date(2025, 5, 1), 3, by=by, at=AT)
    assert Facility.objects.get(pk=place.pk).quality_grade == "B"


# --- self-assessment ------------------------------------------------------------------------------


@pytest.mark.proves("prod:I2")
def test_the_facility_looks_at_itself_first() -> None:
    stage = own.drawn()
    actions.start_round(stage.again(), by=actor(stage.approver), at=AT)
    stage.again()
    mine = stage.evaluation().self_assessment
    operator, clerk = actor(stage.operators[0]), actor(stage.clerk)
    saved = actions.save_self_assessment(
        mine, {"4.1.1": {"points": Decimal(40), "certificates": [uuid.uuid4()]}}, by=operator, at=AT
    )
    assert saved.items.get().certificates == []
    with pytest.raises(actions.SelfChanged):
        actions.save_self_assessment(mine, {}, by=operator, at=AT, version=0)
    with pytest.raises(actions.PointsWrong):
        actions.save_self_assessment(mine, {"4.1.1": {"points": Decimal(99)}}, by=operator, at=AT)
    with pytest.raises(actions.SelfIncomplete) as missing:
        actions.submit_self_assessment(mine, "示例", by=operator, at=AT)
    assert len(missing.value.codes) == 13
    values = {
        code: {k: v for k, v in each.items() if k != "reason"} for code, each in own.marks().items()
    }
    actions.save_self_assessment(mine, values, by=operator, at=AT)  # type: ignore[arg-type]
    done = actions.submit_self_assessment(mine, "示例", by=operator, at=AT)
    assert done.state == "submitted"
    back = actions.reopen_self_assessment(done, "请补材料", by=clerk, at=AT)
    assert back.state == "draft"
    actions.open_scoring(stage.round, by=clerk, at=AT)
    back.refresh_from_db()
    assert back.state == "lapsed"


def test_files_of_the_self_assessment_are_seen_by_who_scores(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    stage = own.drawn()
    actions.start_round(stage.again(), by=actor(stage.approver), at=AT)
    stage.again()
    mine, operator = stage.evaluation().self_assessment, actor(stage.operators[0])
    file = actions.attach_self_evidence(
        mine,
        "4.1.1",
        makers.jpeg(),
        by=operator,
        at=AT,  # type: ignore[arg-type]
    )
    seen, seat = type(file).objects.visible_to, stage.seats[0]
    assert not seen(stage.user(seat)).filter(pk=file.pk).exists()
    actions.pledge(seat, own.PLEDGE, by=actor(stage.user(seat)), at=AT)
    assert seen(stage.user(seat)).filter(pk=file.pk).exists()
    assert not seen(makers.operator()).filter(pk=file.pk).exists()
    assert actions.remove_self_evidence(mine, file, by=operator, at=AT).removed_at == AT
    stranger = makers.lead(stage.clerk)
    assert facts.documents_of(stage.facilities[0].pk) == []
    assert facts.files_of([]) == {}
    file.noun_id = stranger.pk
    with pytest.raises(PermissionDenied):
        actions.remove_self_evidence(mine, file, by=operator, at=AT)


def test_reminding_by_hand_tells_those_whose_sheets_are_missing() -> None:
    stage = own.scoring()
    own.score(stage, stage.seats[0])
    assert actions.remind_panel(stage.round, by=actor(stage.clerk), at=AT) == 4
    assert actions.remind_panel(stage.round, by=actor(stage.clerk), at=AT) == 0
    with pytest.raises(PermissionDenied):
        actions.remind_panel(stage.round, by=actor(stage.leader), at=AT)


def test_the_tree_is_read_in_two_questions(django_assert_num_queries: Any) -> None:
    made = own.published_set(small=False)
    with django_assert_num_queries(2):
        tree = indicators.tree_of(made.pk)
    assert len(tree.of_dimension(1)) == 16
    assert tree.dimension(99) is None
    assert isinstance(indicators.leaves_of(tree)[0], Leaf)
    assert DueEvaluation.objects.count() == 0
