"""A substitute comes in, a member drops out: who sees, leads, scores and votes from then on."""

from __future__ import annotations

import html as escaping
import uuid
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from evaluations import actions
from evaluations.models import Evaluation, Meeting, Moderation, Objection, PanelMember, ScoreSheet
from evaluations.queries import committee, panel, results
from evaluations.queries import meetings as asked
from portal.core.actors import Actor
from portal.core.models import Outbox, User

from . import makers as own
from .makers import actor

pytestmark = pytest.mark.django_db
AT, DAY = own.AT, own.DAY


def client(person: User) -> Client:
    made = Client()
    made.force_login(User.objects.get(pk=person.pk))
    return made


def page(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.status_code
    return escaping.unescape(answer.content.decode())


def substitutes(stage: own.Stage) -> list[Any]:
    """Those of the draw, in their order."""
    assert stage.panel is not None
    members = {str(each.pk): each for each in stage.pool}
    return [members[key] for key in stage.panel.record["substitutes"]]


def scorer_for(stage: own.Stage, n: int = 0) -> PanelMember:
    """A substitute who scores one facility in the place of a member who stays away."""
    seat = next(each for each in stage.seats if not each.is_leader)
    actions.recuse(stage.evaluation(n), seat, "other", by=actor(stage.user(seat)), at=AT)
    made = actions.add_scorer(stage.evaluation(n), "回避", by=actor(stage.clerk), at=AT)
    return made.member


def all_in(stage: own.Stage) -> None:
    """Everybody who has a sheet pledges and hands it in."""
    for sheet in ScoreSheet.objects.filter(evaluation__round=stage.round, state="not_started"):
        by = actor(stage.user(sheet.member))
        actions.pledge(sheet.member, own.PLEDGE, by=by, at=AT)
        made = actions.save_scores(sheet, own.marks(), by=by, at=AT)
        actions.submit_sheet(made, "示例", by=by, at=AT)


def to_decision(stage: own.Stage) -> Any:
    """Everything between the last sheet and the meeting; the hour of the meeting."""
    clerk, later = actor(stage.clerk), AT + 10 * DAY
    all_in(stage)
    actions.open_scores(stage.again(), by=clerk, at=AT)
    actions.send_facts(stage.again(), by=clerk, at=AT)
    text = actions.propose_notice(stage.again(), by=clerk, at=later)
    public = own.pass_gate(text, stage.approver, at=later)
    actions.announce(stage.again(), public, by=Actor.calendar(), at=later)
    actions.close_notice(stage.again(), by=clerk, at=AT + 30 * DAY)
    return AT + 30 * DAY


def called(stage: own.Stage, at: Any) -> Meeting:
    clerk = actor(stage.clerk)
    return actions.call_meeting(stage.again(), "decision", at, "会议室", by=clerk, at=at)


def test_a_substitute_stays_away_from_every_facility_he_is_tied_to() -> None:
    stage = own.scoring(2, pool=7)
    first = substitutes(stage)[0]
    clerk = actor(stage.clerk)
    actions.declare_tie(first, stage.facilities[1], "kinship", by=clerk, at=AT)
    seat = scorer_for(stage)
    assert seat.evaluator == first
    person, tied = stage.user(seat), stage.evaluation(1)
    away = tied.recusals.get(evaluator=first)
    assert (away.ground, away.is_computed) == ("kinship", True)
    assert not stage.evaluation().recusals.filter(evaluator=first).exists()
    assert list(Evaluation.objects.visible_to(person)) == [stage.evaluation()]
    all_in(stage)
    actions.open_scores(stage.again(), by=clerk, at=AT)
    item = stage.round.indicator_set.indicators.get(code="4.1.1")
    talk = actions.bring_up(tied, item, by=clerk, at=AT)
    with time_machine.travel(AT, tick=False):
        reader = client(person)
        page(reader.get(reverse("panel:moderation", args=[tied.pk])), 404)
        page(reader.get(reverse("panel:discuss", args=[talk.pk])), 404)


@pytest.mark.proves("prod:I13")
def test_where_the_leader_drops_out_the_next_of_the_draw_leads() -> None:
    stage = own.scoring(2, pool=8)
    lead, clerk = next(each for each in stage.seats if each.is_leader), actor(stage.clerk)
    leader, second = stage.leader, stage.seats[1]
    own.score(stage, lead, 0)
    handed_in = stage.sheet(lead, 0)
    actions.replace_while_scoring(lead, "住院", by=clerk, at=AT)
    second.refresh_from_db()
    assert second.is_leader
    told = Outbox.objects.filter(payload__kind="round.leads")
    assert [row.payload["to"] for row in told] == [str(stage.user(second).pk)]
    item = stage.round.indicator_set.indicators.get(code="4.1.1")
    skip = actions.ask_to_skip(
        stage.evaluation(), item, "没有", by=actor(stage.user(stage.seats[2])), at=AT
    )
    assert panel.skips_to_answer(stage.user(second)) == [skip]
    assert actions.refuse_skip(skip, "有", by=actor(stage.user(second)), at=AT).state == "refused"
    all_in(stage)
    actions.open_scores(stage.again(), by=clerk, at=AT)
    talk = actions.bring_up(stage.evaluation(), item, by=actor(stage.user(second)), at=AT)
    assert handed_in.scores.exists()  # it counts
    sees_nothing(stage, leader, talk, handed_in)
    desk_says_so(stage)
    assert actions.agree(
        talk, talk.indicator.max_points, "一致", by=actor(stage.user(second)), at=AT
    ).state == "agreed"  # fmt: skip


def sees_nothing(stage: own.Stage, leader: User, talk: Moderation, handed_in: ScoreSheet) -> None:
    """Who has dropped out reads nothing of the round, and speaks no more."""
    assert not Evaluation.objects.visible_to(leader).exists()
    assert not ScoreSheet.objects.visible_to(leader).exists()
    assert not Moderation.objects.visible_to(leader).exists()
    with pytest.raises(PermissionDenied):
        actions.discuss(talk, "x", by=actor(leader), at=AT, token=talk.pk)
    with time_machine.travel(AT, tick=False):
        page(client(leader).get(reverse("panel:moderation", args=[talk.evaluation_id])), 404)
        page(client(leader).get(reverse("panel:dossier", args=[handed_in.pk])), 404)
        assert stage.round.title not in page(client(leader).get(reverse("panel:home")))


def desk_says_so(stage: own.Stage) -> None:
    with time_machine.travel(AT, tick=False):
        desk = client(stage.clerk)
        seen = page(desk.get(f"/desk/evaluations/{stage.round.number}/"))
        assert "已退出" in seen
        code = stage.facilities[0].code
        file = f"/desk/evaluations/{stage.round.number}/results/{code}/?tab=process"
        assert "（已退出）" in page(desk.get(file))


def test_a_sheet_of_who_has_dropped_out_is_not_sent_back() -> None:
    stage = own.scoring(1, pool=7)
    seat, clerk = stage.seats[1], actor(stage.clerk)
    own.score(stage, seat)
    actions.replace_while_scoring(seat, "住院", by=clerk, at=AT)
    with pytest.raises(actions.NotReady) as refused:
        actions.return_sheet(stage.sheet(seat), "x", by=clerk, at=AT)
    assert refused.value.why == ("left",)


def test_a_panel_of_which_nobody_is_left_has_no_leader() -> None:
    stage = own.scoring(1, pool=7)
    own.score_all(stage)
    clerk = actor(stage.clerk)
    for seat in reversed(stage.seats):
        seat.refresh_from_db()
        actions.replace_while_scoring(seat, "x", by=clerk, at=AT)
    assert not committee.standing_seats(stage.round).exists()
    assert not PanelMember.objects.filter(panel__round=stage.round, is_leader=True).exists()


def test_a_substitute_who_drops_out_does_not_get_his_own_sheets_back() -> None:
    stage = own.scoring(1, pool=8)
    clerk = actor(stage.clerk)
    seat = scorer_for(stage)
    (again,) = actions.replace_while_scoring(seat, "住院", by=clerk, at=AT)
    assert again.member != seat
    assert not seat.sheets.exists()
    assert not again.member.for_round  # as he whom he replaces, for this facility only


def test_who_counts_in_a_meeting() -> None:
    """Two facilities, five members: one drops out, one stays away from the first."""
    stage = own.scoring(2, pool=8)
    clerk = actor(stage.clerk)
    early = actions.call_meeting(stage.again(), "moderation", AT, "会议室", by=clerk, at=AT)
    beside = scorer_for(stage)
    gone = stage.seats[-1]
    heirs = {each.member for each in actions.replace_while_scoring(gone, "x", by=clerk, at=AT)}
    heir = next(each for each in heirs if each.for_round)
    # The meeting that was called before knows of both.
    assert not early.attendances.filter(member=gone).exists()
    assert early.attendances.filter(member__in=[beside, heir]).count() == len({beside, heir})
    at = to_decision(stage)
    made = called(stage, at)
    standing = [each for each in stage.seats if each != gone]
    assert {each.member for each in asked.attendances_of(made)} == {*standing, beside, *heirs}
    assert made.attendances.filter(member__for_round=True).count() == 5
    with pytest.raises(actions.NoQuorum) as few:  # a substitute for one facility makes no quorum
        actions.hold_meeting(made, [s.pk for s in [*standing[:3], beside]], by=clerk, at=at)
    assert (few.value.present, few.value.members) == ((4, 5) if beside == heir else (3, 5))


def test_a_substitute_for_one_facility_votes_on_that_one() -> None:
    stage = own.scoring(2, pool=8)
    clerk, beside = actor(stage.clerk), scorer_for(stage)
    at = to_decision(stage)
    made = called(stage, at)
    away = stage.evaluation().recusals.get().evaluator_id
    with pytest.raises(actions.NoQuorum) as few:
        actions.hold_meeting(made, [s.pk for s in [*stage.seats[:3], beside]], by=clerk, at=at)
    assert (few.value.present, few.value.members, few.value.facility) == (3, 5, "")
    made = actions.hold_meeting(made, [s.pk for s in [*stage.seats, beside]], by=clerk, at=at)
    first, second = stage.evaluation(), stage.evaluation(1)
    tally = results.tally(made)
    assert (tally[first.pk].present, tally[second.pk].present) == (5, 5)
    assert beside in asked.voters_of(made, first)
    assert away not in {each.evaluator_id for each in asked.voters_of(made, first)}
    assert asked.voters_of(made, second) == stage.seats
    with pytest.raises(actions.MayNotVote):
        actions.record_votes(made, second, {beside.pk: "yes"}, by=clerk, at=at)
    actions.record_votes(made, first, {beside.pk: "yes"}, by=clerk, at=at)


def test_without_two_thirds_of_those_who_may_vote_on_a_facility_nothing_is_decided() -> None:
    stage = own.scoring(2, pool=7)
    clerk = actor(stage.clerk)
    for seat in stage.seats[:2]:
        actions.recuse(stage.evaluation(), seat, "other", by=actor(stage.user(seat)), at=AT)
    at = to_decision(stage)
    made = called(stage, at)
    here = [seat.pk for seat in stage.seats[:3]]
    with pytest.raises(actions.NoQuorum):
        actions.hold_meeting(made, here, by=clerk, at=at)
    for seat in stage.seats[2:3]:
        stage.evaluation().recusals.create(evaluator=seat.evaluator, ground="other", since=at)
    with time_machine.travel(at, tick=False):
        url = reverse("desk:meeting_hold", args=[made.pk])
        present = [str(seat.pk) for seat in stage.seats[:4]]
        said = page(client(stage.clerk).post(url, {"present": present}))
        assert f"可以对{stage.facilities[0].name}表决的委员共 2 人，到会 1 人" in said


def test_minutes_are_not_closed_while_a_vote_is_missing() -> None:
    stage = own.announced(2)
    clerk, at = actor(stage.clerk), AT + 30 * DAY
    actions.close_notice(stage.round, by=clerk, at=at)
    made = called(stage, at)
    made = actions.hold_meeting(made, [s.pk for s in stage.seats], by=clerk, at=at)
    votes = {seat.pk: "yes" for seat in stage.seats}
    actions.record_votes(made, stage.evaluation(), votes, by=clerk, at=at)
    with time_machine.travel(at, tick=False):
        desk, url = client(stage.clerk), reverse("desk:meeting_close", args=[made.pk])
        assert "表决没有记下" in page(desk.post(url, {"minutes": "记录"}))
    assert results.voted_down(results.tally(made)) == []  # silence is not a no
    with pytest.raises(actions.NotReady) as refused:
        actions.close_meeting(made, "记录", by=clerk, at=at)
    assert refused.value.why == ("unvoted",)
    actions.record_votes(made, stage.evaluation(1), votes, by=clerk, at=at)
    assert actions.close_meeting(made, "记录", by=clerk, at=at).state == "closed"


@pytest.mark.proves("prod:I5", "prod:I6")
def test_a_tie_known_after_the_draw_takes_the_member_off_and_a_substitute_scores() -> None:
    """From the page of the pool to the opened scores, as the office does it."""
    stage = own.scoring(2, pool=8)
    seat = next(each for each in stage.seats if not each.is_leader)
    person, sheet, evaluation = stage.user(seat), stage.sheet(seat), stage.evaluation()
    own.score(stage, seat)  # what he has handed in counts for nothing any more
    code = stage.facilities[0].code
    file = f"/desk/evaluations/{stage.round.number}/results/{code}/"
    with time_machine.travel(AT, tick=False):
        desk, reader = client(stage.clerk), client(person)
        page(reader.get(reverse("panel:dossier", args=[sheet.pk])))
        url = reverse("desk:evaluator_tie", args=[seat.evaluator_id])
        assert desk.post(url, {"facility": code, "ground": "kinship"}).status_code == 302
        page(reader.get(reverse("panel:dossier", args=[sheet.pk])), 404)
        page(reader.get(reverse("panel:dossier", args=[stage.sheet(seat, 1).pk])))
        asked_for = f"{file}scorer/"
        assert asked_for in page(desk.get(f"{file}?tab=process"))
        assert desk.post(asked_for, {"reason": "亲属关系"}).status_code == 302
    away = evaluation.recusals.get()
    assert (away.evaluator, away.ground, away.is_computed) == (seat.evaluator, "kinship", True)
    told = Outbox.objects.filter(payload__kind="round.recused", payload__to=str(stage.clerk.pk))
    assert told.count() == 1
    again = actions.declare_tie(
        seat.evaluator, stage.facilities[0], "other", by=actor(stage.clerk), at=AT
    )
    assert (again.ground, evaluation.recusals.count()) == ("kinship", 1)
    all_in(stage)
    actions.open_scores(stage.again(), by=actor(stage.clerk), at=AT)
    counted = evaluation.sheets.filter(state="submitted")
    assert counted.count() == 5
    assert seat.pk not in counted.values_list("member", flat=True)


LATER = AT + 10 * DAY


def under_review() -> tuple[own.Stage, Objection]:
    """A round in its notice with an objection for which reviewers are drawn."""
    stage = own.announced(1, {0: own.marks("0.7")})
    filed = actions.file_objection(
        stage.evaluation(), "少算了", by=actor(stage.operators[0]), at=LATER, token=uuid.uuid4()
    )
    for _ in range(4):
        own.evaluator("parent")
    actions.assign_objection(filed, by=actor(stage.clerk), at=LATER)
    filed.refresh_from_db()
    return stage, filed


def told_of_recusals(stage: own.Stage) -> int:
    return Outbox.objects.filter(
        payload__kind="round.recused", payload__to=str(stage.clerk.pk)
    ).count()


@pytest.mark.proves("prod:I5", "prod:I11")
def test_a_reviewer_who_stays_away_says_so_on_his_page_and_others_are_drawn() -> None:
    stage, filed = under_review()
    members = list(filed.panel.members.all())
    leaver, lead = members[1], members[0]
    address = reverse("panel:objection", args=[filed.number])
    with time_machine.travel(LATER, tick=False):
        reader = client(stage.user(leaver))
        assert "申请回避" in page(reader.get(address))
        assert "请选择回避的原因" in page(reader.post(address, {"away": "1"}))
        sent = reader.post(address, {"away": "1", "ground": "kinship"}, follow=True)
        assert "已回避" in page(sent)
        page(reader.get(address), 404)
        page(reader.post(address, {"away": "1", "ground": "kinship"}), 404)
        page(client(stage.user(lead)).get(address), 404)  # they are drawn from the beginning
    assert [each.ground for each in stage.evaluation().recusals.all()] == ["kinship"]
    assert told_of_recusals(stage) == 1
    filed.refresh_from_db()
    assert filed.state == "filed"
    again = actions.assign_objection(filed, by=actor(stage.clerk), at=LATER)
    assert leaver.evaluator not in {each.evaluator for each in again.members.all()}


@pytest.mark.proves("prod:I5", "prod:I11")
def test_what_a_reviewer_said_counts_for_nothing_once_a_tie_is_known() -> None:
    stage, filed = under_review()
    lead = filed.panel.members.get(is_leader=True)
    change = {"5.1.1": {"points": "70", "reason": "核对名册"}}
    actions.propose_answer(filed, "属实", change, by=actor(stage.user(lead)), at=LATER)
    place = stage.facilities[0]
    actions.declare_tie(lead.evaluator, place, "dispute", by=actor(stage.clerk), at=LATER)
    filed.refresh_from_db()
    said = (filed.state, filed.answer, filed.amendments, filed.proposed_by)
    assert said == ("filed", "", {}, None)
    assert told_of_recusals(stage) == 1


def test_a_tie_known_once_the_scores_are_opened_changes_no_score() -> None:
    stage = own.opened()
    seat = stage.seats[1]
    made = actions.declare_tie(
        seat.evaluator, stage.facilities[0], "kinship", by=actor(stage.clerk), at=AT
    )
    assert made.ended_on is None
    assert not stage.evaluation().recusals.exists()
    assert stage.sheet(seat).state == "submitted"


@pytest.mark.proves("prod:I6")
def test_who_leaves_after_handing_in_everything_is_replaced_by_nobody() -> None:
    """ADR 22: his sheets count, four are left, and three of them may decide; half is a no."""
    stage = own.scoring(1, pool=8)
    clerk, gone = actor(stage.clerk), stage.seats[0]
    assert gone.is_leader
    own.score_all(stage, {0: own.marks("0.9")})
    before = PanelMember.objects.filter(panel__round=stage.round).count()
    assert actions.replace_while_scoring(gone, "调离", by=clerk, at=AT) == []
    assert PanelMember.objects.filter(panel__round=stage.round).count() == before
    left = list(committee.standing_seats(stage.round))
    assert left == stage.seats[1:]
    assert left[0].is_leader
    at = to_decision(stage)
    assert stage.evaluation().sheets.filter(state="submitted").count() == 5
    made = called(stage, at)
    with pytest.raises(actions.NoQuorum) as few:
        actions.hold_meeting(made, [seat.pk for seat in left[:2]], by=clerk, at=at)
    assert (few.value.present, few.value.members) == (2, 4)
    made = actions.hold_meeting(made, [seat.pk for seat in left], by=clerk, at=at)
    halves = dict(zip([seat.pk for seat in left], ["yes", "yes", "no", "no"], strict=True))
    actions.record_votes(made, stage.evaluation(), halves, by=clerk, at=at)
    made = actions.close_meeting(made, "记录", by=clerk, at=at)
    with pytest.raises(actions.NotReady) as refused:
        actions.decide(stage.again(), made, by=clerk, at=at)
    assert refused.value.why == ("votes",)
    back = actions.reconsider(stage.again(), made, "票数相等", by=clerk, at=at)
    assert back.state == "moderation"
