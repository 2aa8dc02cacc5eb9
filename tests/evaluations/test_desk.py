"""The desk's pages and the public ones, through the client, from setup to publication."""

from __future__ import annotations

import io
import uuid
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from evaluations import actions, papers, tasks
from evaluations.forms import sheet
from evaluations.models import Amendment, EvaluationRound, Evaluator, IndicatorSet, Meeting
from evaluations.queries import committee, indicators
from portal.core import publishing
from portal.core.models import Publication, User
from tests import makers

from . import makers as own

AT, DAY = own.AT, own.DAY
pytestmark = pytest.mark.django_db


def client(person: User) -> Client:
    made = Client()
    made.force_login(person, backend="portal.core.accounts.SignedIn")
    return made


def ok(answer: Any, *texts: str) -> str:
    page = answer.content.decode()
    assert answer.status_code == 200, page[:300]
    for text in texts:
        assert text in page, text
    return page


def done(answer: Any) -> None:
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert "/accounts/" not in answer["Location"]


def base(round_: EvaluationRound) -> str:
    return f"/desk/evaluations/{round_.number}"


def test_a_round_is_set_up_drawn_and_started_on_the_pages() -> None:  # ruff: ignore[too-many-statements] - one story
    own.published_set()
    for n in range(7):
        own.evaluator(own.FIELDS[n])
    places = [own.facility() for _ in range(2)]
    clerk, approver = makers.clerk(), makers.approver()
    desk, second = client(clerk), client(approver)
    with time_machine.travel(AT, tick=False):
        ok(desk.get("/desk/evaluations/"), "还没有评估")
        page = ok(desk.get("/desk/evaluations/new/"), places[0].name)
        token = page.split('name="token" value="')[1].split('"')[0]
        form = {"token": token, "title": "2026年评估", "facilities": [p.code for p in places]}
        done(desk.post("/desk/evaluations/new/", form))
        done(desk.post("/desk/evaluations/new/", form))
        round_ = EvaluationRound.objects.get()
        ok(desk.get("/desk/evaluations/?state=open"), "2026年评估")
        setup = ok(desk.get(f"{base(round_)}/setup/"), "A级最低分")
        assert "须合议" in setup
        values = {
            "title": "改名", "indicator_set": round_.indicator_set.version,
            "self_due": "2026-12-10", "scoring_due": "2027-01-10", "grade_a": 900, "grade_b": 800,
            "grade_c": 600, "veto_grade": "D", "cap_grade": "C", "cap_percent": 60,
            "spread_percent": 20, "panel_size": 4, "required_fields": ["medical"],
            "fact_check_days": 5, "notice_days": 5, "objection_days": 15,
        }  # fmt: skip
        ok(desk.post(f"{base(round_)}/setup/", values), "单数")
        ok(desk.post(f"{base(round_)}/setup/", values | {"panel_size": 5, "grade_b": 950}), "依次")
        bad = values | {"panel_size": 5, "scoring_due": "2026-12-01"}
        ok(desk.post(f"{base(round_)}/setup/", bad), "评分截止应在自评截止之后")
        done(desk.post(f"{base(round_)}/setup/", values | {"panel_size": 5}))
        ok(second.post(f"{base(round_)}/start/"), "还没有抽取评估组")
        done(desk.post(f"{base(round_)}/draw/", {"seed": "2026-11-23 12345"}))
        ok(desk.get(f"{base(round_)}/draw/record/"), "重算，结果一致", "12345", "第 1 席")
        done(second.post(f"{base(round_)}/start/"))
        ok(desk.get(f"{base(round_)}/"), "自评中", places[1].name)
        done(desk.post(f"{base(round_)}/open-scoring/"))
        done(desk.post(f"{base(round_)}/remind/"))
        answer = second.post(f"{base(round_)}/start/", follow=True)
        ok(answer, "不用再办理这一步")


def test_a_list_of_facilities_can_be_changed_and_a_missing_panel_is_told() -> None:
    stage = own.setup(1)
    desk = client(stage.clerk)
    more = own.facility()
    with time_machine.travel(AT, tick=False):
        ok(desk.get(f"{base(stage.round)}/facilities/"), more.name)
        done(desk.post(f"{base(stage.round)}/facilities/", {"facilities": [more.code]}))
        assert desk.get(f"{base(stage.round)}/draw/record/").status_code == 302
        for member in stage.pool:
            actions.end_term(member, AT.date() - DAY, by=own.actor(stage.clerk), at=AT)
        Evaluator.objects.update(term_to=AT.date() - DAY)
        ok(desk.post(f"{base(stage.round)}/draw/", {"seed": "13800000001"}), "电话")
        ok(desk.post(f"{base(stage.round)}/draw/", {"seed": ""}), "妇幼保健")
        page = client(stage.approver).post(f"{base(stage.round)}/cancel/", {"reason": ""})
        ok(page, "取消评估")
        done(client(stage.approver).post(f"{base(stage.round)}/cancel/", {"reason": "改期"}))
        ok(desk.get(f"{base(stage.round)}/"), "改期")
        ok(desk.get("/desk/evaluations/?state=cancelled"), stage.round.number)


@pytest.mark.proves("prod:I4")
def test_the_matrix_shows_progress_and_no_points_before_the_scores_are_opened() -> None:
    stage = own.scoring(2)
    own.score(stage, stage.seats[0], values=own.marks("0.9"))
    own.score(stage, stage.seats[1], submit=False)
    desk = client(stage.clerk)
    with time_machine.travel(AT, tick=False):
        page = ok(desk.get(f"{base(stage.round)}/"), "已提交", "已评 14 项", "未评")
        assert "45.0" not in page
        result = ok(desk.get(f"{base(stage.round)}/results/{stage.facilities[0].code}/"))
        assert "打开评分以后，这里才显示分数" in result
        assert "45.0" not in result
        ok(desk.post(f"{base(stage.round)}/open-scores/"), "还有评分表没有提交")
        sheet_ = stage.sheet(stage.seats[0])
        done(desk.post(f"/desk/sheets/{sheet_.pk}/return/", {"reason": "补依据"}))


def test_a_recused_official_gets_404_on_every_page_of_the_facility() -> None:
    stage = own.scoring(2)
    seat = stage.seats[1]
    person = stage.user(seat)
    person.role_assignments.create(role="clerk", valid_from=AT.date() - DAY)
    actions.recuse(stage.evaluation(), seat, "other", by=own.actor(stage.clerk), at=AT)
    desk = client(User.objects.get(pk=person.pk))
    code, other = (f.code for f in stage.facilities)
    with time_machine.travel(AT, tick=False):
        assert desk.get(f"{base(stage.round)}/results/{code}/").status_code == 404
        assert desk.get(f"{base(stage.round)}/results/{code}/amend/").status_code == 404
        assert desk.get(f"{base(stage.round)}/results/{other}/").status_code == 200
        page = ok(desk.get(f"{base(stage.round)}/"))
        assert stage.facilities[0].name not in page
        sheet_ = stage.sheet(stage.seats[0])
        assert desk.get(f"/desk/sheets/{sheet_.pk}/return/").status_code == 404


@pytest.mark.proves(
    "prod:I13", "clause:二(五)2d", "prod:A10", "prod:A11", "prod:P4", "clause:二(五)2a", "diff:21"
)
def test_from_the_opened_scores_to_the_published_result() -> None:  # ruff: ignore[too-many-statements] - one story
    stage = own.scoring(2)
    own.score_all(stage, {0: own.marks("0.7"), 1: own.marks("0.95")})
    desk, guest = client(stage.clerk), Client()
    number, (low, high) = stage.round.number, (f.code for f in stage.facilities)
    with time_machine.travel(AT, tick=False):
        done(desk.post(f"{base(stage.round)}/open-scores/"))
        ok(desk.get(f"{base(stage.round)}/results/{low}/"), "只供评估组和街道内部参考", "<svg")
        done(desk.post(f"{base(stage.round)}/send-facts/"))
        ok(desk.get(f"{base(stage.round)}/results/{low}/"), "评估等级：C级", "不替代卫健部门评估")
        ok(desk.post(f"{base(stage.round)}/notice/"), "核对事实的期限还没有过")
        remark = actions.tell_fact(
            stage.evaluation(), None, "人数写错", by=own.actor(stage.operators[0]), at=AT,
            token=uuid.uuid4(),
        )  # fmt: skip
        ok(desk.get(f"/desk/remarks/{remark.pk}/answer/"), "人数写错")
        done(desk.post(f"/desk/remarks/{remark.pk}/answer/", {"answer": "已核对"}))
        assert guest.get(f"/disclosure/evaluations/{number}/").status_code == 404
        ok(guest.get("/disclosure/evaluations/"), "本年度评估尚未开始")
    with time_machine.travel(AT + 10 * DAY, tick=False):
        desk = client(stage.clerk)
        done(desk.post(f"{base(stage.round)}/notice/"))
        text = Publication.objects.get(kind="evaluation_notice")
        assert guest.get(f"/disclosure/evaluations/{number}/").status_code == 404
        publishing.publish(text, by=own.actor(stage.approver), at=AT + 10 * DAY)
        assert tasks.take_up_publications(AT + 10 * DAY) == 1
        assert tasks.take_up_publications(AT + 10 * DAY) == 0
        ok(guest.get(f"/disclosure/evaluations/{number}/"), "公示期从", "C级", "街道组织的质量评估")
        ok(guest.get("/disclosure/evaluations/"), "公示中")
        ok(guest.get(f"/facilities/{low}/"), "公示中，尚未审定", "C级")
    later = AT + 30 * DAY
    with time_machine.travel(later, tick=False):
        desk = client(stage.clerk)
        assert tasks.close_notices(later) == 1
        meet(stage, desk, later)
        done(desk.post(f"{base(stage.round)}/publish/"))
        text = Publication.objects.get(kind="evaluation_result")
        publishing.publish(text, by=own.actor(stage.approver), at=later)
        assert tasks.take_up_publications(later) == 1
        page = ok(guest.get(f"/facilities/{high}/"), "A级", "中位数", "<svg", "2026年12月23日")
        assert "尚未审定" not in page
        ok(guest.get(f"/disclosure/evaluations/{number}/"), "评估组抽取种子")
        ok(desk.get(f"{base(stage.round)}/"), "总分中位数", "已公布")
    with time_machine.travel(later + DAY, tick=False):
        amend(stage, client(stage.clerk), client(stage.approver), guest, high)


def meet(stage: own.Stage, desk: Client, at: Any) -> None:
    form = {"kind": "decision", "planned_on": "2026-12-23", "planned_at": "9:00", "place": "会议室"}
    done(desk.post(f"{base(stage.round)}/meetings/new/", form))
    meeting = Meeting.objects.get()
    here = [str(seat.pk) for seat in stage.seats]
    ok(desk.post(f"/desk/meetings/{meeting.pk}/hold/", {"present": here[:2]}), "不足三分之二")
    done(desk.post(f"/desk/meetings/{meeting.pk}/hold/", {"present": here}))
    for facility in stage.facilities:
        url = f"/desk/meetings/{meeting.pk}/vote/{facility.code}/"
        ok(desk.get(url), "表决")
        done(desk.post(url, {f"vote-{key}": "yes" for key in here}))
    assert desk.get(f"/desk/meetings/{meeting.pk}/vote/NONE/").status_code == 404
    ok(desk.get(f"/desk/meetings/{meeting.pk}/"), "会议室", "到会")
    ok(desk.post(f"{base(stage.round)}/decide/{meeting.pk}/"), "会议记录还没有定稿")
    done(desk.post(f"/desk/meetings/{meeting.pk}/close/", {"minutes": "一致同意。"}))
    done(desk.post(f"{base(stage.round)}/decide/{meeting.pk}/"))


def amend(stage: own.Stage, desk: Client, second: Client, guest: Client, code: str) -> None:
    url = f"{base(stage.round)}/results/{code}/amend/"
    ok(desk.post(url, {"kind": "lower", "grade": "A", "reason": "x"}), "应低于现在的等级")
    done(desk.post(url, {"kind": "lower", "grade": "D", "reason": "查实事故"}))
    made = Amendment.objects.get()
    ok(desk.get(f"{base(stage.round)}/results/{code}/?tab=versions"), "查实事故")
    done(second.post(f"/desk/amendments/{made.pk}/grant/"))
    # The public reads the new version only once a second person has published it.
    ok(guest.get(f"/facilities/{code}/"), "A级")


@pytest.mark.proves("prod:I11")
def test_an_objection_is_worked_on_at_the_desk() -> None:
    stage = own.announced(1, {0: own.marks("0.7")})
    notice = stage.round.notice_from
    assert notice is not None
    at = AT + 10 * DAY
    objection = actions.file_objection(
        stage.evaluation(), "5.1.1 少算了", by=own.actor(stage.operators[0]), at=at,
        token=uuid.uuid4(),
    )  # fmt: skip
    for _ in range(3):
        own.evaluator("parent")
    url = f"/desk/objections/{objection.number}/"
    with time_machine.travel(at, tick=False):
        desk, second = client(stage.clerk), client(stage.approver)
        ok(desk.get(url), "5.1.1 少算了")
        done(desk.post(f"{url}assign/", {"seed": ""}))
        ok(desk.get(url), "复核委员")
        panel = objection.panel
        lead = panel.members.get(is_leader=True).evaluator.user
        change = {"5.1.1": {"points": "70", "reason": "核对名册"}}
        objection.refresh_from_db()
        actions.propose_answer(objection, "属实", change, by=own.actor(lead), at=at)
        done(second.post(f"{url}hand-back/", {"reason": "写清楚"}))
        ok(desk.get(url), "写清楚")
        objection.refresh_from_db()
        actions.propose_answer(objection, "属实，应得满分", change, by=own.actor(lead), at=at)
        ok(second.get(f"{url}answer/"), "质量评估异议答复书", "核对名册")
        done(second.post(f"{url}answer/"))
        ok(desk.get(url), "异议成立", "质量评估异议答复书")
        ok(desk.get(f"{base(stage.round)}/"), objection.number)


@pytest.mark.proves("prod:I1", "diff:8")
def test_a_set_is_imported_compared_and_published_by_two() -> None:
    clerk, approver = makers.clerk(), makers.approver()
    desk, second = client(clerk), client(approver)
    ok(desk.get("/desk/indicators/"), "草稿")
    ok(desk.get("/desk/indicators/1/"), "基础标准", "街道草案")
    template = desk.get("/desk/indicators/template/")
    assert template.status_code == 200
    assert template["Content-Type"] == sheet.MEDIA_TYPE
    form = {"title": "新指标", "standard": "示例"}

    def upload(content: bytes) -> dict[str, Any]:
        return form | {"workbook": SimpleUploadedFile("a.xlsx", content)}

    ok(desk.post("/desk/indicators/import/", upload(b"nothing")), "这个文件读不了")
    done(desk.post("/desk/indicators/import/", upload(template.content)))
    made = IndicatorSet.objects.get(version=2)
    before, after = (indicators.leaves_of(indicators.tree_of(s.pk)) for s in (
        IndicatorSet.objects.get(version=1), made))  # fmt: skip
    assert before == after
    ok(desk.get("/desk/indicators/2/compare/1/"), "两版没有不同")
    assert desk.get("/desk/indicators/2/compare/9/").status_code == 404
    first = made.indicators.get(code="4.1.1")
    first.max_points = Decimal(7)
    first.save()
    ok(desk.get("/desk/indicators/2/compare/1/"), "有变动（分值）")
    ok(desk.post("/desk/indicators/2/propose/"), "合计 101.0 分，应为 100.0 分")
    first.max_points = Decimal(6)
    first.save()
    done(desk.post("/desk/indicators/2/propose/"))
    assert desk.post("/desk/indicators/2/publish/").status_code == 403
    done(second.post("/desk/indicators/2/hand-back/", {"reason": "写说明"}))
    done(desk.post("/desk/indicators/2/propose/"))
    done(second.post("/desk/indicators/2/publish/"))
    done(second.post("/desk/indicators/2/retire/", {"reason": "有新版"}))


@pytest.mark.proves("prod:I1")
def test_a_table_is_a_draft_of_ours_until_somebody_answers_for_the_annex() -> None:
    desk = client(makers.clerk())
    table = desk.get("/desk/indicators/template/").content
    for version, ticked in ((2, {}), (3, {"is_annex": "on"})):
        form = {"title": "新指标", "standard": "示例", **ticked}
        upload = SimpleUploadedFile("a.xlsx", table)
        done(desk.post("/desk/indicators/import/", form | {"workbook": upload}))
        made = IndicatorSet.objects.get(version=version)
        says = ("街道草案" in ok(desk.get(f"/desk/indicators/{version}/")),
                "街道草案" in papers.set_words(EvaluationRound(indicator_set=made)))  # fmt: skip
        assert says == (not ticked, not ticked)


def test_rows_that_cannot_be_read_are_named() -> None:
    from portal.core.sheets import write_table  # noqa: PLC0415

    out = io.BytesIO()
    rows = [[1, "办托条件", "", "4.1.1", "有证照", "6", "是", "", "查阅资料"],
            [1, "办托条件", "", "", "", "6", "", "", ""]]  # fmt: skip
    write_table(out, "指标", sheet.columns(), rows)
    read = sheet.read(SimpleUploadedFile("a.xlsx", out.getvalue()))
    assert read.problems == ["第 3 行没有填完整，或有格子读不出来"]
    assert [(leaf.code, leaf.is_veto, leaf.may_skip) for leaf in read.leaves] == [
        ("4.1.1", True, False)
    ]
    out = io.BytesIO()
    write_table(out, "指标", sheet.columns(), [])
    assert sheet.read(SimpleUploadedFile("a.xlsx", out.getvalue())).problems


def test_the_pool_is_kept_on_its_pages() -> None:
    clerk = makers.clerk()
    person = makers.user("evaluator")
    desk = client(clerk)
    place = own.facility()
    with time_machine.travel(AT, tick=False):
        ok(desk.get("/desk/evaluators/"), "还没有委员")
        form = {"user": person.username, "field": "fire", "unit": "应急所", "community": "longquan",
                "term_from": "2026-11-23", "term_to": "2026-11-01"}  # fmt: skip
        ok(desk.post("/desk/evaluators/new/", form), "任期止不能早于任期起")
        done(desk.post("/desk/evaluators/new/", form | {"term_to": ""}))
        member = Evaluator.objects.get()
        url = f"/desk/evaluators/{member.pk}"
        ok(desk.post(f"{url}/tie/", {"facility": "X", "ground": "kinship"}), "没有这个登记号")
        done(desk.post(f"{url}/tie/", {"facility": place.code, "ground": "kinship"}))
        ok(desk.get("/desk/evaluators/"), "亲属关系", "应急所")
        tie = member.ties.get()
        done(desk.post(f"/desk/evaluators/ties/{tie.pk}/end/"))
        done(desk.post(f"{url}/end/"))
        assert committee.pool(AT.date() + DAY) == []


@pytest.mark.proves("prod:I14")
def test_a_plan_and_a_self_assessment_are_answered_at_the_desk() -> None:
    stage = own.finished(1, {0: own.marks("0.7")})
    at = AT + 31 * DAY
    plan, operator = stage.evaluation().plan, own.actor(stage.operators[0])
    actions.submit_plan(plan, "培训", AT.date() + 60 * DAY, by=operator, at=at)
    with time_machine.travel(at, tick=False):
        desk = client(stage.clerk)
        ok(
            desk.get(f"{base(stage.round)}/results/{stage.facilities[0].code}/?tab=versions"),
            "培训",
        )
        page = f"{base(stage.round)}/results/{stage.facilities[0].code}/?tab=versions"
        there = f"/desk/inspections/new/?facility={stage.facilities[0].code}"
        assert there in ok(desk.get(page), "安排指导走访")
        ok(desk.get(there), f'value="{stage.facilities[0].code}" selected')
        assert there not in ok(client(stage.approver).get(page), "培训")  # who plans is the clerk
        done(desk.post(f"/desk/improvement/{plan.pk}/hand-back/", {"reason": "写时限"}))
        actions.submit_plan(plan, "三月前", AT.date() + 60 * DAY, by=operator, at=at)
        ok(desk.get(f"/desk/improvement/{plan.pk}/accept/"), "三月前")
        done(desk.post(f"/desk/improvement/{plan.pk}/accept/"))
    other = own.drawn()
    actions.start_round(other.again(), by=own.actor(other.approver), at=AT)
    mine = other.evaluation().self_assessment
    values = {c: {k: v for k, v in e.items() if k != "reason"} for c, e in own.marks().items()}
    who = own.actor(other.operators[0])
    actions.save_self_assessment(mine, values, by=who, at=AT)  # type: ignore[arg-type]
    actions.submit_self_assessment(mine, "示例", by=who, at=AT)
    with time_machine.travel(AT, tick=False):
        url = f"/desk/self-assessments/{mine.pk}/reopen/"
        done(client(other.clerk).post(url, {"reason": "补"}))


def test_who_sits_on_the_panel_is_told_to_the_office_only() -> None:
    stage = own.scoring()
    worker = makers.user("community", community=makers.community("longquan"))
    url, name = f"/desk/evaluations/{stage.round.number}/", stage.leader.display_name
    with time_machine.travel(AT, tick=False):
        assert name in client(stage.clerk).get(url).content.decode()
        seen = client(worker).get(url).content.decode()
    assert stage.facilities[0].name in seen
    for seat in stage.seats:
        assert stage.user(seat).display_name not in seen


def test_a_community_reads_no_points_before_they_are_public() -> None:
    stage = own.opened(1)
    worker = makers.user("community", community=makers.community("longquan"))
    stranger = makers.user("community", community=makers.community("hubin"))
    url = f"{base(stage.round)}/results/{stage.facilities[0].code}/"
    with time_machine.travel(AT, tick=False):
        assert "评估等级" in ok(client(stage.clerk).get(url))
        assert "评估等级" not in ok(client(worker).get(url))
        assert client(stranger).get(url).status_code == 404
