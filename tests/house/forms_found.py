"""Finding the posted forms of a page as a browser does, and filling them soundly."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import xlsxwriter
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.urls import resolve

from tests import makers as make

# What a field may be offered so that it says yes, the likelier first.
OFFERS = (
    "示例", "13900000002", "2026-11-23", "2026-11-20", "2026-12-01", "2026-12-31", "1", "30",
    "13800000001", "0375-1234567", "11010519491231002X", "a@example.com", "10:00", "龙泉路1号",
    "33.27512, 113.51640", "on", "2026", make.PASSWORD,
)  # fmt: skip


@dataclass
class Found:
    """A form of a page: where it is sent, what it holds, what its fields are."""

    actor: str
    url: str
    values: dict[str, list[Any]]
    fields: dict[str, forms.Field] = field(default_factory=dict)
    multipart: bool = False
    others: dict[str, list[Any]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    page: str = ""  # on which it stands

    @property
    def is_asked(self) -> bool:
        """Whether a person fills in anything; what the page itself keeps bears no other value."""
        return not self.hidden.issuperset(self.names)

    @property
    def names(self) -> list[str]:
        return [name for name in self.values if name != "csrfmiddlewaretoken"]


def name_of(form: Found) -> str:
    """The route a form is sent to."""
    return resolve(form.url.partition("?")[0]).view_name


@dataclass
class _Drawn:
    """A form as it stands in the page; of buttons with one name the first."""

    action: str
    multipart: bool
    held: dict[str, list[str]]
    hidden: set[str] = field(default_factory=set)
    buttons: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    """The forms of a page that are posted."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Drawn] = []
        self._open: dict[str, list[str]] | None = None
        self._select, self._area = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self._open = {}
            multipart = "multipart" in given.get("enctype", "")
            self.found.append(_Drawn(given.get("action", ""), multipart, self._open))
        if self._open is not None:
            self._field(tag, given.get("name", ""), given)

    def _field(self, tag: str, name: str, given: dict[str, str]) -> None:
        assert self._open is not None
        if tag == "option" and self._select and given.get("value"):
            if not self._open[self._select] or "selected" in given:
                self._open[self._select] = [given["value"]]
        elif tag == "button" and given.get("type", "submit") == "submit":
            self.found[-1].buttons.setdefault(name, given.get("value", ""))
        elif not name:
            return
        elif tag == "input":
            self._input(name, given)
        elif tag in {"select", "textarea"}:
            self._select, self._area = (name, "") if tag == "select" else ("", name)
            self._open.setdefault(name, [] if tag == "select" else [""])

    def _input(self, name: str, given: dict[str, str]) -> None:
        assert self._open is not None
        kind, value = given.get("type", "text"), given.get("value", "")
        if kind == "hidden":
            self.found[-1].hidden.add(name)
        if kind in {"radio", "checkbox"}:
            if "checked" in given or name not in self._open:
                self._open[name] = [value or "on"]
        elif kind != "submit":
            self._open.setdefault(name, [value])

    def handle_data(self, data: str) -> None:
        if self._area and self._open is not None:
            self._open[self._area] = [data.strip("\n")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""


def forms_of(client: Client, actor: str, url: str) -> Iterator[Found]:
    """The posted forms of a page, filled in soundly."""
    response = client.get(url)
    if response.status_code != 200 or "html" not in response.headers.get("Content-Type", ""):
        if response.streaming:
            list(response.streaming_content)
        return
    known = _fields(response)
    reader = _Reader()
    reader.feed(response.content.decode())
    for drawn in reader.found:
        path = urlsplit(drawn.action).path
        target = drawn.action if path else url.partition("?")[0] + drawn.action
        values = {name: _sound(name, each, known) for name, each in drawn.held.items()}
        fields = {n: known[n] for n in drawn.held if n in known}
        # A browser sends the one button that was pressed.
        for name, value in (drawn.buttons or {"": ""}).items():
            pressed = {name: [value]} if name else {}
            hidden = frozenset(drawn.hidden | pressed.keys())
            filled = values | pressed
            yield Found(actor, target, filled, fields, drawn.multipart, hidden=hidden, page=url)


def _fields(response: Any) -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = {}
    for layer in response.context or ():
        for value in layer.flatten().values() if hasattr(layer, "flatten") else ():
            for each in getattr(value, "forms", None) or [value]:
                if isinstance(each, forms.BaseForm):
                    found |= {each.add_prefix(name): f for name, f in each.fields.items()}
    return found


def _sound(name: str, values: list[str], known: dict[str, forms.Field]) -> list[Any]:
    """The values as they are where the field takes them, else the first it does take."""
    asked = known.get(name)
    if isinstance(asked, forms.FileField):
        return [_file(name, asked)]
    if "password" in name:
        return [make.PASSWORD]
    if asked is None or name == "csrfmiddlewaretoken":
        return values or [""]
    several = isinstance(asked, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
    if values and any(values) and _takes(asked, values if several else values[0]):
        return values
    for offer in (make.uscc(), *choices_of(asked), *OFFERS):
        if _takes(asked, [offer] if several else offer):
            return [offer]
    return values or [""]


def _file(name: str, asked: forms.Field) -> bytes:
    """What the field asks for: a sheet, a picture or a document."""
    kinds = str(asked.widget.attrs.get("accept", ""))
    if "xlsx" in kinds or "sheet" in kinds:
        made = io.BytesIO()
        with xlsxwriter.Workbook(made) as book:
            book.add_worksheet().write(0, 0, "示例")
        return made.getvalue()
    return bytes((make.jpeg() if "photo" in name else make.pdf()).read())


def choices_of(asked: forms.Field) -> list[str]:
    found = []
    for value, _label in list(getattr(asked, "choices", ()))[:30]:
        found.append(str(getattr(value, "value", value)))
    return [value for value in found if value]


def _takes(asked: forms.Field, value: Any) -> bool:
    try:
        with transaction.atomic():
            asked.clean(value)
    except (ValidationError, TypeError):
        return False
    return True


def others_for(form: Found, name: str) -> list[Any]:
    """Whatever else the field takes; asked once a form."""
    if name not in form.others:
        asked = form.fields.get(name)
        several = isinstance(asked, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
        if asked is None or isinstance(asked, forms.FileField):
            form.others[name] = []
        else:
            offers = dict.fromkeys([*choices_of(asked), *OFFERS])
            form.others[name] = [o for o in offers if _takes(asked, [o] if several else o)]
    return form.others[name]
