"""Finding every form of every page as a browser does, and filling it soundly but for one field."""

from __future__ import annotations

import datetime as dt
import io
import random
import time
import uuid
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.template import Template
from django.test import Client

from tests import makers as make

# What a field may be offered so that it says yes, the likelier first.
OFFERS = (
    "示例", "2026-11-20", "2026-12-31", "1", "30", "13800000001", "0375-1234567",
    "11010519491231002X", "a@example.com", "10:00", "龙泉路1号", "33.27512, 113.51640", "on",
    "2026", make.PASSWORD,
)  # fmt: skip
# What people and attackers send instead.
ODD: tuple[object, ...] = (
    "", " ", "\u3000", "\0", "a\0b", "a" * 5_000, "字" * 3_000, "示例" * 40, "１２３", "-1", "0",
    "1.5", "99999999999999999999", "1e400", "NaN", "Infinity", "٣", "0x10", "1,000",
    "2026-02-30", "2026-11-23", "2027-01-01", "0001-01-01", "9999-12-31", "10000-01-01",
    "2026-13-01", "23.11.2026", "2026年11月23日", "24:00", "None", "null", "undefined", "[]", "{}",
    "true", "<script>alert(1)</script>", "'; DROP TABLE x; --", "%s%n%x", "{{ 7*7 }}",
    "\u202egpj", "a\u200bb", "\U0001f469\u200d\U0001f467", "e\u0301", "\ufeff示例",
    "\r\n\r\nX", "=cmd|' /C calc'!A0", "../../etc/passwd", "http://evil.example/", "//evil",
    "91410481MA000000XX", "13800000001", "110105194912310021", "示例（二）", "a@b", "on", "1",
)  # fmt: skip
BYTES = (b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80")


OTHERWISE = 0.25  # so often another sound value, which the acts must bear as well


@dataclass
class Found:
    """A form of a page: where it is sent, what it holds, what its fields are."""

    actor: str
    url: str
    values: dict[str, list[Any]]
    fields: dict[str, forms.Field] = field(default_factory=dict)
    multipart: bool = False
    others: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return [name for name in self.values if name != "csrfmiddlewaretoken"]


class _Reader(HTMLParser):
    """The forms of a page that are posted."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, bool, dict[str, list[str]]]] = []
        self._open: dict[str, list[str]] | None = None
        self._select, self._area = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self._open = {}
            multipart = "multipart" in given.get("enctype", "")
            self.found.append((given.get("action", ""), multipart, self._open))
        if self._open is not None:
            self._field(tag, given.get("name", ""), given)

    def _field(self, tag: str, name: str, given: dict[str, str]) -> None:
        assert self._open is not None
        if tag == "option" and self._select and given.get("value"):
            if not self._open[self._select] or "selected" in given:
                self._open[self._select] = [given["value"]]
        elif not name:
            return
        elif tag == "input":
            self._input(name, given)
        elif tag in {"select", "textarea"}:
            self._select, self._area = (name, "") if tag == "select" else ("", name)
            self._open.setdefault(name, [] if tag == "select" else [""])
        elif tag == "button" and given.get("value"):
            self._open.setdefault(name, [given["value"]])

    def _input(self, name: str, given: dict[str, str]) -> None:
        assert self._open is not None
        kind, value = given.get("type", "text"), given.get("value", "")
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
    for action, multipart, held in reader.found:
        parts = urlsplit(action)
        target = action if parts.path else url.partition("?")[0] + action
        values = {name: _sound(name, values, known) for name, values in held.items()}
        yield Found(actor, target, values, {n: known[n] for n in held if n in known}, multipart)


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
        return [(make.jpeg() if "photo" in name else make.pdf()).read()]
    if asked is None or name == "csrfmiddlewaretoken":
        return values or [""]
    several = isinstance(asked, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
    if values and any(values) and _takes(asked, values if several else values[0]):
        return values
    for offer in (make.uscc(), *_choices(asked), *OFFERS):
        if _takes(asked, [offer] if several else offer):
            return [offer]
    return values or [""]


def _choices(asked: forms.Field) -> list[str]:
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


def spoiled(form: Found, dice: random.Random) -> dict[str, list[Any]]:
    """The form with one field changed."""
    values = {name: list(each) for name, each in form.values.items()}
    if not form.names:
        return values
    name = dice.choice(form.names)
    asked = form.fields.get(name)
    if others := _others(form, name) if dice.random() < OTHERWISE else ():
        values[name] = [dice.choice(others)]
    elif isinstance(asked, forms.FileField):
        values[name] = [dice.choice([b"", b"MZ", b"%PDF-1.7", make.pdf().read(), b"\xff\xd8\xff"])]
    elif dice.random() < 0.08:
        del values[name]
    elif dice.random() < 0.06:
        values[name] = [*values[name], str(dice.choice(ODD))]
    else:
        values[name] = [_odd(values[name], asked, dice)]
    return values


def _others(form: Found, name: str) -> list[Any]:
    """Whatever else the field takes; asked once a form."""
    if name not in form.others:
        asked = form.fields.get(name)
        several = isinstance(asked, forms.MultipleChoiceField | forms.ModelMultipleChoiceField)
        if asked is None or isinstance(asked, forms.FileField):
            form.others[name] = []
        else:
            offers = dict.fromkeys([*_choices(asked), *OFFERS])
            form.others[name] = [o for o in offers if _takes(asked, [o] if several else o)]
    return form.others[name]


def _odd(values: list[Any], asked: forms.Field | None, dice: random.Random) -> Any:
    """Another choice, something near, another key, bytes that are no text, or plainly odd."""
    turn = dice.random()
    choices = _choices(asked) if asked is not None else []
    if choices and turn < 0.3:
        return dice.choice(choices)
    if turn < 0.4:
        return _near(values, dice)
    if turn < 0.45:
        return dice.choice(BYTES)
    if turn < 0.5:
        return str(uuid.UUID(int=dice.getrandbits(128), version=4))
    return dice.choice(ODD)


def _near(values: list[Any], dice: random.Random) -> str:
    """Something of the same kind as what stands there."""
    text = str(values[0]) if values else ""
    if text.lstrip("-").isdigit() and len(text) < 10:
        return str(int(text) + dice.randint(-3, 40))
    try:
        return str(dt.date.fromisoformat(text) + dt.timedelta(days=dice.randint(-400, 400)))
    except ValueError:
        return text[: dice.randint(0, len(text) or 1)] + dice.choice(["", "示例", "1", "（甲）"])


def sent(client: Client, form: Found, values: dict[str, list[Any]]) -> tuple[int, str]:
    """Post it, undo whatever it did; the status and where it leads."""
    if form.multipart:
        data = {name: [_part(form, name, v) for v in each] for name, each in values.items()}
        options: dict[str, Any] = {"data": data}
    else:
        body = b"&".join(
            _quoted(name) + b"=" + _quoted(value) for name, each in values.items() for value in each
        )
        options = {"data": body, "content_type": "application/x-www-form-urlencoded"}
    with transaction.atomic():
        response = client.post(form.url, **options)
        if response.streaming:
            list(response.streaming_content)
        transaction.set_rollback(True)
    return response.status_code, response.headers.get("Location", "")


@dataclass
class Tally:
    """What came of the inputs to one form; a turn is the same input in every run."""

    name: str
    names: tuple[str, ...]
    form: Found
    inputs: int = 0
    taken: int = 0
    is_sound: bool = False
    seconds: float = 0.0
    faults: list[tuple[str, int, dict[str, list[Any]]]] = field(default_factory=list)

    def send(self, client: Client, turn: int) -> None:
        """Send one input; the first is the sound form itself."""
        dice = random.Random(zlib.crc32(f"{self.name}{self.names}{turn}".encode()))
        values = spoiled(self.form, dice) if turn else self.form.values
        began = time.process_time()
        status, where = sent(client, self.form, values)
        self.seconds += time.process_time() - began
        self.inputs += 1
        if status >= 500:
            self.faults.append((self.name, status, values))
        is_taken = status in {302, 303} and "/accounts/login/" not in where
        self.taken += is_taken
        self.is_sound = self.is_sound or (is_taken and not turn)

    @property
    def share(self) -> float:
        """How much was taken."""
        return self.taken / self.inputs

    def __str__(self) -> str:
        each = 1000 * self.seconds / self.inputs
        word = "" if self.is_sound else ", sound one refused"
        return (
            f"{self.name} ({self.form.actor}): {self.inputs} inputs, {self.share:.0%} taken, "
            f"{len(self.faults)} faults, {each:.0f} ms{word}"
        )


@contextmanager
def quick_rendering() -> Generator[None]:
    """Draw pages as in life: the runner's own drawing copies every context for the tests to see."""
    watched = Template._render  # type: ignore[attr-defined]
    Template._render = lambda self, context: self.nodelist.render(context)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        Template._render = watched  # type: ignore[attr-defined]


def _part(form: Found, name: str, value: Any) -> Any:
    if isinstance(form.fields.get(name), forms.FileField):
        content = value if isinstance(value, bytes) else str(value).encode()
        return SimpleUploadedFile("a.pdf", io.BytesIO(content).read())
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _quoted(value: Any) -> bytes:
    raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
    return "".join(f"%{each:02X}" for each in raw).encode()
