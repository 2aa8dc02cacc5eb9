"""Papers that end: who is told, on which day, once."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from facilities import actions, queries, rules
from facilities.models import Certificate, Facility, Membership
from facilities.models.staff import StaffPaper
from facilities.tasks import remind_about_expiry
from portal.core import clock, outbox
from portal.core.calendar import SHANGHAI
from portal.core.models import Notification, Outbox
from portal.core.queries import in_force
from tests import makers as make
from tests.house.test_law import law

AT = make.AT
TODAY = clock.day_of(AT)
KIND = "expiry.reminder"


def day(n):
    return TODAY + dt.timedelta(days=n)


def at(date, hour=9):
    return dt.datetime.combine(date, dt.time(hour), SHANGHAI).astimezone(dt.UTC)


# --- the rule, without a database ---------------------------------------------------------------


def oracle(left):
    """The step of a paper with so many days left, counted one by one."""
    if left > 30:
        return None
    if left > 7:
        return "30"
    if left > 1:
        return "7"
    if left >= 0:
        return "1"
    weeks = (-left - 1) // 7
    return f"overdue.{weeks}" if weeks < 12 else None


@given(st.integers(-200, 200), st.dates(dt.date(2026, 1, 1), dt.date(2035, 12, 31)))
def test_every_last_day_is_at_the_step_of_the_oracle(left, today):
    until = today + dt.timedelta(days=left)
    found = [s.name for s in rules.steps_on(today, law()) if s.first <= until <= s.last]
    assert found == ([oracle(left)] if oracle(left) else [])


@pytest.mark.parametrize(
    ("name", "audience"),
    [
        ("30", {"members"}),
        ("7", {"members", "clerk"}),
        ("1", {"members", "clerk"}),
        ("overdue.0", {"members", "clerk", "approver"}),
        ("overdue.11", {"members", "clerk", "approver"}),
    ],
)
def test_who_is_told_at_each_step(name, audience):
    (step,) = [s for s in rules.steps_on(TODAY, law()) if s.name == name]
    assert step.audience == audience
    assert step.is_overdue == name.startswith("overdue")


# --- the reminders ------------------------------------------------------------------------------


@pytest.fixture
def street(db):
    """A facility of which nothing ends for years, its operator, a clerk and an approver."""
    facility = make.facility()
    Certificate.objects.filter(facility=facility).update(valid_until=day(4000))
    Facility.objects.filter(pk=facility.pk).update(lease_end=day(4000))
    Notification.objects.all().delete()
    return facility


def paper(facility, until, material="business_licence"):
    found = Certificate.objects.get(facility=facility, material=material)
    found.valid_until = until
    found.save()
    return found


def owed(facility=None):
    """(to, step) of what has been promised."""
    rows = Outbox.objects.filter(kind="notify", payload__kind=KIND)
    return sorted((r.payload["to"], r.payload["params"]["step"]) for r in rows)


def member(facility):
    return Membership.objects.get(facility=facility).user


@pytest.mark.proves("prod:C3")
def test_each_step_once_however_often_the_calendar_comes(street):
    paper(street, day(30))
    me = str(member(street).pk)
    for moment in (at(day(0), 0), at(day(0)), at(day(0), 23), at(day(10)), at(day(22))):
        remind_about_expiry(moment)
    assert owed() == [(me, "30")]
    assert [r.due_at for r in Outbox.objects.filter(payload__kind=KIND)] == [at(day(0), 8)]
    for n in range(23, 30):
        remind_about_expiry(at(day(n)))
    told = owed()
    assert [step for to, step in told if to == me] == ["1", "30", "7"]
    assert len(told) > 3  # the officials at 7 and 1


@pytest.mark.proves("prod:C3")
def test_a_calendar_that_stood_still_catches_up_with_the_nearest_step(street):
    paper(street, day(30))
    remind_about_expiry(at(day(29)))
    assert {step for _to, step in owed()} == {"1"}
    remind_about_expiry(at(day(48)))
    assert {step for _to, step in owed()} == {"1", "overdue.2"}


def test_a_date_put_right_is_another_occasion(street):
    me = str(member(street).pk)
    paper(street, day(30))
    remind_about_expiry(AT)
    paper(street, day(29))
    remind_about_expiry(AT)
    assert owed() == [(me, "30"), (me, "30")]


@pytest.mark.parametrize(
    "change",
    [
        {"operating": "closed"},
        {"operating": "suspended"},
        {"registration": "cancelled"},
    ],
)
def test_closed_suspended_cancelled_are_left_alone(street, change):
    paper(street, day(1))
    Facility.objects.filter(pk=street.pk).update(**change)
    assert remind_about_expiry(AT) == 0


@pytest.mark.proves("prod:C4")
def test_a_renewed_paper_is_kept_and_no_longer_reminds(street):
    old = paper(street, day(1))
    Certificate.objects.filter(pk=old.pk).update(is_current=False)
    new = Certificate(
        facility=street, material=old.material, valid_until=day(700), source=old.source
    )
    new.save()
    assert remind_about_expiry(AT) == 0
    assert Certificate.objects.filter(facility=street, material=old.material).count() == 2


def test_lease_and_staff_papers_are_reminded_too(street):
    Facility.objects.filter(pk=street.pk).update(lease_end=day(7))
    someone = street.staff.model(
        facility=street, name="示例", post="carer", identity="410481199001011234",
        identity_key="k", joined_on=day(-100),
    )  # fmt: skip
    someone.save()
    StaffPaper(member=someone, kind="health", expires_on=day(30), recorded_on=day(-1)).save()
    remind_about_expiry(AT)
    outbox.drain(AT)
    mine = Notification.objects.filter(to=member(street), kind=KIND)
    assert sorted(mine.values_list("title", flat=True)) == [
        f"{street.name}：健康证 2026年12月23日到期",
        f"{street.name}：场所租期 2026年11月30日到期",
    ]
    someone.left_on, someone.leave_reason = day(0), "resigned"
    someone.save()
    Outbox.objects.all().delete()
    assert {row.payload["noun"][0] for row in Outbox.objects.all()} == set()
    remind_about_expiry(AT)
    assert {row.payload["noun"][0] for row in Outbox.objects.filter(kind="notify")} == {
        "facilities.facility"
    }


def test_officials_are_told_of_their_own_ground_only(street):
    paper(street, day(7))  # in 龙泉
    here = make.clerk(community=make.community("longquan"))
    elsewhere = make.clerk(community=make.community("hubin"))
    street_wide = make.clerk()
    decider = make.approver()
    remind_about_expiry(AT)
    told = {to for to, _step in owed()}
    assert {str(here.pk), str(street_wide.pk), str(member(street).pk)} <= told
    assert str(elsewhere.pk) not in told
    assert str(decider.pk) not in told
    remind_about_expiry(at(day(8)))
    assert str(decider.pk) in {to for to, step in owed() if step == "overdue.0"}


def test_who_left_the_facility_is_not_told(street):
    paper(street, day(30))
    Membership.objects.filter(facility=street).update(left_on=day(-1))
    assert remind_about_expiry(AT) == 0


def test_a_message_leads_each_to_his_own_page(street):
    paper(street, day(-1))
    clerk = make.clerk()
    remind_about_expiry(AT)
    outbox.drain(AT)
    mine = Notification.objects.get(to=member(street), kind=KIND)
    theirs = Notification.objects.get(to=clerk, kind=KIND)
    assert mine.title.startswith(f"{street.name}：")
    assert mine.title.endswith("已于 2026年11月22日到期")
    assert mine.url == reverse("my:expiries")
    assert theirs.url == f"{reverse('desk:expiries')}?q={street.code}"


def test_the_number_of_questions_does_not_grow_with_the_papers(street):
    def asked():
        Outbox.objects.all().delete()
        with CaptureQueriesContext(connection) as seen:
            actions.remind_of_expiry(at=AT)
        return len(seen)

    paper(street, day(7))
    few = asked()
    for _ in range(4):
        paper(make.facility(), day(7))
    assert asked() == few


# --- the pages ----------------------------------------------------------------------------------


@pytest.mark.proves("prod:C3")
def test_the_operator_sees_what_ends_first(client, street, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    paper(street, day(-3))
    paper(street, day(20), "hygiene_report")
    client.force_login(member(street))
    page = client.get(reverse("my:expiries")).content.decode()
    assert page.index("已过期 3 天") < page.index("剩 20 天")


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"剩 3 天"}),
        ("?state=overdue", {"已过期 3 天"}),
        ("?state=soon", {"剩 3 天", "剩 20 天"}),
        ("?month=2026-12", {"剩 20 天"}),
        ("?month=2026-12&kind=lease", set()),
        ("?community=hubin&state=soon", set()),
        ("?community=nowhere&state=overdue", {"已过期 3 天"}),
        ("?q=SP-TY-0001&state=overdue", {"已过期 3 天"}),
        ("?q=SP-TY-9999&state=overdue", set()),
        ("?month=abc&state=overdue", {"已过期 3 天"}),
    ],
)
@pytest.mark.proves("prod:C3", "clause:二(五)1c")
def test_the_desk_reads_the_calendar(client, street, monkeypatch, query, shown):
    monkeypatch.setattr(clock, "now", lambda: AT)
    for n, material in ((-3, "business_licence"), (3, "hygiene_report"), (20, "fire_certificate")):
        paper(street, day(n), material)
    client.force_login(make.clerk())
    page = client.get(reverse("desk:expiries") + query).content.decode()
    every = {"已过期 3 天", "剩 3 天", "剩 20 天"}
    extra = {"已过期 3 天"} if not query else set()  # the same month
    assert {words for words in every if words in page} == shown | extra


def test_a_community_sees_its_own_ground(client, street, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    paper(street, day(3))
    client.force_login(make.user("community", community=make.community("hubin")))
    page = client.get(reverse("desk:expiries")).content.decode()
    assert street.name not in page
    assert "这个月没有到期的证照" in page


def test_the_inbox_counts_facilities(client, street, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    paper(street, day(3))
    paper(street, day(4), "hygiene_report")
    client.force_login(make.clerk())
    page = client.get(reverse("desk:home")).content.decode()
    assert "1 家机构有证照 30 天内到期" in page
    assert "已过期" not in page


def test_papers_that_read_the_same_are_one_line_with_their_number(client, street, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    StaffPaper.objects.filter(member__facility=street, kind="health").update(expires_on=day(3))
    n = StaffPaper.objects.filter(member__facility=street, kind="health").count()
    assert n > 2
    client.force_login(make.clerk())
    for name in ("desk:home", "desk:expiries"):
        page = client.get(reverse(name)).content.decode()
        assert page.count("剩 3 天") == 1
        assert f"健康证（{n} 份）" in page
        assert f"{reverse('desk:facility', args=[street.code])}?tab=staff" in page


def test_facilities_with_ending_are_each_counted_once(street):
    paper(street, day(3))
    paper(street, day(3), "hygiene_report")
    assert queries.facilities_with_ending(Facility.objects.all(), last=day(3)).count() == 1
    assert queries.ending(Facility.objects.all(), last=day(3)).count() == 2
    assert in_force(TODAY).texts("expiry.remind_days") == ("30", "7", "1")
