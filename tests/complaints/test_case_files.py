"""Files of a case: sent twice they are kept once; what the office adds is the office's alone."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from complaints import actions, queries
from complaints.models import Complaint, ComplaintFile
from complaints.views.public import ground
from complaints.workflow import ComplaintStatus
from portal.core import attachments, clock
from portal.core.files import store
from portal.core.models import Attachment, AuditEvent, User
from tests import makers, register
from tests.complaints import makers as make
from tests.complaints.makers import AT, actor

pytestmark = pytest.mark.django_db
S = ComplaintStatus


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


def signed_in(person: User) -> Client:
    browser = Client()
    browser.force_login(person)
    return browser


def again(file: SimpleUploadedFile) -> SimpleUploadedFile:
    """The same file as a second press of the button sends it."""
    file.seek(0)
    return SimpleUploadedFile(file.name or "", file.read(), file.content_type)


def holding(case: Complaint) -> Client:
    """A browser that has opened the case by number and code."""
    browser, answer = Client(), HttpResponse()
    ground.open_case(answer, case, AT, AT.date())
    browser.cookies = answer.cookies
    return browser


@pytest.mark.proves("sec:W11", "prod:K13")
def test_the_complainants_answer_with_a_photo_sent_twice_is_one_answer_and_one_file() -> None:
    by = make.handler()
    case = actions.ask_complainant(make.accepted(by), "有照片吗？", by=actor(by), at=AT)
    browser, photo = holding(case), makers.jpeg("票据.jpg")
    for _press in range(2):
        given = {"text": "有的", "file": again(photo)}
        assert browser.post(reverse("complaints:add"), given).status_code == 302
    case.refresh_from_db()
    assert case.state == S.INVESTIGATING
    assert [each.text for each in queries.messages_of(case)] == ["有照片吗？", "有的"]
    assert len(queries.files_of(case)) == 1
    assert case.steps.filter(kind="answered").count() == 1
    assert AuditEvent.objects.filter(act="complaint.file_added").count() == 1


def test_another_photo_or_another_word_is_something_new() -> None:
    case = make.accepted(make.handler())
    browser = holding(case)
    first, second = makers.jpeg("一.jpg"), makers.jpeg("二.jpg")
    for text, file in (("第一张", first), ("第二张", second), ("第三句", second)):
        browser.post(reverse("complaints:add"), {"text": text, "file": again(file)})
    assert [each.text for each in queries.messages_of(case)] == ["第一张", "第二张", "第三句"]
    names = [each.display_name for each in queries.files_of(case)]
    assert names == ["一.jpg", "二.jpg", "二.jpg"], "another sentence is no second press"
    browser.post(reverse("complaints:add"), {"text": "第三句", "file": again(first)})
    assert len(queries.files_of(case)) == 3
    browser.post(reverse("complaints:add"), {"text": "第三句", "file": makers.jpeg("三.jpg")})
    assert len(queries.files_of(case)) == 4, "the same word with another photo is kept"
    assert len(queries.messages_of(case)) == 3


@pytest.mark.proves("sec:W11")
def test_the_facilitys_answer_with_a_paper_sent_twice_is_one_answer_and_one_file() -> None:
    facility = register.facility()
    asked = make.released_statement(facility)
    page = signed_in(make.member_of(facility))
    answer = reverse("my:statement_answer", args=[asked.number])
    paper = makers.pdf()
    first = page.post(answer, {"text": "按公示收费", "file": again(paper)})
    assert first.status_code == 302
    page.post(answer, {"text": "按公示收费", "file": again(paper)}, follow=True)
    asked.refresh_from_db()
    assert asked.state == "answered"
    assert Attachment.objects.of(asked).count() == 1
    assert asked.complaint.steps.filter(text__contains="机构已说明").count() == 1
    shown = page.get(reverse("my:statement", args=[asked.number])).content.decode()
    assert shown.count("按公示收费") == 1


def test_the_facility_finds_what_it_is_asked_without_the_message() -> None:
    facility = register.facility()
    asked = make.released_statement(facility)
    client = signed_in(make.member_of(facility))
    here = reverse("my:home")
    for way in (reverse("my:statements"), reverse("my:statement", args=[asked.number])):
        assert f'href="{way}"' in client.get(here).content.decode()
        here = way
    assert asked.summary in client.get(here).content.decode()


@pytest.mark.proves("prod:C10", "sec:C5", "sec:C11")
def test_what_an_official_adds_is_sealed_and_for_those_of_the_case_alone() -> None:
    by, other, outsider = make.handler(), make.handler(), make.duty()
    facility = register.facility()
    case = make.accepted(by, facility=facility)
    add = reverse("desk:complaint_add_file", args=[case.pk])
    desk, photo = signed_in(by), makers.jpeg("现场记录.jpg")
    assert "请选择文件" in desk.post(add, {}).content.decode()
    for _press in range(2):
        desk.post(add, {"file": again(photo)}, follow=True)
    file = ComplaintFile.objects.get()
    assert file.from_office
    assert b"\xff\xd8\xff" not in store.read(file.storage_key)[:40]
    line = AuditEvent.objects.get(act="complaint.file_added")
    assert "现场记录" not in str(line.detail)
    page = reverse("desk:complaint_file", args=[case.pk, file.pk])
    here = reverse("desk:complaint", args=[case.pk])
    assert signed_in(other).get(page).content[:2] == b"\xff\xd8"
    assert "现场记录.jpg（街道加入）" in signed_in(other).get(here).content.decode()
    assert AuditEvent.objects.filter(act="complaint.file_read").exists()
    for stranger in (outsider, makers.clerk(), make.member_of(facility)):
        assert signed_in(stranger).get(page).status_code in {403, 404}
        assert signed_in(stranger).post(add).status_code in {403, 404}
    shown = holding(case).get(reverse("complaints:track")).content.decode()
    assert case.number in shown
    assert "现场记录" not in shown
    assert "街道加入材料" not in shown


def test_it_goes_with_the_key_and_stands_in_the_whole_case() -> None:
    by = make.handler()
    case = make.accepted(by)
    file = attachments.inspected(makers.jpeg("现场记录.jpg"))
    case = actions.add_office_file(case, file, by=actor(by), at=AT)
    kept = case.files.get()
    Complaint.objects.filter(pk=case.pk).update(state=S.WITHDRAWN)
    proof = actions.erase_complaint(Complaint.objects.get(pk=case.pk), at=AT)
    assert proof.files == 1
    assert not store.exists(kept.storage_key)


def test_a_full_disk_is_said_and_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    by = make.handler()
    case = make.accepted(by)

    def full(*_: object) -> str:
        raise store.StorageFull("full")

    monkeypatch.setattr(store, "write_with_transaction", full)
    add = reverse("desk:complaint_add_file", args=[case.pk])
    shown = signed_in(by).post(add, {"file": makers.jpeg()})
    assert shown.status_code == 200
    assert str(shown.context["form"].non_field_errors())
    assert not ComplaintFile.objects.exists()
