"""Where officials and evaluators begin."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from facilities.models import Certificate
from portal.core import clock, outbox
from portal.core.models import CalendarYear, Notification, User
from portal.core.roles import Role
from portal.site import queries
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the portal's clock; it starts on Monday 23 November 2026."""

    def set_to(at: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: at)

    set_to(makers.AT)
    return set_to


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def home(person: User) -> str:
    answer = signed_in(person).get(reverse("desk:home"))
    assert answer.status_code == 200
    return words(answer)


@pytest.mark.proves("prod:M1", "prod:N1", "prod:B9")
def test_the_inbox_is_grouped_by_time_left() -> None:
    clerk = makers.clerk()
    for on in (11, 16, 18, 23):  # due on 18, 23, 25 and 30 November
        makers.submitted_filing(at=dt.datetime(2026, 11, on, 1, tzinfo=dt.UTC))
    client = signed_in(clerk)
    groups = client.get(reverse("desk:home")).context["groups"]
    assert [(g.key, len(g.tasks)) for g in groups] == [
        ("overdue", 1), ("today", 1), ("week", 1), ("later", 1),
    ]  # fmt: skip
    shown = home(clerk)
    for word in ("已超期 5 天", "今天到期", "剩 2 个工作日", "剩 5 个工作日"):
        assert word in shown


def test_the_menu_counts_what_waits_for_the_person() -> None:
    """Also where some kinds of work never come to him: those count nothing."""
    clerk = makers.clerk()
    makers.submitted_filing(at=makers.AT)
    makers.submitted_filing(at=makers.AT)
    shown = signed_in(clerk).get(reverse("desk:facilities"))
    assert "我的待办 2件待办" in words(shown).replace(" 件待办", "件待办")
    for role in Role:
        community = makers.community() if role == Role.COMMUNITY else None
        tasks, unread = queries.frame_counts(makers.user(role, community=community))
        assert (tasks, unread) == (2 if role == Role.CLERK else 0, 0), role


@pytest.mark.parametrize(
    ("due", "key"),
    [(-1, "overdue"), (0, "today"), (6, "week"), (7, "later"), (None, "later")],
)
def test_a_week_ends_on_sunday(due: int | None, key: str) -> None:
    today = dt.date(2026, 11, 23)
    on = None if due is None else today + dt.timedelta(days=due)
    task = queries.Task("审核", "某园", "DJ-1", "/", on)
    assert [group.key for group in queries.grouped([task], today)] == [key]


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        (Role.CLERK, "没有等您办理的事项"),
        (Role.APPROVER, "没有等您办理的事项"),
        (Role.LEADER, "可以查看职责范围内的机构档案"),
        (Role.AUDITOR, "可以查看职责范围内的机构档案"),
        (Role.INSPECTOR, "可以查看职责范围内的机构档案"),
        (Role.HANDLER, "可以查看职责范围内的机构档案"),
        (Role.SYSADMIN, "有需要您办理的事项时，会排在这里"),
    ],
)
def test_an_empty_inbox_is_honest_and_leads_on(role: str, sentence: str) -> None:
    assert sentence in home(makers.user(role))


def test_every_link_of_the_frame_opens() -> None:
    for role in Role:
        client = signed_in(makers.user(role))
        start = "panel:home" if role == Role.EVALUATOR else "desk:home"
        if role == Role.OPERATOR:
            continue
        page = client.get(reverse(start)).content.decode()
        for link in set(re.findall(r'href="(/[^"#]*)"', page)):
            if "static" not in link:
                assert client.get(link).status_code in {200, 302}, (role, link)


def test_evaluators_have_a_page_of_their_own() -> None:
    client = signed_in(makers.user(Role.EVALUATOR))
    assert "没有分配给您的评审" in words(client.get(reverse("panel:home")))
    assert client.get(reverse("desk:home")).status_code == 403
    assert signed_in(makers.clerk()).get(reverse("panel:home")).status_code == 403


@pytest.mark.proves("prod:C3")
def test_papers_that_end_soon_stand_beside() -> None:
    facility = makers.facility()
    papers = facility.certificates.order_by("material")
    for paper, days in zip(papers, (-1, 30, 31), strict=False):
        until = dt.date(2026, 11, 23) + dt.timedelta(days=days)
        Certificate.objects.filter(pk=paper.pk).update(valid_until=until)
    shown = home(makers.clerk())
    assert shown.count(facility.name) == 2
    assert "已过期 1 天" in shown
    assert "剩 30 天" in shown
    local = makers.user(Role.COMMUNITY, community=makers.community("hubin"))
    assert facility.name not in home(local)
    assert "30 天内到期的证照" not in home(makers.user(Role.SYSADMIN))


@pytest.mark.proves("diff:7", "ux:51")
def test_the_missing_calendar_warns_from_december(now: Any) -> None:
    CalendarYear.objects.filter(year=2027).delete()
    clerk = makers.clerk()
    assert "2027 年的节假日还没有录入" not in home(clerk)
    now(dt.datetime(2026, 11, 30, 16, tzinfo=dt.UTC))  # midnight in Shanghai
    assert "2027 年的节假日还没有录入" in home(clerk)
    CalendarYear.objects.create(year=2027)
    assert "2027 年的节假日还没有录入" not in home(clerk)


@pytest.mark.proves("prod:M5")
def test_messages_are_read_one_by_one_or_all_at_once() -> None:
    clerk = makers.clerk()
    first, second = makers.submitted_filing(), makers.submitted_filing()
    outbox.drain(makers.AT)
    client = signed_in(clerk)
    assert first.number in home(clerk)
    listed = client.get(reverse("core:messages"))
    assert words(listed).count(" 未读 ") == 2
    assert "全部已读" in words(listed)
    message = Notification.objects.visible_to(clerk).get(noun_id=first.pk)
    opened = client.post(reverse("core:message_open", args=[message.pk]))
    assert opened.url == reverse("desk:filing", args=[first.number])
    client.post(reverse("core:messages_read"))
    listed = words(client.get(reverse("core:messages")))
    assert " 未读 " not in listed
    assert "全部已读" not in listed
    assert second.number in listed


def test_no_message_yet() -> None:
    for person in (makers.clerk(), makers.operator()):
        assert "没有消息" in words(signed_in(person).get(reverse("core:messages")))


def test_nobody_opens_the_message_of_another() -> None:
    makers.clerk()
    makers.submitted_filing()
    outbox.drain(makers.AT)
    message = Notification.objects.get()
    client = signed_in(makers.clerk())
    client.post(reverse("core:message_open", args=[message.pk]))
    message.refresh_from_db()
    assert message.read_at is None
