"""How often each page asks the database: within its bound, and no more often for more rows.

Bounds: public pages 6, search and facility page 8, lists 12, all others 15 (R22); a case printed
whole 20, since it is three pages in one. The frame of a transaction (BEGIN, SET, SAVEPOINT) is not
counted.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facilities import actions
from facilities.models import Facility, Filing, Lead
from facilities.models.choices import MemberRole
from portal.core import clock, jobs, outbox, publishing
from portal.core.actors import Actor
from portal.core.models import Backup, Job, OfficialPaper, Outbox, User
from tests import makers
from tests.complaints import cases
from tests.house.accounts import STANDING, Accounts, Key
from tests.house.matrix import MATRIX, ROLES, STAFF
from tests.house.test_matrix import OWN, World
from tests.journeys import waiting

pytestmark = [pytest.mark.django_db, pytest.mark.proves("ux:36")]
FEW, MANY = 3, 9
SHARES = 3
FRAME = ("BEGIN", "COMMIT", "SET TRANSACTION", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")
PUBLIC, SEARCH, LIST, PAGE, WHOLE = 6, 8, 12, 15, 20
LISTS = {
    "core:messages", "core:undelivered", "my:documents", "my:expiries", "my:members",
    "my:staff_ledger", "desk:home", "desk:filings", "desk:facilities", "desk:expiries",
    "desk:jobs", "desk:phrases", "desk:departments", "desk:leads",
    "desk:disclosure", "desk:disclosure_log", "desk:import", "desk:compare", "panel:home",
    "desk:backups", "desk:sent", "desk:audit", "desk:holidays", "desk:regulation",
    "desk:numbering", "desk:erasures",
    "desk:plans", "desk:inspections", "desk:not_visited", "desk:findings", "desk:handed_over",
    "desk:checklists", "desk:delegated", "desk:risks", "desk:field", "my:inspections",
    "desk:self_checks", "my:findings", "my:self_checks",
    "my:evaluations",
    "desk:evaluations", "desk:evaluators", "desk:indicators", "desk:complaints",
}  # fmt: skip
SEARCHED = {"public:facilities", "public:facility"}
CLASSES = ("toddler", "older", "infant")
# Answers that lead elsewhere, files, and lines for machines.
NO_PAGE = {
    "my:join_answer", "desk:join_answer",
    "healthz", "readyz", "metrics", "core:landing", "core:attachment", "core:attachment_thumbnail",
    "core:paper_pdf", "core:paper_png", "public:facility_short", "public:robots",
    "public:sitemap_xml", "my:autosave", "my:staff_person_autosave", "my:staff_template",
    "my:certificate_autosave", "desk:correction_remove", "desk:filing_take",
    "desk:import_template", "desk:import_errors", "desk:job_confirm",
    "desk:compare_take", "desk:compare_leads", "desk:job_cancel", "desk:job_retry",
    "desk:pack_file", "desk:pack_publish", "desk:pack_withdraw",
    "desk:erasure_approve", "desk:erasure_withdraw",
    "desk:statutory_remind", "desk:statutory_told", "desk:merge_withdraw",
    "desk:findings_remind", "desk:inspections_ics", "my:inspection_acknowledge",
    "public:calendar_feed",
    "panel:autosave", "my:self_autosave",
    "desk:indicator_template", "desk:complaint_orders_template", "desk:complaint_orders_errors",
    "desk:complaint_pdf",
    "complaints:receipt", "complaints:evidence_remove", "complaints:leave",
}  # fmt: skip
TABS = ("registration", "services", "staff", "certificates", "papers", "history", "changes")
# One route, several pages: what the address adds. The others are asked for as they are.
ADDS: dict[str, tuple[str, ...]] = {
    "desk:facility": ("", *(f"?tab={tab}" for tab in TABS)),
    "desk:filings_bulk": ("?act=remind&all=1", "?act=assign&all=1"),
    "desk:complaint_view_new": ("?category=C8",),
    "desk:complaints_bulk": ("?act=remind&all=1", "?act=assign&all=1"),
    "desk:expiries": ("", "?state=soon", "?state=overdue", "?month=2026-12"),
    "desk:verdict": ("?target=premises",),  # without it, back to the filing
    "my:change_new": ("", "?tile=manager"),
    "public:facilities": ("", "?q=太阳"),
    "desk:filings": ("", "?q=太阳", "?tab=all"),
    "desk:leads": ("", "?state="),
    "desk:disclosure": ("", "?state=published", "?state=all"),
    "desk:complaints": ("", "?state=received", "?state=every"),
    "my:findings": ("", "?state=all"),
    "desk:complaint": ("", "?tab=work", "?tab=people"),
    "desk:evaluation_result": ("", "?tab=process", "?tab=versions"),
    "desk:compare_job": ("", "?part=missing_there", "?part=different"),
}
# The same page about a filing in other states than the one of the table.
BESIDES: dict[str, tuple[str, ...]] = {
    "desk:filing": ("in_review", "correction", "proposed", "registered"),
    "my:filing": ("submitted", "in_review", "correction", "proposed", "registered"),
    "my:premises": ("correction",),
}
PAGES = sorted(
    [
        *(
            (name, more)
            for name, row in MATRIX.items()
            if "GET" in row.methods and name not in NO_PAGE
            for more in ADDS.get(name, ("",))
        ),
        *((f"{name} {state}", "") for name, states in BESIDES.items() for state in states),
    ]
)


def words_of(page: str) -> tuple[str, str, str]:
    """The route of a page, the role that looks and the state, where they are not the usual ones."""
    route, _, word = page.partition(" ")
    return route, word if word in ROLES else "", "" if word in ROLES else word


def bound(page: str) -> int:
    """The most questions a page may ask."""
    route, _role, _state = words_of(page)
    if route in SEARCHED:
        return SEARCH
    row = MATRIX[route]
    if route.startswith("public:") or (not row.is_object and "anonymous" in row.ok):
        return PUBLIC
    if route == "desk:complaint_print":
        return WHOLE
    return LIST if route in LISTS else PAGE


class Street(World):
    """The people and objects of the permission table, with `rows` of everything a page lists."""

    rows = 0

    def grow(self, rows: int) -> None:
        """As many filings, facilities, papers, hints, jobs, letters; much in the newest of each."""
        clerk = Actor.person(self.people["clerk"])
        for number in range(self.rows, rows - 1):
            makers.submitted_filing(self.people["operator"])
            self._registered(makers.submitted_filing(self.people["operator"], staff=ending(1)))
            self._named_place(number)
            jobs.request("export", "导出机构档案", {}, by=clerk, at=makers.AT)
            for act in (actions.start_import, actions.start_comparison):
                act(makers.national_list(), "名单.xlsx", by=clerk, at=makers.AT)
            self._given_up_letter(number)
            self._department(number, clerk)
            Backup.objects.create(day=makers.AT.date(), made_at=makers.AT, name=f"{number}")
        self.rows = rows
        makers.publication(self.people["clerk"], makers.facility())
        self._newest(clerk)
        outbox.drain(makers.AT)

    def _newest(self, clerk: Actor) -> None:
        """A filing of each state, the one under review and the draft with much in them."""
        at, owner = makers.AT, self.people["operator"]
        much = {"premises": many_classes(self.rows), "staff": ending(self.rows)}
        new = [makers.submitted_filing(owner, **much) for _ in range(5)]
        review = actions.take_filing(new[1], by=clerk, at=at)
        asked = actions.take_filing(new[2], by=clerk, at=at)
        draft = makers.complete_filing(owner, **much)
        for number in range(self.rows):
            actions.attach_file(
                draft, "business_licence", makers.pdf(), by=Actor.person(owner), at=at
            )
            for filing in (review, asked):
                actions.add_correction(filing, "premises", "", f"示例{number}", by=clerk, at=at)
        registered = self._registered(new[4])
        self._life_of(registered.facility)
        self.states = {
            ("draft", OWN): draft,
            ("submitted", OWN): new[0],
            ("in_review", OWN): review,
            ("correction", OWN): actions.request_correction(asked, by=clerk, at=at),
            ("proposed", OWN): self._proposed(new[3], "register"),
            ("registered", OWN): registered,
            ("declining", OWN): self._proposed(makers.submitted_filing(), "decline"),
        }

    def _proposed(self, filing: Filing, proposal: str) -> Filing:
        clerk = Actor.person(self.people["clerk"])
        taken = actions.take_filing(filing, by=clerk, at=makers.AT)
        return actions.propose_decision(taken, proposal, "示例", by=clerk, at=makers.AT)

    def _registered(self, filing: Filing) -> Filing:
        approver = Actor.person(self.people["approver"])
        return actions.register_filing(
            self._proposed(filing, "register"), by=approver, at=makers.AT
        )

    def _life_of(self, facility: Facility | None) -> None:
        """Members, people who ask, codes, and children counted again and again."""
        assert facility
        owner = Actor.person(self.people["operator"])
        group = facility.classes.first()
        for number in range(self.rows):
            joined = makers.operator()
            facility.memberships.create(user=joined, role=MemberRole.EDITOR, since=makers.AT.date())
            facility.join_requests.create(user=makers.operator(), asked_at=makers.AT)
            counted = {str(group.pk): number % 5}
            actions.update_enrolment(facility, counted, by=owner, at=makers.AT)
        actions.invite(facility, MemberRole.EDITOR, by=owner, at=makers.AT)

    def _department(self, number: int, clerk: Actor) -> None:
        """One more of them, with a matter that follows another."""
        day = makers.AT.date()
        made = actions.add_department(f"示例局{number}", "示例", day, by=clerk, at=makers.AT)
        later = day + dt.timedelta(days=9)
        actions.change_matter(made, "别的", later, by=clerk, at=makers.AT)

    def _named_place(self, number: int) -> None:
        """A hint that waits, and a place named in public by two persons."""
        clerk = self.people["clerk"]
        makers.lead(clerk)
        lead = makers.lead(clerk, "verified")
        made = actions.propose_unregistered(lead, by=Actor.person(clerk), at=makers.AT)
        for found in made.standing_findings:
            made = publishing.put_aside(
                made, found["key"], "示例", by=Actor.person(self.people["approver"]), at=makers.AT
            )
        publishing.publish(made, by=Actor.person(self.people["approver"]), at=makers.AT)
        assert Lead.objects.filter(pk=lead.pk).exists(), number

    def _given_up_letter(self, number: int) -> None:
        Outbox.objects.create(
            kind="email",
            dedup_key=f"示例{number}",
            payload={"to": str(makers.operator().pk), "message": str(uuid.uuid4())},
            due_at=makers.AT,
            failed_at=makers.AT,
            last_error="示例",
        )

    def list_job(self, route: str, whose: str) -> Job:
        """A list with as many sound and as many faulty rows, checked or compared by a worker."""
        waits = route == "desk:import_job"
        is_import = "import" in route
        key = ("list", is_import, waits, self.rows)
        if key not in self.states:
            by, at = Actor.person(self.people["clerk"]), makers.AT
            listed = makers.national_rows(self.rows * 2)
            if not is_import:
                for row, known in zip(listed, Facility.objects.order_by("-id"), strict=False):
                    row["uscc"] = known.uscc
            content = makers.national_list(listed, faulty=self.rows)
            act = actions.start_import if is_import else actions.start_comparison
            made = act(content, "名单.xlsx", by=by, at=at)
            if is_import and not waits:
                jobs.confirm(made, by=by, at=at)
            jobs.work(at, limit=1000)
            made.refresh_from_db()
            self.states[key] = made
        return self.states[key]

    def address(self, page: str, more: str) -> str:
        """The address, for the newest object in the state of the page or else of the table."""
        route, _role, state = words_of(page)
        if not state:
            state = "declining" if route == "desk:decline" else MATRIX[route].state
        filing = self.filing(state or "registered", OWN)
        filing.refresh_from_db()
        if route == "core:verify_code":
            paper = OfficialPaper.objects.latest("issued_at")
            return reverse(route, args=[paper.verify_code])
        return self.url(route, state, OWN) + more

    def viewer(self, page: str) -> User | None:
        """Somebody who may."""
        route, role, _state = words_of(page)
        ok = MATRIX[route].ok
        if role:
            return self.people[role]
        if "anonymous" in ok:
            return None
        role = next(r for r in ("operator", "clerk", "approver", *ok) if r in ok)
        return self.people[role]

    def asked(self, page: tuple[str, str]) -> list[str]:
        """The questions of one opening of the page, the connection and caches being warm."""
        client, (name, more) = Client(), page
        if person := self.viewer(name):
            client.force_login(person, backend="portal.core.accounts.SignedIn")
        url = self.address(name, more)
        self.hold(words_of(name)[0], client)
        client.get(url)
        with CaptureQueriesContext(connection) as seen:
            response = client.get(url)
        assert response.status_code == 200, (url, response.status_code)
        return [q["sql"] for q in seen.captured_queries if not q["sql"].startswith(FRAME)]


def many_classes(rows: int) -> dict[str, object]:
    """As many classes as rows."""
    return {
        "classes": [
            {"class_type": CLASSES[n % 3], "name": f"{n}班", "capacity": 10, "enrolled": 5}
            for n in range(rows)
        ]
    }


def ending(rows: int) -> dict[str, Any]:
    """As many people, each with a health certificate that soon ends."""
    soon = (makers.AT.date() + dt.timedelta(days=20)).isoformat()
    people = [makers.staff_person(f"示例{n}", health_until=soon) for n in range(rows)]
    return {
        "staff": [
            {**person, "id": str(uuid.uuid4()), "version": 1, "identity_key": uuid.uuid4().hex}
            for person in people
        ]
    }


@pytest.fixture
def street(monkeypatch: pytest.MonkeyPatch) -> Street:
    monkeypatch.setattr(clock, "now", lambda: makers.AT)
    return Street()


@pytest.mark.lasting(5)
@pytest.mark.parametrize("share", range(SHARES))
def test_every_page_asks_little_and_no_more_for_more_rows(street: Street, share: int) -> None:
    """Shares of the pages, so that workers divide them."""
    pages = PAGES[share::SHARES]
    street.grow(FEW)
    few = {page: street.asked(page) for page in pages}
    street.grow(MANY)
    many = {page: street.asked(page) for page in pages}
    assert Facility.objects.count() >= MANY
    over = {
        page: f"{len(many[page])} > {bound(page[0])}"
        for page in pages
        if len(many[page]) > bound(page[0])
    }
    grown = {
        page: f"{len(few[page])} → {len(many[page])}"
        for page in pages
        if len(few[page]) < len(many[page])
    }
    assert (over, grown) == ({}, {})


# Before anybody is known a page asks as little as a public one.
UNKNOWN = {"visitor", "half_way"}
MANY_KEYS = 5


def test_pages_of_accounts_ask_little_and_no_more_for_more_keys(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Signing in, password, second factor: allauth's pages, each with somebody before it."""
    monkeypatch.setattr(clock, "now", lambda: makers.AT)
    accounts = Accounts()
    few = {route: asked_by(accounts, route) for route in STANDING}
    for _ in range(MANY_KEYS):
        Key().give(accounts.people["guarded"])
    many = {route: asked_by(accounts, route) for route in STANDING}
    most = {route: PUBLIC if who in UNKNOWN else PAGE for route, who in STANDING.items()}
    over = {route: f"{n} > {most[route]}" for route, n in many.items() if n > most[route]}
    grown = {route: f"{few[route]} → {n}" for route, n in many.items() if n > few[route]}
    assert (over, grown) == ({}, {})


def asked_by(accounts: Accounts, route: str) -> int:
    """How many questions one opening of the page asks, the caches being warm."""
    client, url = accounts.client(route), accounts.url(route)
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        response = client.get(url)
    assert response.status_code == 200, (url, response.status_code)
    return sum(not query["sql"].startswith(FRAME) for query in seen.captured_queries)


# Where what waits for somebody's hand is drawn, and the pages of a case with much in it.
AT_HAND = [
    *((f"desk:home {role}", "") for role in STAFF),
    *(("desk:complaint handler", tab) for tab in ("", "?tab=work", "?tab=people")),
    ("desk:complaint_print handler", ""),
    ("desk:complaints handler", ""),
    ("desk:complaints red_lane", "?state=received"),
    ("desk:inspections inspector", ""),
    ("desk:findings approver", ""),
]


@pytest.mark.lasting(2)
def test_what_waits_for_each_role_asks_no_more_for_more_rows(street: Street) -> None:
    """Visits, findings, merges, alarms, replies to approve: as each official finds them."""
    asked, shown = [], []  # by page the questions, by role the verbs of its tasks
    for rows in (2, 4):
        waiting.grow(street, rows)
        cases.grow(street, rows)
        asked.append({page: street.asked(page) for page in AT_HAND})
        shown.append({role: at_hand(street, role) for role in waiting.WORKING})
    few, many = asked
    over = {page: len(sql) for page, sql in many.items() if len(sql) > bound(page[0])}
    grown = {
        page: f"{len(few[page])} → {len(many[page])}"
        for page in AT_HAND
        if len(few[page]) < len(many[page])
    }
    assert (over, grown) == ({}, {})
    assert [role for role in waiting.WORKING if len(shown[0][role]) >= len(shown[1][role])] == []
    assert {role: set(verbs) for role, verbs in shown[1].items()} == waiting.VERBS


def at_hand(street: Street, role: str) -> list[str]:
    """The verbs of all tasks the role finds at home, each of which leads to a page."""
    client = Client()
    client.force_login(street.people[role], backend="portal.core.accounts.SignedIn")
    groups = client.get(reverse("desk:home")).context["groups"]
    tasks = {task.verb: task for group in groups for task in group.tasks}
    assert [task.url for task in tasks.values() if client.get(task.url).status_code != 200] == []
    return [task.verb for group in groups for task in group.tasks]
