"""Every filter, order, tab and page number of every list, asked for with what nobody should send.

The fields are found as a browser finds them: in forms that are sent by GET and in the links of the
pages. What views read and no page offers is found in their source. An odd value leads to the plain
list or to a sentence of ours, never to a fault or to a sentence of Django's.
"""

from __future__ import annotations

import re
import zlib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, quote_from_bytes, urlsplit

import pytest
import time_machine
from django import forms
from django.db import transaction
from django.urls import Resolver404, resolve

from tests.house.foreign import foreign_words
from tests.house.forms_at_large import quick_rendering
from tests.house.matrix import MATRIX
from tests.house.test_matrix import AT, OWN, SHARES, World, share_of

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
APPS = ("portal", "facilities", "inspections", "evaluations", "complaints")
MARKUP = "<script>alert(1)</script>"
ODD: tuple[str | bytes, ...] = (
    "字" * 3_000, "\0", "a\0b", "%", "_", "%_%\\", "\\", "'", "' OR 1=1 --", "-1", "0", "1.5",
    "1e400", "99999999999999999999", "-99999999999999999999", "٣", "NaN", "2026-02-30",
    "0000-00-00", "9999-12-31", "2026-13-45", "2026-11", "nobody", "-name", "name,-pk",
    "__class__", "pk__in", "\u202egpj.示例", "שלום", "\u200b", "\U0001f469\u200d\U0001f467",
    "\r\nX: a", MARKUP, "{{ 7*7 }}", "None", "[]", "../../etc",
    "00000000-0000-4000-8000-000000000000", b"\xff\xfe", b"\xed\xa0\x80", "",
)  # fmt: skip
FEW, MORE = 2, 12  # values a field
MANY = 10_000
ANSWERS = {200, 302, 303, 304, 400, 403, 404, 410, 413}


class _Reader(HTMLParser):
    """What a page can be asked for again: (address, names) of its GET forms and of its links."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, set[str]]] = []
        self._open: set[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = None
            if given.get("method", "get").lower() == "get":
                self._open = set()
                self.found.append((given.get("action", ""), self._open))
        elif tag == "a" and "?" in given.get("href", ""):
            parts = urlsplit(given["href"])
            names = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
            if not parts.netloc:
                self.found.append((parts.path, names))
        elif tag in {"input", "select", "textarea", "button"} and self._open is not None:
            self._open |= {given["name"]} if given.get("name") else set()

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def fields_of(page: str, address: str) -> dict[str, set[str]]:
    """The names a page can be asked with, by address."""
    reader, found = _Reader(), {}
    reader.feed(page)
    for where, names in reader.found:
        if names:
            found.setdefault(where or address, set()).update(names)
    return found


def test_fields_are_found_in_forms_and_links() -> None:
    page = (
        '<form method="get"><input name="q"><select name="state"></select><button>x</button></form>'
        '<form method="post"><input name="title"></form>'
        '<form action="/bulk/"><input name="pick"></form>'
        '<a href="?page=2&amp;sort=">2</a><a href="/other/?tab=a">a</a><a href="//evil/?x=1">x</a>'
    )
    assert fields_of(page, "/here/") == {
        "/here/": {"q", "state", "page", "sort"}, "/bulk/": {"pick"}, "/other/": {"tab"},
    }  # fmt: skip


def names_in_sources(texts: list[str]) -> list[str]:
    """Names that are read from the address somewhere."""
    found = {
        name
        for text in texts
        for name in re.findall(r"request\.GET(?:\.get(?:list)?\(|\[)\"(\w+)\"", text)
    }
    found |= {
        name for text in texts for name in re.findall(r"\"(\w+)\" (?:not )?in request\.GET", text)
    }
    return sorted(found)


SOURCES = [
    path.read_text(encoding="utf-8")
    for app in APPS
    for path in sorted((ROOT / app).rglob("*.py"))
]  # fmt: skip
READ = names_in_sources(SOURCES)


def test_names_are_found_in_sources() -> None:
    read = ['request.GET.get("a", "")', 'request.GET.getlist("b")', 'if "c" in request.GET:']
    assert names_in_sources([*read, 'request.POST.get("d")', 'request.GET["e"]']) == list("abce")
    assert {"page", "tab", "size", "q", "act", "with"} <= set(READ)


def test_words_of_django_are_known_when_seen() -> None:
    class Plain(forms.Form):
        day = forms.DateField()
        kind = forms.ChoiceField(choices=[("a", "a")])
        size = forms.IntegerField(max_value=5)

    form = Plain({"day": "x", "kind": "b", "size": "9"})
    assert len(form.errors) == 3
    for name in form.errors:
        assert foreign_words(f"<p>{form.errors[name][0]}</p>"), name
    assert not foreign_words("<p>请选择社区（村）</p>")


# --- asking ---------------------------------------------------------------------------------------


@pytest.fixture
def world(db):
    with time_machine.travel(AT, tick=False):
        made = World()
        for client in made.clients.values():
            client.raise_request_exception = False
        yield made


def quoted(value: str | bytes) -> str:
    return quote_from_bytes(value.encode() if isinstance(value, str) else value, safe="")


def query(values: list[tuple[str, str | bytes]]) -> str:
    return "&".join(f"{name}={quoted(value)}" for name, value in values)


def odd_for(place: str, count: int) -> list[str | bytes]:
    """The values for this place: the same in every run, others for other places."""
    start = zlib.crc32(place.encode()) % len(ODD)
    return [ODD[(start + turn * 7) % len(ODD)] for turn in range(count)]


def fault_in(status: int, content: bytes) -> str:
    """What is wrong with an answer; nothing when it is the list, a sentence, or a way on."""
    text = content.decode("utf-8", "replace")
    if status not in ANSWERS:
        return f"status {status}"
    if found := foreign_words(text):
        return f"Django says {found}"
    if MARKUP in text:
        return "markup comes back as it was sent"
    if status in {400, 403, 404} and "<h1" not in text:
        return f"{status} without a word"
    return ""


def test_faults_are_found() -> None:
    django = str(forms.DateField.default_error_messages["invalid"]).encode()
    assert fault_in(500, b"<h1>") == "status 500"
    assert "Django" in fault_in(200, django)
    assert "markup" in fault_in(200, MARKUP.encode())
    assert "without" in fault_in(400, b"Bad Request")
    assert not fault_in(200, "<h1>机构</h1>".encode())


def answered(client, address: str, asked: str) -> tuple[int, bytes]:
    """Status and page; whatever was noted of the reading is undone."""
    with transaction.atomic():
        response = client.get(address, QUERY_STRING=asked)
        content = b"".join(response) if response.streaming else response.content
        transaction.set_rollback(True)
    return response.status_code, content


def route_of(address: str) -> str:
    try:
        return resolve(address).view_name
    except Resolver404:
        return ""


class Asking:
    """The pages of some routes and what they were asked."""

    def __init__(self, world: World, routes: list[str]) -> None:
        self.world, self.routes = world, routes
        self.faults: list[str] = []
        self.requests = 0
        self.fields: dict[str, tuple[str, str, set[str]]] = {}

    def find(self) -> None:
        """Open each page as the first who may; gather the fields of these pages and their bulk."""
        for route in self.routes:
            row = MATRIX[route]
            address = self.world.url(route, row.state, OWN)
            actor = next(each for each in row.ok if each != "left")
            status, content = answered(self.world.clients[actor], address, "")
            text = content.decode("utf-8", "replace") if status == 200 else ""
            for where, names in fields_of(text, address).items():
                target = route_of(where)
                if target == route or (target in MATRIX and target not in self.routes):
                    known = self.fields.setdefault(target, (actor, where, set()))
                    known[2].update(names)
            if route in self.fields:
                self.fields[route][2].update({"page", "size"})

    def ask(self, actor: str, address: str, asked: str) -> None:
        self.requests += 1
        fault = fault_in(*answered(self.world.clients[actor], address, asked))
        if fault:
            self.faults.append(f"{actor} {address}?{asked[:200]}: {fault}")

    def ask_oddly(self, count: int) -> None:
        """Each field by itself, and all of them together."""
        for route, (actor, address, names) in self.fields.items():
            self.world.hold(route)
            for name in sorted(names):
                for value in odd_for(f"{route} {name}", count):
                    self.ask(actor, address, query([(name, value)]))
            together = [(name, odd_for(f"all {route} {name}", 1)[0]) for name in sorted(names)]
            self.ask(actor, address, query(together))

    def ask_for_what_is_read(self) -> None:
        """Whatever any view reads, of every page, whether it is a list or not."""
        for route in self.routes:
            row = MATRIX[route]
            actor = next(each for each in row.ok if each != "left")
            values = [(name, odd_for(f"read {route} {name}", 1)[0]) for name in READ]
            self.ask(actor, self.world.url(route, row.state, OWN), query(values))

    def ask_for_too_much(self) -> None:
        """Ten thousand of one kind: more than a form has is refused in a sentence."""
        for actor, address, names in list(self.fields.values())[:3]:
            name = min(names)
            self.ask(actor, address, "&".join([f"{name}=1"] * MANY))
            self.ask(actor, address, query([(name, "1")] * 1_000))


# The state of the portal, told to machines: 503 is what they say.
MACHINES = {"readyz", "metrics"}
ROUTES = sorted(
    route for route, row in MATRIX.items() if "GET" in row.methods and route not in MACHINES
)
# Some that must have been found, lest nothing be asked of anything.
KNOWN = {
    "desk:filings": {"q", "community", "handler", "state", "page"},
    "desk:complaints": {"q", "handler", "page"},
    "desk:inspections": {"community", "page"},
    "public:facilities": {"q", "community", "sort", "page"},
}
# Pages about one thing have few such fields, and take long to make: only in the full run.
LISTS = [route for route in ROUTES if not MATRIX[route].is_object]


@pytest.mark.proves("sec:X18", "sec:G2")
@pytest.mark.lasting(1)
@pytest.mark.parametrize("share", range(SHARES))
def test_no_filter_breaks_a_list(world, share, pytestconfig, record_property):
    is_full = pytestconfig.getoption("--full")
    asking = Asking(world, share_of(share, ROUTES if is_full else LISTS))
    with quick_rendering():
        asking.find()
        asking.ask_oddly(MORE if is_full else FEW)
        asking.ask_for_what_is_read()
        asking.ask_for_too_much()
    fields = sum(len(names) for _actor, _where, names in asking.fields.values())
    record_property("filters", f"{asking.requests} requests, {fields} fields")
    assert asking.faults == []
    assert fields
    for route in KNOWN.keys() & set(asking.routes):
        assert KNOWN[route] <= asking.fields[route][2], route
