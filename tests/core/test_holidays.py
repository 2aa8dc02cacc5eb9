from __future__ import annotations

import datetime as dt

import pytest

from portal.core.holidays import official_years, seed_days

MOVED = {
    2025: ["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"],
    2026: ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
    2027: [],
}


def test_moved_working_days():
    for year, expected in MOVED.items():
        moved = [row for row in seed_days([year]) if row.is_workday]
        assert [row.date.isoformat() for row in moved] == expected
        assert all(row.date.isoweekday() > 5 and row.name for row in moved)


def test_announced_years():
    assert official_years([2025, 2026, 2027]) == {2025, 2026}
    assert official_years([]) == frozenset()


@pytest.mark.proves("sec:F6")
def test_a_year_not_announced_is_provisional():
    rows = seed_days([2026, 2027])
    assert {row.source for row in rows if row.date.year == 2026} == {"official"}
    assert {row.source for row in rows if row.date.year == 2027} == {"provisional"}
    assert dt.date(2027, 5, 3) in {row.date for row in rows}  # presumed day in lieu


def test_rows_are_in_order_once_and_of_the_years_asked():
    rows = seed_days([2027, 2025, 2026, 2026])
    days = [row.date for row in rows]
    assert days == sorted(set(days))
    assert {day.year for day in days} == {2025, 2026, 2027}
    assert len(rows) == 19 + 5 + 22 + 6 + 19


def test_names_are_chinese():
    names = {row.date.isoformat(): row.name for row in seed_days([2026, 2028])}
    assert names["2026-02-17"] == "春节"
    assert names["2026-10-06"] == "休息日（由 2026-09-20 调休）"
    assert names["2028-10-03"] == "中秋节、国庆节"
