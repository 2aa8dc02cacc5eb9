"""Many filings at once: chosen in the list, effects shown, each dealt with by its own right."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from facilities import actions
from facilities.models import Filing
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import Notification, RegulationPack, User
from portal.core.roles import Role
from tests import makers

pytestmark = [pytest.mark.django_db, pytest.mark.proves("ux:42")]


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: makers.AT)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(act: str, *filings: Filing, more: str = "") -> str:
    picks = "".join(f"&pick={filing.number}" for filing in filings)
    return f"{reverse('desk:filings_bulk')}?act={act}{picks}{more}"


def lines(act: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_event WHERE act = %s", [act])
        return int(cursor.fetchone()[0])


@pytest.mark.proves("prod:B10")
def test_assigning_tells_the_new_and_the_old_handler_and_reports_the_rest() -> None:
    old, new = makers.clerk(), makers.clerk()
    waiting, taken = makers.submitted_filing(), makers.taken_filing(old)
    own = makers.submitted_filing(new)
    done = makers.registered_filing()
    client = signed_in(makers.approver())
    address = page("assign", waiting, taken, own, done)
    effects = client.get(address).content.decode()
    assert waiting.number in effects
    assert Filing.objects.filter(handler=new).count() == 0
    report = client.post(address, {"handler": new.pk}).context["report"]
    assert {filing.pk for filing in report.done} == {waiting.pk, taken.pk}
    assert {filing.pk for filing, _why in report.left} == {own.pk, done.pk}
    assert lines("filing.assign") == 2
    outbox.drain(makers.AT)
    told = Notification.objects.filter(kind__in=["filing.assigned", "filing.reassigned"])
    assert sorted((m.kind, m.to_id == new.pk) for m in told) == [
        ("filing.assigned", True), ("filing.assigned", True), ("filing.reassigned", False),
    ]  # fmt: skip
    again = client.post(address, {"handler": new.pk}).context["report"]
    assert not again.done
    assert lines("filing.assign") == 2


@pytest.mark.proves("prod:B10")
def test_a_clerk_is_given_no_more_than_one_may_hold() -> None:
    pack = RegulationPack.objects.get(key="review")
    content = json.loads(pack.content)
    content["entries"]["open_cases"]["values"][0]["value"] = 2
    RegulationPack.objects.create(
        key="review", version=pack.version + 1, title=pack.title, content=json.dumps(content),
        digest="of-another-release", loaded_at=makers.AT,
    )  # fmt: skip
    new = makers.clerk()
    filings = [makers.submitted_filing() for _ in range(3)]
    Filing.objects.filter(pk=filings[0].pk).update(handler=new)
    client = signed_in(makers.approver())
    report = client.post(page("assign", *filings[1:]), {"handler": new.pk}).context["report"]
    assert (len(report.done), len(report.left)) == (1, 1)
    assert "上限" in report.left[0][1]


@pytest.mark.proves("prod:K10")
def test_reminding_reaches_whoever_must_act_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    handler, approver = makers.clerk(), makers.approver()
    taken, proposed = makers.taken_filing(handler), makers.proposed_filing(handler)
    client = signed_in(makers.user(Role.LEADER))
    report = client.post(page("remind", taken, proposed)).context["report"]
    assert len(report.done) == 2
    assert not client.post(page("remind", taken, proposed)).context["report"].done
    tomorrow = makers.AT + dt.timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    client = signed_in(makers.user(Role.LEADER))
    assert len(client.post(page("remind", taken)).context["report"].done) == 1
    outbox.drain(tomorrow)
    told = Notification.objects.filter(kind="filing.urged")
    assert sorted(str(m.to_id) for m in told) == sorted(
        map(str, [handler.pk, handler.pk, approver.pk])
    )


def test_all_within_the_filter_and_not_more_than_the_limit(settings: Any) -> None:
    here = [makers.submitted_filing(premises={"community": "hubin"}) for _ in range(3)]
    elsewhere = makers.submitted_filing()
    client = signed_in(makers.clerk())
    new = makers.clerk()
    shown = client.get(page("assign", more="&all=1&community=hubin"))
    assert {filing.pk for filing in shown.context["chosen"]} == {filing.pk for filing in here}
    chosen = shown.context["form"]["chosen"].value()
    makers.submitted_filing(premises={"community": "hubin"})
    again = client.post(
        page("assign", more="&all=1&community=hubin"), {"handler": "", "chosen": chosen}
    )
    assert {filing.pk for filing in again.context["chosen"]} == {filing.pk for filing in here}
    settings.BULK_LIMIT = 2
    client.post(page("assign", more="&all=1&community=hubin"), {"handler": new.pk})
    assert Filing.objects.filter(handler=new).count() == 2
    elsewhere.refresh_from_db()
    assert elsewhere.handler is None


def test_who_may_not_and_what_is_out_of_reach() -> None:
    filing = makers.submitted_filing()
    leader = signed_in(makers.user(Role.LEADER))
    assert leader.post(page("assign", filing), {"handler": makers.clerk().pk}).status_code == 403
    assert signed_in(makers.user(Role.COMMUNITY)).get(page("remind", filing)).status_code == 403
    clerk = makers.user(Role.CLERK, community=makers.community("hubin"))
    nothing = signed_in(clerk).get(page("remind", filing))
    assert nothing.status_code == 302
    assert "分派选中的" not in leader.get(reverse("desk:filings")).content.decode()


def test_the_list_offers_ticks_without_a_script() -> None:
    filing = makers.submitted_filing()
    text = signed_in(makers.clerk()).get(reverse("desk:filings") + "?state=submitted").content
    assert f'name="pick" value="{filing.number}"'.encode() in text
    assert b'name="state" value="submitted"' in text


def test_an_assigned_filing_is_on_the_new_handlers_list() -> None:
    old, new = makers.clerk(), makers.clerk()
    filing = makers.taken_filing(old)
    actions.assign_filing(filing, new, by=Actor.person(old), at=makers.AT)
    assert filing.number in signed_in(new).get(reverse("desk:home")).content.decode()
    assert filing.number not in signed_in(old).get(reverse("desk:home")).content.decode()


def test_a_filing_is_given_to_clerks_of_its_ground_only() -> None:
    filing = makers.taken_filing(makers.clerk())
    approver = Actor.person(makers.approver())
    for person in (makers.user(Role.LEADER), makers.operator()):
        with pytest.raises(actions.CannotHandle) as refusal:
            actions.assign_filing(filing, person, by=approver, at=makers.AT)
        assert refusal.value.reason == "role"
