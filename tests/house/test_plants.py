"""The table of rights, the bounds of questions and the run of every form see a planted fault.

The faults are middleware of a moment: they stand before a real page and let somebody in, turn him
away, write, ask the database more than the page does, or break when a form is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseForbidden
from django.urls import get_resolver, path, reverse

from facilities.models import Facility, Filing
from portal.core import clock, pages
from tests import makers as make
from tests.house import test_every_form as every_form
from tests.house import test_matrix as rights
from tests.journeys import test_query_counts as counts

Answer = Callable[[HttpRequest], HttpResponseBase]
HOME = "public:home"
ACTORS = ("anonymous", "operator", "clerk")


# --- what is planted ----------------------------------------------------------------------------


def lets_everybody_in(get_response: Answer) -> Answer:
    return lambda request: HttpResponse()


def turns_everybody_away(get_response: Answer) -> Answer:
    return lambda request: HttpResponseForbidden()


def writes_when_read(get_response: Answer) -> Answer:
    def answer(request: HttpRequest) -> HttpResponseBase:
        Filing.objects.update(round=F("round"))
        return get_response(request)

    return answer


def asks_for_every_row(get_response: Answer) -> Answer:
    def answer(request: HttpRequest) -> HttpResponseBase:
        for facility in Facility.objects.all():
            facility.refresh_from_db()
        return get_response(request)

    return answer


def asks_too_much(get_response: Answer) -> Answer:
    def answer(request: HttpRequest) -> HttpResponseBase:
        for _ in range(counts.PAGE):
            Facility.objects.exists()
        return get_response(request)

    return answer


def breaks_when_sent(get_response: Answer) -> Answer:
    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST":
            raise RuntimeError("planted")
        return get_response(request)

    return answer


def answers_in_words_of_django(get_response: Answer) -> Answer:
    def answer(request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST":
            return HttpResponse("<p>Enter a whole number.</p>")
        return get_response(request)

    return answer


@pytest.fixture
def plant(settings: Any) -> Callable[[Answer], None]:
    """Put a fault before every page; clients that come after it meet it."""

    def add(fault: Callable[[Answer], Answer]) -> None:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.{fault.__name__}"]

    return add


# --- the routes and their table -----------------------------------------------------------------


def unguarded(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def headless(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


headless.policy = pages.Policy("public", methods=("GET",))


@pytest.fixture
def planted_routes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two routes more: one without a policy, one whose policy leaves HEAD out."""
    more = [path("planted/", unguarded, name="unguarded"), path("x/", headless, name="headless")]
    found = dict(rights.walk([*get_resolver().url_patterns, *more]))
    monkeypatch.setattr(rights, "ROUTES", found)


@pytest.mark.usefixtures("planted_routes")
def test_a_route_missing_in_the_table_is_caught() -> None:
    with pytest.raises(AssertionError, match="unguarded"):
        rights.test_the_table_names_every_route_and_no_other()


@pytest.mark.usefixtures("planted_routes")
def test_a_view_without_its_policy_or_its_head_is_caught() -> None:
    with pytest.raises(AssertionError, match="unguarded"):
        rights.test_every_view_declares_its_policy("unguarded")
    with pytest.raises(AssertionError, match="GET"):
        rights.test_what_answers_get_answers_head("headless")


def test_a_line_missing_in_the_table_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(rights.MATRIX, HOME)
    with pytest.raises(AssertionError, match=HOME):
        rights.test_the_table_names_every_route_and_no_other()


def test_a_line_left_over_in_the_table_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(rights.MATRIX, "left over", rights.MATRIX[HOME])
    with pytest.raises(AssertionError, match="left over"):
        rights.test_the_table_names_every_route_and_no_other()


# --- the answers --------------------------------------------------------------------------------


@pytest.fixture
def world(db: None) -> Any:
    with time_machine.travel(rights.AT, tick=False):
        yield rights.World()


def surprises(world: rights.World, route: str, actors: tuple[str, ...]) -> list[str]:
    """What the comparison says, without addresses; the browsers begin anew."""
    world.clients = {name: world._client(name) for name in actors}
    found = rights.surprises(world, route, ["GET", "POST"], actors=actors)
    return [f"{line.split()[0]} {line.split(maxsplit=2)[2]}" for line in found]


def test_the_pages_as_they_are_surprise_nobody(world: rights.World) -> None:
    for route in ("desk:home", "my:filing"):
        assert surprises(world, route, ACTORS) == []


def test_an_open_door_is_reported(world: rights.World, plant: Any) -> None:
    """For those outside, for those without the role, by a method that the page does not take."""
    plant(lets_everybody_in)
    assert surprises(world, "desk:home", ACTORS) == [
        "GET anonymous own: ok, not login",
        "GET operator own: ok, not no",
        "POST anonymous own: ok, not login",
        "POST operator own: ok, not method",
        "POST clerk own: ok, not method",
    ]


def test_a_look_at_what_is_somebody_elses_is_reported(world: rights.World, plant: Any) -> None:
    plant(lets_everybody_in)
    found = surprises(world, "my:filing", ("operator",))
    assert [line for line in found if line.startswith("GET")] == [
        "GET operator foreign: ok, not hidden"
    ]


def test_a_closed_door_is_reported(world: rights.World, plant: Any) -> None:
    """For whoever may, and for others who should be told something else."""
    plant(turns_everybody_away)
    found = surprises(world, "desk:home", ACTORS)
    assert [line for line in found if line.startswith("GET")] == [
        "GET anonymous own: no, not login",
        "GET clerk own: no, not ok",
    ]


def test_an_account_page_that_is_open_is_reported(world: rights.World, plant: Any) -> None:
    plant(lets_everybody_in)
    with pytest.raises(AssertionError, match="anonymous"):
        rights.test_account_pages(world)


def test_a_page_that_writes_when_it_is_read_is_reported(world: rights.World, plant: Any) -> None:
    """Even if what it writes is what stood there already."""
    world.filing("registered", rights.OWN)
    page = (HOME, reverse(HOME), ("clerk",))
    assert rights.written_by_reading(world, *page) == []
    plant(writes_when_read)
    world.clients["clerk"] = world._client("clerk")
    table = Filing._meta.db_table
    assert rights.written_by_reading(world, *page) == [
        f"GET {HOME} clerk: ['{table}']",
        f"HEAD {HOME} clerk: ['{table}']",
    ]


# --- the forms ----------------------------------------------------------------------------------

FORM = "desk:lead_new"


def faults(world: rights.World) -> list[tuple[str, str]]:
    """What the run of every form finds at one of them, sent soundly; the browser begins anew."""
    actor = rights.MATRIX[FORM].ok[0]
    world.clients[actor] = world._client(actor)
    world.clients[actor].raise_request_exception = False
    (tally,) = every_form.tried(world, [FORM], 1, 1, is_mended=False)
    return [(name, fault) for name, fault, _values in tally.faults]


def test_a_form_as_it_is_has_no_fault(world: rights.World) -> None:
    assert faults(world) == []


def test_a_form_that_breaks_is_reported(world: rights.World, plant: Any) -> None:
    plant(breaks_when_sent)
    assert faults(world) == [(FORM, "status 500")]


def test_a_form_that_answers_in_words_of_django_is_reported(
    world: rights.World, plant: Any
) -> None:
    plant(answers_in_words_of_django)
    assert faults(world) == [(FORM, "Django says ['Enter a whole number']")]


# --- the questions ------------------------------------------------------------------------------


class Lane(counts.Street):
    """A street of facilities alone."""

    def grow(self, rows: int) -> None:
        """As many of them as rows."""
        for _ in range(self.rows, rows):
            make.facility()
        self.rows = rows


@pytest.fixture
def street(db: None, monkeypatch: pytest.MonkeyPatch) -> Lane:
    """A street that is looked at on one page."""
    monkeypatch.setattr(clock, "now", lambda: make.AT)
    monkeypatch.setattr(counts, "PAGES", [(HOME, "")])
    return Lane()


def count(street: Lane) -> None:
    counts.test_every_page_asks_little_and_no_more_for_more_rows(street, 0)


@pytest.mark.full
def test_a_page_that_asks_for_every_row_is_reported(
    street: Lane, plant: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However little it asks for by its bound."""
    monkeypatch.setattr(counts, "PUBLIC", 1000)
    plant(asks_for_every_row)
    with pytest.raises(AssertionError, match=rf"index 1 diff: .*'{HOME}', ''\): '\d+ → \d+'"):
        count(street)


@pytest.mark.full
def test_a_page_that_asks_more_than_its_bound_is_reported(street: Lane, plant: Any) -> None:
    """However few rows there are."""
    plant(asks_too_much)
    with pytest.raises(AssertionError, match=rf"index 0 diff: .*'{HOME}', ''\): '\d+ > \d+'"):
        count(street)
