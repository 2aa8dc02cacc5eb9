"""How alike two Chinese texts are, from keyed sketches that do not give them back (R10)."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence

SIZE = 64  # numbers in a sketch
BAND = 4  # numbers in a band: two texts that share a band are looked at
_PRIME = (1 << 61) - 1


def _letters(text: str) -> str:
    """Only what carries meaning: letters, digits and Han characters, in one width and case."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in plain if c.isalnum())


def _pieces(text: str) -> set[str]:
    letters = _letters(text)
    return {letters[i : i + 2] for i in range(len(letters) - 1)}


def _number(key: bytes, text: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(text.encode(), key=key[:64], digest_size=8).digest(), "big"
    )


def sketch(text: str, key: bytes) -> list[int]:
    """The MinHash of the text's pairs of characters; empty for a text with fewer than two."""
    hashes = [_number(key, piece) % _PRIME for piece in _pieces(text)]
    if not hashes:
        return []
    seeds = [(_number(key, f"a{i}") % _PRIME or 1, _number(key, f"b{i}") % _PRIME)
             for i in range(SIZE)]  # fmt: skip
    return [min((a * h + b) % _PRIME for h in hashes) for a, b in seeds]


def likeness(one: Sequence[int], other: Sequence[int]) -> int:
    """How many percent of the pairs of characters the two texts share, estimated."""
    if len(one) != SIZE or len(other) != SIZE:
        return 0
    return sum(a == b for a, b in zip(one, other, strict=True)) * 100 // SIZE


def bands(numbers: Sequence[int]) -> list[str]:
    """The parts of a sketch by which candidates are found without reading every case."""
    return [
        f"{start}:{_short(numbers[start : start + BAND])}" for start in range(0, len(numbers), BAND)
    ]


def _short(numbers: Sequence[int]) -> str:
    return hashlib.blake2b(repr(list(numbers)).encode(), digest_size=6).hexdigest()


def shared_run(original: str, other: str, length: int) -> str:
    """The first `length` characters in a row that both texts have, or an empty text."""
    one, two = _letters(original), _letters(other)
    known = {one[i : i + length] for i in range(len(one) - length + 1)}
    for i in range(len(two) - length + 1):
        if two[i : i + length] in known:
            return two[i : i + length]
    return ""
