"""A case at the desk: from the list to the answer, through the pages as people use them."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from complaints import actions
from complaints.models import Category, Complaint, StatementRequest, StepKind
from complaints.queries import casework
from complaints.views.desk.acting import refusal
from complaints.views.desk.reports import share
from complaints.workflow import ComplaintStatus
from facilities.models import CannedText, Lead, Transfer
from portal.core import attachments, clock, outbox
from portal.core.actors import Actor
from portal.core.models import AuditEvent, Notification, User
from tests import makers, register
from tests.complaints import makers as make
from tests.inspections import makers as supervision

pytestmark = pytest.mark.django_db
AT = makers.AT
SECRET = "昨天下午接孩子时看到老师推搡小朋友"
S = ComplaintStatus


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def read(person: User, name: str, *args: Any, query: str = "") -> str:
    response = signed_in(person).get(reverse(f"desk:{name}", args=args) + query)
    assert response.status_code == 200, name
    return response.content.decode()


def send(who: User, route: str, /, *args: Any, **data: Any) -> str:
    """A POST that is done leads back; one that is not says why."""
    page = reverse(f"desk:{route}", args=args)
    response = signed_in(who).post(page, data, follow=True)
    assert response.status_code == 200, (route, response.status_code)
    return response.content.decode()


def status(person: User, name: str, *args: Any, post: bool = False) -> int:
    client, page = signed_in(person), reverse(f"desk:{name}", args=args)
    return int((client.post(page) if post else client.get(page)).status_code)


def state_of(complaint: Complaint) -> str:
    complaint.refresh_from_db()
    return complaint.state


@pytest.mark.proves(
    "prod:K1", "prod:K6", "prod:K13", "prod:K15", "prod:K18", "prod:L2", "prod:K19", "prod:V2"
)
def test_from_the_list_to_the_answer() -> None:
    handler, second, approver = make.handler(), make.handler(), makers.approver()
    facility = register.facility()
    case = make.complaint("C8", facility=facility)
    _taken_on(case, handler, approver)
    _complainant_is_asked(case, handler)
    _facility_is_heard(case, handler, second)
    _other_authority(case, handler, approver)
    _two_people_end_it(case, handler, approver)
    page = read(approver, "complaint_print", case.pk)
    for word in ("投诉举报卷宗", "按合同退费", Transfer.objects.get().number, "提出答复"):
        assert word in page
    acts = set(AuditEvent.objects.values_list("act", flat=True))
    assert {"complaint.read", "complaint.printed"} <= acts


def _taken_on(case: Complaint, handler: User, approver: User) -> None:
    """Nothing typed is lost, and no number of a person gets into the words of the list."""
    assert case.number in read(handler, "complaints")
    page = read(handler, "complaint", case.pk)
    assert SECRET in page
    assert reverse("desk:complaint_accept", args=[case.pk]) in page
    typed = {"severity": "major", "title": "家长电话13912345678", "summary": "收费"}
    said = send(handler, "complaint_accept", case.pk, **typed)
    assert "这里不要写个人的证件号码" in said
    assert "13912345678" in said
    send(handler, "complaint_accept", case.pk, **typed | {"title": "退费问题"})
    assert state_of(case) == S.ACCEPTED
    assert "现在是“已受理”" in send(handler, "complaint_accept", case.pk, **typed)  # sent twice
    send(approver, "complaint_assign", case.pk, person=handler.pk, note="请三天内联系")
    assert Complaint.objects.get().handler == handler
    assert "退费问题" in read(handler, "complaints", query="?mine=yes")


def _complainant_is_asked(case: Complaint, handler: User) -> None:
    """Answers by number and code; the clock stands still meanwhile."""
    send(handler, "complaint_ask", case.pk, text="请问交费的票据还在吗？")
    assert state_of(case) == S.AWAITING_COMPLAINANT
    assert "计时暂停" in read(handler, "complaint", case.pk)
    by = Actor.code_holder(case)
    actions.add_by_complainant(case, "票据还在", by=by, at=AT)
    assert "票据还在" in read(handler, "complaint", case.pk)
    assert state_of(case) == S.INVESTIGATING


def _facility_is_heard(case: Complaint, handler: User, second: User) -> None:
    """It reads what one wrote and another checked, never the original."""
    said = send(handler, "complaint_request_statement", case.pk, summary=SECRET)
    assert "与投诉人的原话有一段相同" in said
    send(handler, "complaint_request_statement", case.pk, summary="请说明本月的退费规则")
    asked = StatementRequest.objects.get()
    assert status(handler, "complaint_statement_release", asked.pk) == 403  # the same person
    assert SECRET in read(second, "complaint_statement_release", asked.pk)
    send(second, "complaint_statement_hand_back", asked.pk, reason="写清哪个月")
    send(handler, "complaint_statement_rewrite", asked.pk, summary="请说明十一月的退费规则")
    send(second, "complaint_statement_release", asked.pk)
    asked.refresh_from_db()
    assert asked.checked_by == second
    # The day of the batch has come.
    StatementRequest.objects.filter(pk=asked.pk).update(release_on=AT.date())
    asked.refresh_from_db()
    actions.answer_statement(
        asked, "按合同退费", by=make.actor(make.member_of(asked.facility)), at=AT,
        files=[attachments.inspected(makers.pdf())],
    )  # fmt: skip
    page = read(handler, "complaint", case.pk, query="?tab=work")
    assert "按合同退费" in page
    assert "paper.pdf" in page
    assert "不打招呼的检查" in send(handler, "complaint_open_inspection", case.pk)
    case.refresh_from_db()
    assert case.inspection
    assert case.inspection.number in read(handler, "complaint", case.pk, query="?tab=work")


def _other_authority(case: Complaint, handler: User, approver: User) -> None:
    """Letter, receipt, what it found."""
    assert "问题线索移送函" in read(handler, "complaint_refer", case.pk)
    send(handler, "complaint_refer", case.pk, department="market", facts="收费项目没有公示。")
    letter = Transfer.objects.get()
    assert letter.number in read(handler, "complaint", case.pk, query="?tab=work")
    early = {"on": "2026-11-01"}
    said = send(handler, "complaint_receipt", case.pk, letter.pk, **early)
    assert "收到日期应在移送日期和今天之间" in said
    send(handler, "complaint_receipt", case.pk, letter.pk, on="2026-11-23")
    assert status(approver, "complaint_receipt", case.pk, letter.pk) == 403
    send(handler, "complaint_feedback", case.pk, letter.pk, on="2026-11-23", result="责令公示")
    assert "责令公示" in read(handler, "complaint", case.pk, query="?tab=work")


def _two_people_end_it(case: Complaint, handler: User, approver: User) -> None:
    """Nobody for himself."""
    reply = {"result": "upheld", "evidence": "看了票据", "text": "您反映的情况属实，已责令公示。"}
    send(handler, "complaint_propose_reply", case.pk, **reply)
    assert status(handler, "complaint_approve_reply", case.pk) == 403
    assert "已责令公示" in read(approver, "complaint_approve_reply", case.pk)
    send(approver, "complaint_hand_back", case.pk, reason="写上救济途径")
    send(handler, "complaint_propose_reply", case.pk, **reply)
    send(approver, "complaint_approve_reply", case.pk)
    assert state_of(case) == S.RESOLVED
    assert "已责令公示" in read(handler, "complaint", case.pk)


@pytest.mark.proves("prod:K2", "sec:C9", "clause:二(五)1g")
def test_the_red_lane() -> None:
    duty, other, handler = make.duty(), make.duty(), make.handler()
    case = make.complaint("C1", facility=register.facility())
    assert "还没有人确认" in read(duty, "complaints")
    for name in ("complaint", "complaint_acknowledge", "complaint_report", "complaint_print"):
        assert status(handler, name, case.pk) == 404  # outside the red lane it does not exist
    assert case.number not in read(handler, "complaints", query="?state=every")

    _nothing_before_the_report(case, duty)
    _another_category_takes_two(case, duty, other, handler)

    # one person is enough to bring it back
    page = read(handler, "complaint_raise_alarm", case.pk)
    assert str(Category.C1.label) in page
    assert str(Category.C8.label) not in page  # only what goes over the red lane
    send(handler, "complaint_raise_alarm", case.pk, category="C1", reason="孩子身上有伤")
    assert status(handler, "complaint", case.pk) == 404
    assert state_of(case) == S.RECEIVED
    outbox.drain(AT)
    assert Notification.objects.filter(to=duty, kind="complaint.alarm").exists()


def _nothing_before_the_report(case: Complaint, duty: User) -> None:
    """The alarm is acknowledged; the case moves once the police knows."""
    page = read(duty, "complaint", case.pk)
    assert "60 分钟内" in page
    assert reverse("desk:complaint_accept", args=[case.pk]) not in page
    send(duty, "complaint_acknowledge", case.pk)
    assert "还没有人确认" not in read(duty, "complaints")
    accept = {"severity": "critical", "title": "紧急举报", "summary": ""}
    assert "要先向公安或主管部门报告" in send(duty, "complaint_accept", case.pk, **accept)
    assert "要先向公安或主管部门报告" in send(
        duty, "complaint_reject", case.pk, ground="no_facts", text="没有线索"
    )
    report = {"organ": "police", "unit": "示例派出所", "reference": "JJ-7", "note": "已出警"}
    late = send(duty, "complaint_report", case.pk, **report, reported_at="2026-11-23 12:00")
    assert "报告时间不能晚于现在" in late
    send(duty, "complaint_report", case.pk, **report, reported_at="2026-11-23 08:30")
    page = read(duty, "complaint", case.pk)
    assert "JJ-7" in page
    assert "已出警" in page
    send(duty, "complaint_accept", case.pk, **accept)
    assert state_of(case) == S.ACCEPTED


def _another_category_takes_two(case: Complaint, duty: User, other: User, handler: User) -> None:
    """Then it is gone from the red lane's sight."""
    change = {"category": "C9", "reason": "核实后只是接送拥堵"}
    send(duty, "complaint_propose_category", case.pk, **change)
    assert status(duty, "complaint_confirm_category", case.pk) == 403
    assert status(duty, "complaint_refuse_category", case.pk) == 403
    assert "接送拥堵" in read(other, "complaint_confirm_category", case.pk)
    send(other, "complaint_refuse_category", case.pk)
    assert "没有待确认的类别调整" in send(other, "complaint_confirm_category", case.pk)
    send(duty, "complaint_propose_category", case.pk, **change)
    assert "类别已调整" in send(other, "complaint_confirm_category", case.pk)
    assert status(duty, "complaint", case.pk) == 404
    assert "接送拥堵" in read(handler, "complaint", case.pk)


@pytest.mark.proves("sec:C9", "diff:23")
def test_whoever_is_tied_sees_nothing() -> None:
    handler, other = make.handler(), make.handler()
    facility = register.facility()
    case, twin = make.accepted(handler, facility=facility), make.complaint(facility=facility)
    assert "请选择回避什么" in send(handler, "complaint_tie", case.pk, reason="亲属在那里工作")
    send(handler, "complaint_tie", case.pk, reason="亲属在那里工作", scope="facility")
    for each in (case, twin):
        assert status(handler, "complaint", each.pk) == 404
        assert status(handler, "complaint_note", each.pk, post=True) == 404
        assert each.number not in read(handler, "complaints", query="?state=every")
    case.refresh_from_db()
    assert case.handler is None
    nowhere = make.complaint()
    send(other, "complaint_tie", nowhere.pk, reason="认识投诉人")
    assert status(other, "complaint", nowhere.pk) == 404
    assert status(other, "complaint", case.pk) == 200
    _ties_end_by_another_hand(handler, case)


def _ties_end_by_another_hand(handler: User, case: Complaint) -> None:
    """Those who oversee see every tie; nobody ends his own."""
    approver = makers.approver()
    tie = handler.confidential_ties.get()
    assert "亲属在那里工作" in read(handler, "complaint_ties")
    assert status(handler, "complaint_tie_end", tie.pk, post=True) == 403
    assert reverse("desk:complaint_tie_end", args=[tie.pk]) in read(approver, "complaint_ties")
    own = actions.declare_tie("同学", complaint=case, by=make.actor(approver), at=AT)
    assert status(approver, "complaint_tie_end", own.pk, post=True) == 403
    assert reverse("desk:complaint_tie_end", args=[own.pk]) not in read(approver, "complaint_ties")
    assert "亲属在那里工作" in read(approver, "complaint_tie_end", tie.pk)
    for _ in range(2):
        assert "已解除回避关系" in send(approver, "complaint_tie_end", tie.pk)
    assert status(handler, "complaint", case.pk) == 200
    assert "没有申报的回避关系" in read(handler, "complaint_ties")


@pytest.mark.proves("prod:L5", "prod:L6", "diff:23")
def test_seeing_who_complained_takes_a_reason_and_a_second_person() -> None:
    handler, second = make.handler(), makers.approver()
    case = make.accepted(handler, contact=make.CONTACT)
    page = read(handler, "complaint", case.pk, query="?tab=people")
    assert "138****1234" in page
    assert "13800001234" not in page
    assert "请填写原因" in send(handler, "complaint_ask_contact", case.pk)
    send(handler, "complaint_ask_contact", case.pk, reason="约定当面核实")
    reveal = case.reveals.get()
    assert status(handler, "complaint_contact_grant", reveal.pk, post=True) == 403
    assert "约定当面核实" in read(second, "complaint_contact_grant", reveal.pk)
    send(second, "complaint_contact_grant", reveal.pk)
    assert status(second, "complaint_contact_open", reveal.pk, post=True) == 403
    assert "13800001234" not in read(handler, "complaint_contact_open", reveal.pk)
    assert not case.steps.filter(text="已查看").exists()
    shown = send(handler, "complaint_contact_open", reveal.pk)
    assert "13800001234" in shown
    assert case.steps.filter(kind=StepKind.CONTACT, text="已查看").count() == 1
    for query in ("", "?tab=people"):
        assert "13800001234" not in read(handler, "complaint", case.pk, query=query)
    assert "13800001234" not in read(handler, "complaint_print", case.pk)

    send(handler, "complaint_ask_contact", case.pk, reason="再约一次")
    again = case.reveals.exclude(pk=reveal.pk).get()
    send(second, "complaint_contact_refuse", again.pk, reason="可以用留言问")
    assert "未同意" in read(handler, "complaint", case.pk, query="?tab=people")
    anonymous = make.accepted(handler)
    said = send(handler, "complaint_ask_contact", anonymous.pk, reason="想打电话")
    assert "这件是匿名的" in said


@pytest.mark.proves("prod:K11", "prod:J8")
def test_what_reads_alike_is_offered_and_merged() -> None:
    handler, approver = make.handler(), makers.approver()
    first, second = make.accepted(handler), make.accepted(handler)
    other = make.complaint(told={"happened": "饭菜是冷的，已经说过好几次，没有改。"})
    page = read(handler, "complaint", second.pk, query="?tab=people")
    assert first.number in page
    assert other.number not in page
    link = f"?with={first.pk}"
    assert first.number in read(handler, "complaint_merge", second.pk, query=link)
    for bad in ("?with=x", f"?with={uuid.uuid4()}"):
        assert first.number not in read(handler, "complaint_merge", second.pk, query=bad)
    red = make.complaint("C1")
    assert "没有找到这个编号" in send(handler, "complaint_merge", second.pk, number=red.number)
    assert "不能合并" in send(handler, "complaint_merge", second.pk, number=second.number)
    send(handler, "complaint_merge", second.pk, number=first.number.lower())
    assert "并入本件" in read(handler, "complaint", first.pk, query="?tab=people")
    send(handler, "complaint_separate", second.pk, reason="是另一天的事")
    shared = "会看到同一份答复"
    assert shared not in read(handler, "complaint_propose_reply", first.pk)
    send(handler, "complaint_merge", second.pk, number=first.number)
    assert f"并入本件的 1 件的投诉人也{shared}" in read(
        handler, "complaint_propose_reply", first.pk
    )
    send(
        handler, "complaint_propose_reply", first.pk,
        result="not_upheld", evidence="看了录像", text="经核查，没有发现。",
    )  # fmt: skip
    assert shared in read(approver, "complaint_approve_reply", first.pk)
    send(approver, "complaint_approve_reply", first.pk)
    assert state_of(second) == S.RESOLVED


@pytest.mark.proves("prod:J11", "diff:26")
def test_a_call_becomes_a_case_with_a_slip_that_is_shown_once() -> None:
    clerk, handler = makers.clerk(), make.handler()
    facility = register.facility()
    page = read(clerk, "complaint_new")
    token = page.partition('name="token" value="')[2].partition('"')[0]
    typed = {
        "token": token, "channel": "phone", "category": "C8", "code": facility.code,
        "happened": "来电人说退园以后两个月没有退押金。", "name": "示例家长",
        "phone": "１３８００００５６７８", "times": "晚上",
    }  # fmt: skip
    short = send(clerk, "complaint_new", **typed | {"happened": "没有退"})
    assert "请至少写" in short
    assert "示例家长" in short
    assert "最多写" in send(clerk, "complaint_new", **typed | {"happened": "长" * 1001})
    assert "机构档案里没有这个代码" in send(clerk, "complaint_new", **typed | {"code": "X1"})
    slip, twice = (send(clerk, "complaint_new", **typed) for _ in range(2))
    case = Complaint.objects.get()
    code = slip.partition("查询码")[2].partition('class="number">')[2].partition("<")[0]
    assert case.number in slip
    assert [len(group) for group in code.split()] == [4, 4, 4, 4]
    assert code in twice  # sent twice it is one case and the same slip
    assert (case.channel, case.is_named, case.facility) == ("phone", True, facility)
    assert status(clerk, "complaint", case.pk) == 404  # who typed it in does not see it again
    page = read(handler, "complaint", case.pk)
    assert "退押金" in page
    assert code.replace(" ", "") not in page
    visitor = typed | {"channel": "counter", "token": str(uuid.uuid4())}
    assert "查询码" in send(clerk, "complaint_new", **visitor)
    assert Complaint.objects.exclude(pk=case.pk).get().channel == "counter"


@pytest.mark.proves("prod:J11", "clause:二(五)1d")
def test_a_work_order_of_12345_keeps_its_number_and_day() -> None:
    handler = make.handler()
    typed = {
        "channel": "hotline", "category": "C9", "happened": "早晚接送时门口很堵，希望管一管。",
        "place": "某某路口的托育园", "external_due": "2026-11-26",
    }  # fmt: skip
    assert "请填写 12345 工单号" in send(handler, "complaint_new", **typed)
    typed["external_number"] = "PDS-20261123-1"
    past = send(handler, "complaint_new", **typed | {"external_due": "2026-11-20"})
    assert "要求办结日期不能早于今天" in past
    assert "投诉举报回单" in send(handler, "complaint_new", **typed)
    assert "这个工单号已经登记过" in send(handler, "complaint_new", **typed)
    case = Complaint.objects.get()
    assert case.finish_due == dt.date(2026, 11, 26)
    page = read(handler, "complaint", case.pk)
    assert "PDS-20261123-1" in page
    assert "某某路口的托育园" in page


@pytest.mark.proves("prod:K3", "prod:K4")
def test_the_clock_is_paused_runs_on_and_is_extended_once() -> None:
    handler, approver = make.handler(), makers.approver()
    case = make.accepted(handler)
    send(handler, "complaint_pause", case.pk, kind="expert", reason="等检测结果")
    page = read(handler, "complaint", case.pk)
    assert "计时暂停：等检测结果" in page
    assert reverse("desk:complaint_pause", args=[case.pk]) not in page
    send(handler, "complaint_end_pause", case.pk)
    case.refresh_from_db()
    assert not case.is_paused
    assert status(handler, "complaint_extend", case.pk) == 403
    due = case.finish_due
    assert "期限已延长" in send(approver, "complaint_extend", case.pk, reason="要做鉴定")
    case.refresh_from_db()
    assert (case.finish_due, due) != (due, None)
    assert "已经延长过" in send(approver, "complaint_extend", case.pk, reason="再延长")


def test_upheld_against_a_visit_that_found_nothing_asks_why() -> None:
    """Only then the box is there; what is written in it reads whoever decides."""
    handler, approver = make.handler(), makers.approver()
    case = make.accepted(handler, facility=makers.facility())
    words = "检查没有发现问题，仍认定属实的理由"
    assert words not in read(handler, "complaint_propose_reply", case.pk)
    supervision.over(actions.open_visit(case, by=make.actor(handler), at=AT))
    assert words in read(handler, "complaint_propose_reply", case.pk)
    reply = {"result": "upheld", "evidence": "看了票据", "text": "情况属实。"}
    said = send(handler, "complaint_propose_reply", case.pk, **reply)
    assert "仍认定属实的，请写明理由" in said
    send(handler, "complaint_propose_reply", case.pk, **reply, why="检查前已经改正")
    assert "检查前已经改正" in read(approver, "complaint_approve_reply", case.pk)


@pytest.mark.proves("prod:K8")
def test_a_phrase_stands_before_what_is_typed_with_the_facts_of_the_case() -> None:
    """The list shows it as it will read; what filings are answered with is not offered."""
    handler, approver = make.handler(), makers.approver()
    case = make.accepted(handler, facility=makers.facility())
    page = read(handler, "complaint_propose_reply", case.pk)
    words = f"您反映的{case.facility.name}的问题，经核查与事实不符。"
    assert words in page
    assert "请先要求机构补正" not in page
    phrase = CannedText.objects.get(shipped="not_upheld")
    reply = {"result": "not_upheld", "evidence": "看了票据"}
    empty = send(handler, "complaint_propose_reply", case.pk, **reply)
    assert "请填写给投诉人的答复，或选一条常用语" in empty
    send(handler, "complaint_propose_reply", case.pk, **reply, phrase=phrase.pk, text="票据齐全。")
    case.refresh_from_db()
    assert case.reply_text == f"{words}\n票据齐全。"
    assert words in read(approver, "complaint_approve_reply", case.pk)


@pytest.mark.proves("prod:K8")
def test_a_phrase_alone_says_why_it_is_not_taken_on() -> None:
    handler, case = make.handler(), make.complaint("C8")
    phrase = CannedText.objects.get(shipped="in_court")
    send(handler, "complaint_reject", case.pk, ground="in_court", phrase=phrase.pk)
    assert state_of(case) == S.REJECTED
    assert phrase.text in read(handler, "complaint", case.pk)


@pytest.mark.proves("prod:K7")
def test_notes_messages_people_and_the_place() -> None:
    handler, helper, approver = make.handler(), make.handler(), makers.approver()
    case = make.accepted(handler)
    assert "已记下" in send(handler, "complaint_note", case.pk, text="已看监控")
    assert "已看监控" in read(approver, "complaint", case.pk)
    send(handler, "complaint_write", case.pk, text="正在核查，请稍候")
    assert "正在核查，请稍候" in read(handler, "complaint", case.pk)
    send(handler, "complaint_assist", case.pk, person=helper.pk)
    assert helper.signature_label in read(handler, "complaint", case.pk, query="?tab=people")
    assert case.number in read(helper, "complaints", query="?mine=yes")
    assert "已催办" in send(approver, "complaint_remind", case.pk)
    assert "今天已经催办过" in send(approver, "complaint_remind", case.pk)
    send(handler, "complaint_investigate", case.pk)
    assert state_of(case) == S.INVESTIGATING
    reply = {"result": "upheld", "evidence": "看了现场", "text": "情况属实。"}
    assert "属实的要有后续" in send(handler, "complaint_propose_reply", case.pk, **reply)
    place = {"name": "某路的托育场所", "community": "longquan", "address": "龙泉路30号"}
    said = send(handler, "complaint_pass_on_place", case.pk, **place)
    assert Lead.objects.get().number in said
    send(handler, "complaint_ask", case.pk, text="在几楼？")
    send(handler, "complaint_resume", case.pk)
    assert state_of(case) == S.INVESTIGATING
    facility = register.facility()
    words = {"title": "退费", "summary": "押金没有退"}
    assert "机构档案里没有" in send(handler, "complaint_describe", case.pk, **words, code="Z9")
    send(handler, "complaint_describe", case.pk, **words, code=facility.code)
    assert facility.name in read(handler, "complaint", case.pk)
    send(handler, "complaint_assign", case.pk, person=helper.pk)
    case.refresh_from_db()
    assert case.handler == helper
    assert "请选择" in send(handler, "complaint_assign", case.pk, person=make.duty().pk)


def test_not_taken_on_with_a_ground_and_a_way() -> None:
    handler = make.handler()
    case = make.complaint()
    assert "请选择不予受理的依据" in send(handler, "complaint_reject", case.pk, text="请找医院")
    send(handler, "complaint_reject", case.pk, ground="not_ours", text="请向市卫健委反映")
    assert state_of(case) == S.REJECTED
    assert "请向市卫健委反映" in read(handler, "complaint", case.pk)


@pytest.mark.proves("prod:K16")
def test_a_review_goes_to_somebody_else() -> None:
    handler, other, approver = make.handler(), make.handler(), makers.approver()
    case = make.closed(handler, approver)
    by = Actor.code_holder(case)
    actions.rate_complaint(case, is_solved=False, satisfaction="poor", by=by, at=AT)
    actions.request_review(case, "没有退", by=by, at=AT)
    page = read(other, "complaint", case.pk)
    assert "申请复核" in page
    assert "没有解决" in page
    refused = send(approver, "complaint_assign", case.pk, person=handler.pk)
    assert "选择一个有效的选项" in refused or "请选择" in refused
    send(approver, "complaint_assign", case.pk, person=other.pk)
    assert status(handler, "complaint_propose_reply", case.pk) == 403


@pytest.mark.proves("prod:L8")
def test_a_hold_is_lifted_by_another() -> None:
    handler, approver = make.handler(), makers.approver()
    case = make.closed(handler, approver)
    send(handler, "complaint_hold", case.pk, reason="公安要求保留")
    assert "公安要求保留" in read(approver, "complaint", case.pk)
    assert status(handler, "complaint_lift_hold", case.pk) == 403
    send(approver, "complaint_lift_hold", case.pk, reason="案件已结")
    case.refresh_from_db()
    assert case.hold_by is None


def test_the_discipline_inspectors_alone() -> None:
    auditor, handler, approver = makers.user("auditor"), make.handler(), makers.approver()
    case = make.complaint("C12")
    for person in (handler, approver, make.duty()):
        assert status(person, "complaint", case.pk) == 404
    assert reverse("desk:complaint_take_over", args=[case.pk]) in read(
        auditor, "complaint", case.pk
    )
    send(auditor, "complaint_take_over", case.pk)
    send(auditor, "complaint_answer_discipline", case.pk, result="not_upheld", text="已调查。")
    assert state_of(case) == S.RESOLVED


def test_files_are_opened_for_those_on_the_case_and_leave_with_the_key() -> None:
    handler, stranger = make.handler(), make.duty()
    case = make.accepted(handler, files=[attachments.inspected(makers.jpeg("现场.jpg"))])
    file = case.files.get()
    assert "现场.jpg" in read(handler, "complaint", case.pk)
    page = reverse("desk:complaint_file", args=[case.pk, file.pk])
    answer = signed_in(handler).get(page)
    assert answer.content[:2] == b"\xff\xd8"
    assert "no-store" in answer.headers["Cache-Control"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert signed_in(stranger).get(page).status_code == 404
    other = make.accepted(handler)
    assert status(handler, "complaint_file", other.pk, file.pk) == 404
    Complaint.objects.filter(pk=case.pk).update(state=S.WITHDRAWN)
    case.refresh_from_db()
    actions.erase_complaint(case, at=AT)
    assert signed_in(handler).get(page).status_code == 404
    page_now = read(handler, "complaint", case.pk)
    assert "按期销毁" in page_now
    assert SECRET not in page_now


@pytest.mark.proves("ux:27")
def test_the_list_filters_searches_and_counts() -> None:
    handler, duty = make.handler(), make.handler()
    facility = register.facility()
    case = make.accepted(handler, facility=facility)
    late = make.complaint("C9", external_number="GD-1")
    today = AT.date()
    Complaint.objects.filter(pk=late.pk).update(finish_due=today - dt.timedelta(days=2))
    ended = make.closed(handler, makers.approver())
    page = read(handler, "complaints")
    assert "在办（2）" in page
    assert "已结束（1）" in page
    assert ended.number not in page
    assert page.index(late.number) < page.index(case.number)  # the nearest day first
    expected = {
        "?state=ended": [ended], "?state=every": [case, late, ended], "?state=received": [late],
        "?due=overdue": [late], "?due=today": [], "?category=C9": [late],
        f"?handler={handler.pk}": [case], "?severity=major": [case], "?channel=phone": [],
        f"?q={case.number}": [case], "?q=收费": [case], "?q=GD-1": [late], "?q=推搡": [],
        f"?q={facility.name[:3]}": [case], "?mine=yes": [case], "?due=week": [late],
    }  # fmt: skip
    for query, found in expected.items():
        page = read(handler, "complaints", query=query)
        shown = {each for each in (case, late, ended) if f"/{each.pk}/" in page}
        assert shown == set(found), query
    page = read(handler, "complaints", query="?category=nothing&lane=red")
    assert "没有使用：类别" in page
    assert '<select name="lane"' not in page  # one lane is no choice
    both = makers.user("handler", "red_lane")
    assert '<select name="lane"' in read(both, "complaints")
    assert "没有符合条件的投诉" in read(duty, "complaints", query="?q=没有这样的")
    Complaint.objects.all().update(state=S.WITHDRAWN)
    assert "没有在办的投诉" in read(duty, "complaints")


@pytest.mark.proves("prod:N4")
def test_the_reports_count_what_became_of_them() -> None:
    handler, approver = make.handler(), makers.approver()
    assert "这段时间没有收到投诉" in read(handler, "complaint_reports")
    case = make.closed(handler, approver)
    actions.rate_complaint(
        case, is_solved=True, satisfaction="good", by=Actor.code_holder(case), at=AT
    )
    late = make.closed(handler, approver)
    day = AT.date() - dt.timedelta(days=3)
    Complaint.objects.filter(pk=late.pk).update(first_due=day)
    rejected = make.complaint("C9")
    actions.reject_complaint(rejected, "not_ours", "请找别处", by=make.actor(handler), at=AT)
    make.complaint("C1")  # of another lane: not within the handler's reach, not in his figures
    page = read(handler, "complaint_reports")
    assert "50%" in page  # one of two in time
    assert "1 / 2 件" in page
    assert "评价 1 件" in page
    assert "不予受理 1 件" in page
    assert str(Category.C1.label) not in page
    query = "?first=2026-11-24&last=2026-11-24"
    assert "这段时间没有收到投诉" in read(handler, "complaint_reports", query=query)
    swapped = read(handler, "complaint_reports", query="?first=2026-11-24&last=2026-11-01")
    assert "1 / 2 件" in swapped
    assert share(0, 0) == "—"


@pytest.mark.proves("sec:C5")
def test_a_text_changed_meanwhile_is_read_again_before_it_goes_out() -> None:
    handler, second = make.handler(), make.handler()
    case = make.accepted(handler, facility=register.facility())
    asked = make.statement(handler, case)
    page = read(second, "complaint_statement_release", asked.pk)
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    actions.rewrite_statement(asked, "请说明退费的规则", by=make.actor(handler), at=AT)
    said = send(second, "complaint_statement_release", asked.pk, seen=seen)
    assert "内容刚被改过" in said
    assert "请说明退费的规则" in said
    asked.refresh_from_db()
    assert asked.checked_by is None
    seen = said.partition('name="seen" value="')[2].partition('"')[0]
    send(second, "complaint_statement_release", asked.pk, seen=seen)
    asked.refresh_from_db()
    assert asked.checked_by == second


def test_the_place_of_a_public_report_reads_as_it_was_told() -> None:
    place = {"name": "路口托管点", "address": "龙泉路口"}
    case = make.complaint("C4", told={"place": place})
    page = read(make.handler(), "complaint", case.pk)
    assert "路口托管点 龙泉路口" in page
    assert "没有写明" in read(make.handler(), "complaint", make.complaint("C4").pk)


def test_what_the_result_rests_on_stays_with_the_case_and_goes_with_its_key() -> None:
    handler = make.handler()
    case = make.closed(handler, makers.approver())
    assert "查看了收费公示和票据" in read(handler, "complaint", case.pk)
    actions.erase_complaint(case, at=AT)
    assert "查看了收费公示和票据" not in read(handler, "complaint", case.pk)
    said = send(handler, "complaint_note", case.pk, text="再记一句")
    assert "这件的内容已按期销毁" in said


def test_refusals_are_sentences() -> None:
    for kind, end in ((actions.AlreadyRed, "举报"), (actions.CaseEnded, "说明")):
        assert refusal(kind("x")).endswith(end)
    for kind in (actions.CannotTake, actions.NoFacility, actions.NotProposed):
        assert refusal(kind("x")).endswith(("原件", "写上", "调整"))
    assert casework.answer_files([]) == {}
