"""A document added to what was sent (prod:C10)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from facilities import actions, queries
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import Notification, User
from portal.core.workflow import NotAllowed, TransitionNotOpen
from tests import makers

AT = makers.AT
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return response.content.decode()


@pytest.mark.proves("prod:C10")
def test_a_document_reaches_the_handler_and_what_was_sent_stays() -> None:
    owner, clerk = makers.operator(), makers.clerk()
    filing = makers.submitted_filing(owner)
    filing = actions.take_filing(filing, by=Actor.person(clerk), at=AT)
    sent, due = filing.submissions.get().answers, filing.answer_due
    mine, page = signed_in(owner), reverse("my:filing", args=[filing.number])
    url = reverse("my:supplement", args=[filing.number])
    assert url in text(mine, page)
    assert "请选择文件" not in text(mine, url)
    assert mine.post(url).status_code == 200
    assert mine.post(url, {"file": makers.pdf(name="租赁合同补充.pdf")}).status_code == 302
    assert "租赁合同补充.pdf" in text(mine, page)
    assert "租赁合同补充.pdf" in text(mine, url)
    outbox.drain(AT)
    assert Notification.objects.filter(to=clerk, kind="filing.supplemented").count() == 1
    desk = signed_in(clerk)
    review = text(desk, reverse("desk:filing", args=[filing.number]))
    assert "提交后补充的材料" in review
    assert "租赁合同补充.pdf" in review
    (kept,) = queries.supplements_of(filing)
    file = desk.get(reverse("core:attachment", args=[kept.pk]))
    assert b"".join(file.streaming_content).startswith(b"%PDF")
    other = signed_in(makers.operator())
    assert other.get(reverse("core:attachment", args=[kept.pk])).status_code == 404
    filing.refresh_from_db()
    assert (filing.submissions.get().answers, filing.answer_due) == (sent, due)


def test_the_same_file_twice_is_once_and_only_while_it_is_reviewed(settings: Any) -> None:
    owner, clerk = makers.operator(), makers.clerk()
    draft = makers.complete_filing(owner)
    by = Actor.person(owner)
    with pytest.raises(TransitionNotOpen):
        actions.supplement_filing(draft, makers.pdf(), by=by, at=AT)
    filing = actions.submit_filing(draft, "示例负责人", makers.DECLARATION, by=by, at=AT)
    with pytest.raises(NotAllowed):
        actions.supplement_filing(filing, makers.pdf(), by=Actor.person(clerk), at=AT)
    file = makers.pdf()
    first = actions.supplement_filing(filing, file, by=by, at=AT)
    file.seek(0)
    assert actions.supplement_filing(filing, file, by=by, at=AT) == first
    settings.UPLOAD_MAX_FILES = 1
    mine = signed_in(owner)
    url = reverse("my:supplement", args=[filing.number])
    assert mine.post(url, {"file": makers.pdf()}).headers["Location"] == url
    assert queries.supplements_of(filing).count() == 1
