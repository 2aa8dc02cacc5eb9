"""Any piece of a Chinese name finds it, and so do the pinyin initials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core import search

LETTERS = "小太阳托育园湖滨幼儿长寿重庆贝之家AB12（）"
NAMES = st.text(st.sampled_from(LETTERS), min_size=1, max_size=20)


@pytest.mark.proves("prod:A1")
@given(NAMES, st.data())
def test_every_piece_of_a_name_finds_it(name, data):
    plain = search.normalise(name)
    start = data.draw(st.integers(0, len(plain) - 1))
    end = data.draw(st.integers(start + 1, len(plain)))
    stored = set(search.grams(name))
    assert stored >= set(search.wanted(plain[start:end]))


@pytest.mark.parametrize(
    ("name", "letters"), [("小太阳托育园", "xtytyy"), ("湖滨Ａ1", "hba1"), ("", "")]
)
def test_initials(name, letters):
    assert search.initials(name) == letters


def test_initials_are_found_when_spoken():
    stored = set(search.grams("龙泉路", spoken=("小太阳",)))
    assert stored >= set(search.wanted("xty"))
    assert not stored >= set(search.wanted("lql"))


def test_full_width_and_case_do_not_matter():
    assert search.wanted("ＡＢ") == search.wanted("ab")
