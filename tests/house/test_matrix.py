"""Every route × method × role × own/foreign object, against the hand-written table."""

from __future__ import annotations

import uuid

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from facilities import actions
from facilities.models import CannedText, Department, Transfer
from inspections import actions as visit_actions
from portal.core import exports, jobs, pages, saving, staffing
from portal.core.actors import Actor
from portal.core.backups import drill
from portal.core.files import store
from portal.core.models import (
    Attachment,
    Backup,
    Erasure,
    OfficialPaper,
    PackProposal,
    Publication,
    User,
)
from tests import makers as make
from tests import register
from tests.complaints import cases
from tests.complaints import makers as complaint_makers
from tests.evaluations.world import of_evaluations
from tests.evaluations.world_sides import of_sides
from tests.house.matrix import EVERYBODY, FOR_ALL, FOR_SIGNED_IN, MATRIX, ROLES
from tests.inspections import field_pages
from tests.inspections import pages as supervision

AT = make.AT
OWN, FOREIGN = "own", "foreign"
HEADED = ("anonymous", "left", "clerk", "operator")
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


@pytest.mark.parametrize("route", sorted(MATRIX))
def test_what_answers_get_answers_head(route):
    """RFC 9110 §9.1: every page that may be read may be asked for its head alone."""
    methods = set(ROUTES[route].policy.methods)
    assert methods in ({"GET", "HEAD"}, {"GET", "HEAD", "POST"}, {"POST"})


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
        self.waiting = []
        self.clients = {name: self._client(name) for name in EVERYBODY}

    def _client(self, name):
        client = Client()
        if name in self.people:
            client.force_login(self.people[name], backend="portal.core.accounts.SignedIn")
            client.get("/healthz")  # the session notes it; else each request does, and is undone
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
        if state in {"closure_draft", "closing"}:
            return self.closure(state, whose)
        if state == "draft":
            return make.complete_filing(owner, **ground)
        if state == "registered":
            return register.registered(owner, self.clerk, **ground)
        filing = make.submitted_filing(owner, **ground)
        if state == "submitted":
            return filing
        filing = actions.take_filing(filing, by=clerk, at=AT)
        if state == "in_review":
            actions.add_correction(filing, "premises", "", "示例", by=clerk, at=AT)
            return filing
        return self._decided(filing, state, clerk)

    def _decided(self, filing, state, clerk):
        """Proposed by the clerk, and declined by another person where that is asked for."""
        proposal = "decline" if state == "declined" else "register"
        filing = actions.propose_decision(filing, proposal, "示例", by=clerk, at=AT)
        if state == "declined":
            return actions.decline_filing(filing, "示例", by=Actor.person(make.approver()), at=AT)
        return filing

    def closure(self, state, whose):
        """The closure of a facility of its own: begun, or granted and waiting for its day."""
        owner = self.people["operator"] if whose == OWN else self.stranger
        facility = self._make("registered", whose).facility
        made = make.closure_filing(facility, sent=state == "closing")
        assert made.created_by == owner
        return make.granted(made) if state == "closing" else made

    def pause(self, route, whose):
        """A pause of a facility of its own: under way for the page that ends it."""
        state = "running" if "resume" in route else "planned"
        key = ("pause", state, whose)
        if key not in self.states:
            facility = self._make("registered", whose).facility
            self.states[key] = make.pause(facility, ahead=0 if state == "running" else 9)
        return self.states[key]

    def job(self, route, whose):
        """An export of the clerk's own or of another clerk, in the state its route is for."""
        owner = self.people["clerk"] if whose == OWN else self.clerk
        special = {"retry": "failed", "file": "done", "confirm": "waiting"}
        state = special.get(route.removeprefix("desk:job_"), "queued")
        key = ("job", state, whose)
        if key not in self.states:
            made = jobs.request("export", "导出机构档案", {}, by=Actor.person(owner), at=AT)
            made.state, made.error, made.rows = state, "示例" if state == "failed" else "", 1
            if state == "done":
                made.result_key, made.result_name = store.write(b"x"), "x.csv"
                made.params = {"name": "facilities", "format": "csv", "query": ""}
                made.report = {"ground": exports.ground_of(exports.named("facilities"), owner)}
            made.media_type = "text/csv"
            made.save()
            self.states[key] = made
        return self.states[key]

    def saved_view(self, whose):
        """A view of the handler's own or of another; shared with the auditors, who keep a list."""
        owner = self.people["handler"] if whose == OWN else complaint_makers.handler()
        key = ("saved view", whose)
        if key not in self.states:
            self.states[key] = saving.save_view(
                "desk:complaints", "超期的", "due=overdue", roles=["handler", "auditor"],
                is_shared=True, by=Actor.person(owner), at=AT,
            )  # fmt: skip
        return self.states[key]

    def _of_jobs(self, route, whose):
        if "desk:saved_view" in route:
            return {"id": self.saved_view(whose).pk}
        if "desk:job_" in route:
            return {"id": self.job(route, whose).pk}
        if route.startswith(("desk:import_", "desk:compare_")):
            return {"id": self.list_job(route, whose).pk}
        return {"name": "facilities"} if route == "desk:export" else {}

    def list_job(self, route, whose):
        """A list of facilities one of the clerks has uploaded, in the state its route is for."""
        owner = self.people["clerk"] if whose == OWN else self.clerk
        state = "waiting" if route == "desk:import_errors" else "done"
        key = (route.split("_")[0], state, whose)
        if key not in self.states:
            act = actions.start_import if "import" in route else actions.start_comparison
            made = act(make.national_list(faulty=1), "名单.xlsx", by=Actor.person(owner), at=AT)
            made.state, made.finished_at, made.rows = state, AT, 0
            made.report |= {"missing_here": [], "missing_there": [], "different": [], "same": 0}
            made.save()
            self.states[key] = made
        return self.states[key]

    def of_accounts(self, route, whose):
        """A colleague; a change of his roles: `own` the administrator's, `foreign` the approver's.

        An approver proposes recoveries alone, so both are such.
        """
        if not route.startswith(("desk:user", "desk:account_change")):
            return {}
        if ("colleague", whose) not in self.states:
            self.states["colleague", whose] = make.deputy(self.clerk)
        deputyship = self.states["colleague", whose]
        if "invite_again" in route:
            invited = {"username": f"new{whose}", "password": make_password(None)}
            return {"id": User.objects.get_or_create(display_name="新同事", defaults=invited)[0].pk}
        if "account_change" not in route:
            return {"id": deputyship.user_id, "assignment": deputyship.pk}
        if ("change", whose) not in self.states:
            by = self.people["sysadmin" if whose == OWN else "approver"]
            self.states["change", whose] = staffing.propose_recovery(
                deputyship.user, "示例", resets_factor=False, by=Actor.person(by), at=AT
            )
        return {"id": self.states["change", whose].pk}

    def merge(self, whose):
        """Two records that the matrix's clerk, or another, takes for one."""
        by = Actor.person(self.people["clerk"] if whose == OWN else self.clerk)
        if ("merge", whose) not in self.states:
            self.states["merge", whose] = actions.propose_merge(
                make.facility(), make.facility(), "示例", uuid.uuid4(), by=by, at=AT
            )
        return self.states["merge", whose]

    def lead(self, state, whose):
        """A hint of a place in the actor's community or in another."""
        key = ("lead", state, whose)
        if key not in self.states:
            slug = "longquan" if whose == OWN else "hubin"
            self.states[key] = make.lead(self.clerk, state, slug=slug)
        return self.states[key]

    def supervised(self, route, whose):
        """The plan, visit, finding, list or matter a page of supervision is about."""
        facility = self.filing("registered", whose).facility
        key = supervision.state_of(route)
        if (key, whose) not in self.states:
            self.states[key, whose] = supervision.made(key, facility)
        return self.states[key, whose]

    def on_the_phone(self, route, whose):
        """The visit a team carries out, or what the facility reads and answers."""
        facility = self.filing("registered", whose).facility
        key = field_pages.state_of(route)
        if (key, whose) not in self.states:
            team = [self.people[role] for role in ("inspector", "clerk", "community")]
            others = [make.user("inspector")]
            self.states[key, whose] = field_pages.made(
                key, facility, team if whose == OWN else others
            )
        return self.states[key, whose]

    def publication(self, whose):
        """A text about a facility that waits for the second person, with a hint in it."""
        key = ("publication", whose)
        if key not in self.states:
            facility = self.filing("registered", whose).facility
            self.states[key] = make.publication(self.clerk, facility, "幼儿王小明活动室")
        return self.states[key]

    def hold(self, route, client=None):
        """Let somebody anonymous hold what a step of a complaint is about; others hold nothing."""
        if route in cases.STEPS:
            key = ("held", route)
            if key not in self.states:
                self.states[key] = cases.held(route)
            (client or self.clients["anonymous"]).cookies.update(self.states[key])

    def url(self, route, state, whose):
        """The address of a route for an object of that state."""
        self.hold(route)
        filing = self.filing(state or "registered", whose)
        arguments = {
            "number": filing.number,
            "material": "business_licence",
            "section": "registration",
            "side": 640,
            "message": filing.pk,
        }
        arguments |= of_filing(route, filing)
        arguments |= self._of_jobs(route, whose)
        if ":pause" in route and "pause_new" not in route:
            arguments["id"] = self.pause(route, whose).pk
        arguments |= of_gate(self, route, whose)
        arguments |= of_complaints(self, route, whose)
        arguments |= of_statements(self, route, whose)
        arguments |= of_staff(route, filing)
        arguments |= of_members(route, filing)
        if route.startswith("desk:merge") and "new" not in route:
            arguments["id"] = self.merge(whose).pk
        arguments |= self.of_accounts(route, whose)
        if supervision.is_about_one(route):
            arguments |= supervision.named(self.supervised(route, whose))
        if field_pages.is_about_one(route):
            arguments |= field_pages.named(self.on_the_phone(route, whose))
        arguments |= of_evaluations(self, route, whose)
        arguments |= of_sides(self, route, whose)
        if route == "desk:phrase":
            arguments["id"] = CannedText.objects.exclude(shipped="").first().pk
        if route.startswith(ADMINISTRATION):
            arguments |= of_administration(self, route, whose)
        if "verify" in route:
            arguments["code"] = "0123456789ABCDEF"
        return reverse_with(route, arguments)


LEAD_STATES = {
    "desk:lead_guide": "verified", "desk:lead_transfer": "verified", "desk:lead_close": "verified",
    "desk:lead_publish": "verified", "desk:lead_reopen": "closed",
    "desk:transfer_acknowledge": "transferred", "desk:transfer_answer": "transferred",
}  # fmt: skip


def of_complaints(world, route, whose):
    """What a route about a case needs: a common one for `own`, one of the red lane for others."""
    if not route.startswith("desk:complaint"):
        return {}
    key = ("case", route, whose)
    if key not in world.states:
        world.states[key] = cases.for_route(world, route, red=whose != OWN)
    return world.states[key]


def of_gate(world, route, whose):
    """What a route about a hint, a letter or a publication needs."""
    if route.startswith(("desk:lead", "desk:transfer")):
        lead = world.lead(LEAD_STATES.get(route, "new"), whose)
        letter = Transfer.objects.of(lead).first()
        return {"number": lead.number, "id": letter.pk if letter else lead.pk}
    if route == "public:calendar_feed":
        owner = Actor.person(world.clerk)
        return {"secret": visit_actions.renew_calendar_address(by=owner, at=AT)}
    if route == "public:publication":
        return {"id": Publication.objects.ever_public().first().pk}
    if route.startswith("desk:publication"):
        made = world.publication(whose)
        return {"id": made.pk, "finding": made.findings[0]["key"]}
    return {}


def of_rights(world, by, whose):
    """A right that is asked to be taken from the clerks."""
    right = "filing.take" if whose == OWN else "filing.note"
    if ("right", whose) not in world.states:
        asker = by if whose == OWN else Actor.person(make.user("sysadmin"))
        asked = ("clerk", right, "take", "示例")
        world.states["right", whose] = staffing.rights.propose(*asked, by=asker, at=AT)
    pk = world.states["right", whose].pk
    return {"role": "clerk", "right": right, "kind": "take", "id": pk}


def of_administration(world, route, whose):
    """A day of the calendar, a pack, a proposed text, a copy and a drill."""
    found = {"day": "2026-10-01", "key": "filing", "name": "answer_working_days"}
    by = Actor.person(world.people["sysadmin"] if whose == OWN else world.clerk)
    if route.startswith("desk:pack_") and route.split("_")[1] in LAW_ACTS:
        if ("law", whose) not in world.states:
            key = "filing" if whose == OWN else "jobs"
            waiting = PackProposal.objects.filter(key=key, state="proposed").first()
            world.states["law", whose] = waiting or make.pack_proposal(key, by)
        found["id"] = world.states["law", whose].pk
    elif route.startswith("desk:department"):
        found["id"] = Department.objects.earliest("position").pk
    elif route.startswith("desk:erasure"):
        keeper = world.people["sysadmin"]
        plan = {"plan": [], "proposed_by": keeper, "proposed_at": AT}
        found["id"] = Erasure.objects.get_or_create(state="proposed", defaults=plan)[0].pk
    elif route.startswith(("desk:right_", "desk:role_rights")):
        found |= of_rights(world, by, whose)
    elif route.startswith("desk:backup_"):
        if "copy" not in world.states:
            world.states["copy"] = Backup.objects.create(day=AT.date(), made_at=AT, name="x.backup")
            keeper = Actor.person(world.people["sysadmin"])
            world.states["drill"] = drill.request(world.states["copy"], by=keeper, at=AT)
        found["id"] = world.states["copy" if "drill" in route else "drill"].pk
    return found


ADMINISTRATION = (
    "desk:department",
    "desk:erasure",
    "desk:holiday",
    "desk:pack",
    "desk:figure",
    "desk:backup_",
    "desk:right_",
    "desk:role_rights",
)
LAW_ACTS = {"proposal", "publish", "decline", "withdraw"}


def of_statements(world, route, whose):
    """A request to the actor's own facility or to another one, checked and sent."""
    if not route.startswith("my:statement_answer") and route != "my:statement":
        return {"id": uuid.uuid4()} if route == "complaints:evidence_remove" else {}
    key = ("statement", whose)
    if key not in world.states:
        facility = world.filing("registered", whose).facility
        world.states[key] = complaint_makers.released_statement(facility)
    return {"number": world.states[key].number}


def of_filing(route, filing):
    """What a route about a filing's own things needs: file, paper, correction, facility."""
    found = {}
    if "attachment" in route or "file_remove" in route:
        file = Attachment.objects.filter(noun_id__in=filing.certificates.values("pk")).first()
        found |= {"id": file.pk, "file": file.pk, "material": file.slot}
    elif "paper" in route:
        found["id"] = OfficialPaper.objects.get(noun_id=filing.pk).pk
    elif "message" in route:
        found["id"] = filing.pk
    if item := filing.corrections.first():
        found["item"] = item.pk
    if filing.facility:
        found["code"] = filing.facility.code
    return found


def of_staff(route, filing):
    """A person on the filing's list, and one on the facility's."""
    if "staff" not in route:
        return {}
    found = {"row": _first_on_the_list(filing), "token": filing.pk, "kind": "health"}
    if filing.facility:
        found["id"] = filing.facility.staff.earliest("id").pk
    return found


def _first_on_the_list(filing):
    """The id of the first person of the part "staff"."""
    return filing.sections.get(key="staff").answers["staff"][0]["id"]


def of_members(route, filing):
    """Somebody who asks to join the facility, an invitation of its manager, the manager himself."""
    name = route.split(":")[-1]
    if name == "join_answer":
        waiting = filing.facility.join_requests.filter(state="waiting").first()
        asked = waiting or filing.facility.join_requests.create(user=make.operator(), asked_at=AT)
        return {"id": asked.pk}
    if name == "invitation_end":
        owner = Actor.person(filing.facility.memberships.get().user)
        return {"id": actions.invite(filing.facility, "editor", by=owner, at=AT)[0].pk}
    return {"id": filing.facility.memberships.get().pk} if name == "member_change" else {}


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


def surprises(world, route, methods, sides=(OWN, FOREIGN), actors=EVERYBODY):
    row, found = MATRIX[route], []
    for whose in sides if row.is_object else (OWN,):
        url = world.url(route, row.state, whose)
        # What waits for a commit that never comes is looked through at every rollback. It is kept
        # here: a stored file goes when nothing holds its hook any more.
        world.waiting += connection.run_on_commit
        connection.run_on_commit.clear()
        for method in methods:
            for actor in actors:
                got = ask(world.clients[actor], method, url)
                want = expected(row, actor, whose, method)
                if route == "core:verify_code" and got == "hidden":
                    got = "ok"  # an unknown code is a page that says so, with status 404
                if route == "core:attachment_thumbnail" and got == "hidden" and want == "ok":
                    got = "ok"  # the papers of this world are PDFs, which have no thumbnail
                if got != want:
                    found.append(f"{method} {url} {actor} {whose}: {got}, not {want}")
    return found


# Shares of the table: tests that run side by side, each with a world of its own.
SHARES = 6


def share_of(number, routes):
    """Neighbours in the table share their objects, so a share is a run of it."""
    size = len(routes) / SHARES
    return routes[round(number * size) : round((number + 1) * size)]


def test_the_shares_are_the_whole():
    routes = sorted(MATRIX)
    assert [route for n in range(SHARES) for route in share_of(n, routes)] == routes


@pytest.mark.proves("sec:W1", "ux:30", "sec:G1")
@pytest.mark.lasting(4)
@pytest.mark.parametrize("share", range(SHARES))
def test_nobody_is_surprised(world, share, pytestconfig):
    """Whatever a request writes is undone after it; the long run asks with every method.

    HEAD runs the view as GET does, so some actors stand for the rest.
    """
    routes = share_of(share, sorted(MATRIX))
    found = [each for route in routes for each in surprises(world, route, ["GET", "POST"])]
    if pytestconfig.getoption("--full"):
        refused = ["PUT", "PATCH", "DELETE"]
        for route in routes:
            found += surprises(world, route, refused, (OWN,))
            found += surprises(world, route, ["HEAD"], (OWN,), HEADED)
    assert found == []


def test_account_pages(world):
    for route in sorted(FOR_ALL | FOR_SIGNED_IN):
        url = reverse(route, args=[1] if "remove" in route else None)
        wanted = {"ok", "login"} if route in FOR_ALL else {"login"}
        for actor in ("anonymous", "left"):
            assert ask(world.clients[actor], "GET", url) in wanted, (route, actor)
        assert ask(world.clients["clerk"], "GET", url) in {"ok", "hidden"}, route


# What reading may write, and why; nothing else.
WRITTEN_BY_READING = {
    "audit_event": "who opened protected data stands in the trail (R28)",
    "audit_head": "the newest line of the trail",
    "django_session": "what the next page will say, and the challenge of a key or authenticator",
}


def written():
    """How many rows of each table were written since the transaction began.

    The database counts them by itself: also those that were undone, or written as they were.
    """
    wrote = "n_tup_ins + n_tup_upd + n_tup_del"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT relname, {wrote} FROM pg_stat_xact_user_tables WHERE {wrote} > 0")
        return dict(cursor.fetchall())


def written_since(before):
    """The tables that were written to since then."""
    return {table for table, rows in written().items() if rows != before.get(table, 0)}


def test_a_row_that_is_written_is_counted_even_if_it_is_undone(world):
    before = written()
    person = User.objects.filter(pk=world.clerk.pk)
    with transaction.atomic():
        person.update(display_name=world.clerk.display_name)
        transaction.set_rollback(True)
    assert written_since(before) == {User._meta.db_table}


def written_by_reading(world, route, url, actors, *, also=()):
    """Who wrote by GET or HEAD to a table that reading leaves alone.

    HEAD runs the view as GET does, so the first and those of HEADED stand for the rest.
    """
    found = []
    for actor in actors:
        for method in ("GET", "HEAD") if actor in {actors[0], *HEADED} else ("GET",):
            before = written()
            ask(world.clients[actor], method, url)
            if tables := written_since(before).difference(WRITTEN_BY_READING, also):
                found.append(f"{method} {route} {actor}: {sorted(tables)}")
    return found


@pytest.mark.lasting(1)
@pytest.mark.proves("sec:W4")
@pytest.mark.parametrize("share", range(SHARES))
def test_reading_changes_nothing(world, share, pytestconfig):
    """GET and HEAD write no row of any table but those named above.

    One who may asks, in the long run all who may.
    """
    found, actors = [], None if pytestconfig.getoption("--full") else 1
    for route in share_of(share, sorted(MATRIX)):
        row = MATRIX[route]
        if "GET" in row.methods:
            url = world.url(route, row.state, OWN)
            world.waiting += connection.run_on_commit  # as in `surprises`
            connection.run_on_commit.clear()
            found += written_by_reading(world, route, url, row.ok[:actors])
    assert found == []


@pytest.mark.proves("sec:W4")
def test_reading_account_pages_changes_nothing(world):
    """Where tries are counted allauth takes a HEAD for one; its counters lie in the cache."""
    found = []
    for route in sorted(FOR_ALL | FOR_SIGNED_IN):
        url = reverse(route, args=[1] if "remove" in route else None)
        found += written_by_reading(
            world, route, url, ("anonymous", "clerk"), also={"portal_cache"}
        )
    assert found == []
