"""Finding every form of every page as a browser does, and filling it soundly but for one field."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import random
import time
import uuid
import zlib
from collections.abc import Callable, Generator, Iterator
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
# Of these blocks words are made up: Latin, Arabic, Hangul, Han and beyond, signs, faces, private.
BLOCKS = (
    (0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x600, 0x700), (0x2000, 0x2070), (0x3000, 0x3040),
    (0x4E00, 0x9FFF), (0xAC00, 0xD7A4), (0xE000, 0xE100), (0xFF00, 0xFFF0), (0x1F600, 0x1F650),
    (0x20000, 0x20100),
)  # fmt: skip


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
    hidden: frozenset[str] = frozenset()

    @property
    def is_asked(self) -> bool:
        """Whether a person fills in anything; what the page itself keeps bears no other value."""
        return not self.hidden.issuperset(self.names)

    @property
    def names(self) -> list[str]:
        return [name for name in self.values if name != "csrfmiddlewaretoken"]


class _Reader(HTMLParser):
    """The forms of a page that are posted."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, bool, dict[str, list[str]], set[str]]] = []
        self._open: dict[str, list[str]] | None = None
        self._select, self._area = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and given.get("method", "").lower() == "post":
            self._open = {}
            multipart = "multipart" in given.get("enctype", "")
            self.found.append((given.get("action", ""), multipart, self._open, set()))
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
        if kind == "hidden":
            self.found[-1][3].add(name)
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
    for action, multipart, held, hidden in reader.found:
        parts = urlsplit(action)
        target = action if parts.path else url.partition("?")[0] + action
        values = {name: _sound(name, values, known) for name, values in held.items()}
        fields = {n: known[n] for n in held if n in known}
        yield Found(actor, target, values, fields, multipart, hidden=frozenset(hidden))


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
    """Another choice, something near, another key, bytes that are no text, odd or made up."""
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
    return _made_up(dice) if turn < 0.65 else dice.choice(ODD)


def _made_up(dice: random.Random) -> str:
    """A number, a day or words that nobody has written down before."""
    kind = dice.random()
    if kind < 0.2:
        return str(dice.randint(-(10 ** dice.randint(1, 4)), 10 ** dice.randint(1, 22)))
    if kind < 0.3:
        return f"{dice.randint(-99, 9999)}.{dice.randint(0, 10 ** dice.randint(1, 9))}"
    if kind < 0.4:
        return f"{dice.randint(1, 9999):04}-{dice.randint(0, 13):02}-{dice.randint(0, 32):02}"
    size = dice.choice([1, 2, 3, 8, 20, 60, 300])
    return "".join(chr(dice.randrange(*dice.choice(BLOCKS))) for _ in range(size))


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
    response = _posted(client, form, values)
    return response.status_code, response.headers.get("Location", "")


def _posted(client: Client, form: Found, values: dict[str, list[Any]]) -> Any:
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
    return response


def mend(client: Client, form: Found) -> None:
    """Make a form that is refused a sound one, as a person would: by what the page says of it.

    A field that is complained of is left empty where it may be, or given something else it takes;
    what the page says of the whole form is met by leaving out one field that may be left out.
    """
    wrong = _complaints(client, form, form.values)
    for _turn in range(MENDINGS):
        if wrong is None or not wrong[0]:
            return
        better = _better(client, form, wrong)
        if better is None:
            return
        form.values, wrong = better


MENDINGS = 6


def _better(
    client: Client, form: Found, wrong: tuple[int, list[str]]
) -> tuple[dict[str, list[Any]], tuple[int, list[str]] | None] | None:
    """The values with one field changed that are complained of less, and what is left."""
    named = [name for name in form.names if name in wrong[1]]
    for name in named or form.names:
        asked = form.fields.get(name)
        offers: list[Any] = [[]] if asked is None or not asked.required else []
        if named:
            offers += [[offer] for offer in _others(form, name)[:12]]
        for offer in offers:
            values = form.values | {name: offer}
            left = _complaints(client, form, values)
            if left is None or left[0] < wrong[0]:
                return values, left
    return None


def _complaints(
    client: Client, form: Found, values: dict[str, list[Any]]
) -> tuple[int, list[str]] | None:
    """How much the page says is wrong, and of which fields; None when it is taken."""
    response = _posted(client, form, values)
    if response.status_code in {302, 303}:
        return None
    found: dict[str, int] = {}
    for layer in getattr(response, "context", None) or ():
        for value in layer.flatten().values() if hasattr(layer, "flatten") else ():
            for each in getattr(value, "forms", None) or [value]:
                if isinstance(each, forms.BaseForm) and each.is_bound:
                    said = {each.add_prefix(n) if n in each.fields else "": len(e)
                            for n, e in each.errors.items()}  # fmt: skip
                    found |= said
    return sum(found.values()), [name for name in found if name]


@dataclass
class Tally:
    """What came of the inputs to one form; a turn is the same input in every run.

    What was drawn before is not sent again: each is undone and the clock stands, so that the answer
    is known. `inputs` counts what was drawn, `different` what was sent.
    """

    name: str
    names: tuple[str, ...]
    form: Found
    inputs: int = 0
    different: int = 0
    taken: int = 0
    is_sound: bool = False
    seconds: float = 0.0
    faults: list[tuple[str, int, dict[str, list[Any]]]] = field(default_factory=list)
    answered: dict[str, bool] = field(default_factory=dict, repr=False)

    def send(self, client: Client, turn: int, before: Callable[[], None]) -> None:
        """Send one input after calling `before`; the first is the sound form itself."""
        dice = random.Random(zlib.crc32(f"{self.name}{self.names}{turn}".encode()))
        values = spoiled(self.form, dice) if turn else self.form.values
        key = hashlib.sha256(repr(sorted(values.items())).encode()).hexdigest()
        if key not in self.answered:
            before()
            self.answered[key] = self._is_taken(client, values)
            self.different += 1
        self.inputs += 1
        self.taken += self.answered[key]
        self.is_sound = self.is_sound or (self.answered[key] and not turn)

    def _is_taken(self, client: Client, values: dict[str, list[Any]]) -> bool:
        began = time.process_time()
        status, where = sent(client, self.form, values)
        self.seconds += time.process_time() - began
        if status >= 500:
            self.faults.append((self.name, status, values))
        return status in {302, 303} and "/accounts/login/" not in where

    @property
    def share(self) -> float:
        """How much was taken."""
        return self.taken / self.inputs

    def __str__(self) -> str:
        each = 1000 * self.seconds / (self.different or 1)
        word = "" if self.is_sound else ", sound one refused"
        return (
            f"{self.name} ({self.form.actor}): {self.inputs} inputs, {self.different} different, "
            f"{self.share:.0%} taken, "
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
