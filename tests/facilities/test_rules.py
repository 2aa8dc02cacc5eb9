"""The rules against oracles written here from the fact sheet, figures and all."""

from __future__ import annotations

import ast
import dataclasses
import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from facilities import rules
from facilities.rules import CertificateFacts, ClassFacts, PremisesFacts, RegistrationFacts
from portal.core.calendar import WorkingCalendar
from portal.core.holidays import official_years, seed_days
from portal.core.regulation import Mark
from portal.core.regulation.loader import build, shipped_packs

ROOT = Path(__file__).resolve().parents[2]
PACKS = shipped_packs([ROOT / "facilities"])
TODAY = dt.date(2026, 11, 23)
LAW = build(TODAY, PACKS)
BEFORE_ALL_LAW = build(dt.date(2000, 1, 1), PACKS)

YEARS = range(2025, 2028)
CALENDAR = WorkingCalendar(
    {row.date: row.is_workday for row in seed_days(YEARS)}, official_years(YEARS)
)

CAPS = {"infant": 10, "toddler": 15, "older": 20, "mixed": 18}
RATIOS = {"infant": 3, "toddler": 5, "older": 7, "mixed": 5}
TYPES = ("independent", "kindergarten", "workplace", "community", "family")

days = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def codes(misses):
    return {miss.code for miss in misses}


def only(misses, code):
    found = [miss for miss in misses if miss.code == code]
    assert len(found) == 1, f"{code} in {misses}"
    return found[0]


def step(start: dt.date, n: int) -> dt.date:
    """The n-th working day after (or before) a day, one day at a time, n > 0 or n < 0."""
    passed = []
    ordinal = start.toordinal()
    while len(passed) < abs(n):
        ordinal += 1 if n > 0 else -1
        each = dt.date.fromordinal(ordinal)
        if CALENDAR.is_working_day(each):
            passed.append(each)
    return passed[-1]


class TestClocks:
    @pytest.mark.proves("prod:B13", "diff:7")
    @given(days)
    def test_limits_in_working_days(self, start):
        assert rules.answer_due(start, LAW, CALENDAR) == step(start, 5)
        assert rules.correction_due(start, LAW, CALENDAR) == step(start, 15)
        assert rules.change_report_due(start, LAW, CALENDAR) == step(start, 10)
        assert rules.reminder_due(start, LAW, CALENDAR) == step(start, -2)
        assert rules.escalation_due(start, LAW, CALENDAR) == step(start, 1)

    @given(days)
    def test_limits_in_calendar_days(self, start):
        assert rules.draft_expires_on(start, LAW).toordinal() == start.toordinal() + 60
        assert rules.closure_earliest(start, LAW).toordinal() == start.toordinal() + 30

    @pytest.mark.parametrize(
        ("received", "due"),
        [
            ("2026-11-20", "2026-11-27"),
            ("2026-09-29", "2026-10-12"),  # the National Day week, and a worked Saturday
            ("2026-02-12", "2026-02-26"),  # the Spring Festival, and a worked Saturday
            ("2026-11-22", "2026-11-27"),  # received on a Sunday
            ("2026-12-29", "2027-01-06"),
        ],
    )
    def test_answers_written_out(self, received, due):
        assert rules.answer_due(day(received), LAW, CALENDAR) == day(due)

    @given(days, days)
    def test_escalation_begins_on_the_first_working_day_after(self, due, today):
        late = today > due and any(
            CALENDAR.is_working_day(due + dt.timedelta(days=n))
            for n in range(1, (today - due).days + 1)
        )
        assert rules.is_escalated(due, today, LAW, CALENDAR) is late

    def test_not_escalated_over_the_weekend(self):
        friday = day("2026-11-20")
        found = [
            rules.is_escalated(friday, friday + dt.timedelta(days=n), LAW, CALENDAR)
            for n in range(4)
        ]
        assert found == [False, False, False, True]

    def test_a_clock_without_a_figure_names_it(self):
        with pytest.raises(KeyError, match=r"filing\.answer_working_days.*2000-01-01"):
            rules.answer_due(TODAY, BEFORE_ALL_LAW, CALENDAR)


class TestPauses:
    @pytest.mark.proves("diff:7")
    @given(days, st.integers(1, 15), st.integers(0, 30), st.integers(0, 40))
    def test_the_days_left_run_on(self, received, limit, used, pause):
        due = step(received, limit)
        paused = received + dt.timedelta(days=used)
        resumed = paused + dt.timedelta(days=pause)
        new = rules.resume_due(due, paused, resumed, CALENDAR)
        left = 0
        each = paused
        while each < due:
            each += dt.timedelta(days=1)
            left += CALENDAR.is_working_day(each)
        if paused > due:
            assert new == due
        elif left:
            assert new == step(resumed, left)
        else:
            assert new == step(resumed - dt.timedelta(days=1), 1)
        assert new >= due or not CALENDAR.is_working_day(due)

    @given(days, st.integers(1, 15), st.integers(0, 30), st.integers(0, 20))
    def test_a_longer_pause_never_brings_the_end_nearer(self, received, limit, used, pause):
        due, paused = step(received, limit), received + dt.timedelta(days=used)
        ends = [
            rules.resume_due(due, paused, paused + dt.timedelta(days=n), CALENDAR)
            for n in (pause, pause + 1)
        ]
        assert ends[0] <= ends[1]

    @given(days, st.integers(1, 15), st.integers(0, 30))
    def test_no_pause_changes_nothing(self, received, limit, used):
        due, at = step(received, limit), received + dt.timedelta(days=used)
        assert rules.resume_due(due, at, at, CALENDAR) == due

    def test_written_out(self):
        due = day("2026-11-27")
        wednesday, next_monday = day("2026-11-25"), day("2026-11-30")
        assert rules.resume_due(due, wednesday, next_monday, CALENDAR) == day("2026-12-02")
        saturday = day("2026-12-05")
        assert rules.resume_due(due, due, saturday, CALENDAR) == day("2026-12-07")

    def test_a_pause_cannot_end_before_it_begins(self):
        with pytest.raises(ValueError, match="cannot end on"):
            rules.resume_due(TODAY, TODAY, TODAY - dt.timedelta(days=1), CALENDAR)


def _days(after: dt.date, until: dt.date) -> list[dt.date]:
    count = max(0, (until - after).days)
    return [after + dt.timedelta(days=n) for n in range(1, count + 1)]


GOOD_REGISTRATION = RegistrationFacts(
    facility_name="小太阳托育园",
    short_name="小太阳",
    uscc="91410481MA00000155",
    facility_type="independent",
    legal_form="for_profit",
    operating_model="private",
    registration_authority="舞钢市市场监督管理局",
    business_scope="托育服务；食品销售",
    established_on=day("2024-05-06"),
    legal_representative="甲某",
    manager="乙某",
    manager_phone="13903750001",
    public_phone="0375-7281234",
)
CREDIT_CODES = {
    "91": "91410481MA00000155",
    "92": "92410481MA0000023W",
    "52": "52410481MJ0000034M",
    "12": "124104810000000434",
}


def registration(**changes):
    facts = dataclasses.replace(GOOD_REGISTRATION, **changes)
    return rules.check_registration(facts, LAW)


class TestRegistration:
    def test_a_sound_one_has_no_miss(self):
        assert registration() == []

    def test_an_empty_one_asks_for_what_the_form_needs(self):
        misses = rules.check_registration(RegistrationFacts(), LAW)
        assert codes(misses) == {"required"}
        assert all(miss.blocking and miss.section == "registration" for miss in misses)
        assert {miss.field for miss in misses} == {
            "facility_name",
            "uscc",
            "facility_type",
            "legal_form",
            "registration_authority",
            "business_scope",
            "established_on",
            "legal_representative",
            "manager",
            "manager_phone",
        }

    @given(st.sampled_from(["facility_name", "uscc", "manager"]), st.sampled_from(["", "  ", None]))
    def test_blank_is_missing(self, field, value):
        misses = registration(**{field: value})
        assert only(misses, "required").field == field
        assert only(misses, "required").figure_key == "registration.required_fields"

    @pytest.mark.proves("clause:二(四)2a", "diff:9")
    @pytest.mark.parametrize("prefix", CREDIT_CODES)
    @pytest.mark.parametrize(
        ("legal_form", "fits"),
        [("public_institution", {"12"}), ("social_service", {"52"}), ("for_profit", {"91", "92"})],
    )
    def test_prefix_and_legal_form(self, prefix, legal_form, fits):
        misses = registration(uscc=CREDIT_CODES[prefix], legal_form=legal_form)
        assert ("uscc_prefix_mismatch" in codes(misses)) is (prefix not in fits)
        if prefix not in fits:
            miss = only(misses, "uscc_prefix_mismatch")
            assert miss.params["prefix"] == prefix
            assert set(miss.params["expected"]) == fits
            assert not miss.blocking

    @pytest.mark.parametrize(
        ("prefix", "form", "authority"),
        [
            ("91", "for_profit", "舞钢市市场监督管理局"),
            ("52", "social_service", "舞钢市民政局"),
            ("12", "public_institution", None),
        ],
    )
    def test_what_a_credit_code_tells(self, prefix, form, authority):
        code = CREDIT_CODES[prefix]
        assert rules.registered_as(code, LAW) == form
        assert rules.registered_by(code, form, LAW) == authority
        assert rules.registered_by("91110000" + code[8:], form, LAW) is None
        assert rules.registered_by(code, None, LAW) is None
        assert rules.registered_as("93" + code[2:], LAW) is None
        assert rules.registered_as("", LAW) is None

    def test_an_unknown_legal_form_is_not_compared(self):
        assert registration(legal_form="other") == []

    @pytest.mark.parametrize(
        ("uscc", "unusual"),
        [
            ("91410481MA00000155", False),
            ("91350100M000100Y43", True),
        ],
    )
    def test_area(self, uscc, unusual):
        misses = registration(uscc=uscc)
        assert ("uscc_area_unusual" in codes(misses)) is unusual
        assert not any(miss.blocking for miss in misses)

    def test_a_wrong_code_blocks_but_a_doubtful_inner_digit_does_not(self):
        wrong = only(registration(uscc="91410481MA00000156"), "uscc_check")
        assert wrong.blocking
        assert only(registration(uscc="914104"), "uscc_length").params["length"] == 6
        # An organisation code whose own check is wrong, the last character computed to fit.
        body = "91410481MA000001T"
        doubtful = only(registration(uscc=body + _outer(body)), "uscc_organisation_check")
        assert not doubtful.blocking

    @pytest.mark.proves("clause:二(四)2a", "diff:9")
    @pytest.mark.parametrize(
        ("legal_form", "uscc", "authority", "unusual"),
        [
            ("for_profit", "91", "舞钢市市场监督管理局", False),
            ("for_profit", "91", "舞钢市 市场监管局", False),
            ("for_profit", "91", "舞钢市民政局", True),
            ("social_service", "52", "舞钢市民政局", False),
            ("social_service", "52", "舞钢市市场监督管理局", True),
            ("public_institution", "12", "中共舞钢市委机构编制委员会办公室", False),
            ("public_institution", "12", "舞钢市民政局", True),
        ],
    )
    def test_authority(self, legal_form, uscc, authority, unusual):
        misses = registration(
            legal_form=legal_form, uscc=CREDIT_CODES[uscc], registration_authority=authority
        )
        assert codes(misses) == ({"authority_unusual"} if unusual else set())

    @pytest.mark.parametrize(
        ("scope", "named"),
        [
            ("托育服务", True),
            ("家庭托育服务、零售", True),
            ("托 育\n服 务（不含餐饮）", True),
            ("幼儿照护", False),
            ("托育", False),
        ],
    )
    def test_scope(self, scope, named):
        misses = registration(business_scope=scope)
        assert codes(misses) == (set() if named else {"scope_words_missing"})
        if not named:
            assert only(misses, "scope_words_missing").params["words"] == ("托育服务",)

    def test_a_family_point_says_so_in_name_and_scope(self):
        sound = {"facility_type": "family", "business_scope": "家庭托育服务"}
        assert registration(**sound) == []
        misses = registration(facility_type="family", facility_name="小太阳")
        assert codes(misses) == {"scope_words_missing", "name_words_missing"}
        assert {miss.figure_key for miss in misses} == {
            "registration.family_scope_words",
            "registration.family_name_words",
        }

    @given(st.integers(-3, 3))
    def test_established_by_today(self, offset):
        misses = registration(established_on=TODAY + dt.timedelta(days=offset))
        assert codes(misses) == ({"established_in_future"} if offset > 0 else set())

    def test_phones(self):
        misses = registration(manager_phone="139", public_phone="7281234")
        assert [(miss.code, miss.field) for miss in misses] == [
            ("phone_format", "manager_phone"),
            ("phone_format", "public_phone"),
        ]
        assert registration(public_phone=None) == []

    def test_before_there_was_law_only_plain_sense_speaks(self):
        assert rules.check_registration(RegistrationFacts(uscc="1"), BEFORE_ALL_LAW)[0].code == (
            "uscc_length"
        )
        assert rules.check_registration(RegistrationFacts(), BEFORE_ALL_LAW) == []


def _outer(body: str) -> str:
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    total = sum(letters.index(each) * pow(3, place, 31) for place, each in enumerate(body))
    return next(each for each in letters if (total + letters.index(each)) % 31 == 0)


GOOD_PREMISES = PremisesFacts(
    facility_type="independent",
    community="huxin",
    address="某路 1 号",
    floor_lowest=1,
    floor_highest=2,
    has_basement=False,
    building_area=Decimal(400),
    indoor_area=Decimal(360),
    outdoor_area=Decimal(1000),
    tenure="leased",
    lease_start=day("2025-01-01"),
    lease_end=day("2029-12-31"),
    serves_meals=True,
    classes=(ClassFacts("toddler", "苹果班", 15, 12), ClassFacts("older", "香蕉班", 20, 20)),
)


def premises(**changes):
    return rules.check_premises(dataclasses.replace(GOOD_PREMISES, **changes), LAW)


def family(**changes):
    point = {
        "facility_type": "family",
        "classes": (ClassFacts("mixed", "", 5, 5),),
        "outdoor_area": Decimal(0),
    }
    return premises(**(point | changes))


counts = st.none() | st.integers(0, 25)
class_rows = st.builds(
    ClassFacts, st.sampled_from([*CAPS, "other", None]), st.just("班"), counts, counts
)


def row_oracle(index, row):
    """What a row earns by itself: code and field."""
    field, cap = f"classes.{index}", CAPS.get(row.class_type, 1000)
    capacity = -1 if row.capacity is None else row.capacity
    enrolled = -1 if row.enrolled is None else row.enrolled
    earned = {
        ("required", f"{field}.class_type"): row.class_type is None,
        ("required", f"{field}.capacity"): capacity < 0,
        ("class_capacity_over_limit", f"{field}.capacity"): capacity > cap,
        ("class_enrolled_over_limit", f"{field}.enrolled"): enrolled > cap,
        ("class_overfull", f"{field}.enrolled"): enrolled > capacity >= 0,
    }
    return [found for found, is_earned in earned.items() if is_earned]


class TestPremises:
    def test_sound_ones_have_no_miss(self):
        assert premises() == []
        assert family() == []

    def test_an_empty_one_asks_for_what_the_form_needs(self):
        misses = rules.check_premises(PremisesFacts(), LAW)
        assert codes(misses) == {"required"}
        assert all(miss.blocking and miss.section == "premises" for miss in misses)
        assert {miss.field for miss in misses} == {
            "community",
            "address",
            "floor_lowest",
            "floor_highest",
            "building_area",
            "indoor_area",
            "outdoor_area",
            "tenure",
            "serves_meals",
            "classes",
        }

    @pytest.mark.parametrize(("tenure", "asked"), [("owned", 0), ("free_use", 0), ("leased", 2)])
    def test_lease_days_are_asked_of_tenants(self, tenure, asked):
        misses = premises(tenure=tenure, lease_start=None, lease_end=None)
        assert [miss.code for miss in misses] == ["required"] * asked

    def test_no_is_an_answer(self):
        assert premises(serves_meals=False) == []

    @pytest.mark.parametrize(("class_type", "cap"), CAPS.items())
    def test_class_caps_at_the_boundary(self, class_type, cap):
        assert premises(classes=(ClassFacts(class_type, "班", cap, cap),)) == []
        miss = only(
            premises(classes=(ClassFacts(class_type, "班", cap + 1, cap),)),
            "class_capacity_over_limit",
        )
        assert miss.params == {
            "class_name": "班",
            "class_type": class_type,
            "children": cap + 1,
            "limit": cap,
        }
        assert (miss.field, miss.figure_key) == ("classes.0.capacity", "setting.class_capacity")
        assert not miss.blocking

    @pytest.mark.proves("clause:二(四)1", "prod:D3", "diff:9")
    @given(st.lists(class_rows, min_size=1, max_size=12))
    @example([ClassFacts("infant", "班", 10, 9), ClassFacts("older", "班", 1, 20)])
    def test_classes_against_the_oracle(self, rows):
        expected = [found for index, row in enumerate(rows) for found in row_oracle(index, row)]
        children = sum(row.enrolled for row in rows if row.enrolled)
        if all(row.capacity is not None for row in rows):
            expected += [("total_overfull", "classes")] * (
                children > sum(row.capacity for row in rows)
            )
        expected += [("too_many_classes", "classes")] * (len(rows) > 10)
        misses = premises(classes=tuple(rows))
        assert sorted((miss.code, miss.field) for miss in misses) == sorted(expected)

    def test_class_count_at_the_boundary(self):
        row = ClassFacts("toddler", "班", 15, 15)
        assert premises(classes=(row,) * 10) == []
        miss = only(premises(classes=(row,) * 11), "too_many_classes")
        assert miss.params == {"classes": 11, "limit": 10}

    @given(st.lists(st.builds(ClassFacts, st.just("mixed"), st.none(), counts, counts), max_size=3))
    def test_family_points_against_the_oracle(self, rows):
        most = max(
            sum(row.capacity for row in rows if row.capacity),
            sum(row.enrolled for row in rows if row.enrolled),
        )
        misses = family(classes=tuple(rows))
        assert ("family_over_limit" in codes(misses)) is (most > 5)
        assert not codes(misses) & {"class_capacity_over_limit", "too_many_classes"}
        if most > 5:
            miss = only(misses, "family_over_limit")
            assert miss.params == {"children": most, "limit": 5}

    @pytest.mark.proves("clause:二(四)1", "diff:9")
    @given(st.integers(-2, 6), st.integers(-2, 6), st.booleans(), st.booleans())
    def test_floors_against_the_oracle(self, lowest, highest, basement, is_family):
        expected = set()
        if lowest < 1:
            expected.add("floor_too_low")
        if basement:
            expected.add("basement_used")
        if highest > 3:
            expected.add("floor_too_high")
        if lowest > highest:
            expected.add("floors_reversed")
        check = family if is_family else premises
        misses = check(floor_lowest=lowest, floor_highest=highest, has_basement=basement)
        assert codes(misses) == expected

    @pytest.mark.proves("clause:二(四)1", "diff:9")
    @given(st.decimals(0, 130, places=2))
    @example(Decimal(0))
    @example(Decimal("69.99"))
    @example(Decimal(70))
    @example(Decimal("104.99"))
    @example(Decimal(105))
    def test_outdoor_area_against_the_oracle(self, area):
        """35 places: three square metres each, two where a site is rebuilt."""
        expected = set()
        if area == 0:
            expected = {"outdoor_area_too_small"}
        elif area < 70:
            expected = {"outdoor_share_below_rebuilt"}
        elif area < 105:
            expected = {"outdoor_share_below"}
        misses = premises(outdoor_area=area)
        assert codes(misses) == expected
        if 0 < area < 105:
            assert misses[0].params["share"] <= area / 35
            assert (misses[0].field, misses[0].blocking) == ("outdoor_area", False)

    @given(st.decimals(390, 410, places=2))
    @example(Decimal(400))
    def test_indoor_fits_in_the_building(self, area):
        misses = premises(indoor_area=area)
        assert codes(misses) == ({"indoor_exceeds_building"} if area > 400 else set())

    @pytest.mark.proves("clause:二(四)1")
    @given(
        st.dates(dt.date(2020, 1, 1), dt.date(2028, 12, 31)), st.integers(-40, 1500), st.booleans()
    )
    def test_leases_against_the_oracle(self, start, length, is_family):
        end = start + dt.timedelta(days=length)
        expected = set()
        if end < start:
            expected.add("lease_dates_reversed")
        else:
            last = end + dt.timedelta(days=1)  # the first day that is no longer let
            months = 12 * (last.year - start.year) + last.month - start.month
            last_day_of_february = last == dt.date(start.year + 3, 2, 28)
            if months < 36 or (months == 36 and last.day < start.day and not last_day_of_february):
                expected.add("lease_too_short")
            if end < TODAY:
                expected.add("lease_expired")
            elif end.toordinal() - TODAY.toordinal() <= 60:
                expected.add("lease_ending")
        check = family if is_family else premises
        assert codes(check(lease_start=start, lease_end=end)) == expected

    @pytest.mark.parametrize(
        ("start", "end", "short"),
        [
            ("2025-01-01", "2027-12-31", False),
            ("2025-01-01", "2027-12-30", True),
            ("2024-02-29", "2027-02-27", False),
            ("2024-02-29", "2027-02-26", True),
            ("2026-03-01", "2029-02-28", False),
        ],
    )
    def test_three_years_written_out(self, start, end, short):
        misses = premises(lease_start=day(start), lease_end=day(end))
        assert ("lease_too_short" in codes(misses)) is short
        if short:
            assert only(misses, "lease_too_short").params["years"] == 3

    @pytest.mark.parametrize(
        ("left", "code"),
        [(-1, "lease_expired"), (0, "lease_ending"), (60, "lease_ending"), (61, None)],
    )
    def test_the_end_of_a_lease_at_the_boundary(self, left, code):
        misses = premises(lease_end=TODAY + dt.timedelta(days=left), lease_start=day("2020-01-01"))
        assert [miss.code for miss in misses] == ([code] if code else [])

    @pytest.mark.parametrize("tenure", ["owned", "free_use", None])
    def test_old_lease_days_of_others_are_ignored(self, tenure):
        misses = premises(tenure=tenure, lease_start=TODAY, lease_end=TODAY)
        assert codes(misses) <= {"required"}

    def test_before_there_was_law_only_plain_sense_speaks(self):
        bad = dataclasses.replace(
            GOOD_PREMISES, classes=(ClassFacts("infant", "班", 99, 99),), floor_highest=9
        )
        assert rules.check_premises(bad, BEFORE_ALL_LAW) == []

    @pytest.mark.proves("prod:D3")
    @given(st.sampled_from(list(RATIOS)), st.integers(0, 100))
    def test_carers(self, class_type, children):
        needed = rules.carers_needed(class_type, children, LAW)
        ratio = RATIOS[class_type]
        assert needed * ratio >= children > (needed - 1) * ratio or children == needed == 0

    def test_carers_where_nothing_is_laid_down(self):
        assert rules.carers_needed("other", 5, LAW) is None
        assert rules.carers_needed("infant", 5, BEFORE_ALL_LAW) is None


CENTRE_PAPERS = {"business_licence", "premises_proof", "hygiene_report", "fire_certificate"}


def required(facility_type="independent", tenure="owned", serves_meals=True):
    return rules.required_materials(facility_type, tenure, serves_meals, LAW)


class TestMaterials:
    @pytest.mark.proves("prod:C2", "clause:一-1")
    @pytest.mark.parametrize("facility_type", TYPES)
    @pytest.mark.parametrize("tenure", ["owned", "leased", "free_use", None])
    @pytest.mark.parametrize("serves_meals", [True, False, None])
    def test_lists_against_the_oracle(self, facility_type, tenure, serves_meals):
        expected = {"business_licence", "premises_proof"}
        if facility_type != "family":
            expected |= CENTRE_PAPERS
            if serves_meals:
                expected |= {"food_licence"}
        found = rules.required_materials(facility_type, tenure, serves_meals, LAW)
        assert {each.code for each in found if each.required} == expected
        assert {each.code for each in found if not each.required} == {"staff_proof"}
        assert all(each.name and each.issuer for each in found)
        assert {each.figure_key for each in found} == {f"materials.for_{facility_type}"}
        by_code = {each.code: each for each in found}
        assert by_code["premises_proof"].validity_expected is (tenure == "leased")
        assert by_code["business_licence"].number_expected is True

    @pytest.mark.parametrize("facility_type", ["other", "", None])
    def test_an_unknown_type_has_no_list(self, facility_type):
        assert rules.required_materials(facility_type, "owned", True, LAW) == []

    def test_no_list_before_there_was_law(self):
        assert rules.required_materials("independent", "owned", True, BEFORE_ALL_LAW) == []


FOOD = [each for each in required() if each.code == "food_licence"]
STAFF = [each for each in required() if each.code == "staff_proof"]
LICENCE = [each for each in required() if each.code == "business_licence"]
offsets = st.none() | st.integers(-100, 100)


def cert(material="food_licence", **changes):
    facts = {
        "number": "JY34104810000018",
        "issuer": "某局",
        "issued_on": day("2024-01-01"),
        "valid_until": day("2028-12-31"),
        "has_files": True,
    }
    return CertificateFacts(material, **(facts | changes))


def check(certs, materials=FOOD, law=LAW):
    return rules.check_certificates(certs, materials, TODAY, law)


def from_today(offset):
    return None if offset is None else TODAY + dt.timedelta(days=offset)


class TestCertificates:
    def test_a_sound_paper(self):
        assert check([cert()]) == []

    def test_a_whole_list(self):
        papers = [cert(each.code) for each in required()]
        assert check(papers, required()) == []
        missing = check([], required())
        assert {miss.field for miss in missing} == CENTRE_PAPERS | {"food_licence"}
        assert codes(missing) == {"certificate_missing"}
        assert {miss.figure_key for miss in missing} == {"materials.for_independent"}

    def test_optional_papers_are_not_missed_but_looked_at(self):
        assert check([], STAFF) == []
        old = cert("staff_proof", valid_until=day("2025-01-01"))
        assert codes(check([old], STAFF)) == {"certificate_expired"}

    @pytest.mark.proves("diff:9", "prod:C1")
    @given(st.sampled_from(["", " ", "JY3"]), offsets, offsets, st.booleans())
    def test_against_the_oracle(self, number, issued, until, has_files):
        filed_until = until if has_files else None
        expected = {
            ("certificate_missing", ""): not has_files,
            ("certificate_number_missing", ".number"): has_files and number != "JY3",
            ("certificate_validity_missing", ".valid_until"): has_files and until is None,
            ("certificate_expired", ".valid_until"): filed_until in range(-100, 0),
            ("certificate_expiring", ".valid_until"): filed_until in range(31),
            ("certificate_issued_in_future", ".issued_on"): issued in range(1, 101),
            ("certificate_dates_reversed", ".issued_on"): None not in {issued, until}
            and until < issued,
        }
        paper = cert(
            number=number,
            issued_on=from_today(issued),
            valid_until=from_today(until),
            has_files=has_files,
        )
        misses = check([paper])
        assert sorted((miss.code, miss.field) for miss in misses) == sorted(
            (code, f"food_licence{field}") for (code, field), due in expected.items() if due
        )
        assert not any(miss.blocking for miss in misses)
        assert {miss.section for miss in misses} <= {"certificates"}

    @pytest.mark.parametrize(
        ("offset", "code"), [(-1, "expired"), (0, "expiring"), (30, "expiring")]
    )
    def test_the_last_day_still_counts(self, offset, code):
        misses = check([cert(valid_until=from_today(offset))])
        assert codes(misses) == {f"certificate_{code}"}
        assert misses[0].params["day"] == from_today(offset)

    @given(st.permutations([-50, 10, 400]))
    def test_the_paper_good_for_longest_counts(self, offsets):
        assert check([cert(valid_until=from_today(offset)) for offset in offsets]) == []

    def test_without_an_end_is_longest_where_none_is_expected(self):
        old = cert("business_licence", valid_until=day("2025-01-01"))
        assert check([old, cert("business_licence", valid_until=None)], LICENCE) == []
        expired = cert(valid_until=day("2025-01-01"))
        assert codes(check([expired, cert(valid_until=None)])) == {"certificate_expired"}

    def test_papers_nobody_asked_for_are_only_looked_at_for_their_days(self):
        strange = cert("other", number="", valid_until=day("2023-01-01"))
        assert codes(check([cert(), strange])) == {"certificate_dates_reversed"}

    def test_without_a_figure_nothing_is_soon(self):
        assert check([cert(valid_until=TODAY)], law=BEFORE_ALL_LAW) == []


# What stands in the rules and is no figure of law, by file.
NO_LAW = {
    "premises.py": {28},  # February, in place of its 29th
    "duplicates.py": {2, 100, 200},  # pairs of characters, percent
    "staff.py": {12, 28, 29, 30},  # months of a year, last days of months
    # Lengths of columns, what can only be a slip of the finger, how much of a word is repeated.
    "national.py": {2, 30, 40, 60, 100, 200, 1950, 2000, 100_000},
}


class TestPacks:
    """What ships agrees with the fact sheet, and with the words of the rules."""

    @pytest.mark.parametrize(
        ("key", "value", "act", "article", "mark"),
        [
            ("setting.class_capacity", CAPS, "58号", "19", "seen"),
            (
                "setting.children_per_carer",
                {"infant": 3, "toddler": 5, "older": 7},
                "58号",
                "20",
                "seen",
            ),
            ("setting.children_per_carer_mixed", {"mixed": 5}, "", "", "proposal"),
            ("setting.lease_years", 3, "58号", "11", "seen"),
            ("setting.outdoor_area_above", "0", "58号", "16", "seen"),
            ("setting.classes_max", 10, "JGJ 39", "1.0.3", "seen"),
            ("setting.floor_lowest", 1, "JGJ 39", "4.1.3", "seen"),
            ("setting.floor_highest", 3, "WS/T 821", "4.2", "seen"),
            ("setting.family_children_max", 5, "28号", "", "seen"),
            ("setting.family_children_per_carer", 3, "28号", "", "seen"),
            ("setting.family_floor_highest", 3, "28号", "", "known"),
            ("filing.answer_working_days", 5, "", "", "proposal"),
            ("filing.correction_working_days", 15, "", "", "proposal"),
            ("filing.statutory_receipt_working_days", 5, "25号", "9", "seen"),
            ("filing.statutory_notice_working_days", 15, "25号", "9", "seen"),
            ("registration.scope_words", ["托育服务"], "25号", "5", "seen"),
            ("materials.expiring_days", 30, "", "", "proposal"),
        ],
    )
    def test_figures(self, key, value, act, article, mark):
        found = LAW[key]
        assert found.value == value
        assert act in found.citation.number
        assert (found.citation.article, found.citation.mark) == (article, Mark(mark))

    def test_ages(self):
        ages = {
            name: (band["from"], band["to"])
            for name, band in LAW.value("setting.class_age_months").items()
        }
        assert ages == {
            "infant": (6, 12),
            "toddler": (12, 24),
            "older": (24, 36),
            "mixed": (18, 36),
        }

    @pytest.mark.proves("diff:8")
    def test_the_standard_of_2024_does_not_bind_earlier(self):
        early = build(dt.date(2024, 3, 31), PACKS)
        high = dataclasses.replace(GOOD_PREMISES, floor_highest=4)
        assert "floor_too_high" not in codes(rules.check_premises(high, early))
        first = build(dt.date(2024, 4, 1), PACKS)
        assert "floor_too_high" in codes(rules.check_premises(high, first))

    @pytest.mark.parametrize(
        ("key", "facts"),
        [
            ("registration.required_fields", RegistrationFacts),
            ("setting.required_fields", PremisesFacts),
            ("setting.required_fields_leased", PremisesFacts),
            ("setting.required_fields_class", ClassFacts),
        ],
    )
    def test_required_fields_exist(self, key, facts):
        assert set(LAW.texts(key)) <= {each.name for each in dataclasses.fields(facts)}

    def test_each_listed_material_is_described_by_known_conditions(self):
        conditions = {"always", "leased", "serves_meals", "never"}
        for facility_type in TYPES:
            for code, condition in LAW.table(f"materials.for_{facility_type}").items():
                about = LAW.table(f"materials.{code}")
                assert {condition, about["number"], about["validity"]} <= conditions

    def test_no_figure_of_law_stands_in_the_code(self):
        for path in sorted((ROOT / "facilities" / "rules").glob("*.py")):
            numbers = {
                node.value
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Constant) and type(node.value) in {int, float}
            }
            assert numbers <= {0, 1} | NO_LAW.get(path.name, set()), path.name

    def test_the_rules_know_neither_django_nor_the_clock(self):
        allowed = {
            f"portal.core.{name}" for name in ("calendar", "faults", "identifiers", "regulation")
        }
        for path in sorted((ROOT / "facilities" / "rules").glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and not node.level:
                    assert node.module.split(".")[0] != "django"
                    assert not node.module.startswith("portal.") or node.module in allowed
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    assert node.func.attr not in {"today", "now"}, path.name
