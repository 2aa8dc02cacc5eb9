"""The second language: a complete catalogue, and English pages without Chinese words of ours."""

from __future__ import annotations

import dataclasses
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
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


def unfinished(messages: Iterable[Message]) -> list[str]:
    """What is not translated, or only guessed."""
    return [
        texts(message.id)[0]
        for message in messages
        if message.fuzzy or not all(text.strip() for text in texts(message.string))
    ]


def differing(messages: Iterable[Message]) -> list[str]:
    """What has other placeholders in its translation."""
    found = []
    for message in messages:
        wanted = sorted(PLACEHOLDER.findall(texts(message.id)[0]))
        given = [sorted(PLACEHOLDER.findall(text)) for text in texts(message.string)]
        if any(places != wanted for places in given):
            found.append(texts(message.id)[0])
    return found


def unpaired(messages: Iterable[Message]) -> list[str]:
    """Plurals without their two English forms."""
    return [
        texts(message.id)[0]
        for message in messages
        if message.pluralizable and len(texts(message.string)) != 2
    ]


def strange(messages: Iterable[Message]) -> list[str]:
    """English that is Chinese, or loud."""
    every = (text for message in messages for text in texts(message.string))
    return [text for text in every if HAN.search(text) or "!" in text]


@pytest.mark.proves("ux:32", "prod:U1")
def test_nothing_is_fuzzy_or_missing() -> None:
    assert catalogue().num_plurals == 2
    assert unfinished(entries()) == []


@pytest.mark.proves("ux:32")
def test_both_sides_have_the_same_placeholders() -> None:
    assert differing(entries()) == []


def test_a_plural_has_two_english_forms() -> None:
    assert any(message.pluralizable for message in entries())
    assert unpaired(entries()) == []


def test_the_english_is_english_and_calm() -> None:
    assert strange(entries()) == []


Rule = Callable[[Iterable[Message]], list[str]]
RULES: tuple[Rule, ...] = (unfinished, differing, unpaired, strange)


@pytest.mark.parametrize(
    ("rule", "planted"),
    [
        (unfinished, Message("电话", "")),
        (unfinished, Message("电话", " ")),
        (unfinished, Message("电话", "Telephone", flags=["fuzzy"])),
        (unfinished, Message(("一条", "几条"), ("One line", ""))),
        (differing, Message("共%(n)s条", "Some lines")),
        (differing, Message("共%(n)s条", "%(m)s lines")),
        (differing, Message("共%(n)s条", "%(n)d lines")),
        (differing, Message(("{n}条", "{n}条"), ("{n} line", "{} lines"))),
        (unpaired, Message(("一条", "几条"), ("Lines",))),
        (strange, Message("电话", "电话 number")),
        (strange, Message("好", "Well done!")),
    ],
)
def test_a_planted_fault_of_a_translation_is_caught(rule: Rule, planted: Message) -> None:
    """By its own rule alone."""
    sound = [
        Message("共%(n)s条", "%(n)s lines"),
        Message(("{n}条", "{n}条"), ("{n} line", "{n} lines")),
    ]
    assert [each(sound) for each in RULES] == [[]] * len(RULES)
    assert [each for each in RULES if each([*sound, planted])] == [rule]


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


def texts_in(sources: Iterable[tuple[str, str]]) -> Iterator[tuple[str, tuple[str | None, str]]]:
    """Where a text stands in the sources, and what it is: its context, and itself."""
    for name, source in sources:
        for line, found, _comments, context in extract(
            "python", io.BytesIO(source.encode()), KEYWORDS, options={"encoding": "utf-8"}
        ):
            if text := texts(found)[0]:
                yield f"{name}:{line}", (context, text)


@pytest.mark.proves("ux:32")
def test_every_text_in_the_sources_is_in_the_catalogue() -> None:
    known = {(message.context, texts(message.id)[0]) for message in entries()}
    seen = list(texts_in(_sources()))
    assert len(seen) > 1000
    missing = {text: place for place, (context, text) in seen if (context, text) not in known}
    assert not missing, "run `manage.py makemessages -l en` and translate"


def test_planted_texts_of_the_sources_are_seen() -> None:
    """However they are marked; what is not marked is not a text of ours."""
    source = (
        'a = _("一")\nb = gettext_lazy("二")\nc = ngettext("三", "四", n)\n'
        'd = pgettext("五", "六")\ne = "七"\n'
    )
    page = templatize("{% load i18n %}\n{% translate '八' %} 九")
    assert list(texts_in([("a.py", source), ("b.html", page.lstrip())])) == [
        ("a.py:1", (None, "一")),
        ("a.py:2", (None, "二")),
        ("a.py:3", (None, "三")),
        ("a.py:4", ("五", "六")),
        ("b.html:2", (None, "八")),
    ]


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
