"""Finding Chinese names: every one- and two-character piece, and the pinyin initials (R20).

Trigrams find nothing for two-character words, the commonest query; a GIN index over these pieces
answers any substring of a name in well under a millisecond (performance.md §3).
"""

from __future__ import annotations

import unicodedata

from pypinyin import Style, lazy_pinyin


def normalise(text: str) -> str:
    """Half-width, lower case, without spaces: what is stored and what is asked look alike."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def initials(text: str) -> str:
    """The first letters of the pinyin: 小太阳 gives "xty"; Latin letters and digits stay."""
    letters = lazy_pinyin(normalise(text), style=Style.FIRST_LETTER)
    return "".join(c for c in "".join(letters) if c.isascii() and c.isalnum())


def sort_key(text: str) -> str:
    """The full pinyin, to order names without a Chinese collation in the database."""
    return " ".join(lazy_pinyin(normalise(text)))[:200]


def pieces(text: str) -> set[str]:
    """Every one- and two-character piece of a text."""
    plain = normalise(text)
    return set(plain) | {plain[i : i + 2] for i in range(len(plain) - 1)}


def grams(*texts: str, spoken: tuple[str, ...] = ()) -> list[str]:
    """What the writer stores: pieces of all texts, and of the initials of the `spoken` ones."""
    found: set[str] = set()
    for text in texts:
        found |= pieces(text)
    for text in spoken:
        found |= pieces(initials(text))
    return sorted(found)


def wanted(query: str) -> list[str]:
    """What a query must contain: its two-character pieces, or its single character."""
    plain = normalise(query)
    if len(plain) <= 1:
        return list(plain)
    return sorted({plain[i : i + 2] for i in range(len(plain) - 1)})
