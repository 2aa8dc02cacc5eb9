"""The demo: told through the acts, relative to today, by post, once."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from facilities.models import Facility, Filing, Membership
from facilities.workflow import FilingStatus, RegistrationStatus, StatutoryFilingStatus
from inspections.models import FacilityRisk, Finding, Inspection, RandomDraw
from inspections.queries.plans import replay
from portal.core import audit, clock
from portal.core.identifiers import uscc_problem
from portal.core.models import (
    Attachment,
    Community,
    Notification,
    OfficialPaper,
    Outbox,
    RoleAssignment,
    User,
)
from portal.core.roles import Role
from portal.site import demo
from portal.site.demo.plans import PLANS, credit_code

pytestmark = pytest.mark.django_db


def run(*flags: str) -> str:
    """What the command says."""
    out = io.StringIO()
    call_command("demo", *flags, stdout=out)
    return out.getvalue()


DRAWN = ("inspection.assigned", "inspection.team_missing")


def picture() -> list[Any]:
    """What the demo tells, without the ids."""
    filings = Filing.objects.order_by("number").values_list(
        "number", "state", "facility_name", "uscc", "created_at", "answer_due", "round"
    )
    facilities = Facility.objects.order_by("code").values_list("code", "name", "registered_on")
    papers = OfficialPaper.objects.order_by("number").values_list("number", "title", "issued_at")
    messages = Notification.objects.order_by("to__username", "at", "title")
    # Complaint numbers and draws are random by design, so what names them differs.
    messages = messages.exclude(kind__startswith="complaint").exclude(kind__in=DRAWN)
    said = messages.values_list("to__username", "title", "at")
    return [list(rows) for rows in (filings, facilities, papers, said)]


def test_vectors_of_the_credit_code() -> None:
    """The made-up codes are those of the fact sheet, and right in both check digits."""
    assert credit_code("91", "MA000001") == "91410481MA00000155"
    assert credit_code("92", "MA000002") == "92410481MA0000023W"
    assert credit_code("52", "MJ000003") == "52410481MJ0000034M"
    assert credit_code("12", "00000004") == "124104810000000434"
    codes = [plan.uscc for plan in PLANS]
    assert len(set(codes)) == len(codes)
    assert [uscc_problem(code) for code in codes] == [None] * len(codes)


@pytest.mark.proves("prod:T8")
def test_demo_tells_everything(client: Client) -> None:
    """One telling, looked at from every side (it takes some seconds, so once)."""
    assert "23" in run()
    _every_state()
    _register()
    _people()
    _dates()
    _nothing_is_owed(client)
    _supervision()
    assert not run("--if-empty")
    with pytest.raises(CommandError):
        run()
    assert Filing.objects.count() == len(PLANS)


def _every_state() -> None:
    """All states an act can lead to; a change filing, which supersedes, is not built yet."""
    there = set(Filing.objects.values_list("state", flat=True))
    assert there == set(FilingStatus.values) - {FilingStatus.SUPERSEDED}
    assert Filing.objects.filter(round__gt=1).exists(), "a correction that came back"
    assert Filing.objects.filter(state=FilingStatus.SUBMITTED, answer_due__lt=clock.today())
    mirrors = set(Facility.objects.values_list("statutory_filing__status", flat=True))
    assert mirrors == set(StatutoryFilingStatus.values) - {StatutoryFilingStatus.CANCELLED}


def _register() -> None:
    """About a dozen facilities over all communities, each marked as an example."""
    facilities = Facility.objects.public()
    assert facilities.count() == 12
    assert not facilities.exclude(name__endswith="（示例）").exists()
    assert not facilities.exclude(registration=RegistrationStatus.REGISTERED).exists()
    named = Filing.objects.exclude(community=None).values("community")
    assert set(Community.objects.all()) == set(Community.objects.filter(pk__in=named))
    for phone in facilities.values_list("public_phone", flat=True):
        assert phone == "0375-0000000" or phone.startswith("13800000")
    assert OfficialPaper.objects.filter(kind="registration_receipt").count() == 12
    assert not OfficialPaper.objects.filter(pdf_key=None).exists()
    kinds = set(Attachment.objects.values_list("media_type", flat=True))
    assert kinds == {"application/pdf", "image/jpeg"}


def _people() -> None:
    """Every role is held, by posts: no person of the office is named anywhere."""
    held = set(RoleAssignment.objects.in_force(clock.today()).values_list("role", flat=True))
    assert held == set(Role.values)
    posts = {post.post for post in demo.STAFF}
    assert set(User.objects.values_list("display_name", flat=True)) == posts
    village = RoleAssignment.objects.get(role=Role.COMMUNITY)
    assert village.community is not None
    assert village.community.slug == "longquan"
    for facility in Facility.objects.all():
        assert facility.manager.endswith("示例")
        assert facility.legal_representative.endswith("示例")
    assert Membership.objects.filter(user__username="operator").exists()
    assert User.objects.get(username="approver").check_password(demo.PASSWORD)


def _dates() -> None:
    """All acts lie in the past, most of them on working days, the newest within days."""
    today = clock.today()
    newest = Facility.objects.order_by("-registered_on").first()
    assert newest is not None
    assert today - dt.timedelta(days=21) < newest.registered_on < today
    assert not Filing.objects.filter(created_at__gt=clock.now()).exists()
    assert Facility.objects.filter(registered_on__lt=today - dt.timedelta(days=200)).exists()


def _supervision() -> None:
    """A visit in each state of the work, findings on their way, a draw that can be made again."""
    states = set(Inspection.objects.values_list("state", flat=True))
    assert {"assigned", "awaiting_approval", "completed", "published"} <= states
    found = set(Finding.objects.values_list("state", flat=True))
    assert {"open", "reported", "closed", "transferred"} <= found
    drawing = RandomDraw.objects.get()
    assert [[e.facility, list(e.people)] for e in replay(drawing)] == drawing.result
    assert FacilityRisk.objects.filter(risk_class="high").exists()


def _nothing_is_owed(client: Client) -> None:
    """The letters are delivered, the trail holds, and the pages show it."""
    # The alarm of today rings on until somebody acknowledges it; nothing else is owed.
    # What is due later (reminders go out from eight o'clock) is not owed yet.
    due = Outbox.objects.filter(done_at=None, due_at__lte=clock.now())
    owed = due.exclude(kind="complaint.escalate")
    assert not owed.exists()
    assert Notification.objects.filter(to__username="clerk").exists()
    assert Notification.objects.filter(to__username="operator2").exists()
    assert audit.first_fault() is None
    assert "小太阳托育园（示例）" in client.get(reverse("public:facilities")).content.decode()


@pytest.mark.full
def test_told_twice_on_one_day_it_reads_the_same() -> None:
    """Same moment, same story: numbers, dates, messages."""
    from django.db import transaction  # noqa: PLC0415

    now = clock.now()
    told = []
    for _turn in range(2):
        mark = transaction.savepoint()
        demo.tell(now)
        told.append(picture())
        transaction.savepoint_rollback(mark)
    assert told[0] == told[1]


def test_accounts_alone_load_nothing() -> None:
    """The table needs the accounts; it makes none."""
    assert "no demo accounts" in run("--accounts")
    assert not User.objects.exists()


def test_accounts_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """User name and post a line, the one password above."""
    User.objects.create(username="clerk", display_name="卫健办经办人")
    shown = run("--accounts", "--if-empty")
    assert demo.PASSWORD in shown
    assert "clerk" in shown
    assert "approver" not in shown
    assert not Filing.objects.exists()


@pytest.mark.parametrize(("name", "value"), [("PRODUCTION", True), ("DEMO", False)])
@pytest.mark.parametrize("flags", [(), ("--if-empty",), ("--accounts",)])
def test_never_outside_a_demo(
    settings: Any, name: str, value: bool, flags: tuple[str, ...]
) -> None:
    """Production and DEMO=0 refuse to load and to tell the password."""
    setattr(settings, name, value)
    with pytest.raises(CommandError):
        run(*flags)
    assert not User.objects.exists()
