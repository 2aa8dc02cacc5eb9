"""Ten thousand instants through every rule of days, against an oracle that shares nothing with it.

The oracle counts on the plan of 2026 as it was announced, written out by hand in
tests.core.test_calendar, with a list of worked days instead of steps; it reads the figures from
the packs as plain YAML; and it finds the day in Shanghai by arithmetic on seconds.
"""

from __future__ import annotations

import bisect
import datetime as dt
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from complaints.rules import clocks as cases
from evaluations.rules import schedule
from facilities.rules import clocks as filings
from inspections.rules import deadlines as visits
from portal.core.calendar import WorkingCalendar, shanghai_day
from portal.core.holidays import official_years, seed_days
from portal.core.regulation.loader import build, shipped_packs
from tests.core.test_calendar import worked

ROOT = Path(__file__).resolve().parents[2]
INSTANTS = 10_000
ON = dt.date(2026, 11, 29)
ZONES = [ZoneInfo(name) for name in ("UTC", "Asia/Shanghai", "America/New_York", "Asia/Kolkata")]
LAW = build(ON, shipped_packs([ROOT / app for app in ("facilities", "inspections", "complaints")]))
CALENDAR = WorkingCalendar(
    {row.date: row.is_workday for row in seed_days((2026,))}, official_years((2026,))
)
Rule = Callable[[dt.date], dt.date | None]


# --- the oracle ----------------------------------------------------------------------------------

FIRST = dt.date(2025, 12, 1).toordinal()
WORKED = [n for n in range(FIRST, FIRST + 800) if worked(dt.date.fromordinal(n))]


def nth(day: dt.date, n: int) -> dt.date:
    """The n-th worked day after the day (before it: negative), out of the list."""
    if n > 0:
        return dt.date.fromordinal(WORKED[bisect.bisect_right(WORKED, day.toordinal()) + n - 1])
    if n < 0:
        return dt.date.fromordinal(WORKED[bisect.bisect_left(WORKED, day.toordinal()) + n])
    return day


def later(day: dt.date, n: int) -> dt.date:
    return dt.date.fromordinal(day.toordinal() + n)


def months(day: dt.date, n: int) -> dt.date:
    """The same day n months on: the last day there is of those that the month could have."""
    count = day.year * 12 + (day.month - 1) + n
    for last in range(day.day, 27, -1):
        try:
            return dt.date(count // 12, count % 12 + 1, last)
        except ValueError:
            continue
    return dt.date(count // 12, count % 12 + 1, day.day)


@cache
def figure(path: str, name: str) -> Any:
    """The value in force, straight out of the file."""
    entries = yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))["entries"]
    values = [each for each in entries[name]["values"] if str(each["since"]) <= str(ON)]
    return max(values, key=lambda each: str(each["since"]))["value"]


def of_filings(name: str) -> int:
    return int(figure("facilities/packs/filing.yaml", name))


def of_visits(name: str) -> int:
    return int(figure("inspections/packs/inspections.yaml", name))


def of_findings(name: str, severity: str) -> int:
    return int(figure("inspections/packs/findings.yaml", name)[severity])


def of_cases(name: str) -> Any:
    return figure("complaints/packs/complaints.yaml", name)


def end_of_case(category: str, clock: str) -> Rule:
    def end(day: dt.date) -> dt.date | None:
        if category in of_cases(f"{clock}_working_days"):
            return nth(day, of_cases(f"{clock}_working_days")[category])
        if category in of_cases(f"{clock}_days"):
            return later(day, of_cases(f"{clock}_days")[category])
        return day if clock == "respond" else None

    return end


# --- rule and oracle side by side ----------------------------------------------------------------


def _filings() -> dict[str, tuple[Rule, Rule]]:
    return {
        "filing answer": (lambda day: filings.answer_due(day, LAW, CALENDAR),
                          lambda day: nth(day, of_filings("answer_working_days"))),
        "filing correction": (lambda day: filings.correction_due(day, LAW, CALENDAR),
                              lambda day: nth(day, of_filings("correction_working_days"))),
        "filing change": (lambda day: filings.change_report_due(day, LAW, CALENDAR),
                          lambda day: nth(day, of_filings("change_report_working_days"))),
        "filing reminder": (lambda day: filings.reminder_due(day, LAW, CALENDAR),
                            lambda day: nth(day, -of_filings("reminder_working_days"))),
        "filing escalation": (lambda day: filings.escalation_due(day, LAW, CALENDAR),
                              lambda day: nth(day, of_filings("escalation_working_days"))),
        "filing draft": (lambda day: filings.draft_expires_on(day, LAW),
                         lambda day: later(day, of_filings("draft_days"))),
        "filing closure": (lambda day: filings.closure_earliest(day, LAW),
                           lambda day: later(day, of_filings("closure_notice_days"))),
    }  # fmt: skip


def _visits() -> dict[str, tuple[Rule, Rule]]:
    found: dict[str, tuple[Rule, Rule]] = {
        "recheck": (lambda day: visits.recheck_due(day, LAW, CALENDAR),
                    lambda day: nth(day, of_visits("recheck_working_days"))),
        "publication": (lambda day: visits.publication_due(day, LAW, CALENDAR),
                        lambda day: nth(day, of_visits("publication_working_days"))),
        "urgent visit": (lambda day: visits.urgent_due(day, LAW),
                         lambda day: later(day, of_visits("urgent_days"))),
        "first visit": (lambda day: visits.opening_due(day, LAW),
                        lambda day: later(day, of_visits("opening_days"))),
        "not visited": (lambda day: visits.not_visited_before(day, LAW),
                        lambda day: months(day, -of_visits("not_visited_months"))),
        "public since": (lambda day: visits.public_since(day, LAW),
                         lambda day: months(day, -12 * of_visits("public_years"))),
        "evaluated again": (lambda day: schedule.add_months(day, 6),
                            lambda day: months(day, 6)),
    }  # fmt: skip
    for severity in ("critical", "major", "minor"):
        for rule, name in (
            (visits.correction_due, "correction_days"),
            (visits.correction_latest, "correction_days_max"),
            (visits.extension_latest, "extension_days_max"),
        ):
            found[f"{name} {severity}"] = (
                lambda day, rule=rule, severity=severity: rule(severity, day, LAW),
                lambda day, name=name, severity=severity: later(day, of_findings(name, severity)),
            )  # fmt: skip
    return found


def _cases() -> dict[str, tuple[Rule, Rule]]:
    found: dict[str, tuple[Rule, Rule]] = {
        "review": (lambda day: cases.review_due(day, LAW, CALENDAR),
                   lambda day: nth(day, of_cases("review_working_days"))),
    }  # fmt: skip
    for category in (f"C{n}" for n in range(1, 15)):
        for clock in ("respond", "finish"):
            found[f"{clock} {category}"] = (
                lambda day, category=category, clock=clock: getattr(
                    cases.due_days(day, category, LAW, CALENDAR), clock
                ),
                end_of_case(category, clock),
            )
    return found


RULES = {**_filings(), **_visits(), **_cases()}


def instants(seed: str) -> list[dt.datetime]:
    """Seconds of 2026 anywhere on earth; every third within a minute of midnight in Shanghai."""
    dice = random.Random(seed)
    start = int(dt.datetime(2026, 1, 1, 0, 2, tzinfo=ZONES[1]).timestamp())
    found = []
    for n in range(INSTANTS):
        seconds = start + dice.randrange(365 * 86_400 - 180)
        if n % 3 == 0:
            midnight = seconds - (seconds + 8 * 3600) % 86_400
            seconds = midnight + dice.randint(-60, 60)
        found.append(dt.datetime.fromtimestamp(max(seconds, start), dice.choice(ZONES)))
    return found


def oracles_day(at: dt.datetime) -> dt.date:
    """Eight hours ahead of UTC, counted in seconds since 1970."""
    return later(dt.date(1970, 1, 1), (int(at.timestamp()) + 8 * 3600) // 86_400)


@pytest.mark.proves("sec:G15", "sec:F5")
@pytest.mark.parametrize("name", RULES)
def test_ten_thousand_instants_and_no_difference(name):
    rule, oracle = RULES[name]
    differ = [
        (at, mine, its)
        for at in instants(name)
        if (mine := rule(shanghai_day(at))) != (its := oracle(oracles_day(at)))
    ]
    assert differ == []


def test_the_instants_reach_every_day_and_both_sides_of_midnight():
    moments = instants("any")
    assert len({oracles_day(at) for at in moments}) == 365
    utc = [at for at in moments if at.astimezone(dt.UTC).date() != oracles_day(at)]
    assert INSTANTS // 4 < len(utc) < INSTANTS // 2


@pytest.mark.parametrize("name", ["filing answer", "publication", "finish C8"])
def test_an_oracle_that_takes_holidays_for_weekdays_would_be_found_out(name):
    """The test bites: counted from Monday to Friday alone, thousands differ."""
    plain = WorkingCalendar({}, frozenset())
    days = [oracles_day(at) for at in instants(name)]
    n = {
        "filing answer": of_filings("answer_working_days"),
        "publication": of_visits("publication_working_days"),
        "finish C8": of_cases("finish_working_days")["C8"],
    }[name]
    assert sum(plain.add_working_days(day, n) != RULES[name][1](day) for day in days) > 1000
