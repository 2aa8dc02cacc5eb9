"""The pre-check of services and fees against independent oracles; no database."""

import dataclasses
from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from hypothesis import example, given
from hypothesis import strategies as st

from facilities import rules
from facilities.models.choices import ClassType, ServiceForm
from facilities.rules import ServicesFacts
from portal.core.regulation.loader import build, shipped_packs

PACKS = list(shipped_packs(Path(app.path) for app in apps.get_app_configs()))
LAW = build(date(2026, 11, 24), PACKS)
BEFORE_ALL_LAW = build(date(1990, 1, 1), PACKS)
BANDS = {"infant": (6, 12), "toddler": (12, 24), "older": (24, 36), "mixed": (18, 36)}
FORMS = [form.value for form in ServiceForm]
SOUND = ServicesFacts(
    facility_type="independent",
    serves_meals=True,
    class_types=("toddler", "older"),
    service_forms=("full_day", "half_day"),
    age_from=12,
    age_to=36,
    open_days=("mon", "tue"),
    opens_at="07:30",
    closes_at="17:30",
    meal_source="own_kitchen",
    refund_rule="按天退",
    fees=2,
    priced_forms=("full_day", "half_day"),
)


def check(**changes):
    return rules.check_services(dataclasses.replace(SOUND, **changes), LAW)


def found(misses):
    return sorted((miss.code, miss.field) for miss in misses)


def test_sound_answers_have_nothing_to_remark():
    assert check() == []
    assert set(BANDS) == set(ClassType.values)


def test_before_any_law_only_plain_sense_speaks():
    assert rules.check_services(SOUND, BEFORE_ALL_LAW) == []
    blank = rules.check_services(ServicesFacts(serves_meals=True), BEFORE_ALL_LAW)
    assert found(blank) == [("meal_source_missing", "meal_source")]


@pytest.mark.parametrize("name", LAW.texts("services.required_fields"))
def test_what_is_required_is_missed_and_blocks(name):
    empty = () if isinstance(getattr(SOUND, name), tuple) else None
    (miss,) = [each for each in check(**{name: empty}) if each.code == "required"]
    assert (miss.field, miss.section, miss.blocking) == (name, "services", True)


@pytest.mark.proves("clause:二(四)1", "diff:9")
@given(
    st.integers(0, 60),
    st.integers(0, 60),
    st.lists(st.sampled_from(sorted(BANDS)), max_size=4),
    st.sampled_from(["independent", "kindergarten", "workplace", "community", "family", None]),
)
@example(12, 36, ["toddler", "older"], "independent")
@example(11, 37, ["toddler", "older"], "independent")
@example(24, 36, ["older"], "kindergarten")
@example(23, 36, ["older"], "kindergarten")
def test_ages_against_the_oracle(low, high, kinds, facility_type):
    expected = []
    if high > 36:
        expected.append(("age_above_limit", "age_to"))
    if facility_type == "kindergarten" and low < 24:
        expected.append(("kindergarten_age_below", "age_from"))
    if kinds and facility_type != "family":
        if low < min(BANDS[kind][0] for kind in kinds):
            expected.append(("age_below_classes", "age_from"))
        if high > max(BANDS[kind][1] for kind in kinds):
            expected.append(("age_above_classes", "age_to"))
    misses = check(age_from=low, age_to=high, class_types=tuple(kinds), facility_type=facility_type)
    assert found(misses) == sorted(expected)
    assert not any(miss.blocking for miss in misses)


def test_the_ages_of_classes_together():
    assert rules.ages_for(["older", "toddler"], LAW) == (12, 36)
    assert rules.ages_for(["infant"], LAW) == (6, 12)
    assert rules.ages_for([], LAW) is None
    assert rules.ages_for(["toddler", ""], LAW) is None


def test_a_class_of_no_known_kind_says_nothing_about_ages():
    assert check(class_types=("toddler", ""), age_from=6) == []


@pytest.mark.proves("diff:9")
@given(st.sets(st.sampled_from(FORMS), min_size=1), st.lists(st.sampled_from(FORMS), min_size=1))
def test_prices_against_the_oracle(offered, priced):
    """Every form has a price, and no price is for a form that is not offered."""
    expected = [("fee_missing", form) for form in FORMS if form in offered - set(priced)]
    expected += [("fee_not_offered", form) for form in set(priced) - offered]
    misses = check(service_forms=tuple(offered), priced_forms=tuple(priced), fees=len(priced))
    assert sorted((m.code, m.params["service_form"]) for m in misses) == sorted(expected)
    keys = {miss.code: miss.figure_key for miss in misses}
    assert keys.get("fee_missing", "services.priced_forms") == "services.priced_forms"
    assert keys.get("fee_not_offered") is None


@pytest.mark.parametrize(
    ("serves", "source", "missed"),
    [
        (True, "", True),
        (True, "catered", False),
        (False, "", False),
        (None, "", False),
    ],
)
def test_where_meals_come_from(serves, source, missed):
    codes = {miss.code for miss in check(serves_meals=serves, meal_source=source)}
    assert ("meal_source_missing" in codes) is missed
