"""What the scan finds in a text, against other arithmetic; its work grows with the text only."""

from __future__ import annotations

import datetime as dt
import inspect
import itertools
import re
import string
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn as stdnum_luhn
from stdnum.cn import ric

from portal.core import scanning
from portal.core.scanning import FindingKind, identity_check, luhn, masked, scan

K = FindingKind
DAYS = st.dates(dt.date(1930, 1, 1), dt.date(2025, 12, 31))
SEPARATORS = st.sampled_from(["", " ", "-", "\u3000", "·", "\u200b", " - "[:2]])
WORDS = st.text(alphabet="联系人，请看说明。的在是（）", max_size=8)


def kinds(text: str, **more: object) -> list[tuple[str, bool]]:
    return [(found.kind, found.certain) for found in scan({"text": text}, **more)]  # type: ignore[arg-type]


@st.composite
def identities(draw: st.DrawFn) -> str:
    body = "410481" + draw(DAYS).strftime("%Y%m%d") + f"{draw(st.integers(0, 999)):03d}"
    return body + ric.calc_check_digit(body + "0")


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in text)


# --- numbers --------------------------------------------------------------------------------------


@given(identities())
def test_the_check_character_is_that_of_another_library(number: str) -> None:
    assert identity_check(number[:17]) == number[17]


@given(st.text(alphabet=string.digits, min_size=12, max_size=19))
def test_the_card_rule_is_that_of_another_library(digits: str) -> None:
    assert luhn(digits) == stdnum_luhn.is_valid(digits)


@pytest.mark.proves("diff:15")
@given(identities(), WORDS, WORDS, SEPARATORS, st.booleans())
def test_an_identity_number_is_found_however_it_is_written(
    number: str, before: str, after: str, gap: str, wide: bool
) -> None:
    written = gap.join((number[:6], number[6:14], number[14:]))
    text = before + (full_width(written) if wide else written) + after
    (found,) = scan({"text": text})
    assert (found.kind, found.certain, found.start) == (K.IDENTITY, True, len(before))
    assert number[3:17] not in found.snippet


@given(identities(), st.integers(1, 9))
def test_a_wrong_check_digit_is_a_hint_only(number: str, add: int) -> None:
    wrong = string.digits[("0123456789X".index(number[-1]) + add) % 10]
    if wrong == number[-1]:
        return
    assert kinds(number[:-1] + wrong)[0] == (K.IDENTITY, False)


@given(DAYS.filter(lambda day: day.year < 2000), st.integers(0, 999))
def test_the_old_numbers_are_hints(day: dt.date, serial: int) -> None:
    assert kinds(f"410481{day:%y%m%d}{serial:03d}") == [(K.IDENTITY, False)]


@given(st.integers(13000000000, 19999999999), SEPARATORS, st.sampled_from(["", "+86 ", "86-"]))
def test_a_mobile_number_is_found_however_it_is_written(n: int, gap: str, code: str) -> None:
    digits = str(n)
    text = f"请拨{code}{digits[:3]}{gap}{digits[3:7]}{gap}{digits[7:]}。"
    assert kinds(text) == [(K.MOBILE, True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话0375-7654321", [(K.LANDLINE, True)]),
        ("（0375）7654321", [(K.LANDLINE, True)]),
        ("010-12345678", []),
        ("010-62345678", [(K.LANDLINE, True)]),
        ("电话：7654321", [(K.LANDLINE, False)]),
        ("编号7654321", []),
        ("卡号 6222 0212 3456 7890 128", [(K.BANK_CARD, True)]),
        ("6222021234567890127", [(K.BANK_CARD, False)]),
        ("写信到 a.b@example.com。", [(K.EMAIL, True)]),
        ("ａ＠ｂ．ｃｎ", [(K.EMAIL, True)]),
        ("车牌豫D·12345", [(K.PLATE, True)]),
        ("豫D12345学", [(K.PLATE, True)]),
        ("粤BD12345", [(K.PLATE, True)]),
        ("两个13800000001 13900000002", [(K.MOBILE, True), (K.MOBILE, True)]),
    ],
)
def test_other_numbers(text: str, expected: list[tuple[str, bool]]) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "91410481MA00000018", "SP-TY-0012", "DJ-2026-0018", "寺街托登〔2026〕12号",
        "2026年11月23日", "2026-11-23 10:42", "12345", "110", "400-123-4567", "托位 35 个",
        "建筑面积 420.00",
        "龙泉路18号", "备案编号示例20260001", "12410481415832507J",
    ],
)  # fmt: skip
def test_what_may_be_public_is_left_alone(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize("written", ["0375-7654321", "03757654321", "0375 7654321"])
def test_a_public_number_is_allowed_however_it_is_written(written: str) -> None:
    assert kinds(f"电话 {written}", allowed=["0375-7654321"]) == []


# --- children -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "幼儿王小明入托",
        "宝宝：李四",
        "家长张某某反映",
        "孩子赵乐",
        "李小花小朋友",
        "陈明之子",
        "小明妈妈",
        "周周的爸爸",
    ],
)
def test_a_name_beside_a_word_for_child_is_a_hint(text: str) -> None:
    assert kinds(text) == [(K.CHILD, False)]


@pytest.mark.parametrize(
    "text",
    [
        "幼儿园王老师",
        "孩子安全第一",
        "高兴的孩子",
        "小太阳托育园",
        "3岁以下婴幼儿照护",
        "家长会",
        "宝宝高兴",
        "儿童周岁",
    ],
)
def test_ordinary_words_are_no_names(text: str) -> None:
    assert kinds(text) == []


# --- places and steps ---------------------------------------------------------------------------


def test_a_finding_names_its_place_and_is_masked() -> None:
    found = scan([("title", "小太阳"), ("2.1", "负责人：13800000001")])
    assert [(f.place, f.start, f.snippet, f.key) for f in found] == [
        ("2.1", 4, "138*******1", "2.1:mobile:4")
    ]


@given(st.text(max_size=300))
def test_any_text_is_read_and_every_place_is_in_it(text: str) -> None:
    for found in scan({"text": text}):
        assert 0 <= found.start < len(text)


@given(st.text(min_size=1, max_size=40))
def test_a_mask_hides_most_of_a_long_text(text: str) -> None:
    hidden = masked(text)
    assert len(hidden) == len(text)
    assert len(text) < 4 or hidden.count("*") >= len(text) // 3


ONE_CLASS = re.compile(r"\[[^\]\\]+\]\+")
HOSTILE = ("1 ", "1", "a@", "@a.", "豫A", "王", "孩子", "62" * 9 + " ", "a" * 63 + ".", "\u200b1")


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_texts_take_steps_in_proportion(piece: str) -> None:
    """Ten times the text takes some ten times the steps: nothing is read over again."""
    small, large = ((piece * n)[:n] for n in (1_000, 10_000))
    assert _steps(large) < 12 * _steps(small) + 200


def _steps(text: str) -> int:
    """How many functions the scan enters, built-in ones and each turn of a generator included."""
    counted = itertools.count()
    before = sys.getprofile()
    sys.setprofile(lambda *_: next(counted) and None)
    try:
        scan({"text": text})
    finally:
        sys.setprofile(before)
    return next(counted)


def test_no_pattern_can_try_a_long_text_over_again() -> None:
    """What happens inside a pattern is not counted as steps, so each one is bounded by its shape.

    Either it reads at most some hundred characters from where it begins, or it is one class
    repeated with nothing behind it, which never goes back.
    """
    patterns = [each for each in vars(scanning).values() if isinstance(each, re.Pattern)]
    assert len(patterns) > 5
    for pattern in patterns:
        parsed = re._parser.parse(pattern.pattern)  # type: ignore[attr-defined]
        widest = parsed.getwidth()[1]
        assert widest < 400 or ONE_CLASS.fullmatch(pattern.pattern), pattern.pattern


def test_patterns_are_named_so_that_their_shape_is_tested() -> None:
    assert "re.finditer(" not in inspect.getsource(scanning)
