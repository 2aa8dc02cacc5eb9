"""States that lead on, texts that still hold, pages for those they are for."""

from __future__ import annotations

import datetime as dt
import html as escaping
import io
import uuid
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from evaluations import actions
from evaluations.forms import sheet
from evaluations.models import (
    DueEvaluation,
    Evaluation,
    EvaluationRound,
    Evaluator,
    IndicatorSet,
    Moderation,
    SelfAssessment,
)
from evaluations.queries import committee, panel
from facilities.models import Facility, Membership
from portal.core import publishing
from portal.core.models import Outbox, Publication, User
from portal.core.roles import Role
from portal.core.sheets import write_table
from portal.core.statemachine import TransitionNotOpen
from portal.core.workflow import NotAllowed
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


def item(stage: own.Stage, code: str) -> Any:
    return stage.round.indicator_set.indicators.get(code=code)


def told_of(kind: str) -> list[str]:
    """To whom a message of this kind is owed."""
    return [row.payload["to"] for row in Outbox.objects.filter(payload__kind=kind)]


# --- the committee --------------------------------------------------------------------------------


def test_where_the_leader_stays_away_the_next_seat_says_what_does_not_apply() -> None:
    stage = own.scoring()
    leader = stage.leader
    lead = next(seat for seat in stage.seats if seat.is_leader)
    second, asker = [stage.user(seat) for seat in stage.seats if not seat.is_leader][:2]
    actions.recuse(stage.evaluation(), lead, "other", by=actor(leader), at=AT)
    asked = actions.ask_to_skip(
        stage.evaluation(), item(stage, "4.1.1"), "没有", by=actor(asker), at=AT
    )
    assert told_of("skip.asked") == [str(second.pk)]
    assert panel.skips_to_answer(second) == [asked]
    assert panel.skips_to_answer(leader) == panel.skips_to_answer(asker) == []
    with pytest.raises(NotAllowed):
        actions.allow_skip(asked, by=actor(leader), at=AT)
    assert actions.allow_skip(asked, by=actor(second), at=AT).state == "approved"


def test_where_who_leads_instead_asks_any_other_answers() -> None:
    stage = own.scoring()
    lead = next(seat for seat in stage.seats if seat.is_leader)
    actions.recuse(stage.evaluation(), lead, "other", by=actor(stage.leader), at=AT)
    second, third, *_more = [stage.user(seat) for seat in stage.seats if not seat.is_leader]
    asked = actions.ask_to_skip(
        stage.evaluation(), item(stage, "4.1.1"), "没有", by=actor(second), at=AT
    )
    actions.ask_to_skip(stage.evaluation(), item(stage, "4.1.1"), "x", by=actor(third), at=AT + DAY)
    told = told_of("skip.asked")
    assert str(stage.leader.pk) not in told
    assert len(told) == 3  # asked by another member too, it is told once
    assert panel.skips_to_answer(third) == [asked]
    assert panel.skips_to_answer(second) == []
    assert actions.allow_skip(asked, by=actor(third), at=AT).state == "approved"


def test_the_same_seat_is_replaced_on_its_page_once_and_the_record_says_why() -> None:
    stage = own.drawn()
    free = [s for s in stage.seats if s.evaluator.field not in {"medical", "fire"}]
    seat, gone = free[0], free[0].evaluator_id
    desk, url = client(stage.clerk), f"{base(stage)}/seats/{free[0].pk}/replace/"
    with time_machine.travel(AT, tick=False):
        assert url in page(desk.get(f"{base(stage)}/"))
        assert "候补" in page(desk.get(url))
        assert "请填写这一项" in page(desk.post(url, {"reason": "", "leaver": gone}))
        for _ in range(2):
            assert desk.post(url, {"reason": "出国", "leaver": gone}).status_code == 302
        seat.refresh_from_db()
        assert stage.panel is not None
        assert str(seat.evaluator_id) == stage.panel.record["substitutes"][0]
        assert "出国" in page(desk.get(f"{base(stage)}/draw/record/"))
        page(desk.get(f"{base(stage)}/seats/{uuid.uuid4()}/replace/"), 404)


def test_a_term_that_is_over_stays_over_and_one_to_come_is_not_begun_twice() -> None:
    clerk = actor(makers.clerk())
    member = own.evaluator()
    ended = actions.end_term(member, AT.date() - 5 * DAY, by=clerk, at=AT)
    assert actions.end_term(member, AT.date(), by=clerk, at=AT).term_to == ended.term_to
    person = makers.user("evaluator")
    values = {"field": "fire", "unit": "示例", "term_from": AT.date() + 10 * DAY}
    first = actions.add_evaluator(person, values, by=clerk, at=AT)
    assert (
        actions.add_evaluator(person, values | {"term_from": AT.date()}, by=clerk, at=AT) == first
    )
    late = makers.user("evaluator")
    form = {"user": late.username, "field": "fire", "unit": "应急所", "term_from": "1990-01-01"}
    with time_machine.travel(AT, tick=False):
        answer = client(makers.clerk()).post("/desk/evaluators/new/", form)
        assert "没有“评估委员”角色" in page(answer)
    assert not Evaluator.objects.filter(user=late).exists()


# --- rounds ---------------------------------------------------------------------------------------


def test_each_kind_of_round_goes_its_own_way() -> None:
    stage = own.drawn()
    approver, clerk = actor(stage.approver), actor(stage.clerk)
    actions.start_round(stage.again(), by=approver, at=AT)
    with pytest.raises(TransitionNotOpen):
        actions.close_self_round(stage.again(), by=clerk, at=AT)
    actions.begin_self_round(2026, at=AT)
    yearly = EvaluationRound.objects.get(occasion="self:2026")
    actions.start_round(yearly, by=approver, at=AT)
    yearly.refresh_from_db()
    with pytest.raises(TransitionNotOpen):
        actions.open_scoring(yearly, by=clerk, at=AT)
    actions.close_self_round(yearly, by=clerk, at=AT)
    about = yearly.evaluations.select_related("facility").first()
    assert about is not None
    with time_machine.travel(AT, tick=False):
        desk = client(stage.clerk)
        result = page(desk.get(f"/desk/evaluations/{yearly.number}/results/{about.facility.code}/"))
        assert "委员不打分" in result
        assert "D级" not in result
        whole = page(desk.get(f"/desk/evaluations/{yearly.number}/"))
        assert "逾期未交" in whole
        assert "总分中位数" not in whole


def test_who_was_due_is_due_again_when_the_round_is_given_up() -> None:
    stage = own.setup()
    due = DueEvaluation.objects.create(
        facility=stage.facilities[0], why="new", due_on=AT.date(), round=stage.round
    )
    actions.cancel_round(stage.round, "改期", by=actor(stage.approver), at=AT)
    due.refresh_from_db()
    assert due.round is None


def test_a_facility_that_joins_a_round_of_the_calendar_is_drawn_for_and_two_persons_start() -> None:
    stage = own.setup()
    first, second = (
        DueEvaluation.objects.create(facility=own.facility(), why="regular", due_on=AT.date())
        for _ in range(2)
    )
    both = makers.user(Role.CLERK, Role.APPROVER)
    actions.begin_due(first, at=AT)
    made = EvaluationRound.objects.get(occasion=f"due:{AT:%Y-%m}")
    actions.draw_panel(made, by=actor(both), at=AT)
    actions.begin_due(second, at=AT + DAY)
    assert committee.scoring_panel(made) is None
    assert made.evaluations.count() == 2
    assert made.created_by is None
    actions.draw_panel(made, by=actor(both), at=AT)
    smaller = made.terms.changed(panel_size=3)
    made = actions.edit_round(made, {"title": "x"}, by=actor(both), at=AT)
    assert committee.scoring_panel(made) is not None
    made = actions.edit_round(made, {"terms": smaller}, by=actor(both), at=AT)
    assert committee.scoring_panel(made) is None
    actions.draw_panel(made, by=actor(both), at=AT)
    with pytest.raises(NotAllowed):  # who set it up does not start it
        actions.start_round(made, by=actor(both), at=AT)
    assert actions.start_round(made, by=actor(stage.approver), at=AT).state == "self_assessment"


def test_what_was_not_handed_in_is_shown_to_nobody_and_is_late_for_good() -> None:
    stage = own.drawn()
    actions.start_round(stage.again(), by=actor(stage.approver), at=AT)
    mine, operator = SelfAssessment.objects.get(), actor(stage.operators[0])
    person, seat = stage.user(stage.seats[0]), stage.seats[0]
    file = f"/panel/sheets/{stage.sheet(seat).pk}/"
    with time_machine.travel(AT, tick=False):
        reader = client(person)
        for address in (file, f"{file}evidence/"):  # nothing is shown before the pledge
            assert reader.get(address).url == f"/panel/{stage.round.number}/pledge/"
        before = page(reader.get(file, follow=True))
        assert f"{file}recuse/" in before  # who must stay away says so at once
    actions.save_self_assessment(mine, {"4.1.1": {"text": "没有交的话"}}, by=operator, at=AT)
    actions.open_scoring(stage.again(), by=actor(stage.clerk), at=AT)
    actions.pledge(seat, own.PLEDGE, by=actor(person), at=AT)
    with time_machine.travel(AT, tick=False):
        seen = page(client(person).get(f"/panel/sheets/{stage.sheet(seat).pk}/1/"))
        assert "没有交的话" not in seen
        assert "评估前一年的检查情况" in page(client(person).get(file))
        page(client(person).get(f"{file}evidence/"))
    mine.refresh_from_db()
    actions.reopen_self_assessment(mine, "补", by=actor(stage.clerk), at=AT)
    for each in stage.seats[1:]:
        actions.pledge(each, own.PLEDGE, by=actor(stage.user(each)), at=AT)
    own.score_all(stage)
    actions.open_scores(stage.again(), by=actor(stage.clerk), at=AT)
    mine.refresh_from_db()
    assert mine.state == "lapsed"


# --- from the draft to the decision ---------------------------------------------------------------


def in_check() -> own.Stage:
    """A draft with the facility; the panel had to agree on one item."""
    stage = own.scoring()
    values = own.marks()
    values["4.1.1"] |= {"points": 0 * values["4.1.1"]["points"], "reason": "没有看到"}
    own.score(stage, stage.seats[0], values=values)
    own.score_all(stage)
    actions.open_scores(stage.again(), by=actor(stage.clerk), at=AT)
    talk = Moderation.objects.get()
    actions.agree(talk, talk.indicator.max_points, "有", by=actor(stage.leader), at=AT)
    actions.send_facts(stage.again(), by=actor(stage.clerk), at=AT)
    stage.again()
    return stage


def test_a_notice_goes_out_only_with_the_result_the_panel_stands_by() -> None:
    stage = in_check()
    clerk, leader, at = actor(stage.clerk), actor(stage.leader), AT + 10 * DAY
    text = actions.propose_notice(stage.again(), by=clerk, at=at)
    talk = Moderation.objects.get()
    actions.reopen_agreement(talk, "又看到一份", by=leader, at=at)
    with pytest.raises(publishing.NoLongerTrue):
        own.pass_gate(text, stage.approver, at=at)
    actions.agree(talk, talk.indicator.max_points / 2, "只有一半", by=leader, at=at + DAY)
    with pytest.raises(publishing.NoLongerTrue):
        own.pass_gate(text, stage.approver, at=at + DAY)
    text = actions.propose_notice(stage.again(), by=clerk, at=at + DAY)
    assert own.pass_gate(text, stage.approver, at=at + DAY).state == "published"


def test_a_fact_is_told_in_time_and_the_panel_takes_its_item_up() -> None:
    stage = in_check()
    operator, code = actor(stage.operators[0]), stage.facilities[0].code
    with pytest.raises(TransitionNotOpen):
        actions.tell_fact(
            stage.evaluation(), None, "x", by=operator, at=AT + 10 * DAY, token=uuid.uuid4()
        )
    with time_machine.travel(AT + 10 * DAY, tick=False):
        mine = client(stage.operators[0])
        url = reverse("my:evaluation_facts", args=[stage.evaluation().pk])
        sent = mine.post(url, {"text": "x", "token": uuid.uuid4()}, follow=True)
        assert "核对事实的时间已过" in page(sent)
    with time_machine.travel(AT, tick=False):
        desk, url = client(stage.clerk), f"{base(stage)}/results/{code}/bring-up/"
        assert url in page(desk.get(f"{base(stage)}/results/{code}/?tab=process"))
        form = page(desk.get(url))
        assert "4.1.2 " in form
        assert "4.1.1 " not in form  # the panel has talked about it
        assert "请选择一条指标" in page(desk.post(url))
        page(desk.post(url, {"indicator": "9.9.9"}))
        assert desk.post(url, {"indicator": "4.1.2"}).status_code == 302
    assert Moderation.objects.get(indicator__code="4.1.2").state == "open"


def test_a_round_that_has_moved_on_is_told_and_nothing_breaks() -> None:
    stage = in_check()
    remark = actions.tell_fact(
        stage.evaluation(), None, "x", by=actor(stage.operators[0]), at=AT, token=uuid.uuid4()
    )
    url = f"{base(stage)}/results/{stage.facilities[0].code}"
    lower = {"kind": "lower", "grade": "D", "reason": "x"}
    with time_machine.travel(AT, tick=False):
        desk = client(stage.clerk)
        assert "现在不能办理" in page(desk.post(f"{url}/amend/", lower))
        assert f"{url}/amend/" not in page(desk.get(f"{url}/"))
        EvaluationRound.objects.filter(pk=stage.round.pk).update(
            state="notice", notice_from=AT.date(), notice_until=AT.date()
        )
        answer = desk.post(f"/desk/remarks/{remark.pk}/answer/", {"answer": "x"})
        assert "现在不能办理" in page(answer)
        assert "现在不能办理" in page(desk.post(f"{url}/bring-up/", {"indicator": "4.1.2"}))


def test_a_community_reads_no_draft_result() -> None:
    stage = in_check()
    worker = makers.user("community", community=makers.community("longquan"))
    total, url = str(stage.evaluation().total), f"{base(stage)}/results/{stage.facilities[0].code}/"
    with time_machine.travel(AT, tick=False):
        desk, reader = client(stage.clerk), client(worker)
        for address in (f"{base(stage)}/", url, f"{url}?tab=process", f"{url}?tab=versions"):
            assert total not in page(reader.get(address))
        assert total in page(desk.get(url))


def test_only_a_meeting_after_the_notice_decides() -> None:
    stage = own.announced()
    clerk, at = actor(stage.clerk), AT + 30 * DAY
    talk = own.opened()
    with pytest.raises(actions.NotReady) as early:
        actions.call_meeting(talk.round, "decision", AT, "会议室", by=actor(talk.clerk), at=AT)
    assert early.value.why == ("too_early",)
    actions.close_notice(stage.round, by=clerk, at=at)
    made = actions.call_meeting(stage.again(), "moderation", at, "会议室", by=clerk, at=at)
    made = actions.hold_meeting(made, [s.pk for s in stage.seats], by=clerk, at=at)
    votes = {seat.pk: "yes" for seat in stage.seats}
    actions.record_votes(made, stage.evaluation(), votes, by=clerk, at=at)
    made = actions.close_meeting(made, "x", by=clerk, at=at)
    with time_machine.travel(at, tick=False):
        slip = {"kind": "decision", "planned_on": "0001-01-01", "planned_at": "0:00", "place": "x"}
        answer = client(stage.clerk).post(f"{base(stage)}/meetings/new/", slip)
        assert "请核对年份" in page(answer)
    with pytest.raises(actions.NotReady) as wrong:
        actions.decide(stage.again(), made, by=clerk, at=at)
    assert wrong.value.why == ("too_early",)
    with time_machine.travel(at, tick=False):
        page(client(stage.clerk).post(f"{base(stage)}/decide/{made.pk}/"), 404)


def test_who_stays_away_does_not_put_his_name_to_the_result() -> None:
    stage = own.scoring(2)
    lead = next(seat for seat in stage.seats if seat.is_leader)
    actions.recuse(stage.evaluation(), lead, "other", by=actor(stage.leader), at=AT)
    own.score_all(stage)
    clerk, at = actor(stage.clerk), AT + 10 * DAY
    actions.open_scores(stage.again(), by=clerk, at=AT)
    actions.send_facts(stage.again(), by=clerk, at=AT)
    text = own.pass_gate(
        actions.propose_notice(stage.again(), by=clerk, at=at), stage.approver, at=at
    )
    actions.announce(stage.again(), text, by=clerk, at=at)
    actions.close_notice(stage.again(), by=clerk, at=at + 20 * DAY)
    own.decide(stage, at=at + 20 * DAY)
    away, other = (stage.evaluation(n).decisions.get() for n in (0, 1))
    second = next(seat for seat in stage.seats if not seat.is_leader)
    assert away.decided_by == stage.user(second)
    assert other.decided_by == stage.leader


# --- objection, reply, later changes --------------------------------------------------------------


def test_an_editor_does_not_bind_the_facility() -> None:
    stage = own.announced()
    editor = makers.operator()
    Membership.objects.create(
        facility=stage.facilities[0], user=editor, role="editor", since=AT.date()
    )
    evaluation, at = stage.evaluation(), AT + 10 * DAY
    with pytest.raises(PermissionDenied):
        actions.file_objection(evaluation, "x", by=actor(editor), at=at, token=uuid.uuid4())
    filed = actions.file_objection(
        evaluation, "x", by=actor(stage.operators[0]), at=at, token=uuid.uuid4()
    )
    with pytest.raises(PermissionDenied):
        actions.withdraw_objection(filed, by=actor(editor), at=at)
    with time_machine.travel(at, tick=False):
        reader, manager = client(editor), client(stage.operators[0])
        address = reverse("my:evaluation", args=[evaluation.pk])
        assert "撤回异议" in page(manager.get(address))
        assert "撤回异议" not in page(reader.get(address))
        page(reader.get(reverse("my:objection_new", args=[evaluation.pk])), 403)
        page(reader.get(reverse("my:objection_withdraw", args=[filed.number])), 403)


def test_the_approver_reads_the_answer_with_the_result_it_leads_to() -> None:
    stage = own.announced(1, {0: own.marks("0.7")})
    at = AT + 10 * DAY
    filed = actions.file_objection(
        stage.evaluation(), "少算了", by=actor(stage.operators[0]), at=at, token=uuid.uuid4()
    )
    for _ in range(3):
        own.evaluator("parent")
    drawn = actions.assign_objection(filed, by=actor(stage.clerk), at=at)
    lead = drawn.members.get(is_leader=True).evaluator.user
    filed.refresh_from_db()
    other = drawn.members.filter(is_leader=False)[0].evaluator.user
    with time_machine.travel(at, tick=False):  # every reviewer reads it, who leads answers
        reader, address = client(other), reverse("panel:objection", args=[filed.number])
        assert address in page(reader.get(reverse("panel:home")))
        assert "少算了" in page(reader.get(address))
        assert "提交复核意见" not in page(reader.get(address))
        assert reader.post(address, {"answer": "x"}).status_code == 403
        page(client(stage.leader).get(address), 404)  # who scored does not review
    change = {"5.1.1": {"points": "70", "reason": "核对名册"}}
    actions.propose_answer(filed, "属实", change, by=actor(lead), at=at)
    with time_machine.travel(at, tick=False):
        assert "不用再提交" in page(client(lead).post(address, {"answer": "x"}, follow=True))
    before = stage.evaluation().total
    with time_machine.travel(at, tick=False):
        second, url = client(stage.approver), f"/desk/objections/{filed.number}/answer/"
        preview = page(second.get(url))
        assert stage.evaluation().total == before  # looking changes nothing
        assert second.post(url).status_code == 302
    after = stage.evaluation().total
    assert after != before
    assert f"复核后的结果为{after}分" in preview


def test_a_suspended_grade_stays_the_same_grade_until_it_is_restored() -> None:
    stage = own.finished(1, {0: own.marks("1")})
    at, clerk, approver = AT + 40 * DAY, actor(stage.clerk), actor(stage.approver)
    decided = []
    for n, (kind, grade) in enumerate(
        [("suspend", "D"), ("correction", "B"), ("restore", "D"), ("lower", "D")]
    ):
        made = actions.propose_amendment(
            stage.evaluation(), kind, grade, "x", by=clerk, at=at + n * DAY
        )
        decided.append(actions.grant_amendment(made, by=approver, at=at + n * DAY))
    assert [(each.grade, each.is_suspended) for each in decided] == [
        ("A", True), ("B", True), ("B", False), ("D", False),
    ]  # fmt: skip
    assert Facility.objects.get(pk=stage.facilities[0].pk).quality_grade == "D"
    assert stage.evaluation().plan.state == "due"  # a grade that was lowered asks for a plan too
    with time_machine.travel(at + 5 * DAY, tick=False):
        url = f"{base(stage)}/results/{stage.facilities[0].code}/"
        assert "D级" in page(client(stage.clerk).get(url))


def test_a_change_of_an_older_result_does_not_touch_what_a_later_round_said() -> None:
    stage, later = own.finished(), own.finished(at=AT + 100 * DAY)
    Evaluation.objects.filter(round=later.round).update(facility=stage.facilities[0])
    Facility.objects.filter(pk=stage.facilities[0].pk).update(
        quality_grade="B", graded_on=later.round.finished_on, grade_version=1
    )
    at = AT + 200 * DAY
    made = actions.propose_amendment(
        stage.evaluation(), "lower", "D", "x", by=actor(stage.clerk), at=at
    )
    actions.grant_amendment(made, by=actor(stage.approver), at=at)
    assert Facility.objects.get(pk=stage.facilities[0].pk).quality_grade == "B"


def test_a_result_that_was_taken_back_leaves_nothing_in_public() -> None:
    stage = own.finished(1, {0: own.marks("0.7")})
    at, number = AT + 31 * DAY, stage.round.number
    text = Publication.objects.get(kind="evaluation_result")
    with time_machine.travel(at, tick=False):
        guest = Client()
        assert "C级" in page(guest.get(f"/disclosure/evaluations/{number}/"))
        publishing.withdraw_publication(text, "有误", by=actor(stage.approver), at=at)
        page(guest.get(f"/disclosure/evaluations/{number}/"), 404)
        assert "尚未评估" in page(guest.get(f"/facilities/{stage.facilities[0].code}/"))


def test_without_indicators_a_new_rating_is_asked_for_later() -> None:
    stage = own.finished(values={0: own.marks("0.5")})
    at, operator = AT + 31 * DAY, actor(stage.operators[0])
    plan = stage.evaluation().plan
    plan = actions.submit_plan(plan, "x", at.date() + 9 * DAY, by=operator, at=at)
    actions.accept_plan(plan, by=actor(stage.clerk), at=at)
    IndicatorSet.objects.filter(state="published").update(state="retired")
    with time_machine.travel(at, tick=False):
        url = reverse("my:plan_again", args=[plan.pk])
        answer = client(stage.operators[0]).post(url, {"results": "改好了"})
        assert "还没有发布评估指标" in page(answer)
        assert "改好了" in page(answer)
    plan.refresh_from_db()
    assert plan.state == "accepted"


# --- the workbook ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({3: "4.1.1"}, "条号 4.1.1 重复"),
        ({5: "0"}, "应大于 0"),
        ({5: "-3"}, "应大于 0"),
        ({5: "1.25"}, "应大于 0"),
        ({5: "99999999"}, "应大于 0"),
        ({0: 40000}, "一级指标序号不对"),
        ({0: "0.0000001"}, "第 3 行"),
        ({0: "1.5"}, "一级指标序号不对"),
        ({3: "4" * 21}, "太长"),
        ({4: "字" * 301}, "太长"),
        ({8: "打听"}, "评估方法不对"),
        ({9: "0.3"}, "第 3 行的一级指标分值应大于 0"),
        ({9: "13"}, "第 3 行的一级指标名称或分值，与前面同一序号的行不同"),
        ({1: "托育队伍"}, "第 3 行的一级指标名称或分值，与前面同一序号的行不同"),
        ({5: "6.5"}, "第 1 个一级指标下各项合计 12.5 分，应为 12 分"),
    ],
)
def test_a_row_that_no_tree_can_hold_is_named(changes: dict[int, Any], words: str) -> None:
    good = [1, "办托条件", "组", "4.1.1", "有证照", "6", "是", "", "查阅资料", "12"]
    other = [1, "办托条件", "组", "4.1.2", "有场地", "6", "", "", "现场观察", ""]
    for n, cell in changes.items():
        other[n] = cell
    rows = [good, other]
    out = io.BytesIO()
    write_table(out, "指标", sheet.columns(), rows)
    upload = SimpleUploadedFile("a.xlsx", out.getvalue())
    form = {"title": "新指标", "standard": "示例", "workbook": upload}
    before = IndicatorSet.objects.count()
    answer = client(makers.clerk()).post("/desk/indicators/import/", form)
    assert words in page(answer)
    assert IndicatorSet.objects.count() == before


def test_the_day_of_a_reminder_about_facts_is_over_with_its_day() -> None:
    stage = in_check()
    assert stage.round.facts_due is not None
    with time_machine.travel(AT, tick=False):
        mine = client(stage.operators[0])
        assert "核对事实" in page(mine.get(reverse("my:evaluations")))
    after = dt.datetime.combine(stage.round.facts_due, dt.time(12), tzinfo=AT.tzinfo) + DAY
    with time_machine.travel(after, tick=False):
        mine = client(stage.operators[0])
        assert "核对事实<" not in page(mine.get(reverse("my:evaluations")))
