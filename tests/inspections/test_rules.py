"""The rules of supervision against arithmetic of their own."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspections.rules import deadlines, draws, kinds, outcomes, risk
from portal.core.calendar import WorkingCalendar
from portal.core.regulation import Regulation
from portal.core.regulation.loader import build, shipped_packs

ROOT = Path(__file__).resolve().parents[2]
LAW: Regulation = build(
    dt.date(2026, 11, 27), shipped_packs([ROOT / "inspections", ROOT / "facilities"])
)
DAYS = st.dates(dt.date(2023, 3, 2), dt.date(2035, 12, 31))
SEVERITIES = ("critical", "major", "minor")
EMPTY = WorkingCalendar({}, frozenset(range(2020, 2040)))


# --- deadlines against an oracle ------------------------------------------------------------------


def step_days(day: dt.date, days: int) -> dt.date:
    """Counted one by one by ordinal, not by the arithmetic of the rule."""
    return dt.date.fromordinal(day.toordinal() + days)


def step_working(day: dt.date, days: int) -> dt.date:
    while days:
        day = step_days(day, 1)
        days -= day.isoweekday() < 6
    return day


def step_months(day: dt.date, count: int) -> dt.date:
    """Month by month along the calendar, then as late in the month as there are days."""
    year, month = day.year, day.month
    for _ in range(abs(count)):
        month += 1 if count > 0 else -1
        if month == 13:
            year, month = year + 1, 1
        if month == 0:
            year, month = year - 1, 12
    number = day.day
    while True:
        try:
            return dt.date(year, month, number)
        except ValueError:
            number -= 1


@pytest.mark.proves("prod:G1")
@settings(max_examples=10_000, deadline=None)
@given(DAYS, st.sampled_from(SEVERITIES), st.integers(-40, 40))
def test_deadlines_agree_with_counting_by_hand(day: dt.date, severity: str, months: int) -> None:
    correction = {"critical": 0, "major": 7, "minor": 15}[severity]
    longest = {"critical": 1, "major": 15, "minor": 30}[severity]
    more = {"critical": 1, "major": 8, "minor": 15}[severity]
    assert deadlines.correction_due(severity, day, LAW) == step_days(day, correction)
    assert deadlines.correction_latest(severity, day, LAW) == step_days(day, longest)
    assert deadlines.extension_latest(severity, day, LAW) == step_days(day, more)
    assert deadlines.recheck_due(day, LAW, EMPTY) == step_working(day, 3)
    assert deadlines.publication_due(day, LAW, EMPTY) == step_working(day, 20)
    assert deadlines.opening_due(day, LAW) == step_days(day, 30)
    assert deadlines.urgent_due(day, LAW) == step_days(day, 1)
    assert deadlines.add_months(day, months) == step_months(day, months)
    assert deadlines.repeats_since(day, LAW) == step_months(day, -12)
    assert deadlines.not_visited_before(day, LAW) == step_months(day, -6)
    assert deadlines.public_since(day, LAW) == step_months(day, -36)


@pytest.mark.proves("prod:G7")
@given(DAYS, st.sampled_from(SEVERITIES), st.integers(-5, 60))
def test_escalation_only_goes_up_with_the_days(day: dt.date, severity: str, late: int) -> None:
    limits = {"critical": (0, 1, 1), "major": (1, 3, 10), "minor": (3, 7, 30)}[severity]
    reached = deadlines.escalation_step(severity, day, step_days(day, late), LAW)
    assert reached == (sum(late > limit for limit in limits) if late > 0 else 0)


# --- kinds ----------------------------------------------------------------------------------------


def person(key: str = "a", **facts: bool) -> kinds.Candidate:
    return kinds.Candidate(key, **{"certified": True, "officer": True} | facts)


def test_an_administrative_inspection_takes_two_officers_with_certificates() -> None:
    def refused(*team: kinds.Candidate) -> list[kinds.Refusal]:
        return kinds.team_refusals("administrative", team, LAW)

    assert refused(person("a"), person("b")) == []
    assert refused(person("a")) == [kinds.Refusal("too_few")]
    assert refused(person("a"), person("a")) == [
        kinds.Refusal("twice", "a"), kinds.Refusal("too_few"),
    ]  # fmt: skip
    assert kinds.Refusal("no_certificate", "b") in refused(person(), person("b", certified=False))
    assert kinds.Refusal("not_an_officer", "b") in refused(person(), person("b", officer=False))


@given(st.sampled_from(["visit", "administrative", "joint"]))
def test_a_tie_keeps_away_from_every_kind(kind: str) -> None:
    assert kinds.why_not(person(tied=True), kind) == kinds.TIED
    assert kinds.why_not(person(visits=False), kind) == kinds.NOT_AN_OFFICER


def test_a_visit_needs_one_person_and_no_certificate() -> None:
    assert kinds.team_refusals("visit", [person(certified=False, officer=False)], LAW) == []
    assert kinds.team_refusals("joint", [person()], LAW) == [kinds.Refusal("too_few")]


@given(st.sampled_from(["visit", "joint"]), st.text(max_size=8), st.sets(st.text(max_size=8)))
def test_no_other_kind_orders_anything(kind: str, matter: str, in_force: set[str]) -> None:
    assert not kinds.may_order(kind, matter, in_force | {matter})


def test_an_order_needs_a_delegated_matter_in_force() -> None:
    matters = [("1", "fire-exits"), ("2", ""), ("3", "fire-lanes")]
    sheets = kinds.notices("administrative", matters, {"fire-exits"})
    assert sheets == {"order": ["1"], "advice": ["2", "3"]}
    assert kinds.notices("visit", matters, {"fire-exits"}) == {"advice": ["1", "2", "3"]}


def test_what_counts_towards_the_cap() -> None:
    assert kinds.counts_towards_cap("administrative", "planned", LAW)
    assert not kinds.counts_towards_cap("administrative", "recheck", LAW)
    assert not kinds.counts_towards_cap("administrative", "triggered", LAW)
    assert not kinds.counts_towards_cap("visit", "planned", LAW)
    assert [kinds.cap_reached(n, LAW) for n in (3, 4, 5)] == [False, True, True]


def test_a_certificate_is_valid_on_both_its_ends() -> None:
    first, last = dt.date(2026, 1, 1), dt.date(2026, 12, 31)
    days = (dt.date(2025, 12, 31), first, last, dt.date(2027, 1, 1))
    valid = [kinds.is_valid_certificate(first, last, day) for day in days]
    assert valid == [False, True, True, False]


# --- the draw -------------------------------------------------------------------------------------

CODES = st.lists(st.integers(1, 60).map(lambda n: f"SP-TY-{n:04d}"), unique=True, max_size=20)
POOLS = st.builds(
    lambda codes, weights, people, pairs: draws.Pool(
        {code: weights[place % len(weights)] for place, code in enumerate(codes)},
        people,
        [(people[a % len(people)], codes[b % len(codes)]) for a, b in pairs] if codes else [],
    ),
    CODES,
    st.lists(st.integers(1, 4), min_size=1, max_size=5),
    st.lists(st.integers(1, 9).map(str), unique=True, min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=10),
)


@pytest.mark.proves("prod:E3")
@given(st.text(min_size=1, max_size=20), POOLS, st.integers(0, 25))
def test_the_same_seed_and_lists_give_the_same_draw(
    seed: str, pool: draws.Pool, wanted: int
) -> None:
    first = draws.draw(seed, pool, facilities=wanted, people=2)
    shuffled = draws.Pool(
        dict(reversed(list(pool.facilities.items()))), list(reversed(pool.people)), set(pool.ties)
    )
    assert draws.draw(seed, shuffled, facilities=wanted, people=2) == first
    assert len({each.facility for each in first}) == min(wanted, len(pool.facilities))
    for each in first:
        assert not [p for p in each.people if (p, each.facility) in set(pool.ties)]
        assert len(set(each.people)) == len(each.people)
        assert each.short == (len(each.people) < 2)


def test_the_draw_can_be_checked_by_hand() -> None:
    weights = {"a": 1, "b": 3}
    mark = int(hashlib.sha256(b"seed:facility:0").hexdigest(), 16) % 4
    assert draws.draw_facilities("seed", weights, 1) == ["a" if mark < 1 else "b"]


def test_a_heavier_facility_is_drawn_more_often() -> None:
    weights = {"high": 4, "medium": 2, "low": 1}
    first = Counter(draws.draw_facilities(f"seed {n}", weights, 1)[0] for n in range(3500))
    assert 1800 < first["high"] < 2200
    assert 850 < first["medium"] < 1150
    assert 400 < first["low"] < 600


def test_people_get_the_same_number_of_visits() -> None:
    pool = draws.Pool({f"f{n}": 1 for n in range(10)}, ["a", "b", "c", "d"])
    drawn = draws.draw("seed", pool, facilities=10, people=2)
    loads = Counter(p for each in drawn for p in each.people)
    assert max(loads.values()) - min(loads.values()) <= 1


def test_a_replacement_is_drawn_among_those_who_may() -> None:
    pool = draws.Pool({"f": 1}, ["a", "b", "c"], [("c", "f")])
    assert draws.draw_replacement("s", "f", pool, without={"a"}, turn=0) == "b"
    assert draws.draw_replacement("s", "f", pool, without={"a", "b"}, turn=1) is None


def test_an_empty_draw_and_a_share() -> None:
    assert draws.draw_facilities("s", {"a": 0}, 3) == []
    assert [draws.share(n, 10) for n in (0, 1, 5, 11, 100)] == [0, 1, 1, 2, 10]
    with pytest.raises(ValueError, match="line"):
        draws._at({"a": 1}, 1)


# --- outcomes -------------------------------------------------------------------------------------


def test_the_gravest_finding_is_the_result() -> None:
    facts = outcomes.FindingFacts
    assert outcomes.result_of("granted", []) == "no_issue"
    assert outcomes.result_of("granted", [facts("minor", fixed_on_site=True)]) == "fixed_on_site"
    assert outcomes.result_of("granted", [facts("minor"), facts("major", True)]) == "rectify"
    assert outcomes.result_of("granted", [facts("critical", True)]) == "critical"
    assert outcomes.result_of("refused", [facts("critical")]) == "not_cooperating"
    assert outcomes.result_of("nobody", []) == "unreachable"


def test_the_carers_that_are_needed_are_counted() -> None:
    count = outcomes.head_count("小小班", "toddler", 11, 2, LAW)
    assert (count.needed, count.is_short, count.ratio) == (3, True, "1:5.5")
    assert outcomes.head_count("班", "older", 14, 2, LAW).ratio == "1:7"
    unknown = outcomes.head_count("班", "no such", 3, 0, LAW)
    assert (unknown.needed, unknown.is_short, unknown.ratio) == (None, False, "—")


def test_a_value_that_was_read_off() -> None:
    assert outcomes.measured_short("89", 90) is True
    assert outcomes.measured_short("90", 90) is False
    assert outcomes.measured_short("九十", 90) is None
    assert outcomes.measured_short("", None) is False


@pytest.mark.proves("prod:F4")
def test_what_is_missing_before_the_end() -> None:
    item = outcomes.ItemFacts
    items = [
        item("1", "pass"), item("2"), item("3", "fail"),
        item("4", "fail", has_finding=True, severity="major"),
        item("5", "fail", has_finding=True, severity="minor"),
        item("6", "fail", has_finding=True, severity="critical", photos=1),
        item("7", "pass", too_low=True), item("8", "unseen", too_low=True),
    ]  # fmt: skip
    assert outcomes.unfinished(items, LAW) == [
        ("2", "unanswered"), ("3", "finding_missing"), ("4", "photo_missing"), ("7", "too_low"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "findings", "nothing"),
    [
        (["unseen", "unseen"], 0, True), (["unseen", "na"], 0, True), (["unseen"], 1, False),
        (["unseen", "pass"], 0, False), (["unseen", "fail"], 0, False), (["na"], 0, False),
    ],
)  # fmt: skip
def test_nothing_was_looked_at(values: list[str], findings: int, nothing: bool) -> None:
    items = [outcomes.ItemFacts(str(n), value) for n, value in enumerate(values)]
    assert outcomes.nothing_seen(items, findings) is nothing


# --- risk -----------------------------------------------------------------------------------------

DAY = dt.date(2026, 11, 27)


def fact(
    severity: str = "major", days: int = 10, kind: str = "finding", **more: object
) -> risk.Fact:
    day = DAY - dt.timedelta(days=days)
    return risk.Fact(kind, severity, day, **more)  # type: ignore[arg-type]


@pytest.mark.proves("prod:H1", "prod:H2", "prod:H6", "diff:12")
def test_points_have_reasons_and_lapse() -> None:
    clean = risk.assess([], DAY, LAW)
    assert (clean.points, clean.risk_class, clean.reasons) == (100, "low", ())
    some = risk.assess([fact(), fact("minor"), fact("critical", 400)], DAY, LAW)
    assert (some.points, [r.points for r in some.reasons]) == (94, [5, 1])
    late = risk.assess([fact(overdue=True, is_open=True)], DAY, LAW)
    assert late.points == 92  # five and half of it, rounded up
    told = risk.assess([fact("critical", kind="incident")], DAY, LAW)
    assert (told.points, told.risk_class) == (70, "medium")
    assert risk.assess([fact("minor", kind="concern")], DAY, LAW).reasons == ()
    ended = fact("critical", kind="concern", expires=DAY - dt.timedelta(days=1))
    assert risk.assess([ended], DAY, LAW).points == 100


def test_an_open_grave_finding_alone_makes_it_high() -> None:
    held = risk.assess([fact("critical", is_open=True)], DAY, LAW)
    assert (held.points, held.risk_class, held.held_high) == (85, "high", True)
    old = risk.assess([fact("critical", 500, is_open=True)], DAY, LAW)
    assert old.held_high  # it does not lapse while it is open
    assert risk.class_of(69, LAW) == "high"
    assert risk.assess([fact("critical", kind="incident")] * 9, DAY, LAW).points == 0


@pytest.mark.proves("prod:H5")
def test_the_class_sets_the_interval() -> None:
    last = dt.date(2026, 8, 31)
    due = {c: risk.next_visit_due(c, last, DAY, LAW) for c in risk.CLASSES}
    assert due == {
        "low": dt.date(2027, 2, 28), "medium": dt.date(2026, 11, 30), "high": dt.date(2026, 9, 30),
    }  # fmt: skip
    assert risk.next_visit_due("high", None, dt.date(2026, 1, 31), LAW) == dt.date(2026, 2, 28)


@pytest.mark.proves("prod:H7")
def test_several_things_in_a_short_time_are_a_spike() -> None:
    days = [DAY - dt.timedelta(days=n) for n in (1, 10, 29, 31)]
    assert risk.is_spike(days, DAY, LAW)
    assert not risk.is_spike(days[1:], DAY, LAW)


def test_class_and_grade_may_say_opposite_things() -> None:
    assert risk.in_conflict("high", "A")
    assert risk.in_conflict("low", "D")
    assert not risk.in_conflict("medium", "D")
    assert not risk.in_conflict("low", "A")
