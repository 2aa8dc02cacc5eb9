"""How often each page asks the database: within its bound, and no more often for more rows.

Bounds: public pages 6, search and facility page 8, lists 12, all others 15 (R22). The frame of a
transaction (BEGIN, SET, SAVEPOINT) is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facilities import actions
from facilities.models import Facility, Filing
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.models import Attachment, OfficialPaper, User
from portal.core.roles import Role
from tests import makers
from tests.house.matrix import MATRIX

pytestmark = [pytest.mark.django_db, pytest.mark.proves("ux:36")]
FEW, MANY = 3, 15
FRAME = ("BEGIN", "COMMIT", "SET TRANSACTION", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")
PUBLIC, SEARCH, LIST, PAGE = 6, 8, 12, 15
LISTS = {
    "core:messages", "my:home", "my:documents", "desk:home", "desk:filings", "desk:facilities",
    "panel:home",
}  # fmt: skip
SEARCHED = {"public:facilities", "public:facility"}
# The review page shows what a dozen others show in part: answers and papers of two rounds,
# remarks, twins, corrections, papers sent, the timeline, neighbours in the list, an audit line.
HEAVY = {"desk:filing": 20}
CLASSES = ("toddler", "older", "infant")
# Answers that lead elsewhere, files, and lines for machines.
NO_PAGE = {
    "healthz", "readyz", "core:landing", "core:attachment", "core:attachment_thumbnail",
    "core:paper_pdf", "core:paper_png", "public:facility_short", "my:autosave",
    "my:certificate_autosave", "desk:correction_remove", "desk:filing_take",
}  # fmt: skip
ROUTES = sorted(
    name for name, row in MATRIX.items() if "GET" in row.methods and name not in NO_PAGE
)


def bound(route: str) -> int:
    """The most questions a page may ask."""
    if route in SEARCHED or route in HEAVY:
        return HEAVY.get(route, SEARCH)
    row = MATRIX[route]
    if route.startswith("public:") or (not row.is_object and "anonymous" in row.ok):
        return PUBLIC
    return LIST if route in LISTS else PAGE


@dataclass
class Street:
    """People, and `rows` of everything a page lists; `states` holds a filing of each state."""

    operator: User
    people: dict[str, User]
    states: dict[str, Filing] = field(default_factory=dict)
    rows: int = 0

    def grow(self, rows: int) -> None:
        """As many filings, facilities, papers and messages; classes, files, lines in the newest."""
        clerk, approver = Actor.person(self.people["clerk"]), Actor.person(self.people["approver"])
        for _ in range(self.rows, rows - 1):
            makers.submitted_filing(self.operator)
            done = self._proposed(makers.submitted_filing(self.operator), "register", clerk)
            actions.register_filing(done, by=approver, at=makers.AT)
        self.rows = rows
        self._newest(clerk, approver, many_classes(rows))
        outbox.drain(makers.AT)

    def _newest(self, clerk: Actor, approver: Actor, premises: dict[str, object]) -> None:
        """A filing of each state, the one under review and the draft with much in them."""
        at, me = makers.AT, Actor.person(self.operator)
        new = [makers.submitted_filing(self.operator, premises=premises) for _ in range(5)]
        review = actions.take_filing(new[1], by=clerk, at=at)
        asked = actions.take_filing(new[2], by=clerk, at=at)
        draft = makers.complete_filing(self.operator, premises=premises)
        for number in range(self.rows):
            actions.attach_file(draft, "business_licence", makers.pdf(), by=me, at=at)
            for filing in (review, asked):
                actions.add_correction(filing, "premises", "", f"示例{number}", by=clerk, at=at)
        proposed = self._proposed(new[4], "register", clerk)
        self.states = {
            "draft": draft,
            "submitted": new[0],
            "in_review": review,
            "correction": actions.request_correction(asked, by=clerk, at=at),
            "proposed": self._proposed(new[3], "register", clerk),
            "registered": actions.register_filing(proposed, by=approver, at=at),
            "declining": self._proposed(makers.submitted_filing(), "decline", clerk),
        }

    @staticmethod
    def _proposed(filing: Filing, proposal: str, clerk: Actor) -> Filing:
        taken = actions.take_filing(filing, by=clerk, at=makers.AT)
        return actions.propose_decision(taken, proposal, "示例", by=clerk, at=makers.AT)

    def url(self, route: str) -> str:
        """The address, for the newest object in the state of the table."""
        state = "declining" if route == "desk:decline" else MATRIX[route].state or "registered"
        filing = self.states[state]
        filing.refresh_from_db()
        known = {
            "number": filing.number, "material": "business_licence",
            "code": filing.facility.code if filing.facility else "",
        }  # fmt: skip
        if route == "core:paper":
            known["id"] = OfficialPaper.objects.get(noun_id=filing.pk).pk
        elif route == "core:verify_code":
            known["code"] = OfficialPaper.objects.latest("issued_at").verify_code
        elif route == "my:certificate_file_remove":
            file = Attachment.objects.filter(noun_id__in=filing.certificates.values("pk")).first()
            assert file
            known |= {"file": file.pk, "material": file.slot}
        for names in ([], ["number"], ["code"], ["id"], ["number", "material"],
                      ["number", "material", "file"]):  # fmt: skip
            try:
                return reverse(route, kwargs={name: known[name] for name in names})
            except Exception:  # noqa: BLE001 - the next set of names
                continue
        raise AssertionError(route)

    def viewer(self, route: str) -> User | None:
        """Somebody who may."""
        ok = MATRIX[route].ok
        if "anonymous" in ok:
            return None
        role = next(r for r in ("operator", "clerk", "approver", *ok) if r in ok)
        return self.operator if role == "operator" else self.people[role]

    def asked(self, route: str) -> list[str]:
        """The questions of one opening of the page, the connection and caches being warm."""
        client = Client()
        if person := self.viewer(route):
            client.force_login(person)
        url = self.url(route)
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


@pytest.fixture
def street(monkeypatch: pytest.MonkeyPatch) -> Street:
    monkeypatch.setattr(clock, "now", lambda: makers.AT)
    people = {role: makers.user(role) for role in (Role.CLERK, Role.APPROVER, Role.EVALUATOR)}
    return Street(makers.operator(), {str(role): user for role, user in people.items()})


def test_every_page_asks_little_and_no_more_for_more_rows(street: Street) -> None:
    street.grow(FEW)
    few = {route: street.asked(route) for route in ROUTES}
    street.grow(MANY)
    many = {route: street.asked(route) for route in ROUTES}
    assert Facility.objects.count() == MANY
    over = {
        route: f"{len(many[route])} > {bound(route)}"
        for route in ROUTES
        if len(many[route]) > bound(route)
    }
    grown = {
        route: f"{len(few[route])} → {len(many[route])}"
        for route in ROUTES
        if len(few[route]) != len(many[route])
    }
    assert (over, grown) == ({}, {})
