"""Opening visits and sending people: the kinds are kept apart."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, transaction

from facilities.models import Facility
from inspections import actions
from inspections.models import DelegatedItem, Inspection
from inspections.papers import visits as papers
from inspections.queries import visits
from portal.core import outbox
from portal.core.models import Notification, OfficialPaper
from portal.core.papers import content
from portal.core.queries import in_force
from portal.core.workflow import NotAllowed, TransitionNotOpen
from tests import makers
from tests.inspections import makers as make
from tests.inspections.makers import AT, DAY, actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Facility:
    return make.facility()


def test_a_visit_gets_a_number_and_is_opened_once(place: Facility) -> None:
    first = make.opened(place, trigger_key="case 1")
    assert (first.number, first.state, first.planned_on) == ("JC-2026-0001", "planned", DAY)
    assert make.opened(place, trigger_key="case 1") == first
    token = uuid.uuid4()
    assert make.opened(place, token=token) == make.opened(place, token=token)
    assert Inspection.objects.count() == 2


def test_an_urgent_visit_is_due_the_next_day(place: Facility) -> None:
    made = make.opened(place, is_urgent=True)
    assert made.due_on == DAY + dt.timedelta(days=1)


def test_an_administrative_inspection_needs_a_matter_that_is_in_force(place: Facility) -> None:
    waiting = DelegatedItem.objects.get(code="fire-lanes")
    for matter in (None, waiting):
        with pytest.raises(actions.NotDelegated):
            make.opened(place, "administrative", delegated=matter)
    made = make.opened(place, "administrative")
    actions.end_delegated(make.confirmed(), "文件已废止", by=actor(makers.approver()), at=AT)
    team = [make.certified(), make.certified()]
    with pytest.raises(actions.NotDelegated):
        actions.assign_team(made, team, by=actor(makers.clerk()), at=AT)


@pytest.mark.proves("prod:E6")
def test_it_takes_two_officers_and_a_second_person(place: Facility) -> None:
    clerk, approver = makers.clerk(), makers.approver()
    made = make.opened(place, "administrative")
    one, two = make.certified(), make.certified()
    with pytest.raises(actions.TeamRefused, match="too_few"):
        actions.assign_team(made, [one], by=actor(clerk), at=AT)
    made = actions.assign_team(made, [one, two], by=actor(clerk), at=AT)
    assert made.state == "awaiting_approval"
    made = actions.approve_inspection(made, by=actor(approver), at=AT)
    assert made.state == "assigned"
    numbers = [member.certificate.number for member in visits.team_of(made)]  # type: ignore[union-attr]
    assert len(set(numbers)) == 2


def test_whoever_proposes_does_not_approve(place: Facility) -> None:
    both = makers.user("clerk", "approver")
    made = make.opened(place, "administrative")
    team = [make.certified(), make.certified()]
    made = actions.assign_team(made, team, by=actor(both), at=AT)
    with pytest.raises(NotAllowed):
        actions.approve_inspection(made, by=actor(both), at=AT)
    made = actions.hand_back_inspection(made, "换人", by=actor(makers.approver()), at=AT)
    assert (made.state, made.decision_reason) == ("planned", "换人")


@pytest.mark.proves("prod:E6")
def test_an_approved_inspection_whose_officer_cannot_go_is_proposed_again(place: Facility) -> None:
    one, two, three = make.certified(), make.certified(), make.certified()
    made = make.assigned(one, two, place=place, kind="administrative")
    actions.declare_tie(one, place, "family", by=actor(one), at=AT)
    made = actions.assign_team(made, [two, three], by=actor(makers.clerk()), at=AT)
    assert (made.state, made.approved_by, made.approved_on) == ("awaiting_approval", None, None)
    with pytest.raises(TransitionNotOpen):  # nobody goes before it is approved again
        actions.start_inspection(made, by=actor(two), at=AT)
    made = actions.approve_inspection(made, by=actor(makers.approver()), at=AT)
    assert actions.start_inspection(made, by=actor(three), at=AT).state == "in_progress"


def words_of(paper: OfficialPaper) -> str:
    return content.all_text(content.printed(paper, origin="https://example.org"))


@pytest.mark.proves("prod:E4", "prod:E6")
def test_sheet_and_notice_come_with_the_approval(place: Facility) -> None:
    one, two = make.certified(), make.certified()
    made = make.assigned(one, two, place=place, kind="administrative", note="有人反映占道")
    (sheet,), (notice,) = visits.sheets_of(made), visits.papers_of(made)
    assert (sheet.title, notice.title) == ("行政检查审批表", "行政检查通知书")
    told = words_of(notice)
    for words in ("占用、堵塞、封闭疏散通道", "平政〔2026〕2号", "申请其回避", made.number,
                  *(p.enforcement_certificates.get().number for p in (one, two))):  # fmt: skip
        assert words in told, words
    assert made.approved_by
    assert made.approved_by.signature_label in words_of(sheet)
    assert "反映" not in told + words_of(sheet)
    done = actions.complete_inspection(
        make.signed(make.answered(make.inside(made))), by=actor(one), at=AT
    )
    owner = make.member_of(place)  # the sheet stays the office's, the notice is his once it is over
    mine = OfficialPaper.objects.visible_to(owner)
    assert mine.filter(pk=notice.pk).exists()
    assert not mine.filter(pk=sheet.pk).exists()
    assert OfficialPaper.objects.visible_to(makers.clerk()).filter(pk=sheet.pk).exists()
    assert done.approvals.get().url_for(makers.clerk()) == done.url_for(makers.clerk())


def test_a_notice_follows_the_day_and_the_people(place: Facility) -> None:
    one, two, three = make.certified(), make.certified(), make.certified()
    clerk, approver = actor(makers.clerk()), actor(makers.approver())
    made = make.assigned(one, two, place=place, kind="administrative")
    made = actions.postpone_inspection(made, DAY + dt.timedelta(days=3), by=clerk, at=AT)
    (standing,) = visits.papers_standing(made)
    assert "2026年11月5日" not in words_of(standing)
    assert len(visits.papers_of(made)) == 2
    # Sent to others, it is approved anew: the first notice is taken back.
    made = actions.assign_team(made, [two, three], by=clerk, at=AT)
    assert not visits.papers_standing(made)
    made = actions.approve_inspection(made, by=approver, at=AT)
    assert len(visits.sheets_of(made)) == 2
    made = make.inside(made)
    made = actions.send_others(made, [one, two], by=approver, at=AT)
    (standing,) = visits.papers_standing(made)
    assert one.enforcement_certificates.get().number in words_of(standing)


def test_the_notice_of_an_inspection_that_does_not_take_place_is_taken_back(
    place: Facility,
) -> None:
    made = make.assigned(make.certified(), make.certified(), place=place, kind="administrative")
    made = actions.cancel_inspection(made, "机构停业", by=actor(makers.clerk()), at=AT)
    (notice,) = visits.papers_of(made)
    assert (notice.status, notice.status_reason) == ("withdrawn", "检查取消")


@pytest.mark.parametrize("days", [-1, 0])
def test_an_expired_certificate_is_not_sent(place: Facility, days: int) -> None:
    made = make.opened(place, "administrative")
    team = [make.certified(), make.certified(days)]
    if days < 0:
        with pytest.raises(actions.TeamRefused, match="no_certificate"):
            actions.assign_team(made, team, by=actor(makers.clerk()), at=AT)
    else:
        actions.assign_team(made, team, by=actor(makers.clerk()), at=AT)


def test_a_certificate_that_ends_meanwhile_stops_the_approval_and_the_start(
    place: Facility,
) -> None:
    clerk, approver = actor(makers.clerk()), actor(makers.approver())
    one, two = make.certified(), make.certified()
    made = actions.assign_team(make.opened(place, "administrative"), [one, two], by=clerk, at=AT)
    certificate = two.enforcement_certificates.get()
    actions.revoke_certificate(certificate, by=clerk, at=AT)
    actions.revoke_certificate(certificate, by=clerk, at=AT)
    with pytest.raises(actions.TeamRefused, match="no_certificate"):
        actions.approve_inspection(made, by=approver, at=AT)


def test_a_matter_that_ends_meanwhile_stops_the_start(place: Facility) -> None:
    made = make.assigned(make.certified(), make.certified(), place=place, kind="administrative")
    assert made.delegated
    actions.end_delegated(made.delegated, "文件已废止", by=actor(makers.approver()), at=AT)
    with pytest.raises(actions.NotDelegated):
        actions.start_inspection(made, by=actor(make.lead_of(made)), at=AT)


JOINT = {"kind": "joint", "lead_department": "卫生健康主管部门", "partners": ["消防救援机构"]}


def test_a_joint_inspection_is_led_by_a_department(place: Facility) -> None:
    with pytest.raises(actions.NoLead):
        make.opened(place, "joint")
    made = make.opened(place, **JOINT | {"partners": [*JOINT["partners"], "卫生健康主管部门"]})
    assert (made.lead_department, made.partners) == ("卫生健康主管部门", ["消防救援机构"])
    # A visit of the street alone has no such department, whatever was typed.
    alone = make.opened(place, "visit", lead_department="卫生健康主管部门", partners=["消防"])
    assert (alone.lead_department, alone.partners) == ("", [])
    # One from before departments were named goes on, with the words of the street.
    Inspection.objects.filter(pk=made.pk).update(lead_department="")
    made.refresh_from_db()
    team = [make.inspector(), make.inspector()]
    made = actions.assign_team(made, team, by=actor(makers.clerk()), at=AT)
    assert made.state == "assigned"
    made.result = "no_issue"
    (_to, came, *_rest) = papers.result_blocks(made, in_force(DAY))
    assert "街道对你机构开展" in came["text"]


def test_a_declared_tie_keeps_a_person_away(place: Facility) -> None:
    tied, free, clerk = make.inspector(), make.inspector(), actor(makers.clerk())
    tie = actions.declare_tie(tied, place, "family", by=actor(tied), at=AT)
    assert actions.declare_tie(tied, place, "family", by=actor(tied), at=AT) == tie
    made = make.opened(place)
    with pytest.raises(actions.TeamRefused, match="tied"):
        actions.assign_team(made, [tied], by=clerk, at=AT)
    made = actions.assign_team(made, [free], by=clerk, at=AT)
    actions.declare_tie(free, place, "child", by=actor(free), at=AT)
    with pytest.raises(actions.TeamRefused, match="tied"):
        actions.start_inspection(made, by=actor(free), at=AT)
    actions.end_tie(tie, by=clerk, at=AT)
    actions.end_tie(tie, by=clerk, at=AT)
    assert actions.assign_team(made, [tied], by=clerk, at=AT).state == "assigned"


def test_whoever_sends_people_is_told_of_a_tie_of_somebody_who_was_to_go(place: Facility) -> None:
    goes, clerk, other = make.inspector(), makers.clerk(), makers.clerk()
    make.completed(place=place, team=(goes,))
    ahead = make.assigned(goes, place=place)
    make.assigned(goes)
    actions.declare_tie(goes, place, "former", by=actor(clerk), at=AT)
    outbox.drain(AT)
    told = Notification.objects.filter(kind="inspection.tied")
    assert {message.noun_id for message in told} == {ahead.pk}  # the others cannot begin any more
    people = {message.to_id for message in told}
    assert other.pk in people
    assert clerk.pk not in people  # who wrote it down knows it
    assert not any("任职" in message.title + message.body for message in told)


def test_whoever_is_tied_sends_nobody_there(place: Facility) -> None:
    tied = makers.user("clerk", "approver")
    by, day = actor(tied), DAY + dt.timedelta(days=2)
    actions.declare_tie(tied, place, "former", by=by, at=AT)
    planned, goes = make.opened(place), make.inspector()
    ahead, under_way = make.assigned(goes, place=place), make.on_site(goes, place=place)
    team = [make.certified(), make.certified()]
    waiting = make.opened(place, "administrative")
    waiting = actions.assign_team(waiting, team, by=actor(makers.clerk()), at=AT)
    for act in (
        lambda: actions.assign_team(planned, [goes], by=by, at=AT),
        lambda: actions.approve_inspection(waiting, by=by, at=AT),
        lambda: actions.hand_back_inspection(waiting, "换人", by=by, at=AT),
        lambda: actions.postpone_inspection(ahead, day, by=by, at=AT),
        lambda: actions.cancel_inspection(ahead, "重复", by=by, at=AT),
        lambda: actions.send_others(under_way, [make.inspector()], by=by, at=AT),
    ):
        with pytest.raises(actions.Tied):
            act()


def test_nobody_ends_the_tie_that_keeps_himself_away(place: Facility) -> None:
    clerk = actor(makers.clerk())
    tie = actions.declare_tie(makers.user("clerk"), place, "family", by=clerk, at=AT)
    with pytest.raises(actions.OwnTie):
        actions.end_tie(tie, by=actor(tie.user), at=AT)
    assert actions.end_tie(tie, by=clerk, at=AT).ended_on == DAY


def test_a_number_is_one_persons_and_comes_back(place: Facility) -> None:
    one, other, clerk = make.certified(), make.inspector(), actor(makers.clerk())
    held = one.enforcement_certificates.get()
    dates = (held.valid_from, held.valid_until)
    with pytest.raises(actions.NumberTaken):
        actions.enter_certificate(other, held.number, held.issuer, *dates, by=clerk, at=AT)
    actions.revoke_certificate(held, by=clerk, at=AT)
    actions.enter_certificate(one, held.number, held.issuer, *dates, by=clerk, at=AT)
    assert one.enforcement_certificates.get().revoked_on is None


def test_a_matter_takes_two_persons_even_if_it_came_along() -> None:
    item = DelegatedItem.objects.get(code="fire-lanes")
    both, approver = makers.user("clerk", "approver"), actor(makers.approver())
    with pytest.raises(actions.NotPutForward):
        actions.confirm_delegated(item, by=approver, at=AT)
    item = actions.propose_delegated({"name": item.name}, item=item, by=actor(both), at=AT)
    with pytest.raises(NotAllowed):
        actions.confirm_delegated(item, by=actor(both), at=AT)
    assert actions.confirm_delegated(item, by=approver, at=AT).state == "confirmed"


def test_a_matter_is_entered_once() -> None:
    clerk = actor(makers.clerk())
    values = {"code": "fire-doors", "name": "防火门", "source_number": "示例1号", "valid_from": DAY}
    made = actions.propose_delegated(values, by=clerk, at=AT)
    assert actions.propose_delegated(values, by=clerk, at=AT) == made
    with pytest.raises(actions.MatterKnown):
        actions.propose_delegated(values | {"name": "别的"}, by=clerk, at=AT)
    other = DelegatedItem.objects.get(code="fire-lanes")
    with pytest.raises(actions.MatterKnown):
        actions.propose_delegated(values, item=other, by=clerk, at=AT)
    changed = actions.propose_delegated(values | {"name": "防火门常闭"}, item=made, by=clerk, at=AT)
    assert changed.name == "防火门常闭"


def test_a_community_worker_visits_his_own_community_and_never_as_an_authority(
    place: Facility,
) -> None:
    own = makers.user("community", community=place.community)
    other = makers.user("community", community=makers.community("hubin"))
    clerk = actor(makers.clerk())
    made = actions.assign_team(make.opened(place), [own], by=clerk, at=AT)
    assert actions.start_inspection(made, by=actor(own), at=AT).state == "in_progress"
    with pytest.raises(actions.TeamRefused, match="not_an_officer"):
        actions.assign_team(make.opened(place), [other], by=clerk, at=AT)
    make.certificate(own)
    with pytest.raises(actions.TeamRefused, match="not_an_officer"):
        actions.assign_team(
            make.opened(place, "administrative"), [make.certified(), own], by=clerk, at=AT
        )


# --- the cap --------------------------------------------------------------------------------------


def test_the_yearly_cap_refuses_with_a_reason(place: Facility) -> None:
    made = [
        make.opened(place, "administrative", selection="planned") for _ in range(4)
    ]  # fmt: skip
    with pytest.raises(actions.CapReached) as refused:
        make.opened(place, "administrative", selection="planned")
    assert (refused.value.counted, refused.value.cap, refused.value.year) == (4, 4, 2026)
    # What does not count is not refused: a recheck, a visit, another year.
    make.opened(place, "administrative", selection="recheck")
    make.opened(place, selection="planned")
    make.opened(place, "administrative", selection="planned", planned_on=dt.date(2027, 1, 4))
    # One that is cancelled makes room again.
    actions.cancel_inspection(made[0], "重复安排", by=actor(makers.clerk()), at=AT)
    again = make.opened(place, "administrative", selection="planned")
    team = [make.certified(), make.certified()]
    assert actions.assign_team(again, team, by=actor(makers.clerk()), at=AT).state == (
        "awaiting_approval"
    )
    assert actions.approve_inspection(
        Inspection.objects.get(pk=again.pk), by=actor(makers.approver()), at=AT
    ).approved_by


def test_a_full_year_takes_none_from_another(place: Facility) -> None:
    clerk, year = actor(makers.clerk()), dt.date(2027, 3, 1)
    for _ in range(4):
        make.opened(place, "administrative", selection="planned", planned_on=year)
    made = make.opened(place, "administrative", selection="planned")
    with pytest.raises(actions.CapReached):
        actions.postpone_inspection(made, year, by=clerk, at=AT)
    moved = actions.postpone_inspection(made, dt.date(2026, 12, 1), by=clerk, at=AT)
    assert moved.planned_on == dt.date(2026, 12, 1)


@pytest.mark.proves("prod:E6")
def test_what_is_opened_without_a_trigger_counts(place: Facility) -> None:
    for _ in range(4):
        assert make.opened(place, "administrative").counts_towards_cap
    with pytest.raises(actions.CapReached):
        make.opened(place, "administrative")
    triggered = make.opened(place, "administrative", selection="triggered")
    assert not triggered.counts_towards_cap
    team = [make.certified(), make.certified()]
    triggered = actions.assign_team(triggered, team, by=actor(makers.clerk()), at=AT)
    triggered = actions.approve_inspection(triggered, by=actor(makers.approver()), at=AT)
    assert triggered.state == "assigned"  # a full year does not stop it


def test_an_inspection_counts_for_the_year_in_which_it_was_carried_out(place: Facility) -> None:
    """Planned for December and begun in January: it is one of the new year."""
    team = (make.certified(), make.certified())
    begun, late = (
        make.assigned(*team, place=place, kind="administrative", planned_on=dt.date(2026, 12, 30))
        for _ in range(2)
    )
    january = dt.datetime(2027, 1, 1, 1, tzinfo=dt.UTC)
    by = actor(team[0])
    actions.start_inspection(begun, by=by, at=january)
    assert [visits.counted_in_year(place, year) for year in (2026, 2027)] == [1, 1]
    for _ in range(3):
        make.opened(place, "administrative", planned_on=dt.date(2027, 3, 1))
    with pytest.raises(actions.CapReached) as refused:
        actions.start_inspection(late, by=by, at=january)
    assert refused.value.year == 2027
    assert actions.start_inspection(late, by=by, at=AT + dt.timedelta(days=9)).started_at


def test_the_database_does_not_let_an_unapproved_inspection_go(place: Facility) -> None:
    made = make.opened(place, "administrative")
    for columns in ({"state": "assigned"}, {"state": "assigned", "delegated": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Inspection.objects.filter(pk=made.pk).update(**columns)


# --- moving and cancelling ------------------------------------------------------------------------


def test_another_day_and_an_end(place: Facility) -> None:
    made = make.assigned(place=place)
    day = DAY + dt.timedelta(days=9)
    moved = actions.postpone_inspection(made, day, by=actor(makers.clerk()), at=AT)
    assert (moved.planned_on, moved.due_on) == (day, day)
    unsent = actions.postpone_inspection(make.opened(place), day, by=actor(makers.clerk()), at=AT)
    assert unsent.planned_on == day
    done = actions.cancel_inspection(moved, "机构停业", by=actor(makers.clerk()), at=AT)
    assert done.state == "cancelled"
    with pytest.raises(TransitionNotOpen):
        actions.start_inspection(done, by=actor(make.lead_of(done)), at=AT)


def test_only_the_team_carries_it_out(place: Facility) -> None:
    made = make.assigned(place=place)
    with pytest.raises(NotAllowed):
        actions.start_inspection(made, by=actor(make.inspector()), at=AT)


def test_others_go_on_where_the_team_cannot(place: Facility) -> None:
    """A visit under way is never without a way on: nobody left, somebody ill."""
    first, other, tied = make.inspector(), make.inspector(), make.inspector()
    made, approver = make.on_site(first, place=place), actor(makers.approver())
    with pytest.raises(NotAllowed):
        actions.send_others(made, [other], by=actor(makers.clerk()), at=AT)
    actions.declare_tie(tied, place, "family", by=actor(tied), at=AT)
    with pytest.raises(actions.TeamRefused, match="tied"):
        actions.send_others(made, [tied], by=approver, at=AT)
    made = actions.send_others(made, [other], by=approver, at=AT)
    assert made.state == "in_progress"
    assert [member.user for member in visits.team_of(made)] == [other]
    with pytest.raises(NotAllowed):
        actions.keep_remarks(made, "示例", by=actor(first), at=AT)
    assert actions.keep_remarks(made, "示例", by=actor(other), at=AT).remarks == "示例"


def test_who_sees_a_visit(place: Facility) -> None:
    made = make.assigned(place=place)
    worker = makers.user("community", community=place.community)
    elsewhere = makers.user("community", community=makers.community("hubin"))
    owner = make.member_of(place)
    seen = {
        person: made in Inspection.objects.visible_to(person)
        for person in (worker, elsewhere, owner, makers.user("leader"), makers.user("handler"))
    }
    assert list(seen.values()) == [True, False, False, True, False]
