"""A complaint from the form to the reply, seen through the acts."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
import time_machine
from django.contrib.auth.hashers import check_password
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from complaints import actions, queries, tasks
from complaints.actions import Submission
from complaints.models import (
    CaseStep,
    Complaint,
    ComplaintContact,
    ComplaintFile,
    ErasureProof,
    Lane,
)
from complaints.workflow import ComplaintStatus, StatementStatus
from facilities.models import Department, Lead, Transfer
from inspections.queries import visits
from portal.core import attachments, outbox
from portal.core.actors import Actor
from portal.core.crypto import SealBroken
from portal.core.files import store
from portal.core.models import AuditEvent, Notification, OfficialPaper, Outbox
from portal.core.queries import in_force, working_calendar
from portal.core.roles import Role
from portal.core.workflow import FactMissing, NotAllowed, TransitionNotOpen
from tests import makers, register
from tests.inspections import makers as supervision

from . import makers as cases
from .makers import AT, DAY, actor

pytestmark = pytest.mark.django_db
S = ComplaintStatus
LATER = AT + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _tomorrow():
    """What was checked today has gone out with the batch, whatever the machine's calendar says."""
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def handler(db):
    return cases.handler()


@pytest.fixture
def approver(db):
    return makers.approver()


@pytest.fixture
def duty(db):
    return cases.duty()


def told(person, kind=""):
    outbox.drain(AT + dt.timedelta(days=400))
    found = Notification.objects.filter(to=person)
    return [n.kind for n in found if kind in n.kind]


# --- taking in ------------------------------------------------------------------------------------


def test_sent_twice_is_one_complaint_with_the_same_code():
    token = uuid.uuid4()
    first, code = cases.submitted(token=token)
    again, same = cases.submitted(token=token, at=LATER, told={"happened": "另一段很长的经过文字"})
    assert (first.pk, code) == (again.pk, same)
    assert Complaint.objects.count() == 1
    assert check_password(code, first.code_hash)


@pytest.mark.proves("prod:L6", "sec:C11")
def test_nothing_that_was_told_lies_open_in_the_row(handler):
    made = cases.complaint(contact=cases.CONTACT)
    made = Complaint.objects.get(pk=made.pk)
    assert made.told["happened"] == cases.TOLD["happened"]
    for token in (made.body, made.data_key, made.contact.body, made.contact.data_key):
        assert "推搡".encode() not in bytes(token)
        assert b"13800001234" not in bytes(token)
    assert made.is_named
    assert queries.masked_contact(made) == {"name": "示**", "phone": "138****1234", "times": "晚上"}


def test_a_sealed_text_cannot_be_moved_to_another_case():
    one, two = cases.complaint(), cases.complaint()
    one.data_key, one.body = two.data_key, two.body
    with pytest.raises(SealBroken):
        _ = Complaint(pk=one.pk, data_key=two.data_key, body=two.body).told


def test_the_contact_lies_under_the_key_of_another_purpose():
    made = cases.complaint(contact=cases.CONTACT)
    contact = ComplaintContact.objects.get(complaint=made)
    contact.purpose = "complaint.case"
    with pytest.raises(SealBroken):
        _ = contact.told


def test_a_case_knows_its_day_and_no_time():
    made = cases.complaint()
    timed = [f.name for f in Complaint._meta.get_fields() if "DateTime" in type(f).__name__]
    assert timed == []
    assert made.received_on == DAY
    assert made.pk.version == 4


def test_handlers_hear_of_a_normal_case_and_the_duty_persons_of_a_red_one(handler, duty):
    cases.complaint("C8")
    cases.complaint("C1")
    assert told(handler) == ["complaint.new"]
    assert "complaint.alarm" in told(duty)
    assert "complaint.new" not in told(duty)


@pytest.mark.proves("sec:C7")
def test_messages_carry_the_number_and_nothing_else(handler):
    made = cases.complaint(contact=cases.CONTACT)
    outbox.drain(AT)
    message = Notification.objects.get(to=handler)
    assert message.title == f"收到投诉 {made.number}"
    assert not message.body
    assert made.number not in message.url
    assert timezone.localtime(message.at).time() == dt.time(), "the day and no minute"


def test_staff_type_in_what_is_said_and_others_may_not(handler):
    given = Submission(category="C8", told=cases.TOLD, channel="phone", contact=cases.CONTACT)
    made, code = actions.take_complaint(given, by=actor(handler), at=AT, token=uuid.uuid4())
    assert made.created_by == handler
    assert made.channel == "phone"
    assert check_password(code, made.code_hash)
    with pytest.raises(PermissionDenied):
        actions.take_complaint(
            given, by=actor(makers.user(Role.INSPECTOR)), at=AT, token=uuid.uuid4()
        )


def test_orders_of_12345_come_once_and_keep_their_day(handler):
    due = DAY + dt.timedelta(days=3)
    rows = [
        Submission(category="C9", told=cases.TOLD, channel="hotline", external_number="GD-1",
                   external_due=due),
        Submission(category="C9", told=cases.TOLD, channel="hotline", external_number="GD-2"),
    ]  # fmt: skip
    made = actions.take_hotline_orders(rows, by=actor(handler), at=AT)
    assert [c.external_number for c in made] == ["GD-1", "GD-2"]
    assert made[0].finish_due == due
    assert actions.take_hotline_orders(rows, by=actor(handler), at=AT) == []
    with pytest.raises(PermissionDenied):
        actions.take_hotline_orders(rows, by=actor(makers.operator()), at=AT)


def test_files_are_sealed_on_disk_and_open_in_the_case():
    file = attachments.inspected(makers.jpeg("王小明在幼儿园.jpg"))
    made = cases.complaint(files=[file])
    kept = ComplaintFile.objects.get(complaint=made)
    assert store.read(kept.storage_key)[:3] != b"\xff\xd8\xff"
    assert made.opened_bytes(store.read(kept.storage_key), f"content:{kept.pk}") == file.content
    assert kept.display_name
    assert "王小明" not in str(ComplaintFile.objects.values().get())


# --- who sees what --------------------------------------------------------------------------------


def sees(person, made):
    return queries.may_see(made, person)


@pytest.mark.proves("diff:5", "prod:V4", "prod:K5")
def test_each_lane_has_its_own_people(handler, approver, duty):
    auditor = makers.user(Role.AUDITOR)
    normal, red, office = (cases.complaint(c) for c in ("C8", "C1", "C12"))
    assert [sees(p, normal) for p in (handler, approver, duty, auditor)] == [1, 1, 0, 0]
    assert [sees(p, red) for p in (handler, approver, duty, auditor)] == [0, 0, 1, 0]
    assert [sees(p, office) for p in (handler, approver, duty, auditor)] == [0, 0, 0, 1]
    for role in (Role.CLERK, Role.INSPECTOR, Role.COMMUNITY, Role.LEADER, Role.SYSADMIN,
                 Role.OPERATOR, Role.EVALUATOR, Role.RESTRICTION_OFFICER):  # fmt: skip
        stranger = makers.user(role)
        assert not any(sees(stranger, each) for each in (normal, red, office)), role


@pytest.mark.proves("prod:K5")
def test_a_handler_of_a_community_sees_what_lies_in_it_and_what_is_his(handler):
    here, there = makers.community(), makers.community("hubin")
    local = cases.handler(community=here)
    mine, other = cases.complaint(community=here), cases.complaint(community=there)
    nowhere = cases.complaint()
    assert [sees(local, each) for each in (mine, other, nowhere)] == [True, False, False]
    Complaint.objects.filter(pk=nowhere.pk).update(handler=local)
    assert sees(local, nowhere)


@pytest.mark.proves("sec:C9")
def test_a_tie_to_the_facility_or_the_case_shuts_it(handler, approver):
    facility = register.facility()
    about, other = cases.complaint(facility=facility), cases.complaint()
    tie = actions.declare_tie("亲属在该机构工作", facility=facility, by=actor(handler), at=AT)
    assert actions.declare_tie("又一次", facility=facility, by=actor(handler), at=AT) == tie
    assert (sees(handler, about), sees(handler, other)) == (False, True)
    actions.declare_tie("认识投诉人", complaint=other, by=actor(handler), at=AT)
    assert not sees(handler, other)
    with pytest.raises(NotAllowed):
        actions.end_tie(tie, by=actor(handler), at=AT)
    with pytest.raises(NotAllowed):
        actions.end_tie(tie, by=actor(cases.handler()), at=AT)
    actions.end_tie(tie, by=actor(approver), at=AT)
    actions.end_tie(tie, by=actor(approver), at=AT)
    assert sees(handler, about)


def test_a_tie_declared_later_gives_the_case_back(handler):
    other = cases.handler()
    made = cases.accepted(handler)
    actions.declare_tie("认识投诉人", complaint=made, by=actor(handler), at=AT)
    made.refresh_from_db()
    assert made.handler is None
    assert "complaint.new" in told(other)


def test_acts_on_a_case_out_of_reach_are_refused(handler):
    red = cases.complaint("C1")
    with pytest.raises(NotAllowed):
        actions.note_complaint(red, "看一下", by=actor(handler), at=AT)
    assert AuditEvent.objects.filter(act="complaint.note.refused").count() == 1


# --- the red lane ---------------------------------------------------------------------------------


@pytest.mark.proves("prod:K1", "prod:K2", "clause:二(五)1g", "sec:S4")
def test_a_red_case_does_not_move_before_an_organ_knows(duty):
    made = cases.complaint("C1")
    with pytest.raises(actions.NotReported):
        actions.accept_complaint(made, "critical", by=actor(duty), at=AT)
    with pytest.raises(actions.NotReported):
        actions.reject_complaint(made, "no_facts", "没有线索", by=actor(duty), at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=made.pk).update(state=S.ACCEPTED)
    actions.record_report(made, cases.report(note="已说明"), by=actor(duty), at=AT)
    made = actions.accept_complaint(made, "critical", by=actor(duty), at=AT)
    assert made.state == S.ACCEPTED
    assert made.reports.get().note_text == "已说明"


def test_the_same_report_is_noted_once_and_stops_the_alarm(duty):
    made = cases.complaint("C1")
    first = actions.record_report(made, cases.report(), by=actor(duty), at=AT)
    assert actions.record_report(made, cases.report(), by=actor(duty), at=AT) == first
    assert made.reports.count() == 1
    assert actions.escalate_alarm(Complaint.objects.get(pk=made.pk), "second", at=AT) == 0


@pytest.mark.proves("prod:M7", "sec:S3")
def test_an_alarm_rings_wider_until_it_is_acknowledged(duty, approver):
    leader = makers.user(Role.LEADER)
    made = cases.complaint("C1")
    outbox.drain(AT + dt.timedelta(minutes=14))
    assert Notification.objects.filter(to=approver).count() == 0
    outbox.drain(AT + dt.timedelta(minutes=15))
    outbox.drain(AT + dt.timedelta(minutes=15))
    message = Notification.objects.get(to=approver)
    assert message.kind == "complaint.escalation"
    assert (message.url, message.body) == ("", "")
    assert Notification.objects.filter(to=leader).count() == 0
    outbox.drain(AT + dt.timedelta(minutes=60))
    outbox.drain(AT + dt.timedelta(minutes=60))
    assert Notification.objects.filter(to=leader).count() == 1
    assert made.number in Notification.objects.get(to=leader).title


@pytest.mark.proves("sec:S3", "sec:S4")
def test_an_acknowledged_alarm_rings_once_more_while_no_organ_knows(duty, approver):
    auditor = makers.user(Role.AUDITOR)
    made, reported = cases.complaint("C1"), cases.complaint("C1")
    for each in (made, reported):
        actions.acknowledge_alarm(each, by=actor(duty), at=AT)
    actions.record_report(reported, cases.report(), by=actor(duty), at=AT)
    outbox.drain(AT + dt.timedelta(minutes=59))
    assert not Notification.objects.filter(to__in=[approver, auditor]).exists()
    outbox.drain(AT + dt.timedelta(minutes=60))
    outbox.drain(AT + dt.timedelta(minutes=60))
    for person in (approver, auditor):
        message = Notification.objects.get(to=person)
        assert (message.kind, message.url) == ("complaint.unreported", "")
        assert made.number in message.title


@pytest.mark.proves("sec:S3")
def test_an_acknowledged_alarm_names_the_first(duty, approver):
    made = cases.complaint("C1")
    actions.acknowledge_alarm(made, by=actor(duty), at=AT)
    second = cases.duty()
    made = actions.acknowledge_alarm(made, by=actor(second), at=AT)
    assert made.acknowledged_by == duty
    assert made.steps.filter(kind="acknowledged").count() == 1
    outbox.drain(AT + dt.timedelta(minutes=15))
    assert Notification.objects.filter(to=approver).count() == 0


def test_nobody_with_a_tie_hears_of_the_escalation(duty, approver):
    facility = register.facility()
    actions.declare_tie("亲属", facility=facility, by=actor(approver), at=AT)
    cases.complaint("C1", facility=facility)
    outbox.drain(AT + dt.timedelta(minutes=61))
    outbox.drain(AT + dt.timedelta(minutes=61))
    assert Notification.objects.filter(to=approver, kind__startswith="complaint").count() == 0


def test_a_red_case_becomes_another_matter_by_two_persons_alone(duty, handler):
    made = cases.complaint("C1")
    made = actions.propose_category(made, "C9", "没有伤害，是接送拥堵", by=actor(duty), at=AT)
    with pytest.raises(NotAllowed):
        actions.confirm_category(made, by=actor(duty), at=AT)
    with pytest.raises(NotAllowed):
        actions.confirm_category(made, by=actor(handler), at=AT)
    made = actions.confirm_category(made, by=actor(cases.duty()), at=AT)
    assert (made.category, made.lane, made.severity) == ("C9", Lane.NORMAL, "minor")
    assert sees(handler, made)
    assert "complaint.new" in told(handler)
    with pytest.raises(actions.NotProposed):
        actions.confirm_category(made, by=actor(handler), at=AT)
    with pytest.raises(actions.NotProposed):
        actions.refuse_category(made, by=actor(handler), at=AT)


def test_a_proposal_may_be_refused_by_another(duty):
    made = cases.complaint("C1")
    made = actions.propose_category(made, "C9", "不紧急", by=actor(duty), at=AT)
    made = actions.refuse_category(made, by=actor(cases.duty()), at=AT)
    assert (made.category, made.category_proposed) == ("C1", "")


def test_a_change_within_the_lane_keeps_the_handler(handler, approver):
    made = cases.accepted(handler)
    made = actions.propose_category(made, "C9", "是服务态度", by=actor(handler), at=AT)
    made = actions.confirm_category(made, by=actor(approver), at=AT)
    assert (made.handler, made.state) == (handler, S.ACCEPTED)


def test_one_person_is_enough_to_raise_the_alarm(handler, duty):
    made = cases.accepted(handler)
    made = actions.add_assistant(made, cases.handler(), by=actor(handler), at=AT)
    made = actions.raise_alarm(made, "C1", "补充材料里有伤痕", by=actor(handler), at=AT)
    assert (made.lane, made.state, made.handler) == (Lane.RED, S.RECEIVED, None)
    assert not sees(handler, made)
    assert "complaint.alarm" in told(duty)
    with pytest.raises(FactMissing):
        actions.raise_alarm(cases.accepted(handler), "C1", "", by=actor(handler), at=AT)


def test_two_confirmed_by_proposing_a_red_category_rings_too(handler, approver, duty):
    made = cases.accepted(handler)
    made = actions.propose_category(made, "C1", "像是伤害", by=actor(handler), at=AT)
    made = actions.confirm_category(made, by=actor(approver), at=AT)
    assert (made.lane, made.state) == (Lane.RED, S.RECEIVED)


# --- casework -------------------------------------------------------------------------------------


def test_accepting_writes_what_the_lists_search(handler):
    made = cases.complaint()
    actions.accept_complaint(
        made, "major", by=actor(handler), at=AT, title="退费争议", summary="合同到期后的余额"
    )
    found = queries.search_cases(queries.office_cases(handler), "退费")
    assert [c.pk for c in found] == [made.pk]
    assert not queries.search_cases(queries.office_cases(handler), "推搡")
    assert queries.search_cases(queries.office_cases(handler), made.number[3:7])
    assert list(queries.search_cases(queries.office_cases(handler), "")) == [made]


def test_a_rejection_names_its_ground_and_tells_the_complainant(handler):
    made = actions.reject_complaint(
        cases.complaint(), "not_ours", "请向市场监管部门反映", by=actor(handler), at=AT
    )
    assert made.state == S.REJECTED
    assert [m.text for m in queries.messages_of(made)] == ["请向市场监管部门反映"]
    assert made.erase_after
    with pytest.raises(FactMissing):
        actions.reject_complaint(cases.complaint(), "", "不受理", by=actor(handler), at=AT)


@pytest.mark.proves("prod:K6")
def test_a_case_is_given_only_to_whom_it_may_be_given(handler, approver):
    made = cases.complaint()
    with pytest.raises(actions.CannotTake):
        actions.assign_complaint(made, cases.duty(), by=actor(handler), at=AT)
    with pytest.raises(actions.CannotTake):
        actions.add_assistant(made, approver, by=actor(handler), at=AT)
    other = cases.handler()
    made = actions.assign_complaint(made, other, by=actor(handler), at=AT, note="请接手")
    assert made.handler == other
    assert "complaint.assigned" in told(other)
    assert queries.steps_of(made)[0].note_text == "请接手"


def test_pressing_reaches_the_handler_once_a_day(handler, approver):
    made = cases.accepted(handler)
    assert actions.remind_handler(made, by=actor(approver), at=AT) == 1
    assert actions.remind_handler(made, by=actor(approver), at=AT) == 0
    assert actions.remind_handler(made, by=actor(approver), at=LATER) == 1


def test_describing_names_the_facility(handler):
    facility = register.facility()
    made = actions.describe_complaint(
        cases.complaint(), "标题", "摘要", facility=facility, by=actor(handler), at=AT
    )
    assert (made.facility, made.community) == (facility, facility.community)


def test_a_place_that_is_not_on_the_list_becomes_a_hint_once(handler):
    made = cases.complaint("C4", told={"place": {"name": "某某托管", "address": "某路"}})
    values = {"name": "路口托管点（示例）", "address": "龙泉路", "community": makers.community()}
    lead = actions.pass_on_place(made, values, by=actor(handler), at=AT)
    assert actions.pass_on_place(made, values, by=actor(handler), at=AT) == lead
    assert Lead.objects.count() == 1
    assert lead.source == "complaint"
    assert Complaint.objects.get(pk=made.pk).lead == lead


def test_a_question_stops_the_clock_and_the_answer_gives_the_days_back(handler):
    made = cases.accepted(handler)
    due = made.finish_due
    made = actions.ask_complainant(made, "是哪一天的收费？", by=actor(handler), at=AT)
    assert (made.state, made.is_paused) == (S.AWAITING_COMPLAINANT, True)
    holder = Actor.code_holder(made)
    two_days = AT + dt.timedelta(days=2)
    made = actions.add_by_complainant(made, "上周五", by=holder, at=two_days)
    made.refresh_from_db()
    assert (made.state, made.is_paused) == (S.INVESTIGATING, False)
    assert made.finish_due == working_calendar().add_working_days(due, 2)
    kinds = [(m.kind, m.from_office) for m in queries.messages_of(made)]
    assert kinds == [("question", True), ("answer", False)]
    assert "complaint.answered" in told(handler)


def test_the_complainant_adds_files_without_being_asked(handler):
    made = cases.accepted(handler)
    file = attachments.inspected(makers.jpeg())
    made = actions.add_by_complainant(made, "", files=[file], by=Actor.code_holder(made), at=AT)
    assert made.state == S.ACCEPTED
    assert len(queries.files_of(made)) == 1
    assert queries.files_of(made)[0].is_image


def test_the_holder_of_one_code_does_nothing_to_another_case(handler):
    mine, other = cases.accepted(handler), cases.accepted(handler)
    with pytest.raises(NotAllowed):
        actions.add_by_complainant(other, "我的", by=Actor.code_holder(mine), at=AT)
    with pytest.raises(NotAllowed):
        actions.approve_reply(cases.proposed(handler), by=Actor.resident(), at=AT)


def test_a_pause_has_a_reason_and_ends_once(handler):
    made = cases.accepted(handler)
    with pytest.raises(FactMissing):
        actions.pause_clock(made, "expert", "", by=actor(handler), at=AT)
    due = made.finish_due
    actions.pause_clock(made, "expert", "等待鉴定", by=actor(handler), at=AT)
    made = actions.end_pause(made, by=actor(handler), at=LATER)
    assert made.finish_due == working_calendar().add_working_days(due, 1)
    assert actions.end_pause(made, by=actor(handler), at=LATER).finish_due == made.finish_due


def test_an_extension_is_somebody_elses_and_comes_once(handler, approver):
    made = cases.accepted(handler)
    due = made.finish_due
    with pytest.raises(NotAllowed):
        actions.extend_clock(made, "复杂", by=actor(handler), at=AT)
    made = actions.extend_clock(made, "需要鉴定", by=actor(approver), at=AT)
    assert made.finish_due == due + dt.timedelta(days=30)
    with pytest.raises(actions.CannotExtend):
        actions.extend_clock(made, "还要", by=actor(approver), at=AT)


def test_office_messages_are_read_by_the_complainant(handler):
    made = actions.write_to_complainant(
        cases.accepted(handler), "我们明天去看", by=actor(handler), at=AT
    )
    assert [m.text for m in queries.messages_of(made)] == ["我们明天去看"]


# --- the facility is heard ------------------------------------------------------------------------


@pytest.fixture
def facility(db):
    return register.facility()


@pytest.mark.proves("sec:C5")
def test_the_summary_does_not_repeat_the_complainants_words(handler, facility):
    made = cases.accepted(handler, facility=facility)
    with pytest.raises(actions.TooClose) as refused:
        cases.statement(handler, made, "有人说看到老师推搡小朋友，请说明")
    assert len(refused.value.shared) == 8
    with pytest.raises(actions.NoFacility):
        cases.statement(handler, cases.accepted(handler))


def test_two_persons_stand_between_the_case_and_the_facility(handler, facility):
    made = cases.accepted(handler, facility=facility)
    operator = cases.member_of(facility)
    asked = cases.statement(handler, made)
    model = type(asked)
    assert not model.objects.visible_to(operator).exists()
    with pytest.raises(NotAllowed):
        actions.release_statement(asked, by=actor(handler), at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=asked.pk).update(checked_by=handler)
    second = cases.handler()
    asked = actions.release_statement(asked, by=actor(second), at=AT)
    made.refresh_from_db()
    assert made.state == S.AWAITING_FACILITY
    assert asked.release_on > DAY
    with time_machine.travel(AT, tick=False):
        assert not model.objects.visible_to(operator).exists(), "only with tomorrow's batch"
        assert not model.objects.of_facility(operator).exists()
    with time_machine.travel(LATER, tick=False):
        assert model.objects.visible_to(operator).get() == asked
    assert not Complaint.objects.visible_to(operator).exists()


def test_a_summary_handed_back_is_written_again(handler, facility):
    second = cases.handler()
    asked = cases.statement(handler, cases.accepted(handler, facility=facility))
    asked = actions.hand_back_statement(asked, "太细", by=actor(second), at=AT)
    asked = actions.rewrite_statement(asked, "请说明收费项目", by=actor(second), at=AT)
    with pytest.raises(NotAllowed):
        actions.release_statement(asked, by=actor(second), at=AT)
    asked = actions.release_statement(asked, by=actor(handler), at=AT)
    assert asked.state == StatementStatus.RELEASED


def test_the_facility_answers_and_the_case_goes_on(handler, facility):
    operator, stranger = cases.member_of(facility), makers.operator()
    made = cases.accepted(handler, facility=facility)
    asked = actions.release_statement(
        cases.statement(handler, made), by=actor(cases.handler()), at=AT
    )
    assert actions.send_statement(asked, at=LATER) == 2  # he and who registered it
    assert actions.send_statement(asked, at=LATER) == 0
    with pytest.raises(NotAllowed):
        actions.answer_statement(asked, "不归我管", by=actor(stranger), at=LATER)
    file = attachments.inspected(makers.pdf())
    asked = actions.answer_statement(
        asked, "收费按公示执行", files=[file], by=actor(operator), at=LATER
    )
    made.refresh_from_db()
    assert (asked.state, made.state) == (StatementStatus.ANSWERED, S.INVESTIGATING)
    outbox.drain(LATER)
    message = Notification.objects.get(to=operator, kind="statement.asked")
    assert asked.number in message.title
    assert made.number not in message.title + message.body + message.url


def test_a_case_waits_until_every_request_is_answered(handler, facility):
    operator, second = cases.member_of(facility), cases.handler()
    made = cases.accepted(handler, facility=facility)
    one, two = (
        actions.release_statement(cases.statement(handler, made, words), by=actor(second), at=AT)
        for words in ("请说明收费项目", "请说明押金的处理")
    )
    actions.answer_statement(one, "收费按公示执行", by=actor(operator), at=LATER)
    made.refresh_from_db()
    assert made.state == S.AWAITING_FACILITY
    actions.answer_statement(two, "押金已退", by=actor(operator), at=LATER)
    made.refresh_from_db()
    assert made.state == S.INVESTIGATING


def test_a_silent_facility_does_not_stop_the_case(handler, facility):
    made = cases.accepted(handler, facility=facility)
    asked = actions.release_statement(
        cases.statement(handler, made), by=actor(cases.handler()), at=AT
    )
    actions.lapse_statement(asked, at=AT + dt.timedelta(days=10))
    made.refresh_from_db()
    assert made.state == S.INVESTIGATING


# --- other authorities ----------------------------------------------------------------------------


def test_a_referral_sends_a_letter_and_tells_the_complainant(handler, facility):
    department = Department.objects.first()
    made = cases.accepted(handler, facility=facility)
    sent = actions.refer_complaint(
        made, department, "家长反映余额未退，请依法处理。", by=actor(handler), at=AT
    )
    made.refresh_from_db()
    assert made.state == S.REFERRED
    assert OfficialPaper.objects.of(made).get().number == sent.number
    assert department.name in queries.messages_of(made)[0].text
    with pytest.raises(actions.TooClose):
        actions.refer_complaint(
            cases.accepted(handler, facility=facility), department,
            cases.TOLD["happened"], by=actor(handler), at=AT,
        )  # fmt: skip


def test_a_result_that_comes_after_the_reply_was_proposed_does_not_take_it_back(handler, facility):
    made = cases.accepted(handler, facility=facility)
    to = Department.objects.first()
    letter = actions.refer_complaint(made, to, "请处理。", by=actor(handler), at=AT)
    made.refresh_from_db()
    made = actions.propose_reply(
        made, "not_upheld", "查看了收费公示和票据", "经核查，收费与公示一致。",
        by=actor(handler), at=AT,
    )  # fmt: skip
    actions.note_referral_result(made, letter, DAY, "已处理", by=actor(handler), at=AT)
    made.refresh_from_db()
    assert made.state == S.REPLY_PROPOSED


@pytest.mark.proves("prod:K14")
def test_receipt_and_result_of_a_letter_bring_the_case_back(handler, facility):
    made = cases.accepted(handler, facility=facility)
    sent = actions.refer_complaint(
        made, Department.objects.first(), "请处理。", by=actor(handler), at=AT
    )
    sent = actions.note_referral_receipt(made, sent, DAY, by=actor(handler), at=AT)
    actions.note_referral_result(made, sent, DAY, "已责令退费", by=actor(handler), at=AT)
    made.refresh_from_db()
    assert made.state == S.INVESTIGATING
    with pytest.raises(TransitionNotOpen):
        actions.note_referral_result(made, sent, DAY, "又一次", by=actor(handler), at=AT)


@pytest.mark.proves("prod:K14")
def test_whoever_deals_with_the_case_now_is_reminded_of_its_letter_once(handler):
    other, department = cases.handler(), Department.objects.first()
    made = cases.accepted(handler)
    sent = actions.refer_complaint(made, department, "请处理。", by=actor(handler), at=AT)
    quiet = AT + (sent.remind_on - DAY) - dt.timedelta(days=1)
    for days in range(3):  # he who sent it deals with it: his own reminder is enough
        tasks.remind_of_letters(quiet + dt.timedelta(days=days))
    assert not Outbox.objects.filter(payload__kind="complaint.letter_waits").exists()
    made.refresh_from_db()
    actions.assign_complaint(made, other, by=actor(handler), at=AT)
    late = AT + (sent.remind_on - DAY)
    assert [tasks.remind_of_letters(late) for _ in range(2)] == [1, 0]
    assert told(other, "letter_waits") == ["complaint.letter_waits"]
    ended = cases.accepted(handler)
    actions.refer_complaint(ended, department, "请处理。", by=actor(handler), at=AT)
    ended.refresh_from_db()
    ended = actions.assign_complaint(ended, other, by=actor(handler), at=AT)
    actions.withdraw_complaint(ended, "", by=Actor.code_holder(ended), at=AT)
    assert tasks.remind_of_letters(late) == 0


def test_letters_are_seen_by_those_who_see_the_case(handler, duty):
    made = cases.accepted(handler)
    actions.refer_complaint(made, Department.objects.first(), "请处理。", by=actor(handler), at=AT)
    assert Transfer.objects.visible_to(handler).count() == 1
    assert Transfer.objects.visible_to(duty).count() == 0
    assert OfficialPaper.objects.visible_to(makers.clerk()).of(made).count() == 0


# --- the end --------------------------------------------------------------------------------------


def test_two_persons_close_a_case_and_one_alone_cannot(handler, approver):
    made = cases.proposed(handler)
    with pytest.raises(NotAllowed):
        actions.approve_reply(made, by=actor(handler), at=AT)
    both = makers.user(Role.HANDLER, Role.APPROVER)
    alone = cases.proposed(both)
    with pytest.raises(NotAllowed):
        actions.approve_reply(alone, by=actor(both), at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.filter(pk=alone.pk).update(decided_by=both)
    made = actions.approve_reply(made, by=actor(approver), at=AT)
    assert (made.state, made.closed_on) == (S.RESOLVED, DAY)
    assert queries.messages_of(made)[-1].kind == "reply"
    assert made.evidence_text == "查看了收费公示和票据"


@pytest.mark.proves("prod:K15")
def test_closing_needs_a_result(handler):
    with pytest.raises(FactMissing):
        actions.propose_reply(cases.accepted(handler), "", "x", "y", by=actor(handler), at=AT)


@pytest.mark.proves("diff:2")
def test_upheld_needs_that_something_follows(handler, facility):
    made = cases.accepted(handler, facility=facility)
    with pytest.raises(actions.NothingFollows):
        actions.propose_reply(made, "upheld", "票据", "属实", by=actor(handler), at=AT)
    actions.refer_complaint(made, Department.objects.first(), "请处理。", by=actor(handler), at=AT)
    made = actions.propose_reply(made, "upheld", "票据", "属实", by=actor(handler), at=AT)
    assert made.state == S.REPLY_PROPOSED


def test_upheld_although_the_visit_found_nothing_needs_a_reason(handler, facility):
    """A visit that is not over, and one that found something, need none."""
    made = cases.accepted(handler, facility=facility)
    visit = actions.open_visit(made, by=actor(handler), at=AT)
    made.refresh_from_db()
    assert not queries.visit_found_nothing(made)
    supervision.over(visit)
    made.refresh_from_db()
    said = ("票据", "属实")
    with pytest.raises(actions.FoundNothing):
        actions.propose_reply(made, "partly", *said, by=actor(handler), at=AT)
    made = actions.propose_reply(
        made, "partly", *said, by=actor(handler), at=AT, why="检查前已经改正，票据可以证明"
    )
    assert made.state == S.REPLY_PROPOSED
    assert queries.why_upheld(made) == "检查前已经改正，票据可以证明"
    made = actions.hand_back_reply(made, "再查", by=actor(makers.approver()), at=AT)
    made = actions.propose_reply(made, "not_upheld", *said, by=actor(handler), at=AT)
    assert not queries.why_upheld(made)


def test_upheld_by_what_the_visit_found_needs_no_reason(handler, facility):
    made = cases.accepted(handler, facility=facility)
    assert not queries.why_upheld(made)
    visit = actions.open_visit(made, by=actor(handler), at=AT)
    supervision.over(visit, visits.items_of(visit)[0].code)
    made.refresh_from_db()
    made = actions.propose_reply(made, "upheld", "现场", "属实", by=actor(handler), at=AT)
    assert made.state == S.REPLY_PROPOSED


def test_a_reply_handed_back_goes_to_its_writer(handler, approver):
    made = actions.hand_back_reply(cases.proposed(handler), "写清依据", by=actor(approver), at=AT)
    assert made.state == S.INVESTIGATING
    assert "complaint.reply_back" in told(handler)


def test_a_red_case_is_closed_by_two_of_its_own_people(duty, approver):
    made = cases.proposed(duty, category="C1")
    with pytest.raises(NotAllowed):
        actions.approve_reply(made, by=actor(approver), at=AT)
    made = actions.approve_reply(made, by=actor(cases.duty()), at=AT)
    assert made.state == S.RESOLVED


def test_the_complainant_says_whether_it_was_solved(handler, approver):
    made = cases.closed(handler, approver)
    holder = Actor.code_holder(made)
    made = actions.rate_complaint(made, is_solved=False, satisfaction="poor", by=holder, at=AT)
    assert (made.is_solved, made.satisfaction) == (False, "poor")


def test_a_review_comes_once_in_its_days_and_goes_to_somebody_else(handler, approver):
    other = cases.handler()
    made = cases.closed(handler, approver)
    holder = Actor.code_holder(made)
    with pytest.raises(actions.ReviewClosed):
        actions.request_review(made, "没解决", by=holder, at=AT + dt.timedelta(days=16))
    made = actions.request_review(made, "没解决", by=holder, at=AT + dt.timedelta(days=15))
    assert (made.state, made.handler, made.first_handler) == (S.REOPENED, None, handler)
    with pytest.raises(actions.CannotTake):
        actions.assign_complaint(made, handler, by=actor(approver), at=LATER)
    made = actions.assign_complaint(made, other, by=actor(approver), at=LATER)
    with pytest.raises(NotAllowed):
        actions.propose_reply(made, "not_upheld", "x", "y", by=actor(handler), at=LATER)
    made = actions.propose_reply(made, "not_upheld", "再查", "维持", by=actor(other), at=LATER)
    made = actions.approve_reply(made, by=actor(approver), at=LATER)
    with pytest.raises(actions.ReviewClosed):
        actions.request_review(made, "再来", by=holder, at=LATER)
    assert "complaint.review" in told(other)


def test_a_withdrawal_ends_a_normal_case_and_not_a_red_one(handler, duty):
    made = cases.complaint()
    made = actions.withdraw_complaint(made, "已经解决", by=Actor.code_holder(made), at=AT)
    assert made.state == S.WITHDRAWN
    red = cases.complaint("C1")
    red = actions.withdraw_complaint(red, "不想追究", by=Actor.code_holder(red), at=AT)
    assert red.state == S.RECEIVED
    assert queries.messages_of(red)[0].kind == "withdrawal"
    quiet = cases.complaint()
    quiet = actions.withdraw_complaint(quiet, "", by=Actor.code_holder(quiet), at=AT)
    assert queries.messages_of(quiet) == []


def test_a_complaint_about_the_office_is_the_inspectors_alone(handler, approver):
    auditor = makers.user(Role.AUDITOR)
    made = cases.complaint("C12")
    with pytest.raises(NotAllowed):
        actions.accept_complaint(made, "major", by=actor(handler), at=AT)
    made = actions.take_over_discipline(made, by=actor(auditor), at=AT)
    made = actions.answer_discipline(made, "not_upheld", "已核查", by=actor(auditor), at=AT)
    assert made.state == S.RESOLVED
    assert queries.messages_of(made)[-1].text == "已核查"
    assert told(handler) == told(approver) == []


def test_an_archived_case_takes_no_review(handler, approver):
    made = actions.archive_complaint(cases.closed(handler, approver), at=AT)
    with pytest.raises(TransitionNotOpen):
        actions.request_review(made, "x", by=Actor.code_holder(made), at=AT)


# --- near-duplicates ------------------------------------------------------------------------------

REWORDED = "昨天下午去接孩子时，看到老师推搡小朋友，孩子回家后一直在哭。"


@pytest.mark.proves("prod:K11", "diff:19")
def test_two_rewordings_are_suggested_and_another_matter_is_not(handler):
    one = cases.complaint()
    two = cases.complaint(told={"happened": REWORDED})
    cases.complaint(told={"happened": "门口停车太乱，早上堵得厉害，请来看看。"})
    red = cases.complaint("C1")
    law = in_force(DAY)
    found = queries.similar_to(one, handler, law)
    assert [c.pk for c, _ in found] == [two.pk]
    assert red.pk not in [c.pk for c, _ in found]
    old = cases.complaint(at=AT + dt.timedelta(days=60))
    assert old.pk not in [c.pk for c, _ in queries.similar_to(one, handler, law)]
    assert queries.similar_to(cases.complaint(told={"happened": "x"}), handler, law) == []


def test_merged_complainants_are_each_answered(handler, approver):
    parent, child = cases.accepted(handler), cases.complaint(told={"happened": REWORDED})
    child = actions.merge_complaint(child, parent, by=actor(handler), at=AT)
    assert queries.children_of(parent, handler) == [child]
    parent = actions.propose_reply(
        parent, "not_upheld", "查看记录", "经核查没有发现", by=actor(handler), at=AT
    )
    actions.approve_reply(parent, by=actor(approver), at=AT)
    child.refresh_from_db()
    assert (child.state, child.result) == (S.RESOLVED, "not_upheld")
    assert queries.messages_of(child)[-1].text == "经核查没有发现"
    assert child.number != parent.number


def test_what_cannot_be_one_case_is_refused(handler, duty):
    parent, child = cases.accepted(handler), cases.complaint()
    red = cases.complaint("C1")
    for one, other in ((parent, parent), (child, red)):
        with pytest.raises(actions.CannotMerge):
            actions.merge_complaint(one, other, by=actor(handler), at=AT)
    child = actions.merge_complaint(child, parent, by=actor(handler), at=AT)
    with pytest.raises(actions.CannotMerge):
        actions.merge_complaint(cases.complaint(), child, by=actor(handler), at=AT)
    child = actions.separate_complaint(child, "另一件事", by=actor(handler), at=AT)
    assert child.parent is None


def test_several_about_one_facility_in_a_week_are_a_spike(handler, approver, duty, facility):
    law = in_force(DAY)
    for _ in range(2):
        cases.complaint(facility=facility)
    cases.complaint("C1", facility=facility)
    assert queries.spike_at(facility, DAY, law) == 0, "a red one is its own people's"
    assert not Outbox.objects.filter(payload__kind="complaint.spike").exists()
    cases.complaint(facility=facility)
    cases.complaint(facility=facility)
    assert told(handler, "spike") == told(approver, "spike") == ["complaint.spike"]
    assert told(duty, "spike") == []
    assert queries.spike_at(facility, DAY, law) == 4
    assert queries.spike_at(facility, DAY + dt.timedelta(days=8), law) == 0


def test_a_list_of_orders_that_passes_the_count_at_once_is_told_once(handler, approver, facility):
    rows = [
        actions.Submission(
            "C8", cases.TOLD, facility=facility, channel="hotline", external_number=f"1234{n}"
        )
        for n in range(5)
    ]
    actions.take_hotline_orders(rows, by=actor(handler), at=AT)
    assert told(approver, "spike") == ["complaint.spike"]


def test_one_that_staff_give_its_facility_may_make_it_a_spike(handler, approver, facility):
    by_hand, old = cases.complaint(), cases.complaint(at=AT - dt.timedelta(days=30))
    for _ in range(2):
        cases.complaint(facility=facility)
    actions.describe_complaint(by_hand, "退费", "", by=actor(handler), at=AT, facility=facility)
    assert told(handler, "spike") == told(approver, "spike") == ["complaint.spike"]
    owed = Outbox.objects.filter(payload__kind="complaint.spike")
    before = owed.count()
    for made in (by_hand, old):  # said again, and one that came too long ago to count
        actions.describe_complaint(made, "押金", "", by=actor(handler), at=AT, facility=facility)
    assert owed.count() == before


# --- who complained -------------------------------------------------------------------------------


@pytest.mark.proves("prod:L5", "diff:23")
def test_two_persons_open_the_contact_and_one_alone_cannot(handler, approver):
    made = cases.accepted(handler, contact=cases.CONTACT)
    wish = cases.reveal(handler, made)
    assert cases.reveal(handler, made) == wish
    with pytest.raises(NotAllowed):
        actions.grant_contact(wish, by=actor(handler), at=AT)
    with pytest.raises(TransitionNotOpen):
        actions.open_contact(wish, by=actor(handler), at=AT)
    wish = actions.grant_contact(wish, by=actor(approver), at=AT)
    with pytest.raises(NotAllowed):
        actions.open_contact(wish, by=actor(cases.handler()), at=AT)
    assert actions.open_contact(wish, by=actor(handler), at=AT) == cases.CONTACT
    assert queries.standing_reveal(made, handler, DAY) == wish
    assert AuditEvent.objects.filter(act="contact.revealed").count() == 1
    assert CaseStep.objects.filter(complaint=made, kind="contact").count() == 3
    with pytest.raises(NotAllowed):
        actions.open_contact(wish, by=actor(handler), at=AT + dt.timedelta(days=2))
    assert actions.end_reveal(wish, at=AT + dt.timedelta(days=2)).state == "ended"


def test_the_second_person_may_refuse(handler, approver):
    wish = cases.reveal(handler, cases.accepted(handler, contact=cases.CONTACT))
    wish = actions.refuse_contact(wish, "不需要", by=actor(approver), at=AT)
    assert wish.state == "refused"


def test_an_anonymous_complaint_has_nothing_to_open(handler):
    with pytest.raises(actions.NoContact):
        cases.reveal(handler, cases.accepted(handler))


# --- keeping and destroying -----------------------------------------------------------------------


def test_erasure_destroys_the_key_the_files_and_leaves_a_proof(handler, approver, facility):
    file = attachments.inspected(makers.jpeg())
    made = cases.closed(handler, approver, files=[file], contact=cases.CONTACT)
    actions.note_complaint(made, "内部记录", by=actor(handler), at=AT)
    key = made.files.get().storage_key
    proof = actions.erase_complaint(made, at=AT)
    made = Complaint.objects.get(pk=made.pk)
    assert (made.told, made.reply_text, made.evidence_text, made.data_key) == ({}, "", "", None)
    assert not store.exists(key)
    assert not queries.messages_of(made)[0].text
    assert not queries.files_of(made)[0].display_name
    assert {s.note_text for s in queries.steps_of(made)} == {""}
    assert (proof.files, len(proof.digest)) == (1, 64)
    assert ErasureProof.objects.filter(complaint=made).count() == 2
    assert queries.masked_contact(made) == {}
    assert made.category == "C8"


def test_the_facilitys_answer_goes_too(handler, approver, facility):
    operator = cases.member_of(facility)
    made = cases.accepted(handler, facility=facility)
    asked = actions.release_statement(cases.statement(handler, made), by=actor(approver), at=AT)
    file = attachments.inspected(makers.pdf())
    actions.answer_statement(asked, "我方说明", files=[file], by=actor(operator), at=AT)
    made.refresh_from_db()
    made = actions.propose_reply(made, "not_upheld", "x", "y", by=actor(handler), at=AT)
    made = actions.approve_reply(made, by=actor(approver), at=AT)
    actions.erase_complaint(made, at=AT)
    asked.refresh_from_db()
    assert "我方说明" not in asked.answer
    assert not asked.summary.startswith("请说明")


def test_a_hold_stops_it_and_is_lifted_by_somebody_else(handler, approver):
    made = cases.closed(handler, approver, contact=cases.CONTACT)
    made = actions.hold_complaint(made, "进入诉讼", by=actor(handler), at=AT)
    with pytest.raises(actions.Held):
        actions.erase_complaint(made, at=AT)
    with pytest.raises(NotAllowed):
        actions.lift_hold(made, "结案", by=actor(handler), at=AT)
    actions.lift_hold(made, "结案", by=actor(approver), at=AT)
    actions.erase_contact(made, at=AT)
    assert actions.erase_contact(made, at=AT) is None
    assert queries.masked_contact(made) == {}
    assert Complaint.objects.get(pk=made.pk).told


def test_delivered_rows_with_their_times_are_forgotten(handler):
    cases.complaint()
    outbox.drain(AT)
    assert Outbox.objects.filter(payload__kind="complaint.new").exists()
    actions.forget_deliveries(at=AT)
    assert not Outbox.objects.filter(payload__kind="complaint.new").exists()
    assert Notification.objects.filter(to=handler).count() == 1


def test_somebody_of_both_lanes_or_none_sees_what_he_should(handler):
    assert queries.lanes_of(handler) == [Lane.NORMAL]
    assert queries.lanes_of(makers.user(Role.RED_LANE, Role.APPROVER)) == [Lane.NORMAL, Lane.RED]
    assert queries.lanes_of(makers.clerk()) == []
    made = cases.complaint()
    assert queries.open_counts(queries.office_cases(handler)) == {"received": 1}
    assert queries.ended_count(queries.office_cases(handler), 9) == 0
    late = DAY + dt.timedelta(days=60)
    assert list(queries.overdue_cases(Complaint.objects.all(), late)) == [made]
    assert list(queries.overdue_cases(Complaint.objects.all(), DAY)) == []
    assert handler not in queries.others_who_may(made, DAY, handler)


# --- the visit ------------------------------------------------------------------------------------


@pytest.mark.proves("prod:K17", "diff:3", "diff:6")
def test_a_visit_is_opened_once_with_the_checklist_and_without_its_source(duty, facility):
    made = cases.accepted(duty, category="C1", facility=facility)
    visit = actions.open_visit(made, by=actor(duty), at=AT)
    made.refresh_from_db()
    assert actions.open_visit(made, by=actor(duty), at=AT) == visit
    assert (made.inspection, made.state) == (visit, S.INVESTIGATING)
    assert visit.checklist.checklist.slug == "conduct"
    assert visit.is_urgent
    row = str(type(visit).objects.filter(pk=visit.pk).values().get())
    assert made.number not in row
    assert str(made.pk) not in row
    assert made.steps.filter(kind="inspection").count() == 1
    with pytest.raises(actions.NoFacility):
        actions.open_visit(cases.accepted(duty, category="C1"), by=actor(duty), at=AT)


def test_an_upheld_case_counts_for_the_facility_without_saying_where_from(
    handler, approver, facility
):
    from inspections.models import RiskFact  # ruff: ignore[import-outside-top-level]

    made = cases.accepted(handler, category="C9", facility=facility)
    assert actions.checklist_for(made, DAY) == "composite"
    actions.open_visit(made, by=actor(handler), at=AT)
    made.refresh_from_db()
    made = actions.propose_reply(made, "upheld", "现场查看", "属实", by=actor(handler), at=AT)
    actions.approve_reply(made, by=actor(approver), at=AT)
    fact = RiskFact.objects.get(facility=facility)
    assert (fact.kind, fact.severity) == ("concern", "major")
    assert made.number not in str(RiskFact.objects.values().get())
