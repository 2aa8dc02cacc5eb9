"""What supervision costs with 1,000 visits and 10,000 findings, against 100 and 1,000.

    ./test benchmarks/inspections.py -s
    BENCH_VISITS=5000 ./test benchmarks/inspections.py -s

Run through pytest for the sake of its database. Prints for each list and task list the questions
and the milliseconds of the processor at both sizes (the best of fifteen: other work on the machine
disturbs it least), with the ratio of the times; then the pages of one visit at both sizes, by the
clock on the wall, so that the time PostgreSQL takes counts too: the middle of fifteen and the best,
with the ratio of the large number to the small, and of all that to the processor's part; then what
the escalation of late findings asks when all have been told already. Goals: as many questions for
the large number as for the small, the page of a visit within 100 ms by the best of both clocks, and
no question for a finding about which nothing is due.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import pytest
from django.db import connection
from django.template import Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facilities.models import Facility, StatutoryFiling
from inspections import tasks
from inspections.models import Finding, Inspection, InspectionMember
from inspections.queries import visits
from portal.core import clock
from portal.core.models import User
from tests import makers
from tests.inspections import makers as own

LARGE = int(os.environ.get("BENCH_VISITS", "1000"))
SMALL, EACH, PLACES = LARGE // 10, 10, 50
ROUNDS, MOST_MS, MOST_AGAIN = 15, 100.0, 5
FRAME = ("BEGIN", "COMMIT", "SET TRANSACTION", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")
AT, DAY = own.AT, own.DAY
STATES = ("planned", "assigned", "completed", "completed", "completed")
FINDINGS = ("open", "in_progress", "reported", "returned", "closed", "disputed")
GRADES = ("major", "minor", "critical")
LISTS = (
    ("clerk", "desk:inspections", ""),
    ("clerk", "desk:inspections", "?tab=all"),
    ("clerk", "desk:inspections_calendar", ""),
    ("clerk", "desk:not_visited", ""),
    ("clerk", "desk:findings", ""),
    ("clerk", "desk:findings", "?state=reported"),
    ("clerk", "desk:findings_board", ""),
    ("clerk", "desk:handed_over", ""),
    ("clerk", "desk:risks", ""),
    ("clerk", "desk:home", ""),
    ("approver", "desk:home", ""),
    ("inspector", "desk:home", ""),
    ("inspector", "desk:field", ""),
    ("inspector", "desk:inspections_ics", ""),
    ("operator", "my:home", ""),
    ("operator", "my:inspections", ""),
    ("operator", "my:findings", ""),
)


class Street:
    """Fifty facilities, four people, and as many visits and findings as asked for."""

    def __init__(self) -> None:
        model = own.facility()
        self.people = {
            "clerk": makers.clerk(),
            "approver": makers.approver(),
            "inspector": own.inspector(),
            "operator": own.member_of(model),
        }
        self.places = [model, *_places()]
        self.list = own.checklist()
        self.visits = 0

    def grow(self, visits_in_all: int) -> None:
        """Written directly: their life through the acts is measured elsewhere."""
        made = Inspection.objects.bulk_create(
            self._visit(n) for n in range(self.visits, visits_in_all)
        )
        InspectionMember.objects.bulk_create(
            InspectionMember(inspection=each, user=self.people["inspector"])
            for each in made
            if each.state != "planned"
        )
        done = [each for each in made if each.state == "completed"]
        first = self.visits * EACH
        Finding.objects.bulk_create(
            self._finding(first + n, done[n % len(done)]) for n in range(len(made) * EACH)
        )
        self.visits = visits_in_all
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE inspections_inspection, inspections_finding")

    def _visit(self, n: int) -> Inspection:
        state = STATES[n % len(STATES)]
        day = DAY - dt.timedelta(days=n % 300) if state == "completed" else DAY
        done = {"completed_on": day, "completed_at": AT, "result": "rectify", "access": "granted"}
        return Inspection(
            number=f"B-{n}",
            kind="visit",
            selection="planned",
            state=state,
            facility=self.places[n % PLACES],
            checklist=self.list,
            planned_on=day,
            due_on=day,
            created_at=AT,
            **(done if state == "completed" else {}),
        )

    def _finding(self, n: int, visit: Inspection) -> Finding:
        state = FINDINGS[n % len(FINDINGS)]
        due = DAY + dt.timedelta(days=n % 40 - 20)
        return Finding(
            number=f"B-{n}",
            state=state,
            inspection=visit,
            facility=visit.facility,
            text=f"示例{n}",
            severity=GRADES[n // len(FINDINGS) % len(GRADES)],
            due_on=due,
            first_due_on=due,
            issued_on=DAY - dt.timedelta(days=20),
            found_by=self.people["inspector"],
            found_at=AT,
            escalation=3,
            closed_on=DAY if state == "closed" else None,
            recheck_due_on=DAY if state == "reported" else None,
        )


def _places() -> list[Facility]:
    longquan = makers.community()
    made = Facility.objects.bulk_create(
        Facility(
            code=f"B-{n}", name=f"托育园{n}", uscc=f"B{n}", facility_type="independent",
            legal_form="for_profit", operating_model="private", community=longquan,
            address="示例", facts_on=DAY, public_phone="示例", registered_on=DAY, tenure="leased",
        )
        for n in range(1, PLACES)
    )  # fmt: skip
    StatutoryFiling.objects.bulk_create(StatutoryFiling(facility=each) for each in made)
    return made


def client_of(person: User) -> Client:
    """Somebody who is signed in."""
    client = Client()
    client.force_login(person, backend="portal.core.accounts.SignedIn")
    return client


def questions(act: Callable[[], object]) -> int:
    """What it asks, without the frame of its transactions."""
    with CaptureQueriesContext(connection) as asked:
        act()
    return sum(not query["sql"].startswith(FRAME) for query in asked.captured_queries)


@dataclass(frozen=True)
class Cost:
    """What one page costs: questions, and milliseconds by the processor and by the wall."""

    asked: int
    processor: float
    wall: float  # the best: what the page takes when nothing else runs
    usual: float  # the middle of all rounds


def page(client: Client, address: str) -> Cost:
    """Ask for the page again and again."""

    def get() -> tuple[float, float]:
        wall, processor = time.perf_counter(), time.process_time()
        status = client.get(address).status_code
        took = time.process_time() - processor, time.perf_counter() - wall
        require(holds=status == 200)
        return took[0] * 1000, took[1] * 1000

    get()
    asked = questions(get)
    with as_served():
        rounds = [get() for _ in range(ROUNDS)]
    walls = [wall for _processor, wall in rounds]
    return Cost(asked, min(each for each, _wall in rounds), min(walls), median(walls))


@contextmanager
def as_served() -> Generator[None, None, None]:
    """Templates as a server renders them: a test's own copy every context at every include."""
    tested = Template._render  # noqa: SLF001 - what Django's tests put in and take out
    Template._render = lambda self, context: self.nodelist.render(context)  # noqa: SLF001
    try:
        yield
    finally:
        Template._render = tested  # noqa: SLF001


def require(*, holds: bool) -> None:
    """A goal that is missed ends the run."""
    if not holds:
        raise RuntimeError("a goal of the benchmark is missed")


def lists(people: dict[str, User]) -> Iterator[tuple[str, Cost]]:
    """Every list as the person sees it who works with it."""
    for who, name, more in LISTS:
        yield f"{who} {name}{more}", page(client_of(people[who]), reverse(name) + more)


def visit_pages() -> dict[str, Cost]:
    """A visit half carried out, with two failures, as its team sees it; and the office's page."""
    visit = own.on_site(own.inspector(), own.inspector())
    by = own.actor(own.lead_of(visit))
    own.answered(visit, "ZH-07", "ZH-09")
    require(holds=visits.items_of(visit)[0].code == "ZH-01" and by.user is not None)
    client = client_of(own.lead_of(visit))
    names = ("desk:field_check", "desk:field_finish", "desk:inspection")
    return {name: page(client, reverse(name, args=[visit.number])) for name in names}


def say(words: str) -> None:
    """A line of the report."""
    print(words)  # noqa: T201 - what a benchmark is for


@pytest.mark.django_db
def test_many_visits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print both sizes; questions do not grow, and the page of a visit keeps its limit."""
    monkeypatch.setattr(clock, "now", lambda: AT)
    street = Street()
    found, pages = {}, {}
    for size in (SMALL, LARGE):
        street.grow(size)
        found[size] = dict(lists(street.people))
        pages[size] = visit_pages()
    say(f"\n{SMALL} and {LARGE} visits, {SMALL * EACH} and {LARGE * EACH} findings")
    grown = []
    for name, large in found[LARGE].items():
        small = found[SMALL][name]
        grown += [name] if large.asked != small.asked else []
        say(
            f"{name:40} {small.asked:3} {large.asked:3} questions"
            f" {small.processor:7.1f} {large.processor:7.1f} ms"
            f" {large.processor / small.processor:5.2f}"
        )
    say("one visit, by the clock on the wall with PostgreSQL: best, usual, ratios")
    for name, large in pages[LARGE].items():
        small = pages[SMALL][name]
        grown += [name] if large.asked != small.asked else []
        say(
            f"{name:40} {large.asked:7} questions {large.wall:7.1f} {large.usual:7.1f} ms"
            f"  large to small {large.wall / small.wall:5.2f}"
            f"  wall to processor {large.wall / large.processor:5.2f}"
        )
    again = questions(lambda: tasks.escalate_findings(AT))
    say(f"{'late, all told already':40} {again:7} questions")
    require(holds=not grown and again <= MOST_AGAIN)
    check = pages[LARGE]["desk:field_check"]
    require(holds=max(check.wall, check.processor) <= MOST_MS)
