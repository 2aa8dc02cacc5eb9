from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.calendar import WorkingCalendar, shanghai_day
from portal.core.holidays import official_years, seed_days

YEARS = (2025, 2026, 2027)
SEEDED = {row.date: row.is_workday for row in seed_days(YEARS)}
CALENDAR = WorkingCalendar(SEEDED, official_years(YEARS))
PLAIN = WorkingCalendar({}, frozenset())

# The plan for 2026 as announced, written out by hand.
FREE_2026 = {
    dt.date(2026, month, day)
    for month, first, last in (
        (1, 1, 3),
        (2, 15, 23),
        (4, 4, 6),
        (5, 1, 5),
        (6, 19, 21),
        (9, 25, 27),
        (10, 1, 7),
    )
    for day in range(first, last + 1)
}
MOVED_2026 = {
    dt.date(2026, 1, 4),
    dt.date(2026, 2, 14),
    dt.date(2026, 2, 28),
    dt.date(2026, 5, 9),
    dt.date(2026, 9, 20),
    dt.date(2026, 10, 10),
}

days_2026 = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
any_day = st.dates(dt.date(2024, 1, 1), dt.date(2029, 12, 31))
tables = st.dictionaries(st.dates(dt.date(2026, 1, 1), dt.date(2026, 3, 31)), st.booleans())


def worked(day: dt.date) -> bool:
    """Independent of the code: the written plan, then the names of the weekdays."""
    if day in MOVED_2026:
        return True
    return day not in FREE_2026 and day.strftime("%w") not in {"0", "6"}


def days_after(start: dt.date, count: int = 120) -> list[dt.date]:
    return [dt.date.fromordinal(start.toordinal() + offset) for offset in range(1, count + 1)]


ALL_2026 = days_after(dt.date(2025, 12, 31), 365)


@pytest.mark.proves("diff:7", "ux:51")
@given(days_2026)
def test_2026_is_as_announced(day):
    assert CALENDAR.is_working_day(day) is worked(day)


@pytest.mark.proves("diff:7")
@given(st.dates(dt.date(2026, 1, 1), dt.date(2026, 9, 1)), st.integers(1, 40))
def test_adding_agrees_with_counting_by_hand(start, n):
    expected = [day for day in days_after(start) if worked(day)][n - 1]
    assert CALENDAR.add_working_days(start, n) == expected


@given(st.dates(dt.date(2026, 6, 1), dt.date(2026, 12, 31)), st.integers(1, 40))
def test_going_back_agrees_with_counting_by_hand(start, n):
    before = [dt.date.fromordinal(start.toordinal() - offset) for offset in range(1, 120)]
    assert CALENDAR.add_working_days(start, -n) == [day for day in before if worked(day)][n - 1]


@given(days_2026, days_2026)
def test_days_between_agree_with_a_list(a, b):
    early, late = sorted((a, b))
    count = len([day for day in ALL_2026 if early < day <= late and worked(day)])
    assert CALENDAR.working_days_between(a, b) == (count if a <= b else -count)


@given(any_day, st.integers(0, 60), tables)
def test_adding_and_counting_are_inverse(start, n, table):
    calendar = WorkingCalendar(table, frozenset())
    end = calendar.add_working_days(start, n)
    assert calendar.working_days_between(start, end) == n
    assert n == 0 or calendar.is_working_day(end)


@given(any_day, any_day, any_day)
def test_counting_adds_up(a, b, c):
    parts = CALENDAR.working_days_between(a, b) + CALENDAR.working_days_between(b, c)
    assert parts == CALENDAR.working_days_between(a, c)


@given(any_day)
def test_no_days_stays(day):
    assert CALENDAR.add_working_days(day, 0) == day
    assert CALENDAR.working_days_between(day, day) == 0


@given(any_day)
def test_next_working_day_is_the_first(day):
    following = CALENDAR.next_working_day(day)
    assert CALENDAR.is_working_day(following)
    assert CALENDAR.working_days_between(day, following) == (0 if day == following else 1)


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2026-09-30", 1, "2026-10-08"),  # over the National Day week
        ("2026-09-30", 3, "2026-10-10"),  # a worked Saturday
        ("2026-09-30", 4, "2026-10-12"),
        ("2026-09-18", 1, "2026-09-20"),  # a worked Sunday
        ("2026-02-13", 1, "2026-02-14"),  # worked Saturday before the Spring Festival
        ("2026-02-13", 2, "2026-02-24"),
        ("2026-02-14", 5, "2026-02-28"),
        ("2025-12-31", 1, "2026-01-04"),  # over the turn of the year
        ("2026-05-08", 1, "2026-05-09"),
        ("2026-10-03", 1, "2026-10-08"),  # received on a holiday
    ],
)
def test_written_out(start, n, end):
    assert CALENDAR.add_working_days(dt.date.fromisoformat(start), n) == dt.date.fromisoformat(end)


class TestUnknownYears:
    @given(st.dates(dt.date(2100, 1, 1), dt.date(2100, 3, 1)), st.integers(-30, 30))
    def test_monday_to_friday(self, start, n):
        end = CALENDAR.add_working_days(start, n)
        assert end == PLAIN.add_working_days(start, n)
        assert n == 0 or end.isoweekday() <= 5

    @pytest.mark.parametrize(
        ("start", "end", "crosses"),
        [
            ("2026-11-01", "2026-12-31", False),
            ("2026-12-31", "2027-01-01", True),
            ("2027-01-01", "2026-12-31", True),
            ("2025-01-01", "2026-12-31", False),
            ("2024-12-31", "2026-12-31", True),
            ("2027-05-01", "2027-05-02", True),
        ],
    )
    def test_told(self, start, end, crosses):
        first, last = dt.date.fromisoformat(start), dt.date.fromisoformat(end)
        assert CALENDAR.crosses_unknown_year(first, last) is crosses

    @given(any_day, any_day, st.frozensets(st.integers(2024, 2029)))
    def test_told_for_each_year_between(self, a, b, known):
        touched = {year for year in range(2024, 2030) if min(a, b).year <= year <= max(a, b).year}
        assert WorkingCalendar({}, known).crosses_unknown_year(a, b) is bool(touched - known)


class TestShanghaiDay:
    @pytest.mark.parametrize(
        ("at", "day"),
        [
            ("2026-11-23T15:59:59+00:00", "2026-11-23"),
            ("2026-11-23T16:00:00+00:00", "2026-11-24"),
            ("2026-11-24T00:00:00+08:00", "2026-11-24"),
            ("2026-12-31T16:00:00+00:00", "2027-01-01"),
        ],
    )
    def test_midnight_is_at_sixteen_utc(self, at, day):
        assert shanghai_day(dt.datetime.fromisoformat(at)) == dt.date.fromisoformat(day)

    def test_an_instant_without_zone_is_refused(self):
        with pytest.raises(ValueError, match="time zone"):
            shanghai_day(dt.datetime(2026, 11, 23))  # ruff: ignore[call-datetime-without-tzinfo]
