"""Numbers and codes people write: read leniently, checked exactly, made from templates.

No texts for people here: a check returns a `Problem` with a code and parameters, and the form
finds the words. Nothing here proves that an office issued the number.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
import string
import time
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from stdnum.cn import ric as _ric
from stdnum.cn import uscc as _uscc
from stdnum.exceptions import ValidationError as _StdnumError

SOUTH, NORTH, WEST, EAST = 3, 54, 73, 136  # degrees between which the country lies
USCC_LENGTH = 18
_USCC_ALPHABET = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")  # no I O S V Z
_USCC_AREA = slice(2, 8)
_ORGANISATION_CODE = slice(8, 16)
_ORGANISATION_CHECK = 16
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_CHECK_CHARACTERS = "0123456789X"

IDENTITY_LENGTH = 18
_IDENTITY = re.compile(r"[0-9]{17}[0-9X]")
# The first two digits name a province (GB/T 2260); 81 to 83 are residence permits of compatriots.
_PROVINCES = frozenset(
    map(
        str,
        (
            *(*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47)),
            *(*range(50, 55), *range(61, 66), 71, *range(81, 84)),
        ),
    )
)
_SHOWN_FIRST, _SHOWN_LAST = 6, 4

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0[0-9]{2,3}-?[0-9]{7,8}(-[0-9]{1,6})?")
_SERVICE_NUMBER = re.compile(r"[48]00-?[0-9]{3}-?[0-9]{4}|95[0-9]{3,6}|12[0-9]{3}")
_MOBILE_DIGITS = 11
_COUNTRY_CODE = re.compile(r"(?:\+|00)86")
_DASHES = "\\-\u2010-\u2015\u2212"

_PLAIN_COUNTER = "{n}"
_TEMPLATE_SPEC = re.compile(r"(?:0[1-9]d)?")

_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base32: no I L O U
_CODE_LENGTH = 16
_CODE_GROUP = 4
_CODE_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})


class ProblemCode(StrEnum):
    """What is wrong with an identifier."""

    USCC_LENGTH = "uscc_length"  # params: length, expected
    USCC_CHARACTERS = "uscc_characters"  # params: positions (from 1), characters
    USCC_AREA = "uscc_area"  # params: area
    USCC_CHECK = "uscc_check"  # last character, GB 32100
    USCC_ORGANISATION_CHECK = "uscc_organisation_check"  # 17th character, GB 11714
    IDENTITY_LENGTH = "identity_length"  # params: length, expected
    IDENTITY_CHARACTERS = "identity_characters"
    IDENTITY_AREA = "identity_area"  # params: area
    IDENTITY_DATE = "identity_date"  # the day of birth inside it is no day
    IDENTITY_CHECK = "identity_check"  # last character, GB 11643
    MOBILE_LENGTH = "mobile_length"  # params: length, expected
    MOBILE_FORMAT = "mobile_format"
    LANDLINE_FORMAT = "landline_format"
    PHONE_FORMAT = "phone_format"
    CODE_LENGTH = "code_length"  # params: length, expected
    CODE_CHARACTERS = "code_characters"  # params: characters


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an identifier is not well formed; `params` fill the message of the form."""

    code: ProblemCode
    params: Mapping[str, object] = field(default_factory=dict)


def normalise(text: str) -> str:
    """Half-width, trimmed, upper case: how identifiers are compared and stored."""
    return unicodedata.normalize("NFKC", text).strip().upper()


# Unified social credit code, GB 32100-2015


def normalise_uscc(text: str) -> str:
    """As `normalise`, and without the blanks and dashes people write between groups."""
    return re.sub(rf"[\s{_DASHES}]", "", normalise(text))


def uscc_problem(text: str) -> Problem | None:
    """The first thing wrong with a unified social credit code, or None.

    Checks length, alphabet, the area's digits, the last check character (GB 32100-2015) and the
    one of the organisation code inside it, at position 17 (GB 11714).
    """
    code = normalise_uscc(text)
    if len(code) != USCC_LENGTH:
        return Problem(ProblemCode.USCC_LENGTH, {"length": len(code), "expected": USCC_LENGTH})
    wrong = [place for place, letter in enumerate(code) if letter not in _USCC_ALPHABET]
    if wrong:
        return Problem(
            ProblemCode.USCC_CHARACTERS,
            {
                "positions": tuple(place + 1 for place in wrong),
                "characters": "".join(code[place] for place in wrong),
            },
        )
    if not code[_USCC_AREA].isdigit():
        return Problem(ProblemCode.USCC_AREA, {"area": code[_USCC_AREA]})
    if code[-1] != _uscc.calc_check_digit(code[:-1]):
        return Problem(ProblemCode.USCC_CHECK)
    if code[_ORGANISATION_CHECK] != organisation_check(code[_ORGANISATION_CODE]):
        return Problem(ProblemCode.USCC_ORGANISATION_CHECK)
    return None


def organisation_check(code: str) -> str:
    """The check character of an organisation code of eight characters (GB 11714)."""
    values = (int(letter, 36) for letter in code)
    total = sum(value * weight for value, weight in zip(values, _ORGANISATION_WEIGHTS, strict=True))
    return _ORGANISATION_CHECK_CHARACTERS[-total % len(_ORGANISATION_CHECK_CHARACTERS)]


def uscc_prefix(text: str) -> str:
    """The two characters for registering office and kind of body; empty if the length is wrong."""
    code = normalise_uscc(text)
    return code[:2] if len(code) == USCC_LENGTH else ""


def uscc_area(text: str) -> str:
    """The six digits of the registering office's area; empty if the length is wrong."""
    code = normalise_uscc(text)
    return code[_USCC_AREA] if len(code) == USCC_LENGTH else ""


# Identity number, GB 11643-1999


def normalise_identity(text: str) -> str:
    """As `normalise`, without the blanks and dashes people write between groups; x becomes X."""
    return re.sub(rf"[\s{_DASHES}]", "", normalise(text))


def identity_problem(text: str) -> Problem | None:
    """The first thing wrong with an identity number of 18 characters, or None.

    Checks length, digits, province, the day of birth and the last character (GB 11643-1999). The
    district is not checked: numbers keep districts that no longer exist.
    """
    number = normalise_identity(text)
    if len(number) != IDENTITY_LENGTH:
        params = {"length": len(number), "expected": IDENTITY_LENGTH}
        return Problem(ProblemCode.IDENTITY_LENGTH, params)
    if not _IDENTITY.fullmatch(number):
        return Problem(ProblemCode.IDENTITY_CHARACTERS)
    if number[:2] not in _PROVINCES:
        return Problem(ProblemCode.IDENTITY_AREA, {"area": number[:2]})
    if birth_date(number) is None:
        return Problem(ProblemCode.IDENTITY_DATE)
    if number[-1] != _ric.calc_check_digit(number):
        return Problem(ProblemCode.IDENTITY_CHECK)
    return None


def birth_date(text: str) -> dt.date | None:
    """The day of birth inside an identity number; None where there is none."""
    number = normalise_identity(text)
    if not _IDENTITY.fullmatch(number):
        return None
    try:
        return _ric.get_birth_date(number)
    except _StdnumError:
        return None


def mask_identity(text: str) -> str:
    """410481********0010: the first six and the last four, enough to compare with a card."""
    number = normalise_identity(text)
    hidden = len(number) - _SHOWN_FIRST - _SHOWN_LAST
    if hidden <= 0:
        return "****" if number else ""
    return f"{number[:_SHOWN_FIRST]}{'*' * hidden}{number[-_SHOWN_LAST:]}"


# Telephone numbers


def normalise_phone(text: str) -> str:
    """Half-width, without blanks, brackets and +86; every kind of dash becomes a hyphen."""
    phone = re.sub(rf"[{_DASHES}]+", "-", re.sub(r"[\s()]", "", normalise(text)))
    phone = _COUNTRY_CODE.sub("", phone, count=1) if _COUNTRY_CODE.match(phone) else phone
    digits = phone.replace("-", "")
    return digits if _MOBILE.fullmatch(digits) else phone


def mobile_problem(text: str) -> Problem | None:
    """What is wrong with a mobile number of mainland China, or None."""
    phone = normalise_phone(text).replace("-", "")
    if not re.fullmatch(r"[0-9]*", phone):
        return Problem(ProblemCode.MOBILE_FORMAT)
    if len(phone) != _MOBILE_DIGITS:
        return Problem(
            ProblemCode.MOBILE_LENGTH, {"length": len(phone), "expected": _MOBILE_DIGITS}
        )
    return None if _MOBILE.fullmatch(phone) else Problem(ProblemCode.MOBILE_FORMAT)


def landline_problem(text: str) -> Problem | None:
    """What is wrong with a landline number (area code first, extension after a dash), or None."""
    if _LANDLINE.fullmatch(normalise_phone(text)):
        return None
    return Problem(ProblemCode.LANDLINE_FORMAT)


def phone_problem(text: str) -> Problem | None:
    """None for a mobile, landline, 400/800 or short service number (95..., 12...)."""
    phone = normalise_phone(text)
    if any(kind.fullmatch(phone) for kind in (_MOBILE, _LANDLINE, _SERVICE_NUMBER)):
        return None
    return Problem(ProblemCode.PHONE_FORMAT)


# Numbers given by the office; the templates are data (`filing.*_template`)


def filing_number(year: int, n: int, template: str) -> str:
    """A business number of a yearly counter, such as DJ-2026-0018, from a template of the packs.

    ValueError if n < 1 or the template is not sound; so with the two functions below.
    """
    return _fill(template, {"year": year, "n": n})


def facility_code(n: int, template: str) -> str:
    """The number of a facility, from a counter that never starts again, such as SP-TY-0012."""
    return _fill(template, {"n": n})


def document_number(year: int, n: int, template: str) -> str:
    """The number of an official paper, without leading zeros, the year in U+3014/U+3015."""
    if _PLAIN_COUNTER not in template:
        raise ValueError(f"a paper's number has no leading zeros: {template!r}")
    return _fill(template, {"year": year, "n": n})


def _fill(template: str, values: Mapping[str, int]) -> str:
    """Fills a template that may name only `values`, plain or as `:04d`, and must name them all."""
    if values["n"] < 1:
        raise ValueError(f"counters start at 1, not {values['n']}")
    parts = [part for part in string.Formatter().parse(template) if part[1] is not None]
    plain = all(
        conversion is None and _TEMPLATE_SPEC.fullmatch(spec or "")
        for _, _, spec, conversion in parts
    )
    if not plain or sorted(str(part[1]) for part in parts) != sorted(values):
        raise ValueError(f"not a number template for {', '.join(sorted(values))}: {template!r}")
    return template.format_map(values)


# Verification codes, and keys of rows


def new_code() -> str:
    """A code of 16 Crockford base32 characters, 80 random bits, as stored (no groups)."""
    return "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))


def show_code(code: str) -> str:
    """The code in groups of four, as printed and spoken: 7K3M-Q0ZD-..."""
    starts = range(0, len(code), _CODE_GROUP)
    return "-".join(code[start : start + _CODE_GROUP] for start in starts)


def normalise_code(text: str) -> str:
    """A code as typed, made comparable: no blanks or dashes, upper case, I and L as 1, O as 0."""
    return re.sub(rf"[\s{_DASHES}]", "", normalise(text)).translate(_CODE_READ_AS)


def code_problem(text: str) -> Problem | None:
    """What is wrong with the shape of a typed code, or None; says nothing of its existence."""
    code = normalise_code(text)
    if len(code) != _CODE_LENGTH:
        return Problem(ProblemCode.CODE_LENGTH, {"length": len(code), "expected": _CODE_LENGTH})
    wrong = "".join(sorted(set(code) - set(_CODE_ALPHABET)))
    return Problem(ProblemCode.CODE_CHARACTERS, {"characters": wrong}) if wrong else None


def uuid7() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562, method 3): time to a quarter microsecond, then chance.

    It orders rows by age and so tells when the row was made: not for what must hide its time.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = (rest << 12) // 1_000_000
    head = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | 7 << 76 | fraction << 64
    return uuid.UUID(int=head | 2 << 62 | secrets.randbits(62))
