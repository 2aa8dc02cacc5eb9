"""The arithmetic: bounds, monotony, veto, caps, rescaling, whatever the order."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluations import rules
from evaluations.rules import Candidate, Given, Item, Leaf, Terms, schedule
from evaluations.rules.terms import GRADES, lower
from evaluations.rules.values import halves, points
from tests.house.test_law import law as shipped_law

TERMS = Terms(
    full=1000, grade_a=900, grade_b=800, grade_c=600, veto_grade="D", cap_grade="C", cap_percent=60,
    cap_dimensions=(4, 6), spread_percent=20, low_percent=60, trim_from=5, least_scorers=3,
    panel_size=5, review_size=3, required_fields=("medical", "fire"), most_recused_percent=50,
    recusal_months=12, quorum_of=3, quorum_at_least=2, fact_check_days=5, notice_days=5,
    objection_days=15,
)  # fmt: skip
POINTS = {1: 200, 2: 280, 3: 400, 4: 420, 5: 160, 6: 400, 7: 140}  # in halves
ITEMS = [
    Item(f"{no}.{n}", no, whole // 2, is_veto=no in {4, 6} and n == 1)
    for no, whole in POINTS.items()
    for n in (1, 2)
]


@st.composite
def sheets(draw: st.DrawFn, least: int = 3, most: int = 7) -> dict[str, list[Given]]:
    count = draw(st.integers(least, most))
    return {
        item.code: [
            Given(draw(st.integers(0, item.most)), True if item.is_veto else None)
            for _ in range(count)
        ]
        for item in ITEMS
    }


def result(given_: dict[str, list[Given]], **more: object) -> rules.Outcome:
    return rules.compute(ITEMS, POINTS, given_, TERMS, **more)  # type: ignore[arg-type]


@pytest.mark.proves("prod:I10")
@given(sheets())
@settings(max_examples=60)
def test_a_total_is_never_above_the_full_points_nor_below_nothing(
    given_: dict[str, list[Given]],
) -> None:
    outcome = result(given_)
    assert 0 <= outcome.total <= TERMS.full
    assert all(0 <= d.points <= d.most for d in outcome.dimensions)


@given(sheets(), st.data())
@settings(max_examples=60)
def test_a_point_more_never_lowers_total_or_grade(
    given_: dict[str, list[Given]], data: st.DataObject
) -> None:
    before = result(given_)
    item = data.draw(st.sampled_from(ITEMS))
    who = data.draw(st.integers(0, len(given_[item.code]) - 1))
    old = given_[item.code][who]
    more = data.draw(st.integers(old.halves, item.most))
    given_[item.code][who] = Given(more, old.met)
    after = result(given_)
    assert after.total >= before.total
    assert GRADES.index(after.grade) <= GRADES.index(before.grade)


@given(sheets(), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_of_the_evaluators_does_not_matter(
    given_: dict[str, list[Given]], shuffle: random.Random
) -> None:
    before = result(given_)
    order = list(range(len(given_[ITEMS[0].code])))
    shuffle.shuffle(order)
    mixed = {code: [row[n] for n in order] for code, row in given_.items()}
    assert result(mixed).as_json() == before.as_json()


@given(sheets())
@settings(max_examples=40)
def test_an_item_not_met_caps_at_d_whatever_the_points(given_: dict[str, list[Given]]) -> None:
    code = next(item.code for item in ITEMS if item.is_veto)
    given_[code] = [Given(0, False) for _ in given_[code]]
    outcome = result(given_)
    assert outcome.grade == "D"
    assert outcome.failed == (code,)
    assert any(line.key == "veto" for line in outcome.lines)


@given(sheets(), st.data())
@settings(max_examples=40)
def test_what_does_not_apply_leaves_numerator_and_denominator(
    given_: dict[str, list[Given]], data: st.DataObject
) -> None:
    skipped = data.draw(st.sets(st.sampled_from([i.code for i in ITEMS]), max_size=6))
    outcome = result(given_, skipped=skipped)
    applying = [i for i in ITEMS if i.code not in skipped]
    reached = sum((expected_mean(given_[i.code]) for i in applying), Fraction(0))
    assert outcome.total == points(reached * 1000 / sum(i.most for i in applying))
    assert 0 <= outcome.total <= 1000


def expected_mean(row: list[Given]) -> Fraction:
    """Written apart from the code under test: drop one highest and one lowest from five on."""
    values = [each.halves for each in row]
    if len(values) >= 5:
        values.remove(max(values))
        values.remove(min(values))
    return Fraction(sum(values)) / len(values)


def full(**changes: int) -> dict[str, list[Given]]:
    """Three evaluators, everything full but for these halves."""
    return {
        i.code: [Given(changes.get(f"i{i.code.replace('.', '_')}", i.most), i.is_veto or None)] * 3
        for i in ITEMS
    }


def test_everything_full_is_a_thousand_and_an_a() -> None:
    outcome = result(full())
    assert (outcome.total, outcome.grade) == (Decimal("1000.00"), "A")


def test_a_weak_dimension_caps_at_c_and_says_so() -> None:
    outcome = result(full(i4_2=0))
    assert outcome.total == Decimal("895.00")
    assert outcome.grade_by_points == "B"
    assert outcome.grade == "C"
    (cap,) = [line for line in outcome.lines if line.key == "dimension_cap"]
    assert (cap.facts["no"], cap.facts["percent"]) == (4, "50.00")


def test_another_weak_dimension_does_not_cap() -> None:
    assert result(full(i5_2=0)).grade == "A"


def test_everything_left_out_gives_nothing_and_no_cap() -> None:
    outcome = result(full(), skipped=[i.code for i in ITEMS])
    assert outcome.total == 0
    assert all(d.is_empty for d in outcome.dimensions)
    assert outcome.grade == "D"


def test_an_agreement_takes_the_place_of_the_mean_and_of_the_verdicts() -> None:
    given_ = full()
    given_["4.1"] = [Given(0, False), Given(0, False), Given(210, True)]
    before = result(given_)
    assert before.failed == ("4.1",)
    assert "4.1" in before.wide
    after = result(given_, agreed={"4.1": Given(200, True)})
    assert after.failed == ()
    assert after.wide == ()
    assert after.items["4.1"].way == "agreed"


def test_what_stands_in_the_place_of_the_mean_says_why() -> None:
    item, same = Item("5.1", 5, 100), [Given(50)] * 5
    apart = [Given(0), *same[1:]]
    basic = Item("4.1", 4, 210, is_veto=True)
    doubt = [Given(40, False), *[Given(40, True)] * 4]
    for of, row, agreed, way in (
        (item, apart, Given(40), "agreed"),
        (basic, doubt, Given(0, False), "disputed"),
        (item, same, Given(40), "brought_up"),
        (item, apart, Given(40, review=True), "reviewed"),
    ):
        found = rules.item_result(of, row, TERMS, agreed)
        assert (found.way, found.halves) == (way, agreed.halves)
    lines = result(full(), agreed={"5.1": Given(40)}).lines
    assert [line.facts["code"] for line in lines if line.key == "brought_up"] == ["5.1"]


def test_one_doubt_of_five_about_a_basic_item_opens_a_discussion() -> None:
    row = [Given(210, True)] * 4 + [Given(0, False)]
    found = rules.item_result(Item("4.1", 4, 210, is_veto=True), row, TERMS)
    assert (found.failed, found.disagrees, found.is_wide) == (False, True, True)
    assert found.way == "trimmed"


@pytest.mark.parametrize(("low", "high", "wide"), [(80, 100, False), (79, 100, True)])
def test_a_spread_over_a_fifth_of_the_most_is_wide(low: int, high: int, wide: bool) -> None:
    row = [Given(low), Given(high), Given(high)]
    assert rules.item_result(Item("1.1", 1, 100), row, TERMS).is_wide is wide


def test_nobody_gave_anything() -> None:
    assert rules.spread_of([]) == 0
    assert rules.item_result(Item("1.1", 1, 100), [], TERMS).halves == 0


def test_the_lower_of_two_grades() -> None:
    assert (lower("A", "C"), lower("D", "B")) == ("C", "D")


@pytest.mark.parametrize(
    ("total", "grade"),
    [("1000", "A"), ("900", "A"), ("899.99", "B"), ("800", "B"), ("799.99", "C"), ("600", "C"),
     ("599.99", "D"), ("0", "D")],
)  # fmt: skip
def test_the_limits_of_the_grades(total: str, grade: str) -> None:
    assert TERMS.grade_by_points(Decimal(total)) == grade


def test_half_points_only() -> None:
    assert halves("1.5") == 3
    with pytest.raises(ValueError, match="half a point"):
        halves("1.3")


# --- terms ----------------------------------------------------------------------------------------


def test_terms_come_from_the_law_and_survive_storing() -> None:
    terms = Terms.of(shipped_law())
    assert terms.problems == ()
    assert Terms.from_json(terms.as_json()) == terms
    assert (terms.grade_a, terms.cap_dimensions) == (900, (4, 6))
    assert (terms.for_review.panel_size, terms.for_review.required_fields) == (3, ())


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"grade_b": 950}, "grade_order"),
        ({"panel_size": 4}, "panel_size"),
        ({"panel_size": 1, "required_fields": ()}, "panel_size"),
        ({"required_fields": ("a", "b", "c", "d", "e", "f")}, "required_fields"),
        ({"veto_grade": "E"}, "cap_grade"),
    ],
)
def test_unfit_terms_say_why(change: dict[str, object], problem: str) -> None:
    assert TERMS.changed(**change).problems == (problem,)


@pytest.mark.parametrize(
    ("present", "members", "enough"), [(4, 5, True), (3, 5, False), (2, 3, True), (0, 0, False)]
)
def test_two_thirds_must_be_there(present: int, members: int, enough: bool) -> None:
    assert TERMS.has_quorum(present, members) is enough


# --- scoring --------------------------------------------------------------------------------------


PLAIN, BASIC = Item("1.1", 1, 20), Item("4.1", 4, 20, is_veto=True)


@pytest.mark.parametrize(
    ("item", "given_", "problems"),
    [
        (PLAIN, (None, None, ""), ["missing"]),
        (PLAIN, ("1.3", None, ""), ["step"]),
        (PLAIN, ("10.5", None, ""), ["range"]),
        (PLAIN, ("-0.5", None, ""), ["range"]),
        (PLAIN, ("5.5", None, ""), ["reason"]),
        (PLAIN, ("5.5", None, "缺记录"), []),
        (PLAIN, ("6", None, ""), []),
        (BASIC, ("10", None, ""), ["met", "reason"]),
        (BASIC, ("10", True, "查看原件"), []),
        (BASIC, ("1", False, "没有"), ["zero"]),
        (BASIC, ("0", False, "没有"), []),
    ],
)
def test_what_may_be_given(
    item: Item, given_: tuple[str | None, bool | None, str], problems: list[str]
) -> None:
    number = None if given_[0] is None else Decimal(given_[0])
    found = rules.score_problems(item, number, met=given_[1], reason=given_[2], terms=TERMS)
    assert [each.code for each in found] == problems


def test_a_sheet_waits_for_the_leader_and_leaves_out_what_does_not_apply() -> None:
    items = [Item("1.1", 1, 20), Item("1.2", 1, 20), Item("1.3", 1, 20)]
    found = rules.sheet_problems(items, {}, TERMS, skipped=["1.1"], asked=["1.2"])
    assert [(each.code, each.item) for each in found] == [("asked", "1.2"), ("missing", "1.3")]


# --- the draw -------------------------------------------------------------------------------------


POOL = [
    Candidate(f"k{n}", ("medical", "fire", "education", "market", "parent")[n % 5])
    for n in range(12)
]


@pytest.mark.proves("prod:I6")
@given(st.text(min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_the_same_seed_gives_the_same_panel(seed: str, shuffle: random.Random) -> None:
    mixed = list(POOL)
    shuffle.shuffle(mixed)
    one, other = rules.draw(POOL, seed, 4, TERMS), rules.draw(mixed, seed, 4, TERMS)
    assert one == other
    fields = [next(c.field for c in POOL if c.key == key) for key in one.chosen]
    assert len(set(one.chosen)) == TERMS.panel_size
    assert {"medical", "fire"} <= set(fields)
    assert not set(one.chosen) & set(one.substitutes)


def test_other_seeds_give_other_panels() -> None:
    panels = {rules.draw(POOL, str(n), 4, TERMS).chosen for n in range(40)}
    assert len(panels) > 20


def test_who_would_stay_away_from_more_than_half_is_not_drawn() -> None:
    barred = [Candidate("x", "medical", 3), *POOL]
    for n in range(60):
        found = rules.draw(barred, str(n), 4, TERMS)
        assert "x" not in found.chosen
        assert found.excluded == ("x",)


def test_a_pool_without_a_field_or_too_small_gives_no_panel() -> None:
    with pytest.raises(rules.CannotDraw) as without:
        rules.draw([c for c in POOL if c.field != "fire"], "s", 4, TERMS)
    assert without.value.missing == ("fire",)
    with pytest.raises(rules.CannotDraw) as small:
        rules.draw(POOL[:4], "s", 4, TERMS)
    assert small.value.missing == ("size",)


@pytest.mark.proves("diff:16", "sec:W5")
def test_conflicts_are_found_once_with_their_first_reason() -> None:
    found = rules.conflicts(
        {"a": "east", "b": "", "c": "west"},
        {"f": "east", "g": "west"},
        inspected=[("b", "f"), ("stranger", "f")],
        works_there=[("a", "f")],
        ties=[("c", "f", "kinship"), ("b", "f", "dispute")],
    )
    assert [(c.member, c.facility, str(c.ground)) for c in found] == [
        ("a", "f", "member"), ("b", "f", "dispute"), ("c", "f", "kinship"), ("c", "g", "community"),
    ]  # fmt: skip


# --- the tree -------------------------------------------------------------------------------------


def leaf(code: str = "4.1.1", points_: str = "10", **changes: object) -> Leaf:
    values = {
        "dimension": 1, "code": code, "group": "", "text": "示例", "points": Decimal(points_),
        "is_veto": False, "methods": ("observe",),
    } | changes  # fmt: skip
    return Leaf(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("leaves", "problems"),
    [
        ([leaf(points_="10")], []),
        ([leaf(points_="9.5")], ["sum"]),
        ([leaf(points_="5"), leaf(points_="5")], ["code_twice"]),
        ([leaf(points_="9.8"), leaf("2", "0.2")], ["step", "step"]),
        ([leaf(text="")], ["empty"]),
        ([leaf(methods=("guess",))], ["method"]),
        ([leaf(), leaf("2", "1", dimension=9)], ["dimension"]),
    ],
)
def test_what_is_wrong_with_a_tree(leaves: list[Leaf], problems: list[str]) -> None:
    found = rules.tree_problems({1: Decimal(10)}, leaves, 10)
    assert [each.code for each in found] == problems


def test_a_total_that_is_not_the_full_points_is_refused() -> None:
    (found,) = rules.tree_problems({1: Decimal(10)}, [leaf()], 1000)
    assert (found.code, found.params) == ("total", {"total": Decimal(10), "full": 1000})


@pytest.mark.proves("prod:I1")
def test_the_shipped_draft_adds_up_to_the_points_of_the_standard() -> None:
    table = shipped_law().table("indicators.draft")
    dimensions = {d["no"]: Decimal(d["points"]) for d in table["dimensions"]}  # type: ignore[union-attr,index,call-overload]
    leaves = [
        leaf(i["code"], i["points"], dimension=d["no"], methods=tuple(i["methods"]))  # type: ignore[index,call-overload]
        for d in table["dimensions"] for i in d["items"]  # type: ignore[union-attr,index,call-overload]
    ]  # fmt: skip
    assert rules.tree_problems(dimensions, leaves, 1000) == []
    assert list(dimensions.values()) == [100, 140, 200, 210, 80, 200, 70]
    assert len(leaves) == 88
    assert "seen" not in str(table)


def test_two_trees_are_compared_item_by_item() -> None:
    before = [leaf("1"), leaf("2"), leaf("3")]
    after = [leaf("1"), leaf("2", "4", is_veto=True), leaf("4")]
    assert [(d.code, d.kind, d.fields) for d in rules.compare(before, after)] == [
        ("2", "changed", ("points", "is_veto")), ("4", "new", ()), ("3", "gone", ()),
    ]  # fmt: skip


# --- the schedule ---------------------------------------------------------------------------------


EVERY = schedule.Intervals(new=12, failed=6, regular=36)


@pytest.mark.parametrize(
    ("grade", "graded", "expected"),
    [
        ("", None, ("new", dt.date(2027, 2, 28))),
        ("D", dt.date(2026, 8, 31), ("failed", dt.date(2027, 2, 28))),
        ("B", dt.date(2024, 2, 29), ("regular", dt.date(2027, 2, 28))),
    ],
)
def test_when_a_facility_is_evaluated_next(
    grade: str, graded: dt.date | None, expected: tuple[str, dt.date]
) -> None:
    since = dt.date(2026, 2, 28)
    assert schedule.next_evaluation(since, grade, graded, EVERY, "D") == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2026, 11, 22), None),
        (dt.date(2026, 11, 23), ("before", 7)),
        (dt.date(2026, 11, 28), ("before", 7)),
        (dt.date(2026, 11, 29), ("before", 1)),
        (dt.date(2026, 11, 30), ("before", 1)),
        (dt.date(2026, 12, 1), ("after", 1)),
        (dt.date(2026, 12, 8), ("after", 7)),
    ],
)
def test_the_marks_before_and_after_a_day(day: dt.date, expected: tuple[str, int] | None) -> None:
    assert schedule.reminder(dt.date(2026, 11, 30), day, (7, 1), (1, 7)) == expected


def test_nothing_is_said_on_the_day_when_no_mark_is_kept() -> None:
    assert schedule.reminder(dt.date(2026, 11, 30), dt.date(2026, 12, 1), (7,), ()) is None
