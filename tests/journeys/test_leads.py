"""A place that is not in the register: from a community worker's phone to the letter."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facilities.models import Lead
from portal.core import clock, outbox
from portal.core.models import Attachment, Notification, OfficialPaper, User
from tests import makers

pytestmark = pytest.mark.django_db
FRAME = ("BEGIN", "COMMIT", "SET TRANSACTION", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(clock, "now", lambda: makers.AT)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def read(client: Client, name: str, *args: Any, query: str = "") -> str:
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == 200, name
    return response.content.decode()


def token_of(page: str) -> str:
    return page.partition('name="token" value="')[2].partition('"')[0]


@pytest.mark.proves("prod:B20", "diff:13")
def test_from_a_word_on_the_street_to_a_filing() -> None:
    worker = makers.user("community", community=makers.community("hubin"))
    clerk = makers.clerk()
    street, desk = signed_in(worker), signed_in(clerk)

    # the community notes it on the phone, with a photo; his community is the only one offered
    page = read(street, "desk:lead_new")
    assert "湖滨社区" in page
    assert "龙泉社区" not in page.partition("<form")[2]
    typed = {
        "token": token_of(page), "source": "patrol", "name": "小天地（示例）",
        "community": "hubin", "address": "湖滨路3号二楼", "description": "门口有托育的牌子",
    }  # fmt: skip
    twice = [
        street.post(reverse("desk:lead_new"), typed | {"photo": makers.jpeg()}) for _ in range(2)
    ]
    lead = Lead.objects.get()
    assert {answer.headers["Location"] for answer in twice} == {
        reverse("desk:lead", args=[lead.number])
    }
    assert Attachment.objects.count() == 1
    outbox.drain(makers.AT)
    assert "小天地" in Notification.objects.get(kind="lead.new").title

    # looks, and cannot guide
    page = read(street, "desk:lead", lead.number)
    assert "核实" in page
    sent = street.post(
        reverse("desk:lead_verify", args=[lead.number]), {"outcome": "childcare", "note": "两个班"}
    )
    assert sent.status_code == 302
    assert street.get(reverse("desk:lead_guide", args=[lead.number])).status_code == 403

    # the clerk guides, then the place is in the register
    assert "12月21日（周一）" in read(desk, "desk:lead_guide", lead.number)
    desk.post(reverse("desk:lead_guide", args=[lead.number]), {"note": "当面交给办事指南"})
    facility = makers.facility()
    wrong = desk.post(reverse("desk:lead_link", args=[lead.number]), {"code": "91410481"})
    assert "都没有这个代码" in wrong.content.decode()
    desk.post(reverse("desk:lead_link", args=[lead.number]), {"code": facility.uscc})
    page = read(desk, "desk:lead", lead.number)
    assert facility.code in page
    for step in ("记下线索", "现场核实：在开展托育服务", "已指导报送", "已报送："):
        assert step in page
    assert "非法" not in page


@pytest.mark.proves("clause:二(五)1e")
def test_from_a_visit_to_the_letter_and_its_answer() -> None:
    clerk = makers.clerk()
    desk = signed_in(clerk)
    lead = makers.lead(clerk, "verified")
    url = reverse("desk:lead_transfer", args=[lead.number])
    page = read(desk, "desk:lead_transfer", lead.number)
    assert "问题线索移送函" in page
    assert "两个班" in page
    refused = desk.post(url, {"department": "health", "facts": "负责人电话13912345678"})
    assert "这里不要写个人的证件号码" in refused.content.decode()
    assert "13912345678" in refused.content.decode()  # what was typed stays
    assert desk.post(url, {"department": "health", "facts": "现场有两个班。"}).status_code == 302
    paper = OfficialPaper.objects.get(series="transfer")
    page = read(desk, "desk:lead", lead.number)
    assert paper.number in page
    letter = reverse("core:paper", args=[paper.pk])
    assert "舞钢市卫生健康委员会" in desk.get(letter).content.decode()
    answer = page.partition("/answer/")[0].rpartition("/desk/transfers/")[2]
    early = {"on": "2026-11-01", "result": "已受理"}
    said = desk.post(reverse("desk:transfer_answer", args=[answer]), early).content.decode()
    assert "收到日期应在移送日期和今天之间" in said
    desk.post(reverse("desk:transfer_answer", args=[answer]), early | {"on": "2026-11-23"})
    assert "已受理" in read(desk, "desk:lead", lead.number)


def test_the_list_filters_and_counts() -> None:
    clerk = makers.clerk()
    assert "没有线索" in read(signed_in(clerk), "desk:leads")
    new = makers.lead(clerk)
    makers.lead(clerk, "closed", slug="hubin")
    late = makers.lead(clerk)
    Lead.objects.filter(pk=late.pk).update(due_on=makers.AT.date() - dt.timedelta(days=1))
    page = read(signed_in(clerk), "desk:leads")
    assert "待核实（2）" in page
    assert "已了结（1）" in page
    page = read(signed_in(clerk), "desk:leads", query="?late=yes")
    assert late.number in page
    assert new.number not in page
    page = read(signed_in(clerk), "desk:leads", query="?community=hubin&source=phone&state=closed")
    assert new.number not in page
    assert "小天地" in page
    page = read(signed_in(clerk), "desk:leads", query="?q=小天地")
    assert new.number in page
    assert "没有符合条件的线索" in read(signed_in(clerk), "desk:leads", query="?q=没有这样的")


@pytest.mark.proves("ux:36")
@pytest.mark.parametrize(
    ("name", "bound"),
    [("desk:leads", 12), ("desk:disclosure", 12), ("desk:disclosure_log", 12),
     ("public:disclosure", 6), ("public:unregistered", 6), ("public:disclosure_filings", 6)],
)  # fmt: skip
def test_lists_ask_as_often_for_many_rows_as_for_few(name: str, bound: int) -> None:
    clerk, approver = makers.clerk(), makers.approver()
    reader = Client() if name.startswith("public:") else signed_in(clerk)

    def grow(rows: int) -> None:
        for _ in range(rows):
            makers.lead(clerk)
            makers.registered_filing(clerk, approver)

    grow(2)
    few = _asked(reader, name)
    grow(4)
    many = _asked(reader, name)
    assert few == many <= bound


def _asked(client: Client, name: str) -> int:
    client.get(reverse(name))
    with CaptureQueriesContext(connection) as seen:
        assert client.get(reverse(name)).status_code == 200
    return len([q for q in seen.captured_queries if not q["sql"].startswith(FRAME)])
