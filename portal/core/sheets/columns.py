"""A column of a table: what it is called, what stands in it, how one cell is read."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from .refusal import MAX_TEXT

Kind = Literal["text", "date", "number"]
Value = str | dt.date | Decimal | None

# Above this a number cell of Excel has lost its last digits: a code typed as a number.
EXACT = 10**15
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:\s+0?0:00(?::00)?)?"
)
_BLANK = " \t\r\n\u3000\xa0"
_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,6})?")
# Invisible signs that come along when text is pasted from a page or a chat.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `name` is the key for programs, `title` what stands in the header row.

    `choices` are the words a person may pick from; the template offers them as a list, whoever
    reads the table decides about others. `width` is in characters, `note` explains the column in
    the template.
    """

    name: str
    title: str
    kind: Kind = "text"
    required: bool = False
    width: int = 16
    choices: tuple[str, ...] = ()
    note: str = ""
    also: tuple[str, ...] = ()


class CellProblem(Exception):
    """A cell could not be read. Codes: date, number, digits_lost, too_long."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def title_key(title: object) -> str:
    """A header as it is compared: without spaces, stars, and a remark in brackets at the end."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", str(title)))
    text = re.sub(r"[\s*:]", "", text)
    return re.sub(r"(?<=.)\([^()]*\)$", "", text).lower()


def shown(raw: object) -> str:
    """A cell as text, the way it looks in Excel: 1.0 is "1", a date is 2026-01-05."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, float):
        return format(Decimal(repr(raw)).normalize(), "f")
    if isinstance(raw, dt.datetime):
        midnight = raw.time() == dt.time(0)
        return raw.date().isoformat() if midnight else raw.isoformat(" ", "minutes")
    text = str(raw)
    if text.isprintable() and unicodedata.is_normalized("NFC", text):  # by far the most
        return text.strip(_BLANK)
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", text)).strip(_BLANK)


def cell_value(raw: object, text: str, kind: Kind) -> Value:
    """The value of a cell that looks like `text`, None when it is empty.

    CellProblem when it does not read as `kind`.
    """
    if not text:
        return None
    if len(text) > MAX_TEXT:
        raise CellProblem("too_long")
    if kind == "date":
        return _date(raw, text)
    if isinstance(raw, int | float) and abs(raw) >= EXACT:
        raise CellProblem("digits_lost")
    return _number(text) if kind == "number" else text


def _date(raw: object, text: str) -> dt.date:
    if isinstance(raw, dt.datetime):
        return raw.date()
    if isinstance(raw, dt.date):
        return raw
    plain = unicodedata.normalize("NFKC", text)
    found = _DATE.fullmatch(plain) or _DIGITS.fullmatch(plain)
    if found is None:
        raise CellProblem("date")
    try:
        return dt.date(*(int(part) for part in found.groups()))
    except ValueError as error:
        raise CellProblem("date") from error


def _number(text: str) -> Decimal:
    plain = unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")
    if not _NUMBER.fullmatch(plain):
        raise CellProblem("number")
    try:
        return Decimal(plain)
    except InvalidOperation as error:  # pragma: no cover - the pattern admits no other text
        raise CellProblem("number") from error
