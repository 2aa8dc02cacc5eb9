"""A filing on paper: typed in at the counter, signed on paper, reviewed by somebody else."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from facilities import actions
from facilities.models import CounterReceipt, Filing, Membership
from facilities.models.choices import Proposal
from portal.core import clock, permissions
from portal.core.actors import Actor
from portal.core.models import Attachment, User
from portal.core.workflow import FactMissing
from tests import makers

pytestmark = [pytest.mark.django_db, pytest.mark.proves("prod:B19")]
AT = makers.AT  # Monday
FRIDAY = dt.date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def begun(clerk: User, **changes: Any) -> Filing:
    data = {"token": uuid.uuid4(), "brought_by": "agent", "received_on": "2026-11-20"} | changes
    answer = signed_in(clerk).post(reverse("desk:counter_new"), data)
    assert answer.status_code == 302, answer.context["form"].errors
    return Filing.objects.get(created_by=clerk)


def sent(clerk: User, signed: SimpleUploadedFile | None = None) -> Filing:
    filing = makers.fill(begun(clerk))
    page = reverse("my:declaration", args=[filing.number])
    scan = signed or makers.pdf()
    answer = signed_in(clerk).post(page, {"declared_name": "示例法人", "scan": scan})
    assert answer.status_code == 303, answer.context["form"].errors
    filing.refresh_from_db()
    return filing


def test_from_the_counter_to_the_register() -> None:
    clerk, other, approver = makers.clerk(), makers.clerk(), makers.approver()
    filing = sent(clerk)
    assert (filing.source, filing.state) == ("counter", "submitted")
    assert (filing.received_on, filing.answer_due) == (FRIDAY, dt.date(2026, 11, 27))
    scans = Attachment.objects.of(CounterReceipt.objects.get(filing=filing))
    assert [scan.slot for scan in scans] == ["signed_declaration"]
    with pytest.raises(PermissionDenied):
        actions.take_filing(filing, by=Actor.person(clerk), at=AT)
    taken = actions.take_filing(filing, by=Actor.person(other), at=AT)
    with pytest.raises(PermissionDenied):
        actions.propose_decision(taken, Proposal.REGISTER, "", by=Actor.person(clerk), at=AT)
    shown = signed_in(other).get(reverse("desk:filing", args=[filing.number])).content.decode()
    assert "窗口代报" in shown
    assert "签好名的承诺书" in shown
    actions.propose_decision(taken, Proposal.REGISTER, "", by=Actor.person(other), at=AT)
    done = actions.register_filing(filing, by=Actor.person(approver), at=AT)
    assert done.facility is not None
    assert not Membership.objects.filter(facility=done.facility).exists()


def test_the_same_form_sent_twice_begins_one_filing() -> None:
    clerk, token = makers.clerk(), uuid.uuid4()
    begun(clerk, token=token, scan=makers.pdf())
    begun(clerk, token=token)
    assert Attachment.objects.of(CounterReceipt.objects.get()).count() == 1


@pytest.mark.parametrize("day", ["2026-11-24", "2026-09-01", "", "昨天"])
def test_the_day_of_receipt_is_neither_to_come_nor_long_ago(day: str) -> None:
    data = {"token": uuid.uuid4(), "brought_by": "agent", "received_on": day}
    answer = signed_in(makers.clerk()).post(reverse("desk:counter_new"), data)
    assert "received_on" in answer.context["form"].errors
    assert not Filing.objects.exists()


def test_without_the_signed_paper_nothing_is_sent() -> None:
    clerk = makers.clerk()
    filing = makers.fill(begun(clerk))
    page = reverse("my:declaration", args=[filing.number])
    answer = signed_in(clerk).post(page, {"declared_name": "示例法人", "agreed": "on"})
    assert "scan" in answer.context["form"].errors
    with pytest.raises(FactMissing):
        actions.submit_filing(filing, "示例", "承诺", by=Actor.person(clerk), at=AT)
    filing.refresh_from_db()
    assert filing.state == "draft"


def test_a_clerk_writes_only_in_what_he_began_himself() -> None:
    mine, operators = begun(makers.clerk()), makers.filing()
    another = signed_in(makers.clerk())
    for filing in (mine, operators):
        for name in ("my:filing", "my:registration", "my:check"):
            assert another.get(reverse(name, args=[filing.number])).status_code == 404
    asked = makers.taken_filing(clerk := makers.clerk())
    by = Actor.person(clerk)
    actions.add_correction(asked, "premises", "", "补", by=by, at=AT)
    actions.request_correction(asked, by=by, at=AT)
    assert signed_in(clerk).get(reverse("my:premises", args=[asked.number])).status_code == 403


def test_the_pages_of_the_sections_stand_at_the_desk_for_the_clerk() -> None:
    clerk = makers.clerk()
    filing = begun(clerk)
    client = signed_in(clerk)
    for name in ("my:filing", "my:registration", "my:premises", "my:certificates", "my:check"):
        text = client.get(reverse(name, args=[filing.number])).content.decode()
        assert reverse("desk:filings") in text
        assert f'href="{reverse("my:home")}"' not in text


def test_the_slip_names_number_and_day_of_the_answer() -> None:
    filing = sent(clerk := makers.clerk())
    text = signed_in(clerk).get(reverse("desk:slip", args=[filing.number])).content.decode()
    assert filing.number in text
    assert "11月27日" in text
    assert "受委托的经办人" in text


def test_in_an_office_with_one_clerk_what_he_typed_goes_on_and_another_person_decides() -> None:
    clerk = makers.user("clerk", "approver")
    filing = sent(clerk)
    by = Actor.person(clerk)
    taken = actions.take_filing(filing, by=by, at=AT)
    actions.propose_decision(taken, Proposal.REGISTER, "", by=by, at=AT)
    for act in (actions.register_filing, _hand_back):
        with pytest.raises(PermissionDenied):
            act(filing, by=by, at=AT)
    boss = makers.approver()
    done = actions.register_filing(filing, by=Actor.person(boss), at=AT)
    assert (done.proposed_by, done.decided_by) == (clerk, boss)


def _hand_back(filing: Filing, **who: Any) -> Filing:
    return actions.hand_back_filing(filing, "再看", **who)


def test_as_soon_as_there_is_another_clerk_the_review_is_his() -> None:
    clerk = makers.clerk()
    filing = sent(clerk)
    assert permissions.can(clerk, "take", filing)
    other = makers.clerk()
    assert not permissions.can(clerk, "take", filing)
    assert permissions.can(other, "take", filing)
    with pytest.raises(actions.CannotHandle):
        actions.assign_filing(filing, clerk, by=Actor.person(other), at=AT)


def test_an_operator_who_is_also_a_clerk_never_reviews_his_own_report() -> None:
    both = makers.user("operator", "clerk")
    filing = makers.submitted_filing(both)
    assert not permissions.can(both, "take", filing)


def test_the_signed_paper_sent_again_after_a_correction_is_kept_once() -> None:
    clerk, other, signed = makers.clerk(), makers.clerk(), makers.pdf()
    filing, by = sent(clerk, signed), Actor.person(other)
    taken = actions.take_filing(filing, by=by, at=AT)
    actions.add_correction(taken, "premises", "", "请写明楼层", by=by, at=AT)
    actions.request_correction(taken, by=by, at=AT)
    section = filing.sections.get(key="premises")
    actions.save_section(
        filing, "premises", section.draft, section.answers, version=section.version,
        by=Actor.person(clerk), at=AT,
    )  # fmt: skip
    page = reverse("my:declaration", args=[filing.number])
    signed.seek(0)
    signed_in(clerk).post(page, {"declared_name": "示例法人", "scan": signed})
    filing.refresh_from_db()
    assert (filing.state, filing.round) == ("submitted", 2)
    kept = Attachment.objects.of(CounterReceipt.objects.get(filing=filing))
    assert kept.filter(slot="signed_declaration").count() == 1
