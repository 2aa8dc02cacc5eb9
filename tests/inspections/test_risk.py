"""Risk facts, classes, self-checks, checklists in versions, publication."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from facilities import actions as register
from facilities.models import Facility
from inspections import actions
from inspections.models import Checklist, ChecklistItem, FacilityRisk, RiskExplanation, RiskFact
from inspections.queries import public
from inspections.queries import risk as risks
from inspections.queries.waiting import conflicts_waiting
from inspections.rules import deadlines
from inspections.tasks import (
    count_missed_self_checks,
    mirror_publications,
    open_first_visits,
    open_holiday_visits,
    reassess_risks,
    remind_about_enforcement_certificates,
    remind_about_publications,
    remind_about_self_checks,
    remind_about_visits,
)
from portal.core import clock, outbox, publishing
from portal.core.actors import Actor
from portal.core.models import AuditEvent, Holiday, Notification, Outbox
from portal.core.queries import in_force, working_calendar
from portal.core.workflow import NotAllowed, TransitionNotOpen
from tests import makers
from tests.inspections import makers as make
from tests.inspections.makers import AT, DAY, LATER, actor

pytestmark = pytest.mark.django_db


def test_a_fact_told_twice_counts_once_and_keeps_no_source() -> None:
    place = make.facility()
    for _ in range(2):
        made = actions.record_risk_fact(
            place, "concern", "critical", DAY, None, by=Actor.calendar(), at=AT,
            once="TS-ABCD-1234-5",
        )  # fmt: skip
    assert RiskFact.objects.count() == 1
    assert "TS-" not in str([getattr(made, field.attname) for field in made._meta.fields])
    assert FacilityRisk.objects.get(facility=place).points == 85


@pytest.mark.proves("prod:H7")
def test_a_spike_is_told_once() -> None:
    clerk, place = makers.clerk(), make.facility()
    for number in range(3):
        actions.record_risk_fact(
            place, "concern", "major", DAY, None, by=Actor.calendar(), at=AT, once=str(number)
        )
    actions.reassess(place, at=LATER)
    told = Outbox.objects.filter(payload__kind="risk.spike", payload__to=str(clerk.pk))
    assert told.count() == 1


def test_points_come_back_and_are_computed_once_a_day() -> None:
    place = make.finding("ZH-08").facility
    assert (place.risk.risk_class, place.risk.points) == ("high", 85)
    assert reassess_risks(LATER) == 0
    year = LATER + dt.timedelta(days=380)
    assert reassess_risks(year) == 1
    place.risk.refresh_from_db()
    assert place.risk.held_high  # still open
    finding = place.findings.get()
    owner = actor(make.member_of(place))
    finding = actions.report_correction(finding, "已整改", DAY, by=owner, at=year)
    actions.close_finding(finding, "已整改", by=actor(make.inspector()), at=year)
    place.risk.refresh_from_db()
    assert (place.risk.points, place.risk.risk_class) == (100, "low")


def test_no_operator_and_no_community_sees_a_class() -> None:
    place = make.finding().facility
    for person in (make.member_of(place), makers.user("community", community=place.community)):
        assert not FacilityRisk.objects.visible_to(person).exists()
        assert not RiskFact.objects.visible_to(person).exists()


def test_the_round_of_the_day_keeps_what_was_computed_since_it_read() -> None:
    place = make.facility()
    grounds = risks.grounds([place], DAY)
    told = actions.record_risk_fact(
        place, "concern", "critical", DAY, None, by=Actor.calendar(), at=AT
    )
    assert actions.reassess_once(place, at=AT, grounds=grounds) == 0
    assert FacilityRisk.objects.get(facility=place).points == 85
    later = AT + dt.timedelta(days=1)
    again = risks.grounds([place], later.date())
    assert actions.reassess_once(place, at=later, grounds=again) == 1
    assert told.facility.risk.points == 85


# --- self-checks ----------------------------------------------------------------------------------


def test_a_month_is_checked_and_handed_in() -> None:
    place = make.facility()
    owner = actor(make.member_of(place))
    check = actions.start_self_check(place, by=owner, at=AT)
    assert actions.start_self_check(place, by=owner, at=LATER) == check
    items = list(check.checklist.items.all())
    with pytest.raises(actions.Unfinished):
        actions.submit_self_check(check, by=owner, at=AT)
    for item in items:
        actions.answer_self_check(check, item, "pass", by=owner, at=AT)
    with pytest.raises(actions.Unfinished) as refused:
        actions.submit_self_check(check, by=owner, at=AT)
    assert {what for _code, what in refused.value.missing} == {"photo_missing"}
    for item in items:
        if item.wants_photo:
            actions.answer_self_check(check, item, "fail", note="已更换", photo=make.photo(),
                                      by=owner, at=AT)  # fmt: skip
    kept = next(item for item in items if item.measure_min == 90)
    for value in ("7", "90"):
        shown = make.photo() if kept.wants_photo else None
        actions.answer_self_check(check, kept, "pass", measured=value, photo=shown,
                                  by=owner, at=AT)  # fmt: skip
        if value == "7":
            with pytest.raises(actions.Unfinished) as low:
                actions.submit_self_check(check, by=owner, at=AT)
            assert low.value.missing == ((kept.code, "too_low"),)
    other = ChecklistItem.objects.get(code="SP-01")
    with pytest.raises(actions.NoSuchItem):
        actions.answer_self_check(check, other, "pass", by=owner, at=AT)
    assert actions.submit_self_check(check, by=owner, at=AT).state == "submitted"


@pytest.mark.proves("clause:二(四)4a", "clause:二(五)1c")
def test_a_missed_month_reminds_and_counts_once() -> None:
    place = make.facility(at=AT - dt.timedelta(days=60))
    end = dt.datetime(2026, 11, 28, 1, 0, tzinfo=dt.UTC)
    assert remind_about_self_checks(AT) == 0
    assert remind_about_self_checks(end) == 1
    assert remind_about_self_checks(end) == 0
    assert count_missed_self_checks(AT) == 1
    assert count_missed_self_checks(AT) == 0
    assert actions.count_missed_self_check(place, at=AT) == 0  # of two rounds at once the later
    assert RiskFact.objects.get(facility=place).kind == "self_check"


def test_a_month_in_which_a_facility_is_paused_neither_reminds_nor_counts() -> None:
    place = make.facility(at=AT - dt.timedelta(days=90))
    owner = actor(make.member_of(place))
    begun = dt.datetime(2026, 10, 20, 1, tzinfo=dt.UTC)
    values = {
        "starts_on": begun.date(), "expected_end": dt.date(2026, 12, 10), "reason": "装修",
        "children": 0, "children_plan": "没有在托幼儿", "parents_told_on": begun.date(),
    }  # fmt: skip
    pause = register.report_pause(place, values, by=owner, at=begun)
    assert count_missed_self_checks(AT) == 0  # October
    assert remind_about_self_checks(dt.datetime(2026, 11, 28, 1, tzinfo=dt.UTC)) == 0
    opened = dt.datetime(2026, 12, 1, 1, tzinfo=dt.UTC)
    register.resume(pause, by=owner, at=opened)
    assert count_missed_self_checks(opened) == 0  # November
    assert remind_about_self_checks(dt.datetime(2026, 12, 29, 1, tzinfo=dt.UTC)) == 1
    assert count_missed_self_checks(dt.datetime(2027, 1, 2, 1, tzinfo=dt.UTC)) == 1  # December


# --- what time brings -----------------------------------------------------------------------------


@pytest.mark.proves("prod:E2")
def test_a_new_facility_is_visited_within_thirty_days_once() -> None:
    place = make.facility()
    assert open_first_visits(AT) == 1
    assert open_first_visits(LATER) == 0
    visit = place.inspections.get()
    assert (visit.selection, visit.due_on) == ("opening", DAY + dt.timedelta(days=30))
    clerk = makers.clerk()
    assert remind_about_visits(AT + dt.timedelta(days=31)) >= 1
    assert remind_about_visits(AT + dt.timedelta(days=31)) == 0
    assert Outbox.objects.filter(payload__kind="inspection.overdue",
                                 payload__to=str(clerk.pk)).count() == 1  # fmt: skip


@pytest.mark.proves("prod:E2")
def test_before_a_holiday_once_a_facility() -> None:
    place = make.facility()
    before = dt.datetime(2026, 9, 25, 1, 0, tzinfo=dt.UTC)
    made = open_holiday_visits(before)
    assert made == 1
    visit = place.inspections.get()
    assert (visit.selection, visit.checklist.checklist.slug) == ("holiday", "fire")
    assert visit.due_on == dt.date(2026, 9, 30)  # the last day before it
    assert open_holiday_visits(before + dt.timedelta(days=1)) == 0
    assert open_holiday_visits(AT) == 0
    for day in (1, 2, 3):  # the holiday itself: its later days are no new ones
        assert open_holiday_visits(dt.datetime(2026, 10, day, 1, tzinfo=dt.UTC)) == 0


@pytest.mark.proves("prod:E2")
def test_before_spring_festival_too() -> None:
    place = make.facility()
    first = Holiday.objects.filter(name__contains="春节", date__year=2026, is_workday=False)
    begins = first.earliest("date").date
    at = dt.datetime.combine(begins, dt.time(1), tzinfo=dt.UTC)
    assert open_holiday_visits(at - dt.timedelta(days=15)) == 0
    assert open_holiday_visits(at - dt.timedelta(days=14)) == 1
    assert place.inspections.get().due_on < begins


def test_a_certificate_that_ends_is_told_once() -> None:
    make.certified(30)
    makers.clerk()
    first = remind_about_enforcement_certificates(AT)
    assert first >= 2
    assert remind_about_enforcement_certificates(AT) == 0


# --- checklists -----------------------------------------------------------------------------------


@pytest.mark.proves("clause:二(四)3b", "clause:二(四)3c")
def test_the_lists_that_came_along_hold_no_notes_of_research() -> None:
    items = ChecklistItem.objects.filter(version__checklist__audience="office")
    assert items.count() == 139
    asked = {"AF-01", "AF-02", "AF-07", "AF-08"}  # cameras everywhere and always, alarm, guard
    assert asked <= set(items.values_list("code", flat=True))
    words = " ".join(f"{item.text} {item.basis}" for item in items)
    for note in ("seen", "种子", "unsure", "known", "推荐", "S2", "常规"):
        assert note not in words, note
    assert not items.filter(basis_verified=True).exists()
    assert actions.load_checklists() == 0
    assert actions.load_delegated() == 0


@pytest.mark.proves("prod:F13", "diff:8")
def test_a_new_version_by_two_persons_leaves_old_visits_theirs() -> None:
    visit = make.on_site()
    both, approver = makers.user("clerk", "approver"), actor(makers.approver())
    composite = Checklist.objects.get(slug="composite")
    version = actions.start_version(composite, by=actor(both), at=AT)
    assert actions.start_version(composite, by=actor(both), at=AT) == version
    rows = [{"code": "ZH-01", "section": "证照", "text": "证照齐全", "severity": "major"}]
    version = actions.keep_items(version, [], "清空", by=actor(both), at=AT)
    with pytest.raises(actions.EmptyChecklist):
        actions.propose_version(version, by=actor(both), at=AT)
    version = actions.keep_items(version, rows, "精简", by=actor(both), at=AT)
    version = actions.propose_version(version, by=actor(both), at=AT)
    with pytest.raises(NotAllowed):
        actions.publish_version(version, by=actor(both), at=AT)
    version = actions.hand_back_version(version, "太少", by=approver, at=AT)
    version = actions.propose_version(version, by=actor(both), at=AT)
    version = actions.publish_version(version, by=approver, at=AT)
    visit.refresh_from_db()
    assert visit.checklist.version == 1
    assert visit.checklist.state == "superseded"
    assert make.checklist() == version


def test_another_basis_is_to_be_checked_anew() -> None:
    clerk = actor(makers.clerk())
    version = actions.start_version(Checklist.objects.get(slug="food"), by=clerk, at=AT)
    item = version.items.get(code="SP-01")
    version.items.update(basis_verified=True)
    values = {
        "basis": item.basis, "departments": ["market"], "delegated": "", "expands": [],
        "measure_label": "", "measure_unit": "", "measure_min": None, "wants_photo": True,
    }  # fmt: skip
    assert actions.change_item(version, "SP-01", values, by=clerk, at=AT).basis_verified
    values["basis"] = ["别的规定 1"]
    kept = actions.change_item(version, "SP-01", values, by=clerk, at=AT)
    assert (kept.basis_verified, kept.wants_photo) == (False, True)
    with pytest.raises(actions.NoSuchItem):
        actions.change_item(version, "ZZ-01", values, by=clerk, at=AT)
    version = actions.propose_version(version, by=clerk, at=AT)
    with pytest.raises(TransitionNotOpen):
        actions.change_item(version, "SP-01", values, by=clerk, at=AT)


def test_the_first_version_of_a_list_begins_empty() -> None:
    fresh = Checklist.objects.create(slug="swimming", name="戏水（示例）")
    version = actions.start_version(fresh, by=actor(makers.clerk()), at=AT)
    assert (version.version, version.items.count()) == (1, 0)


def test_whoever_proposed_hears_what_was_decided() -> None:
    clerk, approver = makers.clerk(), actor(makers.approver())
    version = actions.start_version(Checklist.objects.get(slug="food"), by=actor(clerk), at=AT)
    version = actions.propose_version(version, by=actor(clerk), at=AT)
    version = actions.hand_back_version(version, "请写明说明", by=approver, at=AT)
    version = actions.propose_version(version, by=actor(clerk), at=LATER)
    actions.publish_version(version, by=approver, at=LATER)
    told = Outbox.objects.filter(payload__to=str(clerk.pk), payload__kind__startswith="checklist.")
    kinds = told.order_by("id").values_list("payload__kind", flat=True)
    assert list(kinds) == ["checklist.handed_back", "checklist.published"]


# --- publication ----------------------------------------------------------------------------------


@pytest.mark.proves(
    "diff:6", "prod:A6", "prod:A7", "prod:A8", "prod:A9", "prod:P4", "clause:二(五)2a"
)
def test_a_result_is_public_after_two_persons_and_tells_nothing_of_the_trigger() -> None:
    done = make.completed(
        "ZH-07", trigger_key="TS-ABCD-1234-5", note="家长反映没有晨检", selection="triggered"
    )
    place, since = done.facility, DAY - dt.timedelta(days=9)
    proposed = actions.propose_result(done, by=actor(makers.clerk()), at=LATER)
    assert public.published_visits(place, since) == []
    assert actions.mirror_publication(done, at=LATER) == 0  # it only waits
    publishing.publish(proposed, by=actor(makers.approver()), at=LATER)
    assert mirror_publications(LATER) == 1
    assert mirror_publications(LATER) == 0
    done.refresh_from_db()
    assert (done.state, done.published_on) == ("published", DAY)
    client = Client()
    pages = [
        client.get(f"/facilities/{place.code}/"), client.get("/disclosure/inspections/"),
        client.get(f"/disclosure/{proposed.pk}/"),
    ]  # fmt: skip
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        for trace in ("TS-ABCD", "家长反映", "triggered", "专项核查"):
            assert trace not in text
    assert "晨检" in pages[0].content.decode()
    found, shown = done.findings.get(), pages[0].content.decode().partition('id="visits"')[2]
    assert "2026年11月23日" in shown.partition(found.text)[0]
    assert f"{found.text}（{found.get_severity_display()}）：整改期限" in shown
    owner, clerk = actor(make.member_of(place)), actor(makers.clerk())
    actions.report_correction(found, "补齐", DAY, photos=[make.photo()], by=owner, at=LATER)
    actions.close_finding(found, "已补齐", on_paper=True, by=clerk, at=LATER)
    assert (
        "）：已于2026年11月23日整改完成"
        in client.get(f"/facilities/{place.code}/").content.decode()
    )
    publishing.withdraw_publication(proposed, "内容有误", by=actor(makers.clerk()), at=LATER)
    assert mirror_publications(LATER) == 1
    done.refresh_from_db()
    assert (done.state, done.published_on) == ("completed", None)


def test_a_finding_that_is_neither_grave_nor_late_is_not_named() -> None:
    made, clerk = make.finding(), actor(makers.clerk())
    with pytest.raises(actions.NotToBeNamed):
        actions.propose_overdue(made, by=clerk, at=LATER)
    late = LATER + (made.due_on - DAY) + dt.timedelta(days=1)
    assert actions.propose_overdue(made, by=clerk, at=late).state == "proposed"


@pytest.mark.proves("prod:A7")
def test_a_frozen_result_tells_what_was_put_right_since_then() -> None:
    done = make.completed("ZH-07", "ZH-09")
    clerk, second = actor(makers.clerk()), actor(makers.approver())
    right, struck = (done.findings.get(item_code=code) for code in ("ZH-07", "ZH-09"))
    notice = publishing.publish(
        actions.propose_result(done, by=clerk, at=LATER), by=second, at=LATER
    )
    address = f"/disclosure/{notice.pk}/"
    assert "公示以后的整改情况" not in Client().get(address).content.decode()
    owner = actor(make.member_of(done.facility))
    actions.report_correction(right, "已补齐记录", DAY, by=owner, at=LATER)
    right.refresh_from_db()
    actions.close_finding(right, "已整改", by=actor(make.inspector()), at=LATER)
    actions.dispute_finding(struck, "贴在另一面墙上", by=owner, at=LATER)
    struck.refresh_from_db()
    actions.annul_finding(struck, "确已公示", by=second, at=LATER)
    page = Client().get(address).content.decode()
    for words in (f"{right.text}（较大），已于2026年11月23日整改完成",
                  f"{struck.text}：经申诉核实，已于2026年11月23日撤销"):  # fmt: skip
        assert words in page
    # What the text said already is not said twice, nor what never stood in it.
    late = make.reported("ZH-07")
    actions.close_finding(late, "已整改", by=actor(make.inspector()), at=LATER)
    gone = make.finding("ZH-09", place=make.facility())
    told = actions.propose_result(late.inspection, by=clerk, at=LATER)
    assert public.since_then(told) == []
    gone.inspection = late.inspection
    gone.closed_on = DAY
    gone.save(update_fields=["inspection", "closed_on"])
    assert public.since_then(told) == []
    named = actions.propose_overdue(make.reported("ZH-08"), by=clerk, at=LATER)
    assert public.since_then(named) == []


@pytest.mark.proves("prod:H4", "diff:1")
def test_a_class_that_contradicts_the_public_grade_is_told_once() -> None:
    clerk, place = makers.clerk(), make.finding("ZH-08").facility  # held high
    place = register.record_grade(place, "A", DAY, 1, by=Actor.calendar(), at=LATER)
    for _time in range(2):
        actions.reassess(place, at=LATER)
    told = Outbox.objects.filter(payload__kind="risk.conflict", payload__to=str(clerk.pk))
    assert told.count() == 1
    outbox.drain(LATER)
    desk = Client()
    desk.force_login(clerk)
    assert "相反" in desk.get(f"/desk/risks/{place.code}/").content.decode()


def _opposite() -> Facility:
    """A facility held high, with the best public grade."""
    place = make.finding("ZH-08").facility
    return register.record_grade(place, "A", DAY, 1, by=Actor.calendar(), at=LATER)


@pytest.mark.proves("prod:H4", "diff:1")
def test_the_contradiction_is_explained_and_comes_back_when_class_or_grade_changes() -> None:
    clerk, place = makers.clerk(), _opposite()

    def waiting() -> list[Facility]:
        return [each.facility for each in conflicts_waiting(clerk)]

    assert waiting() == [place]
    assert not conflicts_waiting(make.inspector())
    words = "评估以后发现的问题，正在整改"
    made = actions.explain_conflict(place, words, by=actor(clerk), at=LATER)
    assert actions.explain_conflict(place, words, by=actor(clerk), at=LATER) == made
    assert (waiting(), made.written_by, made.written_at) == ([], clerk, LATER)
    assert AuditEvent.objects.filter(act="risk.explained").count() == 1
    better = actions.explain_conflict(place, "已补充材料", by=actor(makers.approver()), at=LATER)
    assert list(RiskExplanation.objects.standing()) == [better]
    assert RiskExplanation.objects.visible_to(clerk).count() == 2
    assert not RiskExplanation.objects.visible_to(make.member_of(place)).exists()
    # Another grade, or another class, and it is to be said anew.
    place = register.record_grade(place, "B", DAY, 2, by=Actor.calendar(), at=LATER)
    assert waiting() == [place]
    actions.explain_conflict(place, "等级下调后仍高于风险", by=actor(clerk), at=LATER)
    assert not waiting()
    FacilityRisk.objects.filter(facility=place).update(risk_class="medium")
    actions.reassess(place, at=LATER)
    assert waiting() == [place]


def test_what_is_not_opposite_is_not_explained() -> None:
    place, clerk = make.facility(), actor(makers.clerk())
    for _seen in ("not computed", "computed"):
        with pytest.raises(actions.NoConflict):
            actions.explain_conflict(place, "无", by=clerk, at=AT)
        actions.reassess(place, at=AT)
    tied = makers.clerk()
    place = _opposite()
    actions.declare_tie(tied, place, "family", by=actor(tied), at=AT)
    with pytest.raises(actions.Tied):
        actions.explain_conflict(place, "无", by=actor(tied), at=LATER)


@pytest.mark.proves("clause:二(四)4b")
def test_the_last_day_to_publish_an_inspection_is_told_once() -> None:
    makers.clerk()
    team = (make.certified(), make.certified())
    done = make.completed("XF-03", kind="administrative", team=team)
    make.completed("ZH-07")  # a mere visit is not reminded of
    due = deadlines.publication_due(DAY, in_force(DAY), working_calendar())
    told = Outbox.objects.filter(payload__kind__startswith="inspection.publish")
    for days in range((due - DAY).days + 5):
        at = AT + dt.timedelta(days=days)
        remind_about_publications(at)
        remind_about_publications(at)
        if (clock.day_of(at), told.exists()) == (due, False):
            raise AssertionError("not told before the day")
    kinds = list(told.order_by("pk").values_list("payload__kind", flat=True))
    people = len(set(told.values_list("payload__to", flat=True)))
    assert kinds.count("inspection.publish_due") == people
    assert kinds.count("inspection.publish_overdue") == people
    outbox.drain(AT + dt.timedelta(days=60))
    titles = set(Notification.objects.filter(kind__startswith="inspection.publish").values_list(
        "title", flat=True
    ))  # fmt: skip
    assert titles == {
        f"行政检查结果快到公示期限：{done.facility.name}（{done.number}）",
        f"行政检查结果超过期限没有公示：{done.facility.name}（{done.number}）",
    }


@pytest.mark.parametrize("left", [6, 5, 4, -1])
def test_five_working_days_are_left_when_publication_is_reminded_of(left: int) -> None:
    law, calendar = in_force(DAY), working_calendar()
    due = deadlines.publication_due(DAY, law, calendar)
    day = next(
        each for back in range(40)
        if calendar.working_days_between(each := due - dt.timedelta(days=back - 10), due) == left
    )  # fmt: skip
    is_time = deadlines.publication_reminder_after(day, law, calendar) >= DAY
    assert is_time == (left <= 5)


def test_a_grave_finding_is_named_until_it_is_closed() -> None:
    made = make.reported("ZH-08")
    proposed = actions.propose_overdue(made, by=actor(makers.clerk()), at=LATER)
    publishing.publish(proposed, by=actor(makers.approver()), at=LATER)
    page = Client().get("/disclosure/rectifications/").content.decode()
    assert made.facility.name in page
    actions.close_finding(made, "已整改", by=actor(make.inspector()), at=LATER)
    assert list(public.overdue_notices(DAY)) == []
