"""The whole case as a PDF: all of the case, nothing of who complained, for its own people."""

from __future__ import annotations

from typing import Any

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from complaints import actions
from complaints.models import Complaint
from facilities.models import Transfer
from portal.core import attachments, clock
from portal.core.actors import Actor
from portal.core.models import AuditEvent, User
from tests import makers, register
from tests.complaints import cases
from tests.complaints import makers as make

pytestmark = pytest.mark.django_db
AT = makers.AT


@pytest.fixture(autouse=True)
def _place(settings: Any, tmp_path: Any, monkeypatch: Any) -> None:
    settings.PRIVATE_MEDIA_ROOT = tmp_path
    monkeypatch.setattr(clock, "now", lambda: AT)


def got(person: User, case: Any) -> Any:
    client = Client()
    client.force_login(person)
    return client.get(reverse("desk:complaint_pdf", args=[case.pk]))


def words(content: bytes) -> tuple[str, list[str]]:
    """All words without blanks, and those of each page."""
    with pypdfium2.PdfDocument(content) as document:
        pages = ["".join(page.get_textpage().get_text_bounded().split()) for page in document]
    return "".join(pages), pages


@pytest.mark.proves("prod:K19", "sec:C11")
def test_it_tells_the_whole_case_and_not_who_complained() -> None:
    handler, approver = make.handler(), makers.approver()
    case = make.accepted(
        handler, facility=register.facility(), contact=make.CONTACT,
        files=[attachments.inspected(makers.jpeg("票据照片.jpg"))],
        told={"answers": {"交了多少钱": "两千元"}, "place": {"name": "二楼", "address": "东侧"}},
        channel="hotline", external_number="GD-77",
    )  # fmt: skip
    by = make.actor(handler)
    actions.write_to_complainant(case, "请把票据带来", by=by, at=AT)
    actions.note_complaint(case, "约在周三核对#不是标记*", by=by, at=AT)
    make.statement(handler, case, "请说明本月收费的项目")
    make.reveal(handler, case)
    actions.open_visit(case, by=by, at=AT)
    case.refresh_from_db()
    actions.propose_reply(case, "not_upheld", "查看了票据", "收费与公示一致。", by=by, at=AT)
    answer = got(handler, case)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert "no-store" in answer["Cache-Control"]
    assert "attachment" in answer["Content-Disposition"]
    text, pages = words(answer.content)
    case.refresh_from_db()
    for expected in (
        case.number, "GD-77", make.TOLD["happened"], "二楼东侧", "两千元", "票据照片",
        "请把票据带来", "约在周三核对#不是标记*", "请说明本月收费的项目", case.inspection.number,
        "查看了票据", "收费与公示一致。", "不属实",
    ):  # fmt: skip
        assert "".join(expected.split()) in text, expected
    for hidden in (*make.CONTACT.values(), "示例**", "138****", "需要约定当面核实"):
        assert hidden not in text, hidden
    for page in pages:
        assert "内部资料" in page
        assert handler.signature_label in page
    assert AuditEvent.objects.filter(act="complaint.pdf_read", object_id=case.pk).count() == 1
    assert got(approver, case).status_code == 403
    assert AuditEvent.objects.filter(act="complaint.pdf_read").count() == 1


@pytest.mark.proves("prod:K19", "prod:K2")
def test_only_who_deals_with_it_and_a_red_case_with_its_reports() -> None:
    duty, second = make.duty(), make.duty()
    case = make.accepted(duty, "C1")
    assert got(second, case).status_code == 403
    assert got(make.handler(), case).status_code == 404
    actions.add_assistant(case, second, by=make.actor(duty), at=AT)
    text, _pages = words(got(second, case).content)
    assert "示例派出所，JJ-1" in text
    client = Client()
    for person, offered in ((duty, True), (make.duty(), False)):
        client.force_login(person)
        shown = client.get(reverse("desk:complaint", args=[case.pk])).content.decode()
        assert (reverse("desk:complaint_pdf", args=[case.pk]) in shown) == offered


def test_letters_stand_in_it_and_what_was_destroyed_is_said_to_be() -> None:
    handler = make.handler()
    made = cases.MAKERS["receipt"](handler, handler, "C8")
    case = Complaint.objects.get(pk=made["id"])
    text, _pages = words(got(handler, case).content)
    assert Transfer.objects.get().number in text
    actions.withdraw_complaint(case, "", by=Actor.code_holder(case), at=AT)
    case.refresh_from_db()
    actions.erase_complaint(case, at=AT)
    text, _pages = words(got(handler, case).content)
    assert "内容已按期销毁" in text
    assert make.TOLD["happened"] not in text
