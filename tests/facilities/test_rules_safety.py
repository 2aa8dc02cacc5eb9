"""The pre-check of safety against independent oracles; no database."""

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from django.apps import apps
from hypothesis import example, given
from hypothesis import strategies as st

from facilities import rules
from facilities.models.choices import EmergencyPlan, FacilityType
from facilities.rules import SafetyFacts
from portal.core.regulation.loader import build, shipped_packs

PACKS = list(shipped_packs(Path(app.path) for app in apps.get_app_configs()))
TODAY = dt.date(2026, 11, 24)
LAW = build(TODAY, PACKS)
BEFORE_ALL_LAW = build(dt.date(1990, 1, 1), PACKS)
PLANS = tuple(plan.value for plan in EmergencyPlan)
KINDS = [kind.value for kind in FacilityType]
SOUND = SafetyFacts(
    facility_type="independent",
    cameras=12,
    covers_entrance=True,
    covers_living=True,
    covers_activity=True,
    in_private_rooms=False,
    records_all_day=True,
    retention_days=90,
    alarm_armed=True,
    guards=1,
    guards_certified=1,
    guard_company="示例保安服务有限公司",
    fire_manager="part_time",
    smoke_detectors=True,
    extinguishers=True,
    plans=PLANS,
    drills=2,
    last_drill_on=dt.date(2026, 10, 15),
)
yes_no = st.booleans()


def check(**changes):
    return rules.check_safety(dataclasses.replace(SOUND, **changes), LAW)


def found(misses):
    return sorted((miss.code, miss.field) for miss in misses)


@pytest.mark.parametrize("kind", KINDS)
def test_sound_answers_have_nothing_to_remark(kind):
    assert check(facility_type=kind) == []


def test_before_any_law_nothing_is_said():
    assert rules.check_safety(SafetyFacts(facility_type="independent"), BEFORE_ALL_LAW) == []


@pytest.mark.proves("prod:B4")
@pytest.mark.parametrize("kind", [*KINDS, None])
def test_a_family_point_is_asked_the_short_form(kind):
    asked = set(rules.safety_questions(kind, LAW))
    assert ({"guards", "alarm_armed", "plans", "drills"} <= asked) is (kind != "family")
    assert {"cameras", "covers_activity", "retention_days", "smoke_detectors"} <= asked
    blank = rules.check_safety(SafetyFacts(facility_type=kind), LAW)
    required = {miss.field for miss in blank if miss.code == "required"}
    assert required == asked - {"plans"}


@pytest.mark.proves("clause:二(四)3c", "diff:9")
@given(st.integers(0, 400), st.sampled_from(KINDS))
@example(89, "independent")
@example(90, "independent")
@example(89, "family")
@example(90, "family")
def test_ninety_days_of_recordings(days, kind):
    misses = check(retention_days=days, facility_type=kind)
    assert found(misses) == ([("retention_too_short", "retention_days")] if days < 90 else [])
    for miss in misses:
        assert miss.params == {"days": days, "limit": 90}
        assert not miss.blocking
        expected = "safety.family_retention_days" if kind == "family" else "safety.retention_days"
        assert miss.figure_key == expected


@pytest.mark.proves("clause:二(四)3c", "diff:9")
@given(yes_no, yes_no, yes_no, yes_no, yes_no, yes_no, st.sampled_from(KINDS))
def test_coverage_and_the_clock_round_against_the_oracle(
    entrance, living, activity, private, recording, alarm, kind
):
    expected = []
    if not activity:
        expected.append(("area_not_covered", "covers_activity"))
    if private:
        expected.append(("camera_in_private_room", "in_private_rooms"))
    if kind != "family":
        if not entrance:
            expected.append(("area_not_covered", "covers_entrance"))
        if not living:
            expected.append(("area_not_covered", "covers_living"))
        if not recording:
            expected.append(("not_all_day", "records_all_day"))
        if not alarm:
            expected.append(("not_all_day", "alarm_armed"))
    misses = check(
        facility_type=kind,
        covers_entrance=entrance,
        covers_living=living,
        covers_activity=activity,
        in_private_rooms=private,
        records_all_day=recording,
        alarm_armed=alarm,
    )
    assert found(misses) == sorted(expected)


@pytest.mark.proves("clause:二(四)3b", "diff:9")
@given(st.integers(0, 5), st.integers(0, 5), st.booleans(), st.sampled_from(KINDS))
@example(0, 0, True, "independent")
@example(1, 1, True, "independent")
@example(1, 0, False, "community")
def test_guards_against_the_oracle(guards, held, has_company, kind):
    expected = []
    if kind == "independent" and guards < 1:
        expected.append(("too_few_guards", "guards"))
    if kind != "family" and guards:
        if held < guards:
            expected.append(("guards_not_certified", "guards_certified"))
        if not has_company:
            expected.append(("guard_company_missing", "guard_company"))
    company = "示例保安服务有限公司" if has_company else "  "
    misses = check(facility_type=kind, guards=guards, guards_certified=held, guard_company=company)
    assert found(misses) == sorted(expected)
    short = [miss.params["missing"] for miss in misses if miss.code == "guards_not_certified"]
    assert short in ([], [guards - held])


@pytest.mark.proves("diff:9")
@given(st.sets(st.sampled_from(PLANS)))
def test_each_plan_that_is_missing_is_named(held):
    missing = tuple(plan for plan in PLANS if plan not in held)
    misses = check(plans=tuple(held))
    assert [miss.params["plans"] for miss in misses] == ([missing] if missing else [])
    assert check(plans=tuple(held), facility_type="family") == []


@given(st.integers(0, 6), st.integers(-30, 800))
@example(1, 10)
@example(2, 366)
@example(2, 367)
@example(2, 0)
@example(2, -1)
def test_drills_against_the_oracle(drills, days_ago):
    expected = [("too_few_drills", "drills")] if drills < 2 else []
    if drills and days_ago > 366:
        expected.append(("drill_too_old", "last_drill_on"))
    if drills and days_ago < 0:
        expected.append(("drill_in_future", "last_drill_on"))
    misses = check(drills=drills, last_drill_on=TODAY - dt.timedelta(days=days_ago))
    assert found(misses) == sorted(expected)


@pytest.mark.parametrize("post", ["full_time", "part_time", "none"])
def test_somebody_answers_for_fire_safety(post):
    missed = found(check(fire_manager=post))
    assert missed == ([("fire_manager_missing", "fire_manager")] if post == "none" else [])


@given(yes_no, yes_no, st.sampled_from(KINDS))
def test_fire_equipment_against_the_oracle(detectors, extinguishers, kind):
    expected = []
    if not detectors:
        expected.append(("fire_equipment_missing", "smoke_detectors"))
    if not extinguishers:
        expected.append(("fire_equipment_missing", "extinguishers"))
    misses = check(smoke_detectors=detectors, extinguishers=extinguishers, facility_type=kind)
    assert found(misses) == sorted(expected)
