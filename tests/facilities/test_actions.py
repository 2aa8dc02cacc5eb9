"""The acts on a filing, on a real database."""

import datetime as dt
import uuid

import pytest
import time_machine
from django.db import IntegrityError, ProgrammingError, transaction

from facilities import actions, rules, tasks
from facilities.models import Facility, Filing
from facilities.workflow import FilingStatus, SectionStatus
from portal.core import outbox
from portal.core.actors import Actor
from portal.core.models import (
    AuditEvent,
    Notification,
    OfficialPaper,
    Outbox,
    RoleAssignment,
)
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.workflow import FactMissing, NotAllowed, TransitionNotOpen
from tests import makers as make

pytestmark = pytest.mark.django_db
AT = make.AT


def as_(user):
    return Actor.person(user)


def acts():
    return list(AuditEvent.objects.order_by("seq").values_list("act", flat=True))


@pytest.mark.proves("sec:W11")
def test_the_same_token_begins_one_filing():
    me, token = make.operator(), uuid.uuid4()
    first = actions.start_filing(token, by=as_(me), at=AT)
    assert actions.start_filing(token, by=as_(me), at=AT) == first
    assert first.number == "DJ-2026-0001"
    keys = [section.key for section in first.sections.all()]
    assert keys == list(rules.sections_for(None, in_force(AT.date())))


def test_a_whole_section_is_complete_and_shows_in_lists():
    filing = make.complete_filing()
    assert {s.status for s in filing.sections.all()} == {SectionStatus.COMPLETE}
    assert filing.facility_name == "小太阳托育园（示例）"
    assert filing.community.slug == "longquan"


def test_what_is_typed_lies_sealed_in_the_database():
    filing = make.complete_filing(registration={"manager_phone": "13800000042"})
    from django.db import connection  # ruff: ignore[import-outside-top-level]

    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM facilities_filingsection WHERE key='registration'")
        token = bytes(cursor.fetchone()[0])
    assert b"13800000042" not in token
    assert filing.sections.get(key="registration").answers["manager_phone"] == "13800000042"


@pytest.mark.proves("sec:W12")
def test_a_stale_page_is_refused_and_nothing_is_lost():
    filing = make.filing()
    me = as_(filing.created_by)
    actions.save_section(filing, "registration", {"a": "1"}, None, version=0, by=me, at=AT)
    with pytest.raises(actions.Stale) as stale:
        actions.save_section(filing, "registration", {"a": "2"}, None, version=0, by=me, at=AT)
    assert stale.value.section.draft == {"a": "1"}


@pytest.mark.proves("prod:B13")
def test_submitting_starts_the_clock_and_tells_the_clerks():
    clerk = make.clerk()
    filing = make.submitted_filing()
    assert filing.state == FilingStatus.SUBMITTED
    assert filing.received_on == dt.date(2026, 11, 23)
    assert filing.answer_due == dt.date(2026, 11, 30)  # five working days
    outbox.drain(AT)
    message = Notification.objects.get(to=clerk)
    assert "小太阳" in message.title
    assert message.url == f"/desk/filings/{filing.number}/"


def test_an_unfinished_filing_is_not_sent():
    filing = make.filing()
    with pytest.raises(actions.Incomplete) as incomplete:
        actions.submit_filing(filing, "x", "y", by=as_(filing.created_by), at=AT)
    assert incomplete.value.sections == rules.sections_for(None, in_force(AT.date()))
    filing.refresh_from_db()
    assert filing.state == FilingStatus.DRAFT


def test_a_stranger_may_not_send_it_and_the_refusal_is_kept():
    filing = make.complete_filing()
    with pytest.raises(NotAllowed):
        actions.submit_filing(filing, "x", "y", by=as_(make.operator()), at=AT)
    assert acts()[-1] == "filing.submit.refused"


def test_a_filing_is_sent_once():
    filing = make.submitted_filing()
    with pytest.raises(TransitionNotOpen):
        actions.submit_filing(filing, "x", "y", by=as_(filing.created_by), at=AT)
    assert filing.submissions.count() == 1


@pytest.mark.proves("prod:B13", "diff:7", "sec:W10")
def test_a_correction_stops_the_clock_and_it_runs_on_afterwards():
    clerk = make.clerk()
    filing = make.taken_filing(clerk)
    actions.add_correction(filing, "premises", "", "请补充租赁合同期限", by=as_(clerk), at=AT)
    later = AT + dt.timedelta(days=1)
    filing = actions.request_correction(filing, by=as_(clerk), at=later)
    assert filing.state == FilingStatus.CORRECTION
    assert filing.paused_on == dt.date(2026, 11, 24)
    assert filing.correction_due == dt.date(2026, 12, 15)
    assert filing.sections.get(key="premises").status == SectionStatus.FLAGGED

    me, back = as_(filing.created_by), AT + dt.timedelta(days=14)
    registration = filing.sections.get(key="registration")
    with pytest.raises(actions.SectionLocked):
        actions.save_section(
            filing, "registration", {}, None, version=registration.version, by=me, at=back
        )
    with pytest.raises(actions.Incomplete):
        actions.submit_filing(filing, "x", "y", by=me, at=back)
    section = filing.sections.get(key="premises")
    answers = make.premises_answers(lease_end="2031-04-30")
    actions.save_section(
        filing, "premises", answers, answers, version=section.version, by=me, at=back
    )
    filing = actions.submit_filing(filing, "x", "y", by=me, at=back)
    # Four working days were left on 24 November; from 7 December they end on 11 December.
    assert filing.answer_due == dt.date(2026, 12, 11)
    assert filing.round == 2
    assert filing.received_on == dt.date(2026, 11, 23)
    notice = OfficialPaper.objects.get(kind="correction_notice")
    assert "请补充租赁合同期限" in str(notice.data)


def test_a_correction_without_a_list_is_refused():
    clerk = make.clerk()
    filing = make.taken_filing(clerk)
    with pytest.raises(FactMissing):
        actions.request_correction(filing, by=as_(clerk), at=AT)


@pytest.mark.proves("sec:W8", "clause:附件2")
def test_nobody_decides_alone():
    both = make.user(Role.CLERK, Role.APPROVER)
    filing = make.proposed_filing(both)
    with pytest.raises(NotAllowed):
        actions.register_filing(filing, by=as_(both), at=AT)
    assert not Facility.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Filing.objects.filter(pk=filing.pk).update(decided_by=both)


@pytest.mark.proves("clause:二(四)2b", "prod:B7", "diff:21")
def test_registering_enters_the_register_with_a_receipt():
    clerk, approver = make.clerk(), make.approver(post="分管副主任")
    filing = make.registered_filing(clerk, approver)
    facility = filing.facility
    assert filing.state == FilingStatus.REGISTERED
    assert facility.code == "SP-TY-0001"
    assert sum(c.capacity for c in facility.classes.all()) == 35
    assert facility.certificates.count() == 4
    assert facility.contact == {"manager_phone": "13800000001"}
    assert facility.statutory_filing.status == "unknown"
    receipt = OfficialPaper.objects.get(kind="registration_receipt")
    assert receipt.number == "寺街托登〔2026〕1号"
    assert receipt.issued_label == "分管副主任"
    assert facility.code in str(receipt.data)
    assert Outbox.objects.filter(kind="paper.render").count() == 1


@pytest.mark.proves("prod:B18")
def test_the_same_credit_code_enters_once():
    code = make.uscc()
    make.facility(uscc=code)
    clerk = make.clerk()
    filing = make.proposed_filing(clerk, registration={"uscc": code})
    with pytest.raises(actions.AlreadyRegistered):
        actions.register_filing(filing, by=as_(make.approver()), at=AT)
    filing.refresh_from_db()
    assert filing.state == FilingStatus.PROPOSED


@pytest.mark.proves("prod:B14")
def test_declining_needs_a_reason_and_two_persons():
    clerk, approver = make.clerk(), make.approver()
    filing = make.taken_filing(clerk)
    with pytest.raises(FactMissing):
        actions.propose_decision(filing, "decline", "", by=as_(clerk), at=AT)
    filing = actions.propose_decision(filing, "decline", "场所在地下室", by=as_(clerk), at=AT)
    with pytest.raises(FactMissing):
        actions.register_filing(filing, by=as_(approver), at=AT)
    filing = actions.decline_filing(filing, "场所在地下室", by=as_(approver), at=AT)
    assert filing.state == FilingStatus.DECLINED
    notice = OfficialPaper.objects.get(kind="decline_notice")
    assert "场所在地下室" in str(notice.data)


def test_a_proposal_handed_back_goes_to_the_handler():
    clerk = make.clerk()
    filing = make.proposed_filing(clerk)
    filing = actions.hand_back_filing(filing, "请再核对地址", by=as_(make.approver()), at=AT)
    assert filing.state == FilingStatus.IN_REVIEW
    outbox.drain(AT)
    assert Notification.objects.filter(to=clerk, kind="filing.handed_back").count() == 1


def test_numbers_have_no_gaps_when_an_act_fails():
    clerk, approver = make.clerk(), make.approver()
    code = make.uscc()
    make.registered_filing(clerk, approver, registration={"uscc": code})
    doubled = make.proposed_filing(clerk, registration={"uscc": code})
    with pytest.raises(actions.AlreadyRegistered):
        actions.register_filing(doubled, by=as_(approver), at=AT)
    make.registered_filing(clerk, approver)
    numbers = OfficialPaper.objects.order_by("serial").values_list("number", flat=True)
    assert list(numbers) == ["寺街托登〔2026〕1号", "寺街托登〔2026〕2号"]
    assert list(Facility.objects.order_by("code").values_list("code", flat=True)) == [
        "SP-TY-0001",
        "SP-TY-0002",
    ]


def test_every_act_leaves_a_line_without_personal_values():
    make.registered_filing(registration={"manager_phone": "13800000077"})
    done = acts()
    for act in ("start", "edit", "submit", "take", "propose", "register"):
        assert f"filing.{act}" in done
    for event in AuditEvent.objects.all():
        text = str(event.detail)
        assert "13800000077" not in text
        assert "示例负责人" not in text


def test_withdrawing_ends_it():
    filing = make.submitted_filing()
    filing = actions.withdraw_filing(filing, by=as_(filing.created_by), at=AT)
    assert filing.state == FilingStatus.WITHDRAWN


def test_a_draft_lapses_after_its_days_and_not_before():
    filing = make.filing()
    last = dt.datetime.combine(filing.draft_until, dt.time(12), dt.UTC)
    assert not actions.lapse_draft(filing, at=last)
    assert actions.lapse_draft(filing, at=last + dt.timedelta(days=1))
    assert not actions.lapse_draft(filing, at=last + dt.timedelta(days=1))


@pytest.mark.proves("clause:二(五)2a")
def test_the_office_mirrors_the_statutory_filing():
    facility = make.facility()
    values = {"status": "filed", "number": "41048100031", "filed_on": dt.date(2026, 2, 11)}
    clerk = as_(make.clerk())
    mirror = actions.record_statutory_filing(facility, values, by=clerk, at=AT)
    assert mirror.checked_on == dt.date(2026, 11, 23)


def test_a_deputy_shows_on_the_paper():
    head, clerk = make.approver(post="分管副主任"), make.clerk()
    deputy = make.user(post="卫健办主任")
    RoleAssignment.objects.create(
        user=deputy,
        role=Role.APPROVER,
        valid_from=dt.date(2026, 11, 1),
        valid_to=dt.date(2026, 11, 30),
        deputy_for=head,
        given_by=head,
    )
    with time_machine.travel(AT, tick=False):
        make.registered_filing(clerk, deputy)
        make.registered_filing(clerk, head)
    deputised, own = OfficialPaper.objects.order_by("serial")
    said = "本文书由分管副主任的代理人审定，代理期限为2026年11月1日至2026年11月30日。"
    assert said in str(deputised.data)
    assert "代理人" not in str(own.data)


def test_a_withdrawal_under_review_tells_the_handler():
    clerk = make.clerk()
    filing = make.taken_filing(clerk)
    actions.withdraw_filing(filing, by=as_(filing.created_by), at=AT)
    outbox.drain(AT)
    assert Notification.objects.filter(to=clerk, kind="filing.withdrawn").count() == 1


def test_a_reminder_goes_to_whoever_is_to_move():
    clerk, approver, other = make.clerk(), make.approver(), make.clerk()
    waiting, taken = make.submitted_filing(), make.taken_filing(clerk)
    proposed = make.proposed_filing(clerk)
    with time_machine.travel(AT, tick=False):
        told = [actions.remind_reviewers(f, at=AT) for f in (waiting, taken, proposed)]
    assert told == [2, 1, 1]
    outbox.drain(AT)
    reminded = Notification.objects.filter(kind="filing.due_soon")
    assert set(reminded.filter(to=other).values_list("noun_id", flat=True)) == {waiting.pk}
    assert set(reminded.filter(to=approver).values_list("noun_id", flat=True)) == {proposed.pk}


def test_declining_what_was_proposed_for_registration_is_refused():
    filing = make.proposed_filing(make.clerk())
    with pytest.raises(FactMissing):
        actions.decline_filing(filing, "理由", by=as_(make.approver()), at=AT)


def test_a_half_typed_paper_is_kept_and_the_same_again_changes_nothing():
    filing = make.filing()
    me, draft = as_(filing.created_by), {"number": "1", "valid_until": "2027-1"}
    kept = actions.keep_certificate_draft(filing, "business_licence", draft, by=me, at=AT)
    assert kept.status == SectionStatus.IN_PROGRESS
    again = actions.keep_certificate_draft(filing, "business_licence", draft, by=me, at=AT)
    assert again.version == kept.version
    changed = draft | {"number": "2"}
    more = actions.keep_certificate_draft(filing, "business_licence", changed, by=me, at=AT)
    assert more.version == kept.version + 1


def test_nobody_reviews_what_he_filed_himself():
    both = make.user(Role.OPERATOR, Role.CLERK, Role.APPROVER)
    filing = make.submitted_filing(both)
    with pytest.raises(NotAllowed):
        actions.take_filing(filing, by=as_(both), at=AT)
    clerk = as_(make.clerk())
    filing = actions.take_filing(filing, by=clerk, at=AT)
    filing = actions.propose_decision(filing, "register", "", by=clerk, at=AT)
    with pytest.raises(NotAllowed):
        actions.register_filing(filing, by=as_(both), at=AT)


def test_a_correction_is_remembered_before_its_day_and_after_it_each_once():
    clerk = make.clerk()
    filing = make.taken_filing(clerk)
    actions.add_correction(filing, "premises", "", "请补充", by=as_(clerk), at=AT)
    actions.request_correction(filing, by=as_(clerk), at=AT)  # due on 14 December
    told = [
        tasks.remind_about_corrections(AT + dt.timedelta(days=days))
        for days in (16, 17, 17, 18, 22, 22, 23)
    ]
    assert told == [0, 1, 0, 0, 2, 0, 0]
    outbox.drain(AT + dt.timedelta(days=23))
    kinds = Notification.objects.filter(kind__startswith="filing.correction_")
    assert sorted(kinds.values_list("kind", flat=True)) == [
        "filing.correction_due_soon",
        "filing.correction_overdue",
        "filing.correction_overdue",
    ]


def test_what_was_sent_can_be_neither_changed_nor_removed():
    filing = make.submitted_filing()
    for change in (
        lambda: filing.submissions.update(declared_name="别人"),
        lambda: filing.submissions.all()._raw_delete("default"),
        lambda: OfficialPaper.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(ProgrammingError), transaction.atomic():
            change()


def test_a_paper_without_a_file_does_not_enter_the_register():
    filing = make.complete_filing()
    me = as_(filing.created_by)
    empty = {"number": "", "issuer": "", "issued_on": None, "valid_until": None}
    actions.save_certificate(filing, "staff_proof", empty, version=0, by=me, at=AT)
    filing.refresh_from_db()
    clerk = make.clerk()
    filing = actions.submit_filing(filing, "x", "y", by=me, at=AT)
    filing = actions.take_filing(filing, by=as_(clerk), at=AT)
    filing = actions.propose_decision(filing, "register", "", by=as_(clerk), at=AT)
    filing = actions.register_filing(filing, by=as_(make.approver()), at=AT)
    assert not filing.facility.certificates.filter(material="staff_proof").exists()
    assert filing.facility.certificates.count() == 4
