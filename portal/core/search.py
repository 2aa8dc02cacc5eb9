"""Finding Chinese names: every one- and two-character piece, and the pinyin initials (R20).

Trigrams find nothing for two-character words, the commonest query; a GIN index over these pieces
answers any substring of a name in well under a millisecond (performance.md §3).
"""

from __future__ import annotations

import re
import unicodedata

from pypinyin import Style, lazy_pinyin

_NUMERALS = "零一二三四五六七八九"
# A number of a house, a block, a floor: written 十八号 by one and 18号 by another.
_COUNTED = "(?=[号楼栋幢座单室层弄巷])"
_WRITTEN = re.compile(f"[{_NUMERALS}十]{{1,4}}{_COUNTED}")
_DIGITS = re.compile(f"(?<![0-9])[1-9][0-9]?{_COUNTED}")


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


def spellings(word: str) -> list[str]:
    """The word as it is asked, and with its house numbers in the other script: 五号楼, 5号楼."""
    plain = normalise(word)
    other = _WRITTEN.sub(lambda found: _in_digits(found.group()), plain)
    if other == plain:
        other = _DIGITS.sub(lambda found: _in_words(int(found.group())), plain)
    return [plain] if other == plain else [plain, other]


def _in_digits(written: str) -> str:
    """十八 gives 18, 二十 gives 20, 一零一 gives 101; anything odder stays as it is."""
    tens, ten, ones = written.partition("十")
    if not ten:
        return "".join(str(_NUMERALS.index(character)) for character in written)
    if len(tens) > 1 or len(ones) > 1 or "十" in ones:
        return written
    return f"{_NUMERALS.index(tens) if tens else 1}{_NUMERALS.index(ones) if ones else 0}"


def _in_words(number: int) -> str:
    """18 gives 十八, 20 gives 二十; for numbers up to 99."""
    tens, ones = divmod(number, 10)
    head = f"{_NUMERALS[tens] if tens > 1 else ''}十" if tens else ""
    return head + (_NUMERALS[ones] if ones else "")
