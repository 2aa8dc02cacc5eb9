"""What residents read of an upheld complaint: a month, a kind, a sentence, passed by two (R14)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from complaints import actions, rules
from complaints.models import Category, Complaint, StepKind
from facilities.models import Facility
from portal.core import clock, outbox, publishing
from portal.core.models import Notification, Publication, User
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.workflow import NotAllowed, TransitionNotOpen
from tests import makers, register

from . import makers as cases
from .makers import AT, DAY, actor

pytestmark = pytest.mark.django_db
TEXT = "查实押金没有按约定退还，机构已全部退还并公示收费。"


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)


@pytest.fixture
def handler() -> User:
    return cases.handler()


@pytest.fixture
def facility() -> Facility:
    return register.facility()


@pytest.fixture
def case(handler: User, facility: Facility) -> Complaint:
    return cases.upheld(handler, makers.approver(), facility=facility)


def page_of(facility: Facility) -> str:
    answer = Client().get(reverse("public:facility", args=[facility.code]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_only_what_was_upheld_and_points_at_nobody() -> None:
    law = in_force(DAY)
    shown = {c for c in Category.values if rules.may_be_shown(c, "upheld", law)}
    assert shown == {"C4", "C5", "C6", "C7", "C8", "C9"}
    for result in ("partly", "not_upheld", "cannot_tell", ""):
        assert not any(rules.may_be_shown(c, result, law) for c in Category.values)


@pytest.mark.proves("prod:A13")
def test_two_persons_put_it_on_the_page_of_the_facility(
    case: Complaint, handler: User, facility: Facility
) -> None:
    assert "投诉处理结果" not in page_of(facility)
    made = actions.propose_outcome(case, TEXT, by=actor(handler), at=AT)
    assert TEXT not in page_of(facility)
    with pytest.raises(NotAllowed):
        publishing.publish(made, by=actor(handler), at=AT)
    publishing.publish(made, by=actor(makers.approver()), at=AT)
    page = page_of(facility)
    month = f"{DAY.year}年{DAY.month}月"
    assert f"{month}，收费、退费、合同：{TEXT}" in page
    assert case.number not in page
    assert TEXT not in page_of(register.facility())
    made.refresh_from_db()
    assert made.until == DAY + dt.timedelta(days=1095)


def test_the_same_text_sent_twice_is_proposed_once(case: Complaint, handler: User) -> None:
    first = actions.propose_outcome(case, TEXT, by=actor(handler), at=AT)
    later = AT + dt.timedelta(seconds=1)
    assert actions.propose_outcome(case, TEXT, by=actor(handler), at=later) == first
    assert Publication.objects.of(case).count() == 1
    assert case.steps.filter(kind=StepKind.OUTCOME).count() == 1


def test_the_words_of_the_complainant_are_not_published(case: Complaint, handler: User) -> None:
    words = f"查实{cases.TOLD['happened'][:12]}。"
    with pytest.raises(actions.TooClose):
        actions.propose_outcome(case, words, by=actor(handler), at=AT)


def test_not_upheld_or_without_a_page_is_not_shown(handler: User, facility: Facility) -> None:
    approver = makers.approver()
    closed = cases.closed(handler, approver, facility=facility)
    closed = actions.archive_complaint(closed, at=AT)
    nowhere = cases.upheld(handler, approver)
    for made in (closed, nowhere):
        with pytest.raises(actions.NotToBeShown):
            actions.propose_outcome(made, TEXT, by=actor(handler), at=AT)


def test_a_report_of_danger_is_never_shown(facility: Facility) -> None:
    duty = cases.duty()
    case = cases.upheld(duty, cases.duty(), category="C1", facility=facility)
    with pytest.raises(NotAllowed):
        actions.propose_outcome(case, TEXT, by=actor(duty), at=AT)


def test_while_a_review_may_be_asked_for_nothing_is_proposed(
    handler: User, facility: Facility
) -> None:
    """To take it back then would tell the facility that the complainant came back."""
    made = cases.accepted(handler, facility=facility)
    actions.open_visit(made, by=actor(handler), at=AT)
    made.refresh_from_db()
    made = actions.propose_reply(made, "upheld", "票据", "属实。", by=actor(handler), at=AT)
    made = actions.approve_reply(made, by=actor(makers.approver()), at=AT)
    with pytest.raises(TransitionNotOpen):
        actions.propose_outcome(made, TEXT, by=actor(handler), at=AT)


def test_another_wording_passes_the_same_check(case: Complaint, handler: User) -> None:
    """Nobody types the complainant's words in at the gate."""
    made = actions.propose_outcome(case, TEXT, by=actor(handler), at=AT)
    clerk = makers.user(Role.CLERK, Role.HANDLER)
    body = [{"type": "paragraph", "text": cases.TOLD["happened"]}]
    with pytest.raises(publishing.NotRevisedHere):
        publishing.revise_publication(made, title="x", body=body, by=actor(clerk), at=AT)
    client = Client()
    client.force_login(clerk)
    way = reverse("desk:publication_revise", args=[made.pk])
    assert way not in client.get(reverse("desk:publication", args=[made.pk])).content.decode()
    said = client.get(way, follow=True).content.decode()
    assert "请经办人在来源页面重新提请" in said


def test_whoever_keeps_away_is_not_told(case: Complaint, handler: User, facility: Facility) -> None:
    """An approver with a tie to the facility learns nothing; the handler follows it up."""
    tied, other = makers.approver(), makers.approver()
    actions.declare_tie("亲属", facility=facility, by=actor(tied), at=AT)
    made = actions.propose_outcome(case, TEXT, by=actor(handler), at=AT)
    outbox.drain(AT)
    told = Notification.objects.filter(kind="publication.proposed")
    assert told.filter(to=other).exists()
    assert not told.filter(to=tied).exists()
    client = Client()
    client.force_login(handler)
    assert client.get(reverse("desk:publication", args=[made.pk])).status_code == 200
    client.force_login(tied)
    assert client.get(reverse("desk:publication", args=[made.pk])).status_code == 404


def test_the_page_of_the_case_offers_it(case: Complaint, handler: User) -> None:
    client = Client()
    client.force_login(handler)
    ways_in = reverse("desk:complaint_outcome", args=[case.pk])
    assert ways_in in client.get(reverse("desk:complaint", args=[case.pk])).content.decode()
    said = client.post(ways_in, {"text": TEXT}, follow=True).content.decode()
    assert "已提请公示，等另一人审核。" in said
    assert Publication.objects.of(case).get().body[0]["rows"][2] == ["处理结果", TEXT]
    other = cases.closed(handler, makers.approver(), facility=case.facility)
    actions.archive_complaint(other, at=AT)
    page = client.get(reverse("desk:complaint", args=[other.pk])).content.decode()
    assert reverse("desk:complaint_outcome", args=[other.pk]) not in page
    refused = client.post(reverse("desk:complaint_outcome", args=[other.pk]), {"text": TEXT})
    assert "只有属实、类别可以公示、机构在册的投诉能公示处理结果" in refused.content.decode()
