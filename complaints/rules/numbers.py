"""The number of a complaint and the code that opens it (R11).

The number is not secret and says nothing: eight random characters and one that catches a slip of
the pen. The code is sixteen characters of the same alphabet, shown once, in four groups of four.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

from portal.core.identifiers import normalise_code

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
PREFIX = "TS"
LENGTH, CODE_LENGTH = 8, 16
_FORM = re.compile(rf"{PREFIX}[{ALPHABET}]{{{LENGTH + 1}}}")


def check_character(body: str) -> str:
    """Catches every wrong character and every two neighbours that changed places.

    Horner's rule over the field of 32 elements (x^5 + x^2 + 1): each place weighs differently.
    """
    total = 0
    for character in body:
        total = _times_x(total) ^ ALPHABET.index(character)
    return ALPHABET[_times_x(total)]


def _times_x(element: int) -> int:
    doubled = element << 1
    return doubled ^ 0b100101 if doubled & 0b100000 else doubled


def complaint_number() -> str:
    """A new number, TS-XXXX-XXXX-C."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return _shown(body)


def _shown(body: str) -> str:
    return f"{PREFIX}-{body[:4]}-{body[4:]}-{check_character(body)}"


def normalise_number(text: str) -> str:
    """A number as typed, in its one form; without the right shape an empty text."""
    plain = normalise_code(text)
    # I, L and O were read as digits: the prefix has none of them.
    if not plain.startswith(PREFIX):
        plain = PREFIX + plain
    if not _FORM.fullmatch(plain):
        return ""
    body = plain[len(PREFIX) : -1]
    return f"{PREFIX}-{body[:4]}-{body[4:]}-{plain[-1]}"


def number_is_sound(text: str) -> bool:
    """Whether the check character fits; says nothing of whether there is such a complaint."""
    number = normalise_number(text)
    return bool(number) and _shown(number[len(PREFIX) + 1 : -2].replace("-", "")) == number


def access_code(token: bytes, key: bytes) -> str:
    """The code that belongs to a form's random token: the same when the form is sent again."""
    digest = hmac.new(key, token, hashlib.sha256).digest()
    bits = int.from_bytes(digest, "big")
    return "".join(ALPHABET[bits >> (5 * i) & 31] for i in range(CODE_LENGTH))
