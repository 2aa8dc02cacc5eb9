"""The lists of supervision ask as much for fifty rows as for five."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facilities.models import Certificate, ClassGroup
from inspections import tasks
from inspections.models import Finding, Inspection, InspectionMember, RiskFact
from portal.core import clock
from portal.core.models import User
from tests import makers
from tests.inspections import makers as make
from tests.inspections.makers import AT, DAY

pytestmark = pytest.mark.django_db
FEW, MANY, LIMIT = 5, 50, 15
FRAME = ("BEGIN", "COMMIT", "SET TRANSACTION", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")
LISTS = {
    "clerk": ("inspections", "inspections_calendar", "findings", "findings_board", "home"),
    "approver": ("home",),
    "inspector": ("field", "home"),
}


def grow(origin: Finding, person: User, rows: int) -> None:
    """As many visits ahead, and as many findings the facility says are put right."""
    visit = origin.inspection
    made = Inspection.objects.bulk_create(
        Inspection(
            number=f"示例{rows}-{n}", kind="visit", selection="planned", state="assigned",
            facility=origin.facility, checklist=visit.checklist, planned_on=DAY, due_on=DAY,
            created_at=AT,
        )
        for n in range(rows)
    )  # fmt: skip
    InspectionMember.objects.bulk_create(
        InspectionMember(inspection=each, user=person) for each in made
    )
    Finding.objects.bulk_create(
        Finding(
            number=f"示例{rows}-{n}", state="reported", inspection=visit, facility=origin.facility,
            text="示例", severity="minor", due_on=DAY, first_due_on=DAY, issued_on=DAY,
            found_by=person, found_at=AT, recheck_due_on=DAY,
        )
        for n in range(rows)
    )  # fmt: skip


def asked(people: dict[str, User]) -> dict[tuple[str, str], int]:
    """How many questions each list asks, caches being warm."""
    found = {}
    for who, names in LISTS.items():
        client = Client()
        client.force_login(people[who], backend="portal.core.accounts.SignedIn")
        for name in names:
            url = reverse(f"desk:{name}")
            client.get(url)
            with CaptureQueriesContext(connection) as seen:
                assert client.get(url).status_code == 200
            sql = [query["sql"] for query in seen.captured_queries]
            found[who, name] = sum(not each.startswith(FRAME) for each in sql)
    return found


@pytest.mark.proves("ux:36")
def test_lists_and_task_lists_ask_the_same_for_more_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    people = {
        "clerk": makers.clerk(),
        "approver": makers.approver(),
        "inspector": make.inspector(),
    }
    origin = make.finding()
    grow(origin, people["inspector"], FEW)
    few = asked(people)
    grow(origin, people["inspector"], MANY)
    assert asked(people) == few


def test_a_late_finding_that_has_been_told_costs_no_question() -> None:
    origin = make.finding()
    grow(origin, origin.found_by, FEW)
    late = AT.replace(month=12, day=31)
    Finding.objects.update(state="open", escalation=3)
    with CaptureQueriesContext(connection) as few:
        assert tasks.escalate_findings(late) == 0
    grow(origin, origin.found_by, MANY)
    Finding.objects.update(state="open", escalation=3)
    with CaptureQueriesContext(connection) as many:
        assert tasks.escalate_findings(late) == 0
    assert len(many) == len(few)


@pytest.mark.proves("prod:E7")
def test_the_sheet_before_a_visit_asks_the_same_however_much_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "now", lambda: AT)
    person, origin = makers.clerk(), make.finding()  # whose menu asks most
    place = origin.facility
    source = place.certificates.earliest("id").source
    visit = make.assigned(person, place=place)
    url = reverse("desk:field_visit", args=[visit.number])
    client = Client()
    client.force_login(person)
    found = []
    for rows in (FEW, MANY):
        grow(origin, person, rows)
        place.classes.bulk_create(
            ClassGroup(facility=place, class_type="toddler", name=f"{rows}-{n}", capacity=10,
                       enrolled=5, updated_on=DAY)
            for n in range(rows)
        )  # fmt: skip
        place.certificates.bulk_create(
            Certificate(facility=place, material=f"m{rows}-{n}", source=source, valid_until=DAY)
            for n in range(rows)
        )  # fmt: skip
        place.risk_facts.bulk_create(
            RiskFact(facility=place, kind="concern", severity="minor", day=DAY)
            for _ in range(rows)
        )  # fmt: skip
        client.get(url)
        with CaptureQueriesContext(connection) as seen:
            page = client.get(url)
        assert f"{rows}-0" in page.content.decode()
        found.append(sum(not each["sql"].startswith(FRAME) for each in seen.captured_queries))
    few, many = found
    assert few == many <= LIMIT
