"""The evaluators' and the facilities' pages of a round, through the client, without JavaScript."""

from __future__ import annotations

import datetime as dt
import html as escaping
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from evaluations import actions
from evaluations.models import Moderation, Objection, Score, ScoreSheet, SelfAssessment, SkippedItem
from portal.core.models import User
from tests import makers
from tests.evaluations import makers as own

pytestmark = pytest.mark.django_db
AT = own.AT


@pytest.fixture(autouse=True)
def now() -> Iterator[Any]:
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def read(client: Client, name: str, *args: Any, status: int = 200) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == status, (name, response.status_code)
    return escaping.unescape(response.content.decode())


def send(client: Client, name: str, *args: Any, **data: Any) -> Any:
    return client.post(reverse(name, args=args), data)


def boxes(stage: own.Stage, no: int, **changes: str) -> dict[str, str]:
    """Every box of one part, filled; `changes` by kind and number of the item."""
    found = {}
    tree = stage.round.indicator_set.dimensions.get(no=no)
    for item in tree.indicators.all():
        found[f"item{item.position}-points"] = f"{item.max_points:f}"
        found[f"item{item.position}-words"] = "有记录"
        if item.is_veto:
            found[f"item{item.position}-is_met"] = "yes"
    return found | changes


def first_item(stage: own.Stage, no: int) -> Any:
    return stage.round.indicator_set.dimensions.get(no=no).indicators.first()


# --- the evaluator --------------------------------------------------------------------------------


def test_nothing_is_asked_of_who_was_not_drawn() -> None:
    page = read(signed_in(makers.user("evaluator")), "panel:home")
    assert "目前没有分配给您的评审" in page


@pytest.mark.proves("clause:二(五)2b", "prod:I7")
def test_pledge_first_then_part_by_part_until_it_is_handed_in() -> None:
    stage = own.drawn()
    actions.start_round(stage.again(), by=own.actor(stage.approver), at=AT)
    actions.open_scoring(stage.again(), by=own.actor(stage.clerk), at=AT)
    person, client = stage.user(stage.seats[0]), signed_in(stage.user(stage.seats[0]))
    sheet = stage.sheet(stage.seats[0])
    assert "去承诺" in read(client, "panel:home")
    assert client.get(reverse("panel:dimension", args=[sheet.pk, 1])).url == reverse(
        "panel:pledge", args=[stage.round.number]
    )
    assert "请先勾选承诺" in send(client, "panel:pledge", stage.round.number).content.decode()
    assert send(client, "panel:pledge", stage.round.number, agreed="on").status_code == 302
    assert "继续评分" in read(client, "panel:home")
    for no in range(1, 8):
        assert "每 0.5 分一档" in read(client, "panel:dimension", sheet.pk, no)
        answer = send(client, "panel:dimension", sheet.pk, no, **boxes(stage, no))
        assert answer.status_code == 303
    assert answer.url == reverse("panel:check", args=[sheet.pk])
    assert "提交评分" in read(client, "panel:check", sheet.pk)
    assert "请填写本人姓名" in send(client, "panel:check", sheet.pk).content.decode()
    assert send(client, "panel:check", sheet.pk, signature=person.display_name).status_code == 303
    sheet.refresh_from_db()
    assert (sheet.state, sheet.signature) == ("submitted", person.display_name)
    again = send(client, "panel:check", sheet.pk, signature="别名")
    assert again.status_code == 303  # moved on: back with a sentence, nothing signed twice
    sheet.refresh_from_db()
    assert sheet.signature == person.display_name


def test_wrong_numbers_are_told_and_nothing_typed_is_lost() -> None:
    stage = own.scoring()
    client, sheet = signed_in(stage.user(stage.seats[0])), stage.sheet(stage.seats[0])
    item = first_item(stage, 1)
    for typed in ("999", "-1", "1.25", "NaN", "十分"):
        data = boxes(stage, 1) | {f"item{item.position}-points": typed}
        data[f"item{item.position}-words"] = "打字很久的理由"
        page = escaping.unescape(
            send(client, "panel:dimension", sheet.pk, 1, **data).content.decode()
        )
        assert "有 1 处需要修改" in page, typed
        assert "打字很久的理由" in page
        assert f'value="{typed}"' in page
    assert not Score.objects.filter(sheet=sheet).exists()


def test_autosave_keeps_what_is_in_order_and_leaves_the_rest() -> None:
    stage = own.scoring()
    client, sheet = signed_in(stage.user(stage.seats[0])), stage.sheet(stage.seats[0])
    item = first_item(stage, 1)
    data = boxes(stage, 1) | {f"item{item.position}-points": "九"}
    answer = send(client, "panel:autosave", sheet.pk, 1, **data)
    assert "已保存" in answer.content.decode()
    kept = {score.indicator_id for score in Score.objects.filter(sheet=sheet)}
    assert item.pk not in kept
    assert len(kept) == 1
    assert client.get(reverse("panel:autosave", args=[sheet.pk, 1])).status_code == 302
    assert send(client, "panel:autosave", sheet.pk, 99).status_code == 404


def test_what_is_missing_is_named_with_a_way_to_it() -> None:
    stage = own.scoring()
    client, sheet = signed_in(stage.user(stage.seats[0])), stage.sheet(stage.seats[0])
    page = read(client, "panel:check", sheet.pk)
    item = first_item(stage, 1)
    assert f"{item.code} 还没有打分" in page
    assert reverse("panel:dimension", args=[sheet.pk, 1]) + f"#item-{item.position}" in page
    answer = send(client, "panel:check", sheet.pk, signature="示例")
    assert answer.status_code == 200
    sheet.refresh_from_db()
    assert sheet.state != "submitted"


@pytest.mark.proves("diff:16")
def test_no_page_shows_what_another_gave_before_all_are_in() -> None:
    stage = own.scoring()
    words = "只有本人写过的话"
    values = own.marks()
    values["4.1.1"] |= {"points": values["4.1.1"]["points"], "reason": words}
    own.score(stage, stage.seats[1], values=values)
    other, sheet = signed_in(stage.user(stage.seats[0])), stage.sheet(stage.seats[0])
    foreign = stage.sheet(stage.seats[1])
    for name, *args in (
        ("panel:home",), ("panel:dossier", sheet.pk), ("panel:dimension", sheet.pk, 1),
        ("panel:check", sheet.pk),
    ):  # fmt: skip
        assert words not in read(other, name, *args)
    for name, *args in (
        ("panel:dossier", foreign.pk), ("panel:dimension", foreign.pk, 1),
        ("panel:check", foreign.pk), ("panel:recuse", foreign.pk),
        ("panel:moderation", stage.evaluation().pk),
    ):  # fmt: skip
        read(other, name, *args, status=404)


@pytest.mark.proves("diff:16")
def test_who_stays_away_finds_nothing_of_the_facility_any_more() -> None:
    stage = own.scoring(2)
    client, sheet = signed_in(stage.user(stage.seats[0])), stage.sheet(stage.seats[0])
    page = send(client, "panel:recuse", sheet.pk).content.decode()
    assert "请选择回避的原因" in page
    assert send(client, "panel:recuse", sheet.pk, ground="kinship").status_code == 303
    for name in ("panel:dossier", "panel:check", "panel:recuse"):
        read(client, name, sheet.pk, status=404)
    read(client, "panel:dimension", sheet.pk, 1, status=404)
    home = read(client, "panel:home")
    assert f">{stage.facilities[1]}<" in home
    assert f">{stage.facilities[0]}<" not in home


def test_an_item_that_does_not_apply_is_decided_by_the_leader() -> None:
    stage = own.scoring()
    seat = next(each for each in stage.seats if not each.is_leader)
    client, sheet = signed_in(stage.user(seat)), stage.sheet(seat)
    item = first_item(stage, 1)
    assert "不适用的理由" in read(client, "panel:skip", sheet.pk, item.code)
    assert send(client, "panel:skip", sheet.pk, item.code, reason="没有乳儿班").status_code == 303
    asked = SkippedItem.objects.get()
    read(client, "panel:skip_answer", asked.pk, status=403)
    leader = signed_in(stage.leader)
    assert "是否适用" in read(leader, "panel:home")
    page = send(leader, "panel:skip_answer", asked.pk, verdict="no")
    assert "请说明为什么仍须评分" in page.content.decode()
    assert send(leader, "panel:skip_answer", asked.pk, verdict="no", answer="有").status_code == 303
    assert "仍须评分" in read(client, "panel:dimension", sheet.pk, 1)
    assert send(client, "panel:skip", sheet.pk, item.code, reason="再请看一次").status_code == 303
    assert send(leader, "panel:skip_answer", asked.pk, verdict="yes").status_code == 303
    assert f"item{item.position}-points" not in read(client, "panel:dimension", sheet.pk, 1)
    basic = first_item(stage, 4)
    read(client, "panel:skip", sheet.pk, basic.code, status=404)


# --- the panel together ---------------------------------------------------------------------------


def apart() -> own.Stage:
    """A round in which one member gave one item nothing."""
    stage = own.scoring()
    values = own.marks()
    values["4.1.1"] |= {"points": 0 * values["4.1.1"]["points"], "reason": "没有看到"}
    own.score(stage, stage.seats[0], values=values)
    own.score_all(stage)
    actions.open_scores(stage.again(), by=own.actor(stage.clerk), at=AT)
    stage.again()
    return stage


@pytest.mark.proves("diff:16")
def test_a_wide_item_is_discussed_without_names_and_agreed_with_a_reason() -> None:
    stage = apart()
    item = Moderation.objects.get()
    member = next(stage.user(each) for each in stage.seats if not each.is_leader)
    client = signed_in(member)
    assert "还有 1 条要合议" in read(client, "panel:home")
    page = read(client, "panel:moderation", stage.evaluation().pk)
    assert "没有看到" in page
    for seat in stage.seats:
        if seat.evaluator.user != member:  # his own name stands in the menu
            assert stage.user(seat).display_name not in page
    assert "请写下您的意见" in send(client, "panel:discuss", item.pk).content.decode()
    token = uuid.uuid4()
    for _ in range(2):
        sent = send(client, "panel:discuss", item.pk, text="台账在办公室", token=token)
        assert sent.status_code == 303
    assert item.remarks.count() == 1
    read(client, "panel:agree", item.pk, status=403)
    leader = signed_in(stage.leader)
    assert "请" in send(leader, "panel:agree", item.pk).content.decode()
    assert not Moderation.objects.filter(state="agreed").exists()
    assert send(leader, "panel:agree", item.pk, points="40", words="查到台账").status_code == 303
    item.refresh_from_db()
    assert (item.state, str(item.points)) == ("agreed", "40.0")
    assert send(leader, "panel:reopen", item.pk, reason="又看到一份").status_code == 303
    item.refresh_from_db()
    assert item.state == "open"


def test_the_discussion_is_closed_to_everybody_else() -> None:
    stage = apart()
    item, evaluation = Moderation.objects.get(), stage.evaluation()
    for person in (makers.user("evaluator"), stage.operators[0]):
        client = signed_in(person)
        status = 404 if person.has_role("evaluator") else 403
        for name, pk in (("panel:moderation", evaluation.pk), ("panel:discuss", item.pk)):
            assert client.get(reverse(name, args=[pk])).status_code in {status, 404}


# --- the facility ---------------------------------------------------------------------------------


def assessing() -> own.Stage:
    """A round in which the facilities look at themselves."""
    stage = own.drawn()
    actions.start_round(stage.again(), by=own.actor(stage.approver), at=AT)
    stage.again()
    return stage


def test_the_facility_assesses_itself_with_papers_and_files_and_hands_it_in() -> None:
    stage = assessing()
    client = signed_in(stage.operators[0])
    found = SelfAssessment.objects.get()
    assert "填写自评" in read(client, "my:evaluations")
    assert "已填 0 条" in read(client, "my:self_assessment", found.pk)
    item = first_item(stage, 1)
    picture = makers.jpeg("园所.jpg")
    sent = send(client, "my:self_evidence", found.pk, item.code, file=picture)
    assert sent.status_code == 303
    assert "园所" in read(client, "my:self_items", found.pk, 1)
    assert (
        "请选择要上传的文件"
        in send(client, "my:self_evidence", found.pk, item.code).content.decode()
    )
    for no in range(1, 8):
        sent = send(client, "my:self_items", found.pk, no, **boxes(stage, no))
        assert sent.status_code == 303
    assert send(client, "my:self_submit", found.pk, signature="示例负责人").status_code == 303
    found.refresh_from_db()
    assert found.state == "submitted"
    evaluator = signed_in(stage.user(stage.seats[0]))
    actions.open_scoring(stage.again(), by=own.actor(stage.clerk), at=AT)
    actions.pledge(stage.seats[0], own.PLEDGE, by=own.actor(stage.user(stage.seats[0])), at=AT)
    page = read(evaluator, "panel:dimension", stage.sheet(stage.seats[0]).pk, 1)
    assert "园所" in page
    mine = stage.sheet(stage.seats[0]).pk
    assert reverse("panel:evidence", args=[mine]) in read(evaluator, "panel:dossier", mine)
    everything = read(evaluator, "panel:evidence", mine)
    assert "上传的文件 1 个" in everything
    assert "有记录" in everything
    read(evaluator, "panel:evidence", stage.sheet(stage.seats[1]).pk, status=404)
    assert "机构自评" in page


def test_a_file_is_taken_back_and_what_is_missing_is_named() -> None:
    stage = assessing()
    client, found = signed_in(stage.operators[0]), SelfAssessment.objects.get()
    item = first_item(stage, 1)
    picture = makers.jpeg("园所.jpg")
    send(client, "my:self_evidence", found.pk, item.code, file=picture)
    page = read(client, "my:self_items", found.pk, 1)
    (url,) = re.findall(r'href="([^"]*/files/[^"]*/remove/)"', page)
    assert "确认删除" in escaping.unescape(client.get(url).content.decode())
    assert client.post(url).status_code == 303
    assert client.post(url).status_code == 404
    missing = read(client, "my:self_submit", found.pk)
    assert "条没有填完" in missing
    assert f"{item.code} " in missing
    stranger = signed_in(makers.operator())
    read(stranger, "my:self_assessment", found.pk, status=404)


def test_autosave_of_the_facility() -> None:
    stage = assessing()
    client, found = signed_in(stage.operators[0]), SelfAssessment.objects.get()
    answer = send(client, "my:self_autosave", found.pk, 1, **boxes(stage, 1))
    assert "已保存" in answer.content.decode()
    assert found.items.filter(points__isnull=False).count() == 2


def test_facts_objection_and_review(now: Any) -> None:
    stage = own.opened()
    actions.send_facts(stage.round, by=own.actor(stage.clerk), at=AT)
    stage.again()
    client, evaluation = signed_in(stage.operators[0]), stage.evaluation()
    assert "核对事实" in read(client, "my:evaluations")
    token = uuid.uuid4()
    for _ in range(2):
        sent = send(client, "my:evaluation_facts", evaluation.pk, text="班额是 15 人", token=token)
        assert sent.status_code == 303
    assert evaluation.remarks.count() == 1
    remark = evaluation.remarks.get()
    actions.answer_fact(remark, "已更正", by=own.actor(stage.clerk), at=AT)
    later = AT + dt.timedelta(days=10)
    now.move_to(later)
    text = actions.propose_notice(stage.again(), by=own.actor(stage.clerk), at=later)
    public = own.pass_gate(text, stage.approver, at=later)
    actions.announce(stage.again(), public, by=own.actor(stage.clerk), at=later)
    client = signed_in(stage.operators[0])
    page = read(client, "my:evaluation", evaluation.pk)
    assert "提出异议" in page
    assert "已更正" in page
    sent = send(
        client, "my:objection_new", evaluation.pk, text="4.1.1 少看了材料", token=uuid.uuid4()
    )
    assert sent.status_code == 303
    objection = Objection.objects.get()
    assert objection.number in read(client, "my:evaluation", evaluation.pk)
    assert "确认撤回" in read(client, "my:objection_withdraw", objection.number)


def test_the_review_changes_an_item_or_lets_the_result_stand() -> None:
    stage = own.scoring(pool=14)
    own.score_all(stage)
    actions.open_scores(stage.again(), by=own.actor(stage.clerk), at=AT)
    actions.send_facts(stage.again(), by=own.actor(stage.clerk), at=AT)
    later = AT + dt.timedelta(days=10)
    text = actions.propose_notice(stage.again(), by=own.actor(stage.clerk), at=later)
    actions.announce(
        stage.again(), own.pass_gate(text, stage.approver, at=later),
        by=own.actor(stage.clerk), at=later,
    )  # fmt: skip
    objection = actions.file_objection(
        stage.evaluation(), "少看了材料", by=own.actor(stage.operators[0]), at=later,
        token=uuid.uuid4(),
    )  # fmt: skip
    panel = actions.assign_objection(objection, by=own.actor(stage.clerk), at=later, seed="r")
    leads = next(each for each in panel.members.all() if each.is_leader)
    with time_machine.travel(later, tick=False):
        client = signed_in(stage.user(leads))
        assert objection.number in read(client, "panel:home")
        assert "异议和理由" in read(client, "panel:objection", objection.number)
        bad = card(0, indicator="4.1.1", points="9999", reason="有材料") | {"answer": "成立"}
        page = send(client, "panel:objection", objection.number, **bad).content.decode()
        assert "得分应在 0 至" in page
        good = bad | card(0, points="50")
        page = send(client, "panel:objection", objection.number, more="1", **good).content.decode()
        assert "改分 2" in page
        assert 'value="50"' in page  # what was typed stays
        twice = good | card(1, indicator="4.1.1", points="40", reason="x") | {"cards": "2"}
        page = send(client, "panel:objection", objection.number, **twice).content.decode()
        assert "这一条在上面已经改过" in page
        both = twice | card(1, indicator="7.1.1", points="0", is_met="no", reason="没有登记")
        assert send(client, "panel:objection", objection.number, **both).status_code == 303
    objection.refresh_from_db()
    assert objection.state == "proposed"
    assert objection.amendments == {
        "4.1.1": {"points": "50", "reason": "有材料"},
        "7.1.1": {"points": "0", "reason": "没有登记", "met": False},
    }


def card(n: int, **typed: str) -> dict[str, str]:
    """One card of a review, as the page names its boxes."""
    return {f"change{n}-{name}": value for name, value in typed.items()}


def test_one_reply_beside_the_published_result(now: Any) -> None:
    stage = own.finished()
    now.move_to(AT + dt.timedelta(days=31))
    client, evaluation = signed_in(stage.operators[0]), stage.evaluation()
    assert "回应评估结果" in read(client, "my:evaluation", evaluation.pk)
    page = send(client, "my:evaluation_reply", evaluation.pk, text="谢" * 5000)
    assert "回应最多" in page.content.decode()
    assert send(client, "my:evaluation_reply", evaluation.pk, text="谢谢指导").status_code == 303
    evaluation.refresh_from_db()
    assert evaluation.reply.text == "谢谢指导"
    assert "谢谢指导" in read(client, "my:evaluation", evaluation.pk)


def test_a_plan_after_a_low_grade_and_the_wish_to_be_rated_again(now: Any) -> None:
    stage = own.finished(values={0: own.marks("0.5")})
    today = AT + dt.timedelta(days=31)
    now.move_to(today)
    client, plan = signed_in(stage.operators[0]), stage.evaluation().plan
    assert "提交改进计划" in read(client, "my:evaluations")
    early = send(client, "my:plan", plan.pk, measures="补齐人员", finish_on="2020-01-01")
    assert "不能早于今天" in early.content.decode()
    day = (today + dt.timedelta(days=60)).date().isoformat()
    assert send(client, "my:plan", plan.pk, measures="补齐人员", finish_on=day).status_code == 303
    plan.refresh_from_db()
    assert plan.state == "submitted"
    actions.accept_plan(plan, by=own.actor(stage.clerk), at=today)
    assert "申请再次评估" in read(client, "my:evaluation", stage.evaluation().pk)
    assert send(client, "my:plan_again", plan.pk, results="人员已补齐").status_code == 303
    plan.refresh_from_db()
    assert plan.state == "done"
    assert plan.again is not None


def test_pages_ask_the_database_as_often_for_many_facilities(
    django_assert_max_num_queries: Any,
) -> None:
    stage = own.scoring(6)
    client = signed_in(stage.user(stage.seats[0]))
    sheet = ScoreSheet.objects.filter(member=stage.seats[0]).earliest("pk")
    for name, args in (
        ("panel:home", ()), ("panel:dossier", (sheet.pk,)), ("panel:dimension", (sheet.pk, 3)),
    ):  # fmt: skip
        client.get(reverse(name, args=args))
        with django_assert_max_num_queries(22):  # the frame of transactions is counted here
            read(client, name, *args)


# --- two tabs -------------------------------------------------------------------------------------


def in_two_tabs(client: Any, name: str, noun: Any, data: dict[str, Any], box: str) -> None:
    """The later of two tabs is told, sees both texts, and saves once he has looked."""
    noun.refresh_from_db()
    data |= {"version": noun.version}
    autosave = {"panel:dimension": "panel:autosave", "my:self_items": "my:self_autosave"}[name]
    first = send(client, autosave, noun.pk, 1, **data)
    noun.refresh_from_db()
    assert first["X-Saved"] == str(noun.version)
    assert f'value="{noun.version}"' in first.content.decode()
    late = data | {box: "20"}
    told = send(client, autosave, noun.pk, 1, **late)
    assert told.status_code == 409
    assert "没有自动保存" in told.content.decode()
    again = send(client, name, noun.pk, 1, **late)
    page = escaping.unescape(again.content.decode())
    assert again.status_code == 200
    assert "这一页刚在别处改过" in page
    assert re.search(r"别处保存的内容：(自评)?得分：50<", page)
    assert 'value="20"' in page
    late["version"] = noun.version
    assert send(client, name, noun.pk, 1, **late).status_code == 303
    assert send(client, autosave, noun.pk, 1, **late).status_code == 200  # nothing new to say


def test_an_evaluator_with_two_tabs_overwrites_nothing_unseen() -> None:
    stage = own.scoring()
    client, sheet = signed_in(stage.user(stage.seats[0])), stage.sheet(stage.seats[0])
    item = first_item(stage, 1)
    in_two_tabs(client, "panel:dimension", sheet, boxes(stage, 1), f"item{item.position}-points")
    assert Score.objects.get(sheet=sheet, indicator=item).points == 20


def test_a_facility_with_two_tabs_overwrites_nothing_unseen() -> None:
    stage = assessing()
    client, found = signed_in(stage.operators[0]), SelfAssessment.objects.get()
    item = first_item(stage, 1)
    in_two_tabs(client, "my:self_items", found, boxes(stage, 1), f"item{item.position}-points")
    assert found.items.get(indicator=item).points == 20
