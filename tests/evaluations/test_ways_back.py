"""Rounds that would be stuck: a result voted down, a member who drops out, too few scorers."""

from __future__ import annotations

import html as escaping
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from evaluations import actions, tasks
from evaluations.models import Meeting, ScoreSheet
from evaluations.queries import committee, scores
from evaluations.rules import CannotDraw
from portal.core.models import Outbox, Publication, User
from portal.core.statemachine import TransitionNotOpen
from tests import makers

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


def base(stage: own.Stage) -> str:
    return f"/desk/evaluations/{stage.round.number}"


# --- voted down -----------------------------------------------------------------------------------


def voted(stage: own.Stage, choice: str, at: Any, *, closed: bool = True) -> Meeting:
    """A meeting in which everybody voted alike."""
    clerk = actor(stage.clerk)
    made = actions.call_meeting(stage.again(), "decision", at, "会议室", by=clerk, at=at)
    made = actions.hold_meeting(made, [s.pk for s in stage.seats], by=clerk, at=at)
    votes = {seat.pk: choice for seat in stage.seats}
    actions.record_votes(made, stage.evaluation(), votes, by=clerk, at=at)
    return actions.close_meeting(made, "记录", by=clerk, at=at) if closed else made


def sent_back(stage: own.Stage, meeting: Meeting, at: Any) -> None:
    """On the pages of the desk, with the reason."""
    with time_machine.travel(at, tick=False):
        desk, url = client(stage.clerk), f"{base(stage)}/reconsider/{meeting.pk}/"
        assert url in page(desk.get(f"/desk/meetings/{meeting.pk}/"))
        assert "退回评估组重新合议" in page(desk.get(url))
        assert "请填写这一项" in page(desk.post(url))
        assert desk.post(url, {"reason": "卫生保健部分依据不足"}).status_code == 302
        assert page(desk.post(url, {"reason": "再"}, follow=True))  # sent twice it is once
    assert stage.again().state == "moderation"
    assert stage.round.notice_until is None
    assert Outbox.objects.filter(payload__kind="round.reconsider").count() == 5


@pytest.mark.proves("prod:I8")
def test_a_result_voted_down_goes_back_to_the_panel_and_through_everything_again() -> None:
    stage = own.announced()
    clerk, at, code = actor(stage.clerk), AT + 30 * DAY, stage.facilities[0].code
    actions.close_notice(stage.round, by=clerk, at=at)
    sent_back(stage, voted(stage, "no", at), at)
    with time_machine.travel(at, tick=False):  # the old notice is no result any more
        page(Client().get(f"/disclosure/evaluations/{stage.round.number}/"), 404)
        assert "尚未评估" in page(Client().get(f"/facilities/{code}/"))
    item = stage.round.indicator_set.indicators.get(code="4.1.1")
    before = stage.evaluation().total
    talk = actions.bring_up(stage.evaluation(), item, by=clerk, at=at)
    actions.agree(talk, Decimal(30), "依据不足", by=actor(stage.leader), at=at + DAY)
    actions.send_facts(stage.again(), by=clerk, at=at + DAY)
    assert stage.evaluation().total < before
    later = at + 12 * DAY
    assert tasks.take_up_publications(later) == 0  # the notice of before moves nothing on
    text = actions.propose_notice(stage.again(), by=clerk, at=later)
    own.pass_gate(text, stage.approver, at=later)
    assert tasks.take_up_publications(later) == 1
    assert Publication.objects.filter(kind="evaluation_notice", state="published").count() == 1
    for kind in ("facts.open", "notice.open"):  # the facility is told of both
        assert Outbox.objects.filter(payload__kind=kind).count() == 2
    end = later + 20 * DAY
    assert tasks.close_notices(end) == 1
    own.decide(stage, at=end)
    assert stage.evaluation().decisions.get().total == stage.evaluation().total


def test_only_a_closed_meeting_that_said_no_sends_back() -> None:
    stage = own.announced()
    clerk, at = actor(stage.clerk), AT + 30 * DAY
    talk = actions.call_meeting
    actions.close_notice(stage.round, by=clerk, at=at)
    other = talk(stage.again(), "moderation", at, "会议室", by=clerk, at=at)
    running, agreed = voted(stage, "no", at, closed=False), voted(stage, "yes", at + DAY)
    for meeting, why in ((other, "too_early"), (running, "minutes"), (agreed, "agreed")):
        with pytest.raises(actions.NotReady) as refused:
            actions.reconsider(stage.again(), meeting, "x", by=clerk, at=at)
        assert refused.value.why == (why,)
    with pytest.raises(actions.NotReady) as down:
        actions.decide(
            stage.again(), actions.close_meeting(running, "x", by=clerk, at=at), by=clerk, at=at
        )
    assert down.value.why == ("votes",)
    actions.decide(stage.again(), agreed, by=clerk, at=at)
    running.refresh_from_db()
    with pytest.raises(actions.NotReady) as decided:
        actions.reconsider(stage.again(), running, "x", by=clerk, at=at)
    assert decided.value.why == ("decided",)


def test_the_panel_that_speaks_after_a_review_has_the_last_word() -> None:
    stage = own.opened()
    evaluation = stage.evaluation()
    item = stage.round.indicator_set.indicators.get(code="4.1.1")
    made = evaluation.objections.create(
        number="YY-2026-901", text="x", filed_by=stage.operators[0], filed_on=AT.date(),
        due_on=AT.date(), state="upheld", amendments={"4.1.1": {"points": "50", "reason": "x"}},
        decided_on=AT.date(), decided_by=stage.approver, answer="x",
    )  # fmt: skip
    assert made.amendments
    talk = actions.bring_up(evaluation, item, by=actor(stage.clerk), at=AT)
    actions.agree(talk, Decimal(20), "x", by=actor(stage.leader), at=AT + DAY)
    found = scores.outcomes(stage.round, [evaluation.pk])[evaluation.pk]
    assert found.items["4.1.1"].halves == 40


# --- substitutes while the panel scores -----------------------------------------------------------


def test_who_drops_out_hands_over_only_what_is_not_handed_in() -> None:
    stage = own.scoring(3, pool=9)
    seat, clerk = stage.seats[1], actor(stage.clerk)
    own.score(stage, seat, 0)
    own.score(stage, seat, 1, submit=False)
    with time_machine.travel(AT, tick=False):
        desk, url = client(stage.clerk), f"{base(stage)}/seats/{seat.pk}/substitute/"
        assert url in page(desk.get(f"{base(stage)}/"))
        assert "由候补委员接替" in page(desk.get(url))
        assert desk.post(url, {"reason": "住院"}).status_code == 302
        assert "住院" in page(desk.get(f"{base(stage)}/draw/record/"))
    assert seat.sheets.get().state == "submitted"
    (heir,) = committee.seats_of(stage.round).exclude(pk__in=[s.pk for s in stage.seats])
    assert (heir.order, heir.is_leader, heir.sheets.count()) == (6, False, 2)
    assert ScoreSheet.objects.filter(evaluation__round=stage.round).count() == 15
    assert actions.replace_while_scoring(seat, "住院", by=clerk, at=AT) == []
    with pytest.raises(actions.NotPledged):
        actions.save_scores(heir.sheets.first(), own.marks(), by=actor(stage.user(heir)), at=AT)
    with pytest.raises(actions.NotReady):
        actions.replace_while_scoring(stage.seats[2], " ", by=clerk, at=AT)
    stage.seats.append(heir)
    actions.pledge(heir, own.PLEDGE, by=actor(stage.user(heir)), at=AT)
    for n in range(3):
        for each in stage.seats:
            found = ScoreSheet.objects.filter(evaluation=stage.evaluation(n), member=each).first()
            if found and found.state != "submitted":
                own.score(stage, each, n)
    assert actions.open_scores(stage.again(), by=clerk, at=AT).state == "moderation"
    with pytest.raises(TransitionNotOpen):
        actions.replace_while_scoring(stage.seats[2], "x", by=clerk, at=AT)


def test_a_facility_left_with_too_few_scorers_gets_substitutes() -> None:
    stage = own.scoring(2, pool=7)
    clerk, code = actor(stage.clerk), stage.facilities[0].code
    with pytest.raises(actions.NotReady) as enough:
        actions.add_scorer(stage.evaluation(), "x", by=clerk, at=AT)
    assert enough.value.why == ("enough",)
    for seat in stage.seats[:3]:
        actions.recuse(stage.evaluation(), seat, "other", by=actor(stage.user(seat)), at=AT)
    own.score_all(stage)
    with pytest.raises(actions.NotReady) as few:
        actions.open_scores(stage.again(), by=clerk, at=AT)
    assert few.value.why == ("scorers",)
    with pytest.raises(actions.NotReady):
        actions.add_scorer(stage.evaluation(), " ", by=clerk, at=AT)
    with time_machine.travel(AT, tick=False):
        desk, url = client(stage.clerk), f"{base(stage)}/results/{code}/scorer/"
        assert url in page(desk.get(f"{base(stage)}/results/{code}/?tab=process"))
        assert "请候补委员评分" in page(desk.get(url))
        assert desk.post(url, {"reason": "三人回避"}).status_code == 302
    made = stage.evaluation().sheets.get(state="not_started")
    second = stage.evaluation(1)
    actions.recuse(second, stage.seats[0], "other", by=actor(stage.leader), at=AT)
    beside = actions.add_scorer(second, "回避", by=clerk, at=AT)
    assert beside.member == made.member  # who came in for one facility comes in for the next
    actions.add_scorer(stage.evaluation(), "再一人", by=clerk, at=AT)
    with pytest.raises(CannotDraw):  # two substitutes were drawn, and no more
        actions.add_scorer(stage.evaluation(), "再一人", by=clerk, at=AT)


# --- the file of a facility -----------------------------------------------------------------------


def test_the_file_of_a_facility_has_its_evaluations_and_the_next_day() -> None:
    stage = own.finished(1, {0: own.marks("0.7")})
    code, at = stage.facilities[0].code, AT + 31 * DAY
    fresh = own.facility()
    with time_machine.travel(at, tick=False):
        desk, url = client(stage.clerk), f"/desk/facilities/{code}/evaluation/"
        assert url in page(desk.get(f"/desk/facilities/{code}/"))
        shown = page(desk.get(url))
        assert stage.round.number in shown
        assert "C级" in shown
        assert "下一次评估不晚于 2029年12月23日" in shown
        other = page(desk.get(f"/desk/facilities/{fresh.code}/evaluation/"))
        assert "还没有参加过评估" in other
        assert "首次评估不晚于" in other


def test_a_community_reads_no_draft_in_the_file() -> None:
    stage = own.opened()
    actions.send_facts(stage.again(), by=actor(stage.clerk), at=AT)
    worker = makers.user("community", community=makers.community("longquan"))
    url = f"/desk/facilities/{stage.facilities[0].code}/evaluation/"
    with time_machine.travel(AT, tick=False):
        total = str(stage.evaluation().total)
        assert total in page(client(stage.clerk).get(url))
        assert total not in page(client(worker).get(url))
