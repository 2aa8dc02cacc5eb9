"""What residents see of the publication gate, and how officials work it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from facilities import actions
from facilities.models import Facility, Filing
from facilities.workflow import StatutoryFilingStatus
from portal.core import clock, publishing
from portal.core.actors import Actor
from portal.core.models import Publication, User
from tests import makers, register

pytestmark = pytest.mark.django_db
AT = makers.AT


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> Any:
    def set_to(at: dt.datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: at)

    set_to(AT)
    return set_to


@pytest.fixture
def clerk() -> User:
    return makers.clerk()


@pytest.fixture
def approver() -> User:
    return makers.approver()


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, (url, response.status_code)
    return response.content.decode()


def notice_of(facility: Facility) -> Publication:
    return Publication.objects.get(party=facility.code, kind="registration")


# --- registrations --------------------------------------------------------------------------------


@pytest.mark.proves("diff:15", "prod:P4")
def test_a_registration_is_published_by_the_two_who_decided_it(
    client: Client, clerk: User, approver: User
) -> None:
    filing = makers.registered_filing(clerk, approver)
    notice = notice_of(filing.facility)
    assert (notice.state, notice.proposed_by, notice.decided_by) == ("published", clerk, approver)
    listed = text(client, reverse("public:disclosure_filings"))
    assert filing.facility.name in listed
    page = text(client, reverse("public:publication", args=[notice.pk]))
    for word in ("街道已登记", "备案情况待核实", filing.facility.code, "龙泉社区", "龙泉路18号"):
        assert word in page
    assert "示例负责人" not in page
    assert "13800000001" not in page


def test_the_preview_of_the_decision_is_the_public_page(
    client: Client, clerk: User, approver: User
) -> None:
    filing = makers.proposed_filing(clerk)
    shown = text(signed_in(approver), reverse("desk:register", args=[filing.number]))
    assert "没有扫描到身份证号" in shown
    done = actions.register_filing(filing, by=Actor.person(approver), at=AT)
    page = text(client, reverse("public:publication", args=[notice_of(done.facility).pk]))
    before, after = _facts(shown), _facts(page)
    assert before == after
    assert ("街道登记", "街道已登记") in after


def _facts(page: str) -> list[tuple[str, str]]:
    """The rows of the first table of facts that begins with the facility's name."""
    rows = re.findall(r"<div><dt>([^<]*)</dt><dd>([^<]*)</dd></div>", page)
    first = rows.index(next(row for row in rows if row[0] == "机构名称"))
    return [row for row in rows[first : first + 7] if row[0] != "街道登记号"]


@pytest.mark.proves("diff:15")
def test_a_phone_in_the_address_keeps_the_notice_back_but_not_the_registration(
    client: Client, clerk: User, approver: User
) -> None:
    filing = makers.proposed_filing(clerk, premises={"address": "龙泉路18号 13912345678"})
    shown = text(signed_in(approver), reverse("desk:register", args=[filing.number]))
    assert "扫描发现个人信息" in shown
    assert "139*******8" in shown
    done = actions.register_filing(filing, by=Actor.person(approver), at=AT)
    assert (done.state, notice_of(done.facility).state) == ("registered", "proposed")
    assert done.facility.name not in text(client, reverse("public:disclosure_filings"))
    assert done.facility.name in text(client, reverse("public:facilities"))


def test_a_hint_seen_at_the_decision_is_put_aside_with_that_reason(
    clerk: User, approver: User
) -> None:
    filing = makers.proposed_filing(clerk, registration={"facility_name": "孩子王示例托育园"})
    done = actions.register_filing(filing, by=Actor.person(approver), at=AT)
    notice = notice_of(done.facility)
    assert notice.state == "published"
    assert notice.findings[0]["kind"] == "child"
    assert {entry["reason"] for entry in notice.put_aside} == {"审定时已核对"}


@pytest.mark.proves("prod:I13")
def test_the_notice_stays_as_it_was_decided(client: Client, clerk: User, approver: User) -> None:
    facility = makers.registered_filing(clerk, approver).facility
    name = facility.name
    Facility.objects.filter(pk=facility.pk).update(name="换了名字")
    actions.record_statutory_filing(
        facility, {"status": StatutoryFilingStatus.NONE, "number": "", "filed_on": None},
        by=Actor.person(clerk), at=AT,
    )  # fmt: skip
    page = text(client, reverse("public:publication", args=[notice_of(facility).pk]))
    assert name in page
    assert "换了名字" not in page
    assert "备案情况待核实" in page


# --- withdrawn ------------------------------------------------------------------------------------


@pytest.mark.proves("diff:15")
def test_withdrawn_it_says_day_and_reason_and_nothing_else(
    client: Client, clerk: User, approver: User
) -> None:
    facility = makers.registered_filing(clerk, approver).facility
    notice = notice_of(facility)
    desk = signed_in(clerk)
    url = reverse("desk:publication_withdraw", args=[notice.pk])
    assert "撤下原因" not in text(desk, url)
    assert desk.post(url, {"reason": ""}).status_code == 200
    response = desk.post(url, {"reason": "地址有误，更正后重新公示"})
    assert response.status_code == 302
    page = text(client, reverse("public:publication", args=[notice.pk]), 410)
    assert "2026年11月23日" in page
    assert "地址有误，更正后重新公示" in page
    for word in (facility.name, facility.address, facility.code):
        assert word not in page
    assert facility.name not in text(client, reverse("public:disclosure_filings"))
    assert facility.name not in text(client, reverse("public:disclosure"))
    assert facility.name in text(client, reverse("public:facility", args=[facility.code]))


def test_what_never_was_public_has_no_address(client: Client, clerk: User) -> None:
    made = makers.publication(clerk, makers.facility())
    assert client.get(reverse("public:publication", args=[made.pk])).status_code == 404


def test_an_old_version_leads_to_the_new_one(client: Client, clerk: User, approver: User) -> None:
    facility = makers.facility()
    first = makers.publication(clerk, facility)
    publishing.publish(first, by=Actor.person(approver), at=AT)
    second = makers.publication(clerk, facility, "改过")
    publishing.publish(second, by=Actor.person(approver), at=AT)
    response = client.get(reverse("public:publication", args=[first.pk]))
    assert response.headers["Location"] == reverse("public:publication", args=[second.pk])


@pytest.mark.proves("prod:P4")
def test_after_its_period_the_page_says_so(
    client: Client, clerk: User, approver: User, now: Any
) -> None:
    lead = makers.lead(clerk, "verified")
    made = actions.propose_unregistered(lead, by=Actor.person(clerk), at=AT)
    publishing.publish(made, by=Actor.person(approver), at=AT)
    assert lead.name in text(client, reverse("public:unregistered"))
    now(AT + dt.timedelta(days=181))
    assert lead.name not in text(client, reverse("public:unregistered"))
    assert lead.name not in text(client, reverse("public:publication", args=[made.pk]), 410)


# --- the desk -------------------------------------------------------------------------------------


@pytest.mark.proves("prod:A17", "diff:13")
def test_a_place_is_named_after_two_decisions(client: Client, clerk: User, approver: User) -> None:
    lead = makers.lead(clerk, "verified")
    ask = signed_in(clerk)
    assert ask.post(reverse("desk:lead_publish", args=[lead.number])).status_code == 302
    waiting = Publication.objects.get(kind="unregistered")
    assert lead.name not in text(client, reverse("public:unregistered"))
    second = signed_in(approver)
    listed = text(second, reverse("desk:disclosure"))
    assert lead.name in listed
    url = reverse("desk:publication_publish", args=[waiting.pk])
    assert ask.get(url).status_code == 403
    assert second.post(url, {"seen": waiting.content_sha256}).status_code == 302
    page = text(client, reverse("public:unregistered"))
    assert lead.name in page
    assert "非法" not in page
    assert "未登记场所" in text(client, reverse("public:disclosure"))


def test_the_desk_stops_a_text_and_takes_it_corrected(clerk: User, approver: User) -> None:
    made = makers.publication(clerk, makers.facility(), "请联系13912345678")
    second, first = signed_in(approver), signed_in(clerk)
    url = reverse("desk:publication_publish", args=[made.pk])
    assert "先处理扫描发现的内容" in text(second, url)
    sent = second.post(url, {"seen": made.content_sha256})
    assert "扫描发现的内容还没有处理完" in sent.content.decode()
    revise = reverse("desk:publication_revise", args=[made.pk])
    typed = {"title": "示例公示", "block0_0": "示例", "block1_0": "请联系街道。"}
    assert first.post(revise, typed).status_code == 302
    made.refresh_from_db()
    assert made.body[1]["text"] == "请联系街道。"
    stale = second.post(url, {"seen": "something older"})
    assert "公示内容刚有变化" in stale.content.decode()
    assert second.post(url, {"seen": made.content_sha256}).status_code == 302
    made.refresh_from_db()
    assert made.state == "published"


def test_a_text_changed_under_the_hand_is_read_again(clerk: User, approver: User) -> None:
    made = makers.publication(clerk, makers.facility())
    url = reverse("desk:publication_publish", args=[made.pk])
    changed: list[int] = []

    def meanwhile(execute: Any, sql: str, *more: Any) -> Any:
        """Somebody rewords it after the page was fetched and before the act holds the lock."""
        if "pg_advisory_xact_lock" in sql and not changed:
            same = Publication.objects.filter(pk=made.pk)
            changed.append(same.update(content_sha256="0" * 64))
        return execute(sql, *more)

    second = signed_in(approver)
    with connection.execute_wrapper(meanwhile):
        sent = second.post(url, {"seen": made.content_sha256})
    assert changed == [1]
    assert (sent.status_code, sent.headers["Location"]) == (302, url)
    assert "公示内容刚有变化" in text(second, url)
    made.refresh_from_db()
    assert made.state == "proposed"


def test_a_hint_is_put_aside_on_its_page(clerk: User, approver: User) -> None:
    made = makers.publication(clerk, makers.facility(), "幼儿王小明活动室")
    client = signed_in(approver)
    key = made.findings[0]["key"]
    url = reverse("desk:publication_put_aside", args=[made.pk, key])
    assert "可能是孩子或家长的姓名" in text(client, url)
    assert client.post(url, {"reason": "是活动室的名称"}).status_code == 302
    assert "已核对" in text(client, reverse("desk:publication", args=[made.pk]))
    assert client.get(url).status_code == 404


def test_tabs_count_and_the_log_tells(clerk: User, approver: User) -> None:
    facility = makers.registered_filing(clerk, approver).facility
    makers.publication(clerk, facility)
    page = text(signed_in(approver), reverse("desk:disclosure"))
    assert "待公示（1）" in page
    assert "公示中（1）" in page
    log = text(signed_in(makers.user("auditor")), reverse("desk:disclosure_log"))
    assert log.count("提请公示") == 2
    assert facility.name in log


@pytest.mark.proves("sec:X1")
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from([
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{ 7|add:7 }}", "'-alert(1)-'",
    "<svg/onload=alert(1)>", "&lt;b&gt;", "{% load x %}",
]))  # fmt: skip
def test_no_text_becomes_markup(client: Client, hostile: str) -> None:
    clerk, approver = makers.clerk(), makers.approver()
    made = makers.publication(clerk, makers.facility(), hostile)
    publishing.publish(made, by=Actor.person(approver), at=AT)
    for page in (
        text(client, reverse("public:publication", args=[made.pk])),
        text(signed_in(approver), reverse("desk:publication", args=[made.pk])),
    ):
        assert not re.search(r"<script>alert|<img src=x|<svg/onload", page)
        assert escape(hostile) in page


def test_nothing_is_published_of_what_nobody_has_decided(approver: User) -> None:
    with pytest.raises(ValueError, match="proposed"):
        actions.publish_registration(makers.submitted_filing(), by=Actor.person(approver), at=AT)
    assert not Publication.objects.exists()


def test_a_place_without_a_code_is_not_taken_for_one_that_registers(clerk: User) -> None:
    lead = actions.start_lead(
        {"source": "patrol", "name": "小天地（示例）", "address": "龙泉路40号",
         "community": makers.community()}, by=Actor.person(clerk), at=AT,
    )  # fmt: skip
    lead = actions.verify_lead(lead, "childcare", "两个班", by=Actor.person(clerk), at=AT)
    actions.propose_unregistered(lead, by=Actor.person(clerk), at=AT)
    makers.facility()
    named = Publication.objects.get(kind="unregistered")
    assert named.state == "proposed"


# --- who is not open, who was refused -------------------------------------------------------------


@pytest.mark.proves("prod:A17")
def test_who_pauses_and_who_closed_is_listed_and_nobody_else(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    url = reverse("public:not_open")
    paused, closed, struck, stays = (
        register.facility(facility_name=f"{word}托育园（示例）")
        for word in ("暂停", "停办", "注销", "照常")
    )
    assert "现在没有暂停或停办的机构" in text(client, url)
    makers.pause(paused)
    _ended(closed)
    _ended(struck)
    Filing.objects.filter(facility=struck, kind="closure").update(source="counter")
    with django_assert_max_num_queries(6 + 4):  # the frame of the transaction
        page = text(client, url)
    assert "暂停运营，2026年11月23日到2026年12月3日" in page
    assert "2026年11月23日停办" in page
    assert "2026年11月23日起由街道注销登记" in page
    assert page.index(paused.name) < page.index(closed.name)
    assert struck.name in page
    assert stays.name not in page
    assert reverse("public:facility", args=[paused.code]) in page
    assert reverse("public:facility", args=[closed.code]) not in page
    Facility.objects.filter(pk=closed.pk).update(closes_on=AT.date() - dt.timedelta(days=731))
    assert closed.name not in text(client, url)


def _ended(facility: Facility) -> None:
    """A closure granted, and its day come."""
    makers.granted(makers.closure_filing(facility))
    Facility.objects.filter(pk=facility.pk).update(closes_on=AT.date())
    assert actions.close_facility(facility, at=AT)


@pytest.mark.proves("prod:B14")
def test_a_refusal_is_public_after_two_more_decisions_until_it_is_registered(
    client: Client, clerk: User, approver: User
) -> None:
    first, second = Actor.person(clerk), Actor.person(approver)
    code = makers.uscc()
    filing = makers.proposed_filing(clerk, "decline", registration={"uscc": code})
    filing = actions.decline_filing(filing, "场所在地下室，不能办托育", by=second, at=AT)
    desk, url = signed_in(clerk), reverse("desk:refusal_publish", args=[filing.number])
    decided = reverse("desk:decided", args=[filing.number])
    assert url in text(desk, decided)
    assert url not in text(signed_in(approver), decided)
    assert "场所在地下室" in text(desk, url)
    assert "本栏暂无公示" in text(client, reverse("public:refusals"))
    assert desk.post(url).status_code == 302
    made = Publication.objects.get(kind="refusal")
    assert (made.state, made.noun, made.until) == ("proposed", filing, None)
    assert filing.facility_name not in text(client, reverse("public:refusals"))
    publishing.publish(made, by=second, at=AT)
    assert filing.facility_name in text(client, reverse("public:refusals"))
    notice = reverse("public:publication", args=[made.pk])
    assert "场所在地下室，不能办托育" in text(client, notice)
    again = register.registered(registration={"uscc": code})
    assert again.state == "registered"
    assert "场所在地下室" not in text(client, notice, 410)
    late = actions.propose_refusal(filing, by=first, at=AT)
    with pytest.raises(publishing.NoLongerTrue):
        publishing.publish(late, by=second, at=AT)
