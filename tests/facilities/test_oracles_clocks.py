"""Clocks and days after registration, each against the calendar of 2026 written out by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from facilities import actions, rules, tasks
from facilities.models import Facility
from facilities.rules import life as life_rules
from facilities.workflow import StatutoryFilingStatus
from portal.core.actors import Actor
from portal.core.queries import in_force
from tests import makers
from tests.core.test_calendar import CALENDAR, worked
from tests.facilities.deciding import decide
from tests.facilities.oracles import BESIDE, about, codes, figure, law_with, of_code

AT = makers.AT
DAY = AT.date()
beside = st.sampled_from(BESIDE) | st.integers(-60, 60)
spring_to_autumn = st.dates(dt.date(2026, 2, 1), dt.date(2026, 10, 15))


def days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)


def counted(start: dt.date, n: int) -> dt.date:
    """The n-th worked day after, or before, a day of 2026, one day at a time."""
    day = start
    while n:
        day += days(1 if n > 0 else -1)
        if worked(day):
            n += -1 if n > 0 else 1
    return day


# --- the clocks of a report ---------------------------------------------------------------------

WORKING = {
    rules.answer_due: ("filing.answer_working_days", 1),
    rules.correction_due: ("filing.correction_working_days", 1),
    rules.change_report_due: ("filing.change_report_working_days", 1),
    rules.escalation_due: ("filing.escalation_working_days", 1),
    rules.reminder_due: ("filing.reminder_working_days", -1),
}
PLAIN = {
    rules.draft_expires_on: "filing.draft_days",
    rules.closure_earliest: "filing.closure_notice_days",
    life_rules.recheck_on: "life.statutory_recheck_days",
}


class TestClocks:
    @pytest.mark.proves("prod:B13", "diff:7")
    @given(spring_to_autumn, st.permutations(range(1, 6)), st.booleans())
    @example(dt.date(2026, 9, 29), [1, 2, 3, 4, 5], True)
    @example(dt.date(2026, 2, 13), [5, 4, 3, 2, 1], False)
    def test_each_counts_working_days_and_reads_its_own_figure(
        self, start: dt.date, others: list[int], as_shipped: bool
    ) -> None:
        """With five different figures, a clock that read its neighbour's would end elsewhere."""
        keys = [key for key, _way in WORKING.values()]
        figures = dict(zip(keys, map(figure, keys) if as_shipped else others, strict=True))
        law = law_with(figures)
        for clock, (key, way) in WORKING.items():
            assert clock(start, law, CALENDAR) == counted(start, way * figures[key]), key

    @given(st.dates(dt.date(2024, 1, 1), dt.date(2030, 1, 1)), st.permutations([30, 61, 92]))
    def test_each_counts_calendar_days_and_reads_its_own_figure(
        self, start: dt.date, others: list[int]
    ) -> None:
        for values in (others, [figure(key) for key in PLAIN.values()]):
            law = law_with(dict(zip(PLAIN.values(), values, strict=True)))
            for clock, value in zip(PLAIN, values, strict=True):
                assert clock(start, law).toordinal() == start.toordinal() + value

    @given(spring_to_autumn, about("filing.escalation_working_days"), st.sampled_from(BESIDE))
    def test_the_head_is_told_from_that_day_on(self, due: dt.date, late: int, offset: int) -> None:
        law = law_with({"filing.escalation_working_days": late})
        today = counted(due, late) + days(offset)
        assert rules.is_escalated(due, today, law, CALENDAR) is (offset >= 0)


# --- closing ------------------------------------------------------------------------------------


def plan(**changes: Any) -> dict[str, Any]:
    """A plan in which nothing is left open."""
    return {
        "closing_on": DAY + days(400), "reason": "租约到期", "children": 9,
        "children_plan": "转到别处", "parents_told_on": DAY, "staff_plan": "结清工资",
        "refund_plan": "退完", "records_plan": "保管三年", "reported_on": DAY,
    } | changes  # fmt: skip


class TestClosure:
    @pytest.mark.proves("prod:B16")
    @given(st.dates(dt.date(2026, 1, 1), dt.date(2028, 1, 1)), beside, st.booleans())
    @example(DAY, -1, False)
    @example(DAY, 0, False)
    @example(DAY, 1, True)
    def test_parents_are_told_by_the_closing_day(
        self, closing: dt.date, offset: int, as_text: bool
    ) -> None:
        told: Any = closing + days(offset)
        stated: Any = closing
        if as_text:
            told, stated = told.isoformat(), stated.isoformat()
        found = life_rules.check_closure(
            plan(closing_on=stated, parents_told_on=told, reported_on="2020-01-01"),
            DAY, law_with(),
        )  # fmt: skip
        assert codes(found) == (["parents_told_late"] if offset > 0 else [])
        assert all(miss.field == "parents_told_on" and not miss.blocking for miss in found)

    @pytest.mark.proves("prod:B16")
    @given(about("filing.closure_notice_days"), beside, st.booleans())
    @example(30, -1, True)
    @example(30, 0, True)
    def test_a_closing_day_within_the_notice_is_remarked(
        self, notice: int, offset: int, in_the_plan: bool
    ) -> None:
        """The notice runs from the day written in the plan, else from the day of the report."""
        begun = DAY - days(3) if in_the_plan else DAY
        closing = begun + days(notice + offset)
        law = law_with({"filing.closure_notice_days": notice})
        facts = plan(
            closing_on=closing, parents_told_on=None, reported_on=begun if in_the_plan else ""
        )
        misses = of_code(life_rules.check_closure(facts, DAY, law), "closure_early")
        assert [miss.params for miss in misses] == (
            [{"earliest": begun + days(notice), "days": notice + offset}] if offset < 0 else []
        )

    @given(st.data())
    def test_the_plan_says_what_the_figure_lists(self, data: st.DataObject) -> None:
        key = "life.closure_plan"
        every = figure(key)
        asked = data.draw(st.just(every) | st.lists(st.sampled_from(every), unique=True))
        left_out = data.draw(st.sets(st.sampled_from([n for n in every if n != "children_plan"])))
        facts = plan(**{name: data.draw(st.sampled_from(["", None])) for name in sorted(left_out)})
        misses = of_code(life_rules.check_closure(facts, DAY, law_with({key: asked})), "required")
        assert [miss.field for miss in misses] == [name for name in asked if name in left_out]
        assert all(miss.blocking and miss.figure_key == key for miss in misses)


# --- what changes how ---------------------------------------------------------------------------

TILES = tuple(figure("life.change_sections"))
PARTS = ("registration", "premises", "services", "certificates", "safety")
PAPERS = ("business_licence", "premises_proof", "hygiene_report", "staff_proof")
tables = st.fixed_dictionaries({tile: st.sampled_from(PARTS) for tile in TILES})
paper_tables = st.fixed_dictionaries(
    {tile: st.lists(st.sampled_from(PAPERS), max_size=2, unique=True) for tile in TILES}
)
chosen_tiles = st.lists(st.sampled_from(TILES), max_size=4)


def each_once(words: list[str]) -> tuple[str, ...]:
    return tuple(word for n, word in enumerate(words) if word not in words[:n])


class TestTiles:
    @pytest.mark.proves("prod:B15")
    @given(chosen_tiles, st.just(figure("life.change_sections")) | tables,
           st.just(figure("life.change_materials")) | paper_tables)  # fmt: skip
    def test_parts_papers_and_materials_of_a_change(
        self, tiles: list[str], parts: dict[str, str], papers: dict[str, list[str]]
    ) -> None:
        law = law_with({"life.change_sections": parts, "life.change_materials": papers})
        sections = each_once([parts[tile] for tile in tiles])
        asked = each_once([code for tile in tiles for code in papers[tile]])
        assert life_rules.change_tiles(law) == tuple(parts)
        assert life_rules.sections_of_tiles(tiles, law) == sections
        assert life_rules.papers_of_tiles(tiles, law) == asked
        extra = ("certificates",) if asked and "certificates" not in sections else ()
        assert life_rules.tasks_of_tiles(tiles, law) == (*sections, *extra)
        needed = rules.required_materials("independent", "owned", False, law)
        found = life_rules.materials_of_change(needed, [*tiles, "closure"], law)
        whole = "certificates" in sections
        assert [(m.code, m.required) for m in found] == [
            (m.code, m.required or m.code in asked) for m in needed if whole or m.code in asked
        ]

    @given(st.lists(st.sampled_from(["enrolment", "staff", "move", "branch", "name"]), max_size=3))
    def test_what_is_reviewed_and_what_is_another_facility_is_data(self, listed: list[str]) -> None:
        for key, says in (("life.at_once", life_rules.takes_effect_at_once),
                          ("life.new_filing", life_rules.needs_new_filing)):  # fmt: skip
            for words in (listed, figure(key)):
                law = law_with({key: words})
                for word in ("enrolment", "staff", "move", "branch", "name"):
                    assert says(word, law) is (word in words)

    @given(st.dictionaries(st.sampled_from(["placement_agreement", "refund_record"]),
                           st.sampled_from(["always", "never", "leased"])))  # fmt: skip
    def test_papers_of_a_closure(self, listed: dict[str, str]) -> None:
        for table in (listed, figure("materials.for_closure")):
            found = life_rules.materials_of_closure(law_with({"materials.for_closure": table}))
            assert [(m.code, m.required) for m in found] == [
                (code, when == "always") for code, when in table.items() if when != "leased"
            ]

    @pytest.mark.proves("prod:B17")
    @given(
        st.sampled_from(["龙泉路", "祥和街"]), st.integers(1, 99), st.integers(0, 2),
        st.sampled_from(["", "（邮局对面）", " "]),
        st.sampled_from(["", "舞钢市", "河南省舞钢市"]), st.booleans(),
    )  # fmt: skip
    def test_another_place_is_another_number_or_another_community(
        self, street: str, number: int, more: int, after: str, before: str, moved: bool
    ) -> None:
        was = {"community": "longquan", "address": f"{street}{number}号"}
        now = {
            "community": "hubin" if moved else "longquan",
            "address": f"{before}{street} {number + more} 号{after}",
        }
        assert life_rules.is_another_place(was, now) is (moved or more > 0)


class TestSections:
    @given(st.sampled_from(["independent", "family", "other", "", None]),
           st.lists(st.sampled_from(PARTS), unique=True))  # fmt: skip
    def test_the_parts_of_a_kind(self, kind: str | None, listed: list[str]) -> None:
        law = law_with({"sections.for_family": listed})
        known = {"family": listed, "independent": figure("sections.for_independent")}
        expected = known.get(kind or "", figure("sections.every"))
        assert rules.sections_for(kind, law) == tuple(expected)

    @given(st.sampled_from(["independent", "community", "family", None]), st.data())
    def test_the_questions_of_safety(self, kind: str | None, data: st.DataObject) -> None:
        every = figure("safety.required_fields")
        key = "safety.family_fields" if kind == "family" else "safety.required_fields"
        asked = data.draw(st.lists(st.sampled_from(every), unique=True))
        found = rules.safety_questions(kind, law_with({key: asked}))
        assert found == (*asked, *(() if kind == "family" else ("plans",)))


# --- papers that end ----------------------------------------------------------------------------


class TestExpiry:
    @pytest.mark.proves("prod:C3")
    @given(st.lists(st.integers(1, 60), min_size=1, max_size=4, unique=True), st.integers(1, 20),
           st.integers(0, 5), st.data())  # fmt: skip
    @example([30, 7, 1], 7, 12, None)
    def test_the_nearest_step_that_has_come(
        self, ahead: list[int], every: int, times: int, data: st.DataObject | None
    ) -> None:
        law = law_with({
            "expiry.remind_days": [str(n) for n in ahead], "expiry.overdue_repeat_days": every,
            "expiry.overdue_times": times,
            "expiry.told": {"members": [str(ahead[0]), "overdue"], "clerk": ["overdue"]},
        })  # fmt: skip
        left = -1 if data is None else data.draw(
            st.sampled_from([*(n + b for n in (*ahead, 0, -every) for b in BESIDE)])
            | st.integers(-99, 99)
        )  # fmt: skip
        until = DAY + days(left)
        found = [s for s in rules.steps_on(DAY, law) if s.first <= until <= s.last]
        reached = [n for n in ahead if left <= n]
        expected = []
        if left >= 0 and reached:
            expected = [(str(min(reached)), {"members"} if min(reached) == ahead[0] else set())]
        elif left < 0 and (-left - 1) // every < times:
            expected = [(f"overdue.{(-left - 1) // every}", {"members", "clerk"})]
        assert [(step.name, step.audience) for step in found] == expected
        assert [step.is_overdue for step in found] == [left < 0] * len(expected)
        assert rules.days_left(until, DAY) == left


# --- reminders of the calendar, with the figure in force and with another one decided by two ----


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(4), tzinfo=dt.UTC)


@pytest.fixture
def facility(db: None) -> Facility:
    return makers.facility()


@pytest.mark.parametrize("offset", BESIDE)
@pytest.mark.parametrize("other", [None, 1, 6])
def test_a_pause_is_reminded_of_so_many_days_before_its_last(
    facility: Facility, other: int | None, offset: int
) -> None:
    if other is not None:
        decide("life.pause_reminder_days", other)
    last = dt.date(2027, 2, 20)
    member = Actor.person(facility.memberships.get().user)
    pause = {"starts_on": DAY, "expected_end": last, "reason": "换地板", "children": 9,
             "children_plan": "回家", "parents_told_on": DAY}  # fmt: skip
    actions.report_pause(facility, pause, by=member, at=AT)
    before = figure("life.pause_reminder_days") if other is None else other
    reminded = tasks.remind_about_pauses(noon(last - days(before) + days(offset)))
    assert reminded == (1 if offset >= 0 else 0)


@pytest.mark.parametrize("offset", BESIDE)
@pytest.mark.parametrize("other", [None, 60, 120])
def test_an_old_look_at_the_county_is_asked_for_again(
    facility: Facility, other: int | None, offset: int
) -> None:
    if other is not None:
        decide("life.statutory_recheck_days", other)
    seen = {"status": StatutoryFilingStatus.FILED, "number": "豫0481-0001", "filed_on": DAY,
            "reason": "", "public_link": ""}  # fmt: skip
    clerk = makers.clerk()
    actions.record_statutory_filing(facility, seen, by=Actor.person(clerk), at=AT)
    after = figure("life.statutory_recheck_days") if other is None else other
    day = DAY + days(after + offset)
    assert (tasks.watch_statutory_filings(noon(day)) > 0) is (offset >= 0)
    assert life_rules.recheck_on(DAY, in_force(day)) == DAY + days(after)
