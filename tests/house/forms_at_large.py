"""Sending a form soundly but for one field, mended first where it is refused; what came of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import time
import uuid
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.template import Template
from django.test import Client

from tests import makers as make
from tests.house.foreign import foreign_words
from tests.house.forms_found import Found, choices_of, others_for

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


def spoiled(form: Found, dice: random.Random) -> dict[str, list[Any]]:
    """The form with one field changed."""
    values = {name: list(each) for name, each in form.values.items()}
    if not form.names:
        return values
    name = dice.choice(form.names)
    asked = form.fields.get(name)
    if others := others_for(form, name) if dice.random() < OTHERWISE else ():
        values |= _chosen(name, dice.choice(others))
    elif isinstance(asked, forms.FileField):
        values[name] = [dice.choice([b"", b"MZ", b"%PDF-1.7", make.pdf().read(), b"\xff\xd8\xff"])]
    elif dice.random() < 0.08:
        del values[name]
    elif dice.random() < 0.06:
        values[name] = [*values[name], str(dice.choice(ODD))]
    else:
        values[name] = [_odd(values[name], asked, dice)]
    return values


def _chosen(name: str, other: Any) -> dict[str, list[Any]]:
    """What else is typed: one value, several of a list, or several fields that belong together."""
    if isinstance(other, dict):
        return other
    return {name: other if isinstance(other, list) else [other]}


def _odd(values: list[Any], asked: forms.Field | None, dice: random.Random) -> Any:
    """Another choice, something near, another key, bytes that are no text, odd or made up."""
    turn = dice.random()
    choices = choices_of(asked) if asked is not None else []
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


def posted(client: Client, form: Found, values: dict[str, list[Any]]) -> Any:
    """Post it, undo whatever it did; the answer."""
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


MENDINGS = 12
NO_FORM = 1_000  # an answer that is neither the form again nor a way on: worse than any complaint


def mend(client: Client, form: Found, before: Callable[[], None]) -> None:
    """Make a form that is refused a sound one, as a person would: by what the page says of it.

    A field that is complained of is left empty where it may be, or given something else it takes;
    what the page says of the whole form is met by leaving out one field that may be left out.
    """
    wrong, named = _complaints(client, form, form.values, before)
    for _turn in range(MENDINGS):
        if not wrong:
            return
        for values, is_less in _otherwise(form, named):
            less, left = _complaints(client, form, values, before)
            # A form that asks less may be complained of as much, elsewhere.
            if less < wrong or (is_less and less == wrong):
                form.values, wrong, named = values, less, left
                break
        else:
            return


def _otherwise(form: Found, named: list[str]) -> Iterator[tuple[dict[str, list[Any]], bool]]:
    """The values with one field changed, and whether one complained of is left out; such first."""
    asked = [name for name in form.names if name not in form.hidden]
    for name in sorted(asked, key=lambda name: name not in named):
        known = form.fields.get(name)
        if any(form.values[name]) and (known is None or not known.required):
            yield form.values | {name: []}, name in named
        if name in named:
            yield from ((form.values | {name: [o]}, False) for o in others_for(form, name)[:12])


def _complaints(
    client: Client, form: Found, values: dict[str, list[Any]], before: Callable[[], None]
) -> tuple[int, list[str]]:
    """How much the page says is wrong, and of which fields; nought when it is taken."""
    before()
    response = posted(client, form, values)
    if is_taken(response):
        return 0, []
    found: dict[str, int] = {}
    bound = list(_bound(response)) if response.status_code == 200 else []
    for each in bound:
        found |= {each.add_prefix(n) if n in each.fields else "": len(e)
                  for n, e in each.errors.items()}  # fmt: skip
    count = sum(found.values()) + sum(map(len, _of_the_set(response)))
    return (count or NO_FORM) if bound else NO_FORM, [name for name in found if name]


def _held(response: Any) -> Iterator[Any]:
    """Whatever the templates of a page were given."""
    for layer in response.context or ():
        if hasattr(layer, "flatten"):
            yield from layer.flatten().values()


def _bound(response: Any) -> Iterator[forms.BaseForm]:
    for value in _held(response):
        for each in getattr(value, "forms", None) or [value]:
            if isinstance(each, forms.BaseForm) and each.is_bound:
                yield each


def _of_the_set(response: Any) -> Iterator[Any]:
    """What is wrong with sets of forms as a whole."""
    for value in _held(response):
        if isinstance(value, forms.BaseFormSet) and value.is_bound:
            yield value.non_form_errors()


# These show what was asked for on the page itself, where others lead on.
SHOWN = {
    "desk:staff_reveal", "desk:complaint_contact_open", "desk:user_invite", "desk:calendar_address",
    "desk:account_change_grant", "desk:complaint_new", "desk:operator_code", "my:invite",
    "my:staff_ledger_import", "public:near",
}  # fmt: skip
# These buttons draw the page again: with what was searched for, with one row or file more or less.
DRAWN_AGAIN = {
    "complaints:facility": {"search"}, "complaints:urgent": {"search", "add", "remove"},
    "panel:objection": {"more"}, "my:staff": {"import"},
}  # fmt: skip
HANDED_OUT = {"desk:export"}  # as a file, where the list is short
# Who has come so far signs in next; anybody else who is sent there was turned away.
BEFORE_SIGNING_IN = {"account_signup", "account_invited", "account_recover"}


def is_taken(response: Any) -> bool:
    """Whether an act was done: led on, but not to the sign-in."""
    route = response.resolver_match.view_name if response.resolver_match else ""
    if response.status_code == 200:
        if route in HANDED_OUT:
            return "attachment" in response.headers.get("Content-Disposition", "")
        pressed = DRAWN_AGAIN.get(route, set()) & response.wsgi_request.POST.keys()
        return bool(route in SHOWN or pressed) and b"error-summary" not in response.content
    where = response.headers.get("Location", "")
    is_led_on = route in BEFORE_SIGNING_IN or "/accounts/login/" not in where
    return response.status_code in {302, 303} and is_led_on


def fault_in(response: Any) -> str:
    """What no form may be answered with: a fault of ours, a page with a sentence of Django's."""
    if response.status_code >= 500:
        return f"status {response.status_code}"
    if response.streaming or "html" not in response.headers.get("Content-Type", ""):
        return ""
    found = foreign_words(response.content.decode("utf-8", "replace"))
    return f"Django says {found}" if found else ""


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
    faults: list[tuple[str, str, dict[str, list[Any]]]] = field(default_factory=list)
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
        response = posted(client, self.form, values)
        self.seconds += time.process_time() - began
        if fault := fault_in(response):
            self.faults.append((self.name, fault, values))
        return is_taken(response)

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
        ending = "xlsx" if content.startswith(b"PK") else "pdf"
        return SimpleUploadedFile(f"a.{ending}", content)
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _quoted(value: Any) -> bytes:
    raw = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
    return "".join(f"%{each:02X}" for each in raw).encode()
