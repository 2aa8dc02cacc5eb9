"""Closing: reported ahead, decided by two, done by the calendar on its day (prod:B16)."""

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from facilities import actions, queries, tasks
from facilities.forms import RegistrationForm
from facilities.models import Facility, Filing
from facilities.queries import life
from facilities.rules import life as life_rules
from portal.core.actors import Actor
from portal.core.models import AuditEvent, Notification, OfficialPaper, Publication, User
from portal.core.outbox import drain
from portal.core.permissions import can
from portal.core.queries import in_force
from portal.core.rounds import each
from portal.core.workflow import FactMissing, NotAllowed, TransitionNotOpen, action
from tests import makers as make
from tests.house.test_law import law

AT = make.AT
DAY = AT.date()
CLOSING = DAY + dt.timedelta(days=40)


def noon(day):
    return dt.datetime.combine(day, dt.time(4), tzinfo=dt.UTC)


def plan(**changes):
    return {
        "closing_on": CLOSING.isoformat(),
        "reason": "场地租约到期",
        "children": 29,
        "children_plan": "20 人转到另一家机构，9 人回家",
        "parents_told_on": (DAY + dt.timedelta(days=5)).isoformat(),
        "staff_plan": "依法解除合同并结清工资",
        "refund_plan": "12 月 31 日前退完",
        "records_plan": "由法定代表人保管三年",
        "reported_on": DAY.isoformat(),
    } | changes


def member_of(facility):
    return Actor.person(facility.memberships.get().user)


def reported(facility, **changes):
    by = member_of(facility)
    filing = actions.start_closure(facility, uuid.uuid4(), by=by, at=AT)
    section = filing.sections.get(key="closure")
    answers = plan(**changes)
    actions.save_section(filing, "closure", answers, answers, version=section.version, by=by, at=AT)
    filing.refresh_from_db()
    return actions.submit_filing(filing, "示例负责人", make.DECLARATION, by=by, at=AT)


def granted(facility, **changes):
    clerk = Actor.person(make.clerk())
    taken = actions.take_filing(reported(facility, **changes), by=clerk, at=AT)
    proposed = actions.propose_decision(taken, "register", "", by=clerk, at=AT)
    return actions.register_filing(proposed, by=Actor.person(make.approver()), at=AT)


# --- rules --------------------------------------------------------------------------------------


@pytest.mark.proves("prod:B16")
@given(st.integers(-5, 90))
def test_a_closing_day_nearer_than_the_notice_is_remarked_and_never_blocks(days):
    closing = (DAY + dt.timedelta(days=days)).isoformat()
    found = life_rules.check_closure(plan(closing_on=closing), DAY, law())
    early = [miss for miss in found if miss.code == "closure_early"]
    assert bool(early) == (days < 30)
    assert not any(miss.blocking for miss in early)


def test_parents_are_told_before_the_day():
    late = (CLOSING + dt.timedelta(days=1)).isoformat()
    codes = {m.code for m in life_rules.check_closure(plan(parents_told_on=late), DAY, law())}
    assert codes == {"parents_told_late"}


@pytest.mark.parametrize("name", [*plan()])
def test_every_part_of_the_plan_is_needed_but_the_day_of_writing(name):
    found = life_rules.check_closure(plan(**{name: ""}), DAY, law())
    blocking = [miss.field for miss in found if miss.blocking]
    assert blocking == ([] if name == "reported_on" else [name])


def test_an_office_that_cancels_has_no_plan_of_the_facility_to_judge():
    ground = {"closing_on": DAY.isoformat(), "reason": "登记机关已注销"}
    assert life_rules.check_closure(ground, DAY, law()) == []


# --- the acts -----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.proves("prod:B16")
def test_a_granted_closure_closes_on_its_day_and_not_before():
    facility = make.facility()
    filing = granted(facility)
    tasks.close_facilities(noon(CLOSING - dt.timedelta(days=1)))
    facility.refresh_from_db()
    assert (facility.operating, facility.registration) == ("open", "registered")
    assert facility.closes_on == CLOSING
    assert tasks.close_facilities(noon(CLOSING)) == 1
    facility.refresh_from_db()
    assert (facility.operating, facility.registration) == ("closed", "cancelled")
    assert not Facility.objects.public().filter(pk=facility.pk).exists()
    assert OfficialPaper.objects.get(kind="registration_receipt").status == "withdrawn"
    assert OfficialPaper.objects.get(noun_id=filing.pk).number.startswith("寺街托销〔2026〕1号")
    assert AuditEvent.objects.get(act="facility.closed").actor_label == "calendar"


@pytest.mark.django_db
def test_members_and_clerks_are_told_once_however_often_the_day_runs():
    facility = make.facility()
    granted(facility)
    for hour in range(3):
        tasks.close_facilities(noon(CLOSING) + dt.timedelta(hours=hour))
    drain(noon(CLOSING) + dt.timedelta(hours=4))
    told = Notification.objects.filter(kind="facility.closed")
    assert told.filter(to__memberships__facility=facility).count() == 1
    assert told.values("to").distinct().count() == told.count() >= 2
    assert AuditEvent.objects.filter(act="facility.closed").count() == 1


@pytest.mark.django_db
def test_one_facility_that_cannot_be_closed_does_not_keep_the_others_open():
    first, second = make.facility(), make.facility()
    for facility in (first, second):
        Facility.objects.filter(pk=facility.pk).update(closes_on=DAY)

    @action
    def close(facility, *, at):
        done = actions.close_facility(facility, at=at)
        if facility == first:
            raise TransitionNotOpen("filing", "submitted", "close")
        return done

    due = life.closings_due(DAY)
    assert list(due) == [first, second]
    assert each(due, close, AT) == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.registration, second.registration) == ("registered", "cancelled")
    assert [line.object_id for line in AuditEvent.objects.filter(act="facility.closed")] == [
        str(second.pk)
    ]


@pytest.mark.django_db
def test_a_closure_is_taken_back_before_its_day_and_not_after():
    facility = make.facility()
    filing = granted(facility)
    by = member_of(facility)
    actions.revoke_closure(filing, by=by, at=AT)
    facility.refresh_from_db()
    assert facility.closes_on is None
    assert OfficialPaper.objects.get(noun_id=filing.pk).status == "withdrawn"
    assert tasks.close_facilities(noon(CLOSING)) == 0
    again = granted(facility)
    with pytest.raises(actions.ClosingDayPassed):
        actions.revoke_closure(again, by=by, at=noon(CLOSING))


@pytest.mark.django_db
def test_a_registration_is_not_taken_back_like_a_closure():
    facility = make.facility()
    with pytest.raises(FactMissing):
        actions.revoke_closure(facility.filings.get(), by=member_of(facility), at=AT)


@pytest.mark.django_db
def test_nothing_changes_any_more_in_a_closed_facility():
    facility = make.facility()
    granted(facility)
    tasks.close_facilities(noon(CLOSING))
    by = member_of(facility)
    at = noon(CLOSING)
    with pytest.raises(actions.NotInRegister):
        actions.start_change(facility, ["manager"], uuid.uuid4(), by=by, at=at)
    with pytest.raises(actions.NotInRegister):
        actions.update_enrolment(facility, {}, by=by, at=at)


@pytest.mark.django_db
def test_a_pause_under_way_ends_with_the_facility():
    facility = make.facility()
    values = {
        "starts_on": DAY, "expected_end": CLOSING, "reason": "装修", "children": 0,
        "children_plan": "无", "parents_told_on": DAY,
    }  # fmt: skip
    pause = actions.report_pause(facility, values, by=member_of(facility), at=AT)
    granted(facility)
    tasks.close_facilities(noon(CLOSING))
    pause.refresh_from_db()
    assert (pause.state, pause.ended_on) == ("ended", CLOSING)
    assert life.open_pause(facility) is None


@pytest.mark.django_db
def test_the_office_cancels_by_two_people_with_a_ground():
    facility = make.facility()
    clerk = make.clerk()
    ground = "登记机关已注销登记"
    given = {"closing_on": DAY.isoformat(), "reason": ground}
    filing = actions.propose_cancellation(
        facility, given, ground, uuid.uuid4(), by=Actor.person(clerk), at=AT
    )
    assert (filing.state, filing.source) == ("proposed", "counter")
    both = make.user("clerk", "approver")
    own = Filing.objects.get(pk=filing.pk)
    with pytest.raises(NotAllowed):
        actions.register_filing(own, by=Actor.person(clerk), at=AT)
    actions.register_filing(own, by=Actor.person(both), at=AT)
    assert tasks.close_facilities(AT) == 1
    paper = OfficialPaper.objects.get(kind="closure_receipt")
    assert ground in str(paper.data)


@pytest.mark.django_db(transaction=True)
def test_the_closing_day_run_by_two_at_once_closes_once():
    facility = make.facility()
    granted(facility)
    gate = Barrier(2)

    def run(_n):
        connection.ensure_connection()
        gate.wait()
        try:
            return actions.close_facility(facility, at=noon(CLOSING))
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, range(2))) == [False, True]
    assert AuditEvent.objects.filter(act="facility.closed").count() == 1


# --- what ends with the registration --------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.proves("prod:B16")
def test_the_public_notice_is_withdrawn_with_a_trace_on_the_closing_day():
    facility = make.facility()
    granted(facility)
    notice = Publication.objects.get(party=facility.code)
    assert notice.state == "published"
    tasks.close_facilities(noon(CLOSING))
    notice.refresh_from_db()
    assert (notice.state, notice.withdrawn_on) == ("withdrawn", CLOSING)
    assert notice.withdrawal_reason == "已停办"
    line = AuditEvent.objects.get(act="publication.withdraw", object_id=str(notice.pk))
    assert line.actor_label == "calendar"


# --- two people in a small office -----------------------------------------------------------------


def cancellation(facility, clerk):
    given = {"closing_on": DAY.isoformat(), "reason": "登记机关已注销登记"}
    return actions.propose_cancellation(
        facility, given, given["reason"], uuid.uuid4(), by=Actor.person(clerk), at=AT
    )


@pytest.mark.django_db
def test_a_draft_of_the_facility_does_not_keep_the_office_from_its_cancellation():
    facility = make.facility()
    draft = make.closure_filing(facility, sent=False)
    filing = cancellation(facility, make.clerk())
    draft.refresh_from_db()
    assert (draft.state, filing.state) == ("withdrawn", "proposed")
    words = f"街道已提出注销登记，草稿 {draft.number} 不再保留"
    drain(AT)
    assert Notification.objects.get(kind="filing.set_aside").title == words
    sent = make.facility()
    make.closure_filing(sent)
    with pytest.raises(actions.OpenFilingExists):
        cancellation(sent, make.clerk())


@pytest.mark.django_db
def test_an_editor_does_not_begin_a_closure():
    facility = make.facility()
    _made, code = actions.invite(facility, "editor", by=member_of(facility), at=AT)
    editor = Actor.person(make.operator())
    actions.join_by_code(code, by=editor, at=AT)
    with pytest.raises(PermissionDenied):
        actions.start_closure(facility, uuid.uuid4(), by=editor, at=AT)
    assert life.open_filing(facility) is None


@pytest.mark.django_db
def test_a_cancellation_handed_back_is_proposed_again_by_its_clerk_and_never_decided_by_him():
    facility = make.facility()
    User.objects.filter(role_assignments__role="clerk").update(is_active=False)
    clerk, approver = make.user("clerk", "approver"), make.approver()
    filing = cancellation(facility, clerk)
    back = actions.hand_back_filing(filing, "请附登记机关的通知", by=Actor.person(approver), at=AT)
    assert can(clerk, "propose", back)
    assert back.url_for(clerk) == f"/desk/filings/{back.number}/"
    again = actions.propose_decision(back, "register", "已附通知", by=Actor.person(clerk), at=AT)
    with pytest.raises(NotAllowed):
        actions.register_filing(again, by=Actor.person(clerk), at=AT)
    with pytest.raises(NotAllowed):
        actions.hand_back_filing(again, "再看", by=Actor.person(clerk), at=AT)
    done = actions.register_filing(again, by=Actor.person(approver), at=AT)
    assert (done.proposed_by, done.decided_by) == (clerk, approver)


@pytest.mark.django_db
def test_what_the_office_cancels_is_not_taken_back_by_the_facility():
    facility = make.facility()
    clerk, approver = make.clerk(), make.approver()
    filing = cancellation(facility, clerk)
    by = member_of(facility)
    back = actions.hand_back_filing(filing, "再看", by=Actor.person(approver), at=AT)
    with pytest.raises(NotAllowed):
        actions.withdraw_filing(back, by=by, at=AT)
    actions.propose_decision(back, "register", "", by=Actor.person(clerk), at=AT)
    done = actions.register_filing(back, by=Actor.person(approver), at=AT)
    Facility.objects.filter(pk=facility.pk).update(closes_on=CLOSING)
    with pytest.raises(NotAllowed):
        actions.revoke_closure(done, by=by, at=AT)


# --- a move: the old record gives way to the new one ----------------------------------------------


def moved(facility):
    """The report of the new place under the same credit code, sent by the same person."""
    by = member_of(facility)
    made = actions.start_elsewhere(facility, uuid.uuid4(), by=by, at=AT)
    told = {"uscc": facility.uscc}
    filled = make.fill(made, registration=told, premises={"address": "祥和街9号"})
    return actions.submit_filing(filled, "示例负责人", make.DECLARATION, by=by, at=AT)


@pytest.mark.django_db
@pytest.mark.proves("prod:B17")
def test_a_move_closes_the_old_record_with_the_registration_of_the_new_one():
    old = make.facility()
    closure = granted(old)
    new = make.granted(moved(old)).facility
    old.refresh_from_db()
    assert (old.registration, old.operating, old.closes_on) == ("cancelled", "closed", DAY)
    assert (new.registration, new.uscc, new.address) == ("registered", old.uscc, "祥和街9号")
    assert new.code != old.code
    receipts = OfficialPaper.objects.filter(noun_id=closure.pk)
    assert sorted(paper.status for paper in receipts) == ["replaced", "valid"]
    assert "2026年11月23日" in str(receipts.get(status="valid").data)
    assert OfficialPaper.objects.valid().filter(party=new.code).count() == 1
    assert tasks.close_facilities(noon(CLOSING)) == 0


@pytest.mark.django_db
@pytest.mark.proves("prod:B17")
def test_a_move_on_the_closing_day_itself_closes_the_old_record_before_the_calendar_does():
    old = make.facility()
    closure = granted(old)
    new, clerk, at = moved(old), Actor.person(make.clerk()), noon(CLOSING)
    actions.take_filing(new, by=clerk, at=at)
    actions.propose_decision(new, "register", "", by=clerk, at=at)
    actions.register_filing(new, by=Actor.person(make.approver()), at=at)
    old.refresh_from_db()
    assert (old.registration, old.closes_on) == ("cancelled", CLOSING)
    assert OfficialPaper.objects.get(noun_id=closure.pk).status == "valid"
    assert tasks.close_facilities(at) == 0


@pytest.mark.django_db
@pytest.mark.proves("prod:B17")
def test_without_a_granted_closure_the_same_code_is_not_registered_twice():
    old = make.facility()
    waiting, new = reported(old), moved(old)
    clerk, approver = Actor.person(make.clerk()), Actor.person(make.approver())
    for filing in (new, waiting):
        actions.take_filing(filing, by=clerk, at=AT)
        actions.propose_decision(filing, "register", "", by=clerk, at=AT)
    with pytest.raises(actions.AlreadyRegistered):
        actions.register_filing(new, by=approver, at=AT)
    old.refresh_from_db()
    assert old.registration == "registered"
    actions.register_filing(waiting, by=approver, at=AT)
    assert actions.register_filing(new, by=approver, at=AT).facility.uscc == old.uscc


@pytest.mark.django_db
@pytest.mark.proves("prod:B17")
def test_a_known_code_is_taken_from_a_member_whose_old_place_closes_and_from_nobody_else():
    old = make.facility()
    user = old.memberships.get().user
    values = make.typed(make.registration_answers(uscc=old.uscc))

    def refused(who):
        form = RegistrationForm(values, user=who, law=in_force(DAY), stored={}, version=0)
        return "uscc" in form.errors

    assert refused(user)
    reported(old)
    assert not refused(user)
    assert refused(make.operator())


# --- papers with a closure ------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.proves("prod:B16")
def test_papers_may_come_with_a_closure_and_are_frozen_with_it_but_not_put_into_the_register():
    facility = make.facility()
    by = member_of(facility)
    held = set(facility.certificates.values_list("pk", flat=True))
    filing = actions.start_closure(facility, uuid.uuid4(), by=by, at=AT)
    listed = queries.required_for(filing, law())
    assert {m.code for m in listed} == {"placement_agreement", "refund_record"}
    assert not any(m.required for m in listed)
    values = {"number": "", "issuer": "示例机构", "issued_on": None, "valid_until": None}
    actions.save_certificate(filing, "placement_agreement", values, version=0, by=by, at=AT)
    actions.attach_file(filing, "placement_agreement", make.pdf(), by=by, at=AT)
    actions.save_section(filing, "closure", plan(), plan(), version=0, by=by, at=AT)
    filing.refresh_from_db()
    sent = actions.submit_filing(filing, "示例负责人", make.DECLARATION, by=by, at=AT)
    papers = sent.submissions.get().answers["certificates"]["certificates"]
    brought = {paper["material"]: paper["files"] for paper in papers}
    assert len(brought["placement_agreement"]) == 1
    make.granted(sent)
    assert set(facility.certificates.values_list("pk", flat=True)) == held


@pytest.mark.django_db
def test_a_paper_taken_out_again_leaves_a_closure_that_may_be_sent():
    facility = make.facility()
    by = member_of(facility)
    filing = actions.start_closure(facility, uuid.uuid4(), by=by, at=AT)
    file = actions.attach_file(filing, "placement_agreement", make.pdf(), by=by, at=AT)
    actions.remove_file(filing, file, by=by, at=AT)
    actions.save_section(filing, "closure", plan(), plan(), version=0, by=by, at=AT)
    filing.refresh_from_db()
    sent = actions.submit_filing(filing, "示例", make.DECLARATION, by=by, at=AT)
    assert sent.state == "submitted"


# --- what happened meanwhile ----------------------------------------------------------------------


@pytest.mark.django_db
def test_an_announced_pause_does_not_come_to_a_closed_facility():
    facility = make.facility()
    announced = make.pause(facility, ahead=60)
    granted(facility)
    tasks.close_facilities(noon(CLOSING))
    announced.refresh_from_db()
    assert (announced.state, announced.ended_on) == ("cancelled", None)
    assert tasks.begin_pauses(noon(DAY + dt.timedelta(days=60))) == 0


@pytest.mark.django_db
def test_the_form_of_a_closure_sent_twice_begins_one():
    facility, token = make.facility(), uuid.uuid4()
    first, again = (
        actions.start_closure(facility, token, by=member_of(facility), at=AT) for _ in range(2)
    )
    assert first == again
    clerk = Actor.person(make.clerk())
    other, given = make.facility(), {"closing_on": DAY.isoformat(), "reason": "示例"}
    made = [
        actions.propose_cancellation(other, given, "示例", token, by=clerk, at=AT)
        for token in [uuid.uuid4()] * 2
    ]
    assert made[0] == made[1]
    assert made[0].submissions.count() == 1


@pytest.mark.django_db
def test_what_left_the_register_during_the_review_is_not_closed_again():
    facility = make.facility()
    clerk, approver = Actor.person(make.clerk()), Actor.person(make.approver())
    taken = actions.take_filing(reported(facility), by=clerk, at=AT)
    proposed = actions.propose_decision(taken, "register", "", by=clerk, at=AT)
    Facility.objects.filter(pk=facility.pk).update(registration="cancelled", operating="closed")
    with pytest.raises(actions.NotInRegister):
        actions.register_filing(proposed, by=approver, at=AT)
    proposed.refresh_from_db()
    assert (proposed.state, proposed.decided_by) == ("proposed", None)


@pytest.mark.django_db
def test_nobody_makes_way_once_the_closure_was_taken_back():
    old = make.facility()
    closure = granted(old)
    actions.revoke_closure(closure, by=member_of(old), at=AT)
    new = moved(old)
    clerk = Actor.person(make.clerk())
    actions.take_filing(new, by=clerk, at=AT)
    actions.propose_decision(new, "register", "", by=clerk, at=AT)
    with pytest.raises(actions.AlreadyRegistered):
        actions.register_filing(new, by=Actor.person(make.approver()), at=AT)
    old.refresh_from_db()
    assert (old.registration, old.closes_on) == ("registered", None)
