"""Looking for what must not be published: numbers of people, and hints of children's names.

Pure: texts in, findings out. A finding is `certain` where a check digit or a fixed shape leaves no
reasonable doubt; all others are hints a person has to look at. Every pattern has an upper
bound or is one class alone, so the work grows with the length of the text and with nothing else.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from operator import itemgetter


class FindingKind(StrEnum):
    """What a text seems to hold."""

    IDENTITY = "identity"
    MOBILE = "mobile"
    LANDLINE = "landline"
    BANK_CARD = "bank_card"
    EMAIL = "email"
    PLATE = "plate"
    CHILD = "child"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `snippet` is masked; `start` counts characters of the text as given."""

    kind: FindingKind
    place: str
    start: int
    snippet: str
    certain: bool

    @property
    def key(self) -> str:
        """Names the finding within one unchanged content."""
        return f"{self.place}:{self.kind}:{self.start}"


Span = tuple[FindingKind, int, int, bool]  # kind, start, end (of the plain text), certain

_SEPARATORS = frozenset(
    " \t-_.·•/()\u00ad\u200b\u200c\u200d\u2060\ufeff\u2010\u2011\u2012\u2013\u2014\u2212"
)
_MOST_SEPARATORS = 2
_LONGEST = 20
_IDENTITY, _OLD_IDENTITY, _MOBILE = 18, 15, 11
_CARD = range(16, 20)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_AREAS = """11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54
61 62 63 64 65 71 81 82 83 91"""
_PROVINCES = frozenset(_AREAS.split())
_MOBILE_SHAPE = re.compile(r"(?:00)?(?:86)?(1[3-9][0-9]{9})")
_LANDLINE_SHAPE = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})[2-9][0-9]{6,7}")
_DIGITS = re.compile(r"[0-9]+")
_AT = re.compile(r"@")
_ENDS_WITH_X = re.compile(r"[Xx](?![A-Za-z0-9])")
_PHONE_WORD = re.compile(r"(?:电话|座机|手机|联系|致电|tel|phone)[^0-9]{0,4}$", re.IGNORECASE)
_LOCAL = range(7, 9)
_BEFORE = 10
_EMAIL_NAME = re.compile(r"[A-Za-z0-9._%+-]{1,64}$")
_EMAIL_HOST = re.compile(r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
    r"[A-HJ-NP-Z][ ·•.-]?([A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳])(?![A-Z0-9])"
)
# The family names of nine people in ten; without them every second word would be a hint.
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范石廖贾夏韦付傅白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵钱严覃武戴莫孔向汤"
)
_HAN = "[\u4e00-\u9fff]"
_NAME = f"[{_SURNAMES}]{_HAN}{{1,2}}"
_CALLED = f"[{_SURNAMES}小大阿]{_HAN}{{1,2}}"
_CHILD = "幼儿(?!园)|婴儿|宝宝|宝贝|孩子|小朋友|儿童|女儿|儿子|家长"
_AFTER = re.compile(rf"(?:{_CHILD})[:： “\"]?({_NAME})")
_KIN = "小朋友|宝宝|同学|之子|之女|的儿子|的女儿|的孩子|的?(?:家长|爸爸|妈妈)"
_IN_FRONT = re.compile(rf"({_CALLED})(?:{_KIN})")
# Words that begin like a family name and are none.
_WORDS = """
高兴 高度 高温 高热 高峰 任何 任意 任务 安全 方便 方式 周围 周边 周一 周二 周三
周四 周五 周末 周岁 石头 白天 江河 马上 马路 毛巾 毛毯 水杯 夏天 夏季 何时 何地
何种 许多 许可 余下 程度 曾经 严重 严格 严禁 严防 武术 田地 向上 向前 向家 向街
向社 向我 白班 汤饭 雷雨 雷电 石子 叶子 黄色 白色 付费 付款 段落 顾虑 陆续 史上
莫名 孔洞 林地 熊猫 张贴 张开 谢绝 唐诗 宋词 田园 梁柱 罗列 大多 大部 大小 大家
大约 大班 小班 小时 小区 小组 小学 小型 小于 大于
"""
_NO_NAME = frozenset(_WORDS.split())


@dataclass(frozen=True, slots=True)
class _Plain:
    """The text in half-width characters, and where each of them stood."""

    text: str
    origin: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    digits: str
    start: int
    end: int


def scan(
    texts: Mapping[str, str] | Iterable[tuple[str, str]], *, allowed: Collection[str] = ()
) -> tuple[Finding, ...]:
    """What the texts (by the name of their place) hold, in order; `allowed` numbers are public.

    `allowed` are telephone numbers and addresses that the office or the facility publishes itself;
    they are compared without blanks, dashes and width.
    """
    pairs = texts.items() if isinstance(texts, Mapping) else texts
    public = frozenset(_bare(each) for each in allowed if each)
    return tuple(finding for place, text in pairs for finding in _scan_one(place, text, public))


def masked(text: str) -> str:
    """Enough to find the place again, too little to use: the ends, stars between."""
    if len(text) <= 3:
        return text[:1] + "*" * (len(text) - 1)
    keep = 2 if len(text) < 8 else 3
    return text[:keep] + "*" * (len(text) - keep - 1) + text[-1]


def _scan_one(place: str, text: str, public: frozenset[str]) -> list[Finding]:
    plain = _plain(text)
    found = [*_numbers(plain.text), *_emails(plain.text), *_plates(plain.text)]
    found += _children(plain.text)
    kept = [span for span in found if _bare(plain.text[span[1] : span[2]]) not in public]
    return [
        Finding(
            kind, place, plain.origin[start], masked(_snippet(kind, plain.text[start:end])), certain
        )
        for kind, start, end, certain in sorted(kept, key=itemgetter(1, 2))
    ]


def _snippet(kind: FindingKind, text: str) -> str:
    return text if kind in {FindingKind.EMAIL, FindingKind.CHILD} else _bare(text)


def _plain(text: str) -> _Plain:
    """Character by character, so that places in the text are kept."""
    letters: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFKC", character):
            letters.append(part)
            origin.append(place)
    return _Plain("".join(letters), tuple(origin))


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(c for c in plain if c not in _SEPARATORS and not c.isspace())


# --- numbers ------------------------------------------------------------------------------------


def _numbers(text: str) -> Iterator[Span]:
    """Each run of digits, blanks and dashes is read once; the longest reading wins."""
    for run in _runs(text):
        first = 0
        while first < len(run):
            reading = _longest_reading(text, run, first)
            if reading is None:
                first += 1
                continue
            kind, last, certain, end = reading
            yield kind, run[first].start, end, certain
            first = last + 1


def _runs(text: str) -> Iterator[list[_Group]]:
    """Groups of digits that may belong to one number: at most two separators lie between them."""
    groups = [_Group(m.group(), m.start(), m.end()) for m in _DIGITS.finditer(text)]
    run: list[_Group] = groups[:1]
    for before, after in pairwise(groups):
        if _is_gap(text[before.end : after.start]):
            run.append(after)
            continue
        yield run
        run = [after]
    if run:
        yield run


def _is_gap(between: str) -> bool:
    return len(between) <= _MOST_SEPARATORS and all(
        c in _SEPARATORS or c.isspace() for c in between
    )


def _longest_reading(
    text: str, run: list[_Group], first: int
) -> tuple[FindingKind, int, bool, int] | None:
    """The longest whole groups from `first` on that read as a number of a person."""
    digits, best = "", None
    for last in range(first, len(run)):
        digits += run[last].digits
        if len(digits) > _LONGEST:
            break
        end = run[last].end
        tail = _ENDS_WITH_X.match(text, end) is not None
        reading = _reading(digits + "X") if tail and len(digits) == _IDENTITY - 1 else None
        if reading is not None:
            end += 1
        else:
            reading = _reading(digits) or _local(text, run[first].start, digits)
        if reading is not None:
            best = (reading[0], last, reading[1], end)
    return best


def _reading(digits: str) -> tuple[FindingKind, bool] | None:
    """What a number of this shape is, and whether that is certain."""
    if len(digits) == _IDENTITY and _is_person(digits[:6], digits[6:14]):
        return FindingKind.IDENTITY, identity_check(digits[:17]) == digits[17]
    if not digits.isdigit():
        return None
    if len(digits) == _OLD_IDENTITY and _is_person(digits[:6], "19" + digits[6:12]):
        return FindingKind.IDENTITY, False  # the old numbers have no check digit
    if _MOBILE_SHAPE.fullmatch(digits):
        return FindingKind.MOBILE, True
    return (FindingKind.LANDLINE, True) if _LANDLINE_SHAPE.fullmatch(digits) else _card(digits)


def _card(digits: str) -> tuple[FindingKind, bool] | None:
    """Cards of this country begin with 62; foreign ones are known by their check digit only."""
    if len(digits) not in _CARD or not (digits[:2] == "62" or digits[0] in "45"):
        return None
    is_card = luhn(digits)
    return (FindingKind.BANK_CARD, is_card) if is_card or digits[:2] == "62" else None


def _local(text: str, start: int, digits: str) -> tuple[FindingKind, bool] | None:
    """Seven or eight digits are a telephone only where the text says so."""
    said = _PHONE_WORD.search(text[max(0, start - _BEFORE) : start])
    if len(digits) in _LOCAL and digits[0] not in "01" and said:
        return FindingKind.LANDLINE, False
    return None


def _is_person(area: str, born: str) -> bool:
    """Whether area and day of birth make sense; a number without them is no identity number."""
    if area[:2] not in _PROVINCES:
        return False
    try:
        day = dt.date(int(born[:4]), int(born[4:6]), int(born[6:8]))
    except ValueError:
        return False
    return 1900 <= day.year < 2100


def identity_check(body: str) -> str:
    """The 18th character of an identity number, from its first 17 digits (GB 11643)."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return _CHECKS[total % 11]


def luhn(digits: str) -> bool:
    """Whether the check digit of a bank card is right (GB/T 17552, the Luhn rule)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


# --- letters ------------------------------------------------------------------------------------


def _emails(text: str) -> Iterator[Span]:
    for at in _AT.finditer(text):
        name = _EMAIL_NAME.search(text[max(0, at.start() - 64) : at.start()])
        host = _EMAIL_HOST.match(text, at.end())
        if name and host:
            yield FindingKind.EMAIL, at.start() - len(name.group()), host.end(), True


def _plates(text: str) -> Iterator[Span]:
    for found in _PLATE.finditer(text.upper() if len(text.upper()) == len(text) else text):
        if any(c.isdigit() for c in found.group(1)):
            yield FindingKind.PLATE, found.start(), found.end(), True


def _children(text: str) -> Iterator[Span]:
    """Never certain: a surname beside a word for child may be chance."""
    for pattern in (_AFTER, _IN_FRONT):
        for found in pattern.finditer(text):
            if found.group(1)[:2] not in _NO_NAME:
                yield FindingKind.CHILD, found.start(), found.end(), False
