"""The comparison of two versions against an oracle: applying the changes gives the newer one."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facilities.rules.comparison import Kind, changed_sections, compare, same
from facilities.rules.duplicates import address_key, likeness, name_key

pytestmark = pytest.mark.proves("prod:B12")

VALUES = st.one_of(st.none(), st.booleans(), st.integers(0, 40), st.text("甲乙丙丁1 ", max_size=4))
PARTS = st.dictionaries(st.sampled_from(["capacity", "enrolled", "class_type"]), VALUES)
ROWS = st.dictionaries(st.sampled_from("一二三四五六"), PARTS, max_size=5).map(
    lambda found: [{"name": f"{name}班", **row} for name, row in found.items()]
)
TEXTS = st.lists(st.sampled_from(["full_day", "half_day", "hourly"]), unique=True)
PLAIN = st.dictionaries(st.sampled_from(["address", "manager", "floor", "tenure"]), VALUES)
SECTIONS = st.builds(
    lambda plain, rows, texts: {**plain, "classes": rows, "service_forms": texts},
    PLAIN, ROWS, TEXTS,
)  # fmt: skip


def nothing(value: Any) -> bool:
    """The test's own word for an empty answer."""
    return value is None or value in ("", [])


def settled(section: dict[str, Any]) -> dict[str, Any]:
    """A version without order and without empty answers, to compare results with."""
    found: dict[str, Any] = {}
    for key, value in section.items():
        if key == "classes":
            rows = {r["name"]: {k: v for k, v in r.items() if not nothing(v)} for r in value}
            if rows:
                found[key] = rows
        elif isinstance(value, list):
            if value:
                found[key] = sorted(value)
        elif not nothing(value):
            found[key] = value
    return found


def applied(then: dict[str, Any], changes: Any) -> dict[str, Any]:
    """The older version with every change made to it, by the plainest means."""
    made = copy.deepcopy(then)
    for change in changes:
        if not change.row:
            made[change.field] = change.now
            continue
        rows = {row["name"]: row for row in made.get(change.field, [])}
        if change.kind == Kind.ADDED:
            rows[change.row] = change.now
        elif change.kind == Kind.REMOVED:
            del rows[change.row]
        else:
            rows[change.row] = {**rows[change.row], change.part: change.now}
        made[change.field] = list(rows.values())
    return made


@given(SECTIONS, SECTIONS)
def test_the_changes_lead_from_the_old_version_to_the_new(
    then: dict[str, Any], now: dict[str, Any]
) -> None:
    assert settled(applied(then, compare(then, now))) == settled(now)


@given(SECTIONS)
def test_nothing_has_changed_in_the_same_version(version: dict[str, Any]) -> None:
    assert compare(version, copy.deepcopy(version)) == ()


@given(SECTIONS, st.randoms())
def test_the_order_of_rows_and_forms_is_no_change(version: dict[str, Any], random: Any) -> None:
    mixed = copy.deepcopy(version)
    random.shuffle(mixed["classes"])
    random.shuffle(mixed["service_forms"])
    assert compare(version, mixed) == ()


@given(SECTIONS, SECTIONS)
def test_looked_at_from_the_other_side_the_same_places_differ(
    then: dict[str, Any], now: dict[str, Any]
) -> None:
    here = {(c.field, c.row, c.part): (c.was, c.now) for c in compare(then, now)}
    there = {(c.field, c.row, c.part): (c.now, c.was) for c in compare(now, then)}
    assert here == there


def test_a_row_is_found_by_what_names_it() -> None:
    paper = {"material": "fire_certificate", "number": "1", "files": ["a"]}
    newer = {"material": "fire_certificate", "number": "2", "files": ["b"]}
    other = {"material": "lease", "number": "", "files": []}
    changes = compare({"certificates": [paper]}, {"certificates": [other, newer]})
    assert {(c.row, c.part, c.kind) for c in changes} == {
        ("fire_certificate", "number", Kind.CHANGED),
        ("fire_certificate", "files", Kind.CHANGED),
        ("lease", "", Kind.ADDED),
    }


def test_two_rows_of_one_name_stay_two() -> None:
    rows = [{"name": "一班", "capacity": 10}, {"name": "一班", "capacity": 12}]
    (change,) = compare({"classes": rows}, {"classes": rows[:1]})
    assert (change.kind, change.was) == (Kind.REMOVED, rows[1])
    (change,) = compare({"classes": rows}, {"classes": [rows[0], {**rows[1], "capacity": 13}]})
    assert (change.part, change.was, change.now) == ("capacity", 12, 13)


def test_rows_without_a_name_are_compared_by_their_place() -> None:
    (change,) = compare({"drills": [{"on": "1"}]}, {"drills": [{"on": "2"}]})
    assert (change.row, change.part, change.was, change.now) == ("1", "on", "1", "2")


def test_yes_is_not_the_number_one() -> None:
    assert not same(was=True, now=1)
    assert same(None, "")
    assert same([], None)
    assert not same(0, None)


def test_only_sections_with_changes_are_named() -> None:
    then = {"a": {"x": 1}, "b": {"x": 1}, "gone": {"x": 1}}
    now = {"a": {"x": 1}, "b": {"x": 2}, "new": {"x": 1}}
    assert set(changed_sections(then, now)) == {"b", "gone", "new"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("小太阳托育园（示例）", "舞钢市小太阳托育服务有限公司"),
        ("小太阳托育园", "小太阳托育中心（寺坡店）"),
        ("ＡＢＣ托育园", "abc 托育园"),
        ("月亮湾婴幼儿照护服务中心", "月亮湾托育园"),
    ],
)
@pytest.mark.proves("prod:B18")
def test_names_that_people_would_take_for_one(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("河南省平顶山市舞钢市寺坡街道龙泉路18号", "龙泉路 １８ 号"),
        ("龙泉路18号（小区东门）", "龙泉路18号"),
        ("舞钢市龙泉路18號", "龙泉路18号"),
    ],
)
@pytest.mark.proves("prod:B18")
def test_addresses_written_two_ways(one: str, other: str) -> None:
    assert address_key(one) == address_key(other)


def test_other_houses_are_other_addresses() -> None:
    assert address_key("龙泉路18号") != address_key("龙泉路118号")
    assert address_key("龙泉路1-8号") != address_key("龙泉路18号")
    assert address_key("龙泉路1-8号") == address_key("龙泉路 1—8 号")


@given(st.text("甲乙丙丁戊", max_size=8), st.text("甲乙丙丁戊", max_size=8))
def test_likeness_is_a_share_and_has_no_direction(one: str, other: str) -> None:
    value = likeness(one, other)
    assert 0 <= value <= 100
    assert value == likeness(other, one)
    if one and one == other:
        assert value == 100


@given(st.text(max_size=30))
def test_every_name_and_address_keeps_something_to_compare(text: str) -> None:
    assert name_key(f"甲乙{text}")
    assert address_key(f"甲乙{text}")


def test_a_name_of_generic_words_stands_for_itself() -> None:
    assert name_key("托育中心") == "托育中心"
    assert likeness(name_key("阳光托育园"), name_key("小太阳托育园")) < 60
    assert likeness(name_key("大风车乐园"), name_key("大风车乐")) >= 60
