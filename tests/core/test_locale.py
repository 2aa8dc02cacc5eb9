"""The second language: a complete catalogue, and English pages without Chinese words of ours."""

from __future__ import annotations

import dataclasses
import io
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import time_machine
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings as configured
from django.test import Client
from django.utils import translation
from django.utils.translation.template import templatize

from facilities.models import Filing
from facilities.models.choices import LegalForm, Proposal
from portal.core.models import Community, OfficialPaper, RegulationPack, User
from portal.core.roles import Role
from tests import makers

ROOT = Path(configured.BASE_DIR)
CATALOGUE = ROOT / "locale/en/LC_MESSAGES/django.po"
CODE = ("portal", "facilities", "inspections", "evaluations", "complaints")
# What marks a text for translation, and which of its arguments are texts.
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
}
HAN = re.compile(r"[\u3400-\u9fff]+")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z]|{\w*}")


def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def entries() -> list[Message]:
    return [message for message in catalogue() if message.id]


# --- the catalogue ----------------------------------------------------------------------------


@pytest.mark.proves("ux:32", "prod:U1")
def test_nothing_is_fuzzy_or_missing() -> None:
    found = catalogue()
    assert found.num_plurals == 2
    unfinished = [
        message.id
        for message in found
        if message.id and (message.fuzzy or not all(t.strip() for t in texts(message.string)))
    ]
    assert not unfinished


@pytest.mark.proves("ux:32")
def test_both_sides_have_the_same_placeholders() -> None:
    differing = []
    for message in entries():
        wanted = sorted(PLACEHOLDER.findall(texts(message.id)[0]))
        given = [sorted(PLACEHOLDER.findall(text)) for text in texts(message.string)]
        if any(places != wanted for places in given):
            differing.append(message.id)
    assert not differing


def test_a_plural_has_two_english_forms() -> None:
    plural = [message for message in entries() if message.pluralizable]
    assert plural
    for message in plural:
        assert len(texts(message.string)) == 2, message.id


def test_the_english_is_english_and_calm() -> None:
    for message in entries():
        for text in texts(message.string):
            assert not HAN.search(text), text
            assert "!" not in text, text


def _sources() -> Iterator[tuple[str, str]]:
    for app in CODE:
        for file in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in file.parts:
                yield str(file), file.read_text(encoding="utf-8")
    for file in sorted((ROOT / "templates").rglob("*.html")):
        # Django's own reading of a template, as `makemessages` does it; without the indents, which
        # would be Python's.
        read = templatize(file.read_text(encoding="utf-8"), origin=str(file))
        yield str(file), "\n".join(line.strip() for line in read.split("\n"))


@pytest.mark.proves("ux:32")
def test_every_text_in_the_sources_is_in_the_catalogue() -> None:
    known = {(message.context, texts(message.id)[0]) for message in entries()}
    missing = {}
    seen = 0
    for name, source in _sources():
        for line, found, _comments, context in extract(
            "python", io.BytesIO(source.encode()), KEYWORDS, options={"encoding": "utf-8"}
        ):
            text = texts(found)[0]
            seen += 1
            if text and (context, text) not in known:
                missing[text] = f"{name}:{line}"
    assert seen > 1000
    assert not missing, "run `manage.py makemessages -l en` and translate"


# --- the pages --------------------------------------------------------------------------------


@pytest.fixture
def english(settings: Any, tmp_path: Path) -> None:
    """The catalogue as the working tree has it, compiled for this test."""
    folder = tmp_path / "en/LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalogue())
    settings.LOCALE_PATHS = [tmp_path]


@pytest.fixture
def _today() -> Iterator[None]:
    with time_machine.travel(makers.AT, tick=False):
        yield


class Reader(HTMLParser):
    """What a reader sees or hears of a page, without parts marked as Chinese."""

    VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
    HEARD = ("alt", "aria-label", "placeholder", "title", "value", "data-label", "data-guard")

    def __init__(self) -> None:
        super().__init__()
        self.language = ""
        self.said: list[str] = []
        self._open: list[tuple[str, bool]] = []

    @property
    def _hidden(self) -> bool:
        return any(hidden for _tag, hidden in self._open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.language = given.get("lang") or ""
        hidden = tag in {"script", "style"} or (given.get("lang") or "").startswith("zh")
        if not hidden and not self._hidden:
            self.said += [str(given[name]) for name in self.HEARD if given.get(name)]
        if tag not in self.VOID:
            self._open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.said.append(data)


def _strings(value: Any) -> Iterator[str]:
    """Every string inside plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _strings(inner)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from _strings(dataclasses.asdict(value))


def data() -> list[str]:
    """The Chinese that people and regulation packs brought, longest first."""
    found: set[str] = set()
    for section in Filing.objects.all():
        for part in section.sections.all():
            found.update(_strings(part.answers))
        found.update((section.decision_reason, section.proposal_reason))
    found.update(Community.objects.values_list("name", flat=True))
    found.update(User.objects.values_list("display_name", flat=True))
    found.update(OfficialPaper.objects.values_list("title", flat=True))
    for pack in RegulationPack.objects.all():
        found.update(_strings(json.loads(pack.content)))
    return sorted((text for text in found if HAN.search(text)), key=len, reverse=True)


def chinese_on(client: Client, address: str, known: list[str], status: int = 200) -> list[str]:
    """The Chinese on an English page that is not data."""
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.status_code)
    reader = Reader()
    reader.feed(answer.content.decode())
    assert reader.language == "en", address
    seen = "\n".join(reader.said)
    for text in known:
        seen = seen.replace(text, " ")
    return HAN.findall(seen)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def assert_english(client: Client, *addresses: str) -> None:
    known = data()
    found = {address: chinese_on(client, f"/en{address}", known) for address in addresses}
    assert not {address: words for address, words in found.items() if words}


@pytest.mark.django_db
@pytest.mark.usefixtures("english", "_today")
@pytest.mark.proves("ux:31", "prod:U1")
def test_public_pages() -> None:
    facility = makers.facility()
    assert_english(
        Client(),
        *("/", "/facilities/", "/facilities/?has=vacancies", "/facilities/?q=zzz"),
        *(f"/facilities/{facility.code}/", "/guide/filing/", "/disclosure/filings/"),
        *("/sitemap/", "/accessibility/", "/privacy/", "/contact/", "/v/", "/preferences/"),
        *("/accounts/login/", "/accounts/signup/", "/accounts/inactive/"),
    )
    known = data()
    assert not chinese_on(Client(), "/en/no-such-page/", known, 404)
    assert not chinese_on(Client(), "/en/facilities/SP-TY-9999/", known, 404)


@pytest.mark.django_db
@pytest.mark.usefixtures("english", "_today")
@pytest.mark.proves("ux:31", "prod:U1")
def test_operator_pages() -> None:
    person = makers.operator()
    begun = makers.filing(person)
    sent = makers.submitted_filing(person)
    complete = makers.complete_filing(person)
    mine = f"/my/filing/{begun.number}/"
    assert_english(
        signed_in(person),
        *("/my/", "/my/documents/", "/my/filing/start/", mine, f"/my/filing/{sent.number}/"),
        *(f"{mine}registration/", f"{mine}premises/", f"{mine}certificates/", f"{mine}check/"),
        *(f"{mine}withdraw/", f"/my/filing/{complete.number}/check/", "/accounts/2fa/"),
        *(f"/my/filing/{complete.number}/declaration/", "/accounts/password/change/"),
        *(f"/my/filing/{complete.number}/certificates/", "/accounts/logout/"),
    )


@pytest.mark.django_db
@pytest.mark.usefixtures("english", "_today")
@pytest.mark.proves("ux:31", "prod:U1")
def test_desk_pages() -> None:
    clerk, approver = makers.clerk(), makers.approver()
    waiting = makers.submitted_filing()
    taken = makers.taken_filing(clerk)
    proposed = makers.proposed_filing(clerk)
    declined = makers.proposed_filing(clerk, Proposal.DECLINE)
    facility = makers.facility()
    assert_english(
        signed_in(clerk),
        *("/desk/", "/desk/filings/", f"/desk/filings/{waiting.number}/"),
        *(f"/desk/filings/{taken.number}/", f"/desk/filings/{taken.number}/corrections/add/"),
        *(f"/desk/filings/{taken.number}/propose/", "/desk/facilities/"),
        *(f"/desk/facilities/{facility.code}/", f"/desk/facilities/{facility.code}/statutory/"),
        *(f"/desk/facilities/{facility.code}/?tab=registration",),
    )
    decided = f"/desk/filings/{proposed.number}/"
    assert_english(
        signed_in(approver),
        *(
            "/desk/",
            decided,
            f"{decided}register/",
            f"/desk/filings/{declined.number}/decline/",
            f"{decided}hand-back/",
        ),
    )
    assert_english(signed_in(makers.user(Role.EVALUATOR)), "/panel/")


@pytest.mark.django_db
@pytest.mark.usefixtures("english", "_today")
@pytest.mark.proves("ux:31")
def test_faults_are_told_in_english() -> None:
    answer = Client().post("/en/accounts/signup/", {})
    reader = Reader()
    reader.feed(answer.content.decode())
    assert answer.status_code == 200
    assert not HAN.search("\n".join(reader.said))


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
@pytest.mark.proves("ux:31", "prod:U1")
@pytest.mark.parametrize("address", ["/", "/facilities/?q=xty&page=1", "/accounts/login/"])
def test_the_switch_keeps_the_page(address: str) -> None:
    there = f"/en{address}".replace("&", "&amp;")
    assert f'href="{there}" lang="en"' in Client().get(address).content.decode()
    back = address.replace("&", "&amp;")
    assert f'href="{back}" lang="zh-CN"' in Client().get(f"/en{address}").content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("english", "_today")
def test_papers_stay_chinese_whoever_decides_in_english() -> None:
    with translation.override("en"):
        assert str(LegalForm.FOR_PROFIT.label) == "For-profit"
        makers.registered_filing()
    paper = OfficialPaper.objects.get(kind="registration_receipt")
    assert "For-profit" not in str(paper.data)
    assert "营利性" in str(paper.data)


@pytest.mark.django_db
@pytest.mark.proves("ux:32")
def test_without_compiled_catalogues_the_pages_are_chinese(settings: Any, tmp_path: Path) -> None:
    settings.LOCALE_PATHS = [tmp_path]
    page = Client().get("/")
    assert page.status_code == 200
    assert "找托育" in page.content.decode()
    assert Client().get("/en/").status_code == 200
