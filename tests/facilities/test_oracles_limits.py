"""Premises, services, safety and papers: each figure varied, each limit struck from both sides."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from facilities import rules
from facilities.rules import CertificateFacts, ClassFacts
from tests.facilities.oracles import (
    BESIDE,
    PREMISES,
    SAFETY,
    SERVICES,
    TODAY,
    about,
    codes,
    figure,
    law_with,
    months_on,
    of_code,
)

KINDS = ("independent", "kindergarten", "workplace", "community", "family", None)
beside = st.sampled_from(BESIDE) | st.integers(-40, 40)
some_days = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))


def days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)


class Limit(NamedTuple):
    """A number of the pack, what is held against it, and on which side it is a miss."""

    key: str
    code: str
    field: str
    is_most: bool
    sound: Any
    check: Callable[..., list[rules.Miss]]
    kind: str = "independent"
    item: str = ""


LIMITS = [
    Limit("setting.floor_lowest", "floor_too_low", "floor_lowest", False, PREMISES,
          rules.check_premises),
    Limit("setting.floor_highest", "floor_too_high", "floor_highest", True, PREMISES,
          rules.check_premises),
    Limit("setting.family_floor_lowest", "floor_too_low", "floor_lowest", False, PREMISES,
          rules.check_premises, "family"),
    Limit("setting.family_floor_highest", "floor_too_high", "floor_highest", True, PREMISES,
          rules.check_premises, "family"),
    Limit("services.age_months_below", "age_above_limit", "age_to", True, SERVICES,
          rules.check_services),
    Limit("services.kindergarten_age_months_from", "kindergarten_age_below", "age_from", False,
          SERVICES, rules.check_services, "kindergarten"),
    Limit("safety.retention_days", "retention_too_short", "retention_days", False, SAFETY,
          rules.check_safety),
    Limit("safety.family_retention_days", "retention_too_short", "retention_days", False, SAFETY,
          rules.check_safety, "family"),
    Limit("safety.guards_min", "too_few_guards", "guards", False, SAFETY, rules.check_safety,
          item="independent"),
    Limit("safety.drills_per_year", "too_few_drills", "drills", False, SAFETY, rules.check_safety),
]  # fmt: skip


class TestLimits:
    @pytest.mark.proves("diff:9")
    @pytest.mark.parametrize("limit", LIMITS, ids=[each.key for each in LIMITS])
    @given(data=st.data())
    def test_the_limit_itself_is_still_good(self, limit: Limit, data: st.DataObject) -> None:
        shipped = figure(limit.key)[limit.item] if limit.item else figure(limit.key)
        most = data.draw(st.just(shipped) | st.integers(1, 2 * shipped + 2))
        value = most + data.draw(beside)
        law = law_with({limit.key: {limit.item: most} if limit.item else most})
        facts = dataclasses.replace(limit.sound, facility_type=limit.kind, **{limit.field: value})
        misses = of_code(limit.check(facts, law), limit.code)
        assert len(misses) == (value > most if limit.is_most else value < most)
        for miss in misses:
            assert (miss.field, miss.figure_key, miss.blocking) == (limit.field, limit.key, False)
            assert miss.params["limit"] == most

    @pytest.mark.proves("diff:9")
    @given(st.sampled_from(KINDS), st.integers(0, 3), st.integers(0, 3))
    def test_guards_are_asked_of_the_kinds_of_the_table(
        self, kind: str | None, needed: int, there: int
    ) -> None:
        table = {"community": needed, "family": needed}
        law = law_with({"safety.guards_min": table})
        facts = dataclasses.replace(SAFETY, facility_type=kind, guards=there)
        misses = of_code(rules.check_safety(facts, law), "too_few_guards")
        assert len(misses) == (kind == "community" and there < needed)

    @given(about("safety.drill_days"), st.sampled_from(BESIDE) | st.integers(-900, 900))
    def test_a_drill_is_not_older_than_its_days(self, most: int, offset: int) -> None:
        ago = most + offset
        facts = dataclasses.replace(SAFETY, last_drill_on=TODAY - days(ago))
        expected = ["drill_in_future"] if ago < 0 else ["drill_too_old"] if offset > 0 else []
        assert codes(rules.check_safety(facts, law_with({"safety.drill_days": most}))) == expected


# --- classes ------------------------------------------------------------------------------------


class TestClasses:
    @pytest.mark.proves("clause:二(四)1", "prod:D3")
    @given(
        st.fixed_dictionaries({k: st.integers(1, 30) for k in figure("setting.class_capacity")}),
        st.lists(st.tuples(st.sampled_from([*figure("setting.class_capacity"), "other"]),
                           st.sampled_from(BESIDE), st.sampled_from(BESIDE)), max_size=4),
        st.booleans(),
    )  # fmt: skip
    def test_each_class_holds_what_its_kind_may(
        self, varied: dict[str, int], drawn: list[tuple[str, int, int]], as_shipped: bool
    ) -> None:
        most = figure("setting.class_capacity") if as_shipped else varied
        rows = [(kind, most.get(kind, 50) + a, most.get(kind, 50) + b) for kind, a, b in drawn]
        classes = tuple(ClassFacts(kind, "班", places, there) for kind, places, there in rows)
        facts = dataclasses.replace(PREMISES, classes=classes)
        found = rules.check_premises(facts, law_with({"setting.class_capacity": most}))
        for code, place in (("class_capacity_over_limit", 1), ("class_enrolled_over_limit", 2)):
            expected = [n for n, row in enumerate(rows) if row[place] > most.get(row[0], 999)]
            told = [int(miss.field.split(".")[1]) for miss in of_code(found, code)]
            assert told == expected
        fuller = [n for n, (_kind, places, there) in enumerate(rows) if there > places]
        assert len(of_code(found, "class_overfull")) == len(fuller)
        places, there = (sum(row[n] for row in rows) for n in (1, 2))
        assert len(of_code(found, "total_overfull")) == (there > places)

    @pytest.mark.proves("clause:二(四)1")
    @given(about("setting.classes_max"), st.sampled_from(BESIDE), st.sampled_from(KINDS))
    def test_how_many_classes(self, most: int, offset: int, kind: str | None) -> None:
        count = most + offset
        rows = (ClassFacts("toddler", "班", 1, 1),) * count
        facts = dataclasses.replace(PREMISES, facility_type=kind, classes=rows)
        found = rules.check_premises(facts, law_with({"setting.classes_max": most}))
        told = [miss.params for miss in of_code(found, "too_many_classes")]
        assert told == ([{"classes": count, "limit": most}] if kind != "family" and offset > 0
                        else [])  # fmt: skip

    @pytest.mark.proves("clause:二(四)1", "prod:B4")
    @given(about("setting.family_children_max"), st.sampled_from(BESIDE), st.booleans(),
           st.sampled_from(KINDS))  # fmt: skip
    def test_a_family_point_holds_few(
        self, most: int, offset: int, by_places: bool, kind: str | None
    ) -> None:
        many, few = most + offset, 0
        row = ClassFacts("mixed", "班", many if by_places else few, few if by_places else many)
        facts = dataclasses.replace(PREMISES, facility_type=kind, classes=(row,))
        found = rules.check_premises(facts, law_with({"setting.family_children_max": most}))
        told = [miss.params["children"] for miss in of_code(found, "family_over_limit")]
        assert told == ([many] if kind == "family" and offset > 0 else [])


# --- ground and lease ---------------------------------------------------------------------------


class TestGround:
    @pytest.mark.proves("clause:二(四)1", "diff:9")
    @given(
        st.integers(0, 3), st.integers(2, 5), st.integers(1, 40), st.sampled_from(BESIDE),
        st.sampled_from(["above", "rebuilt", "built"]),
    )  # fmt: skip
    def test_outdoor_ground_by_the_hundredth(
        self, above: int, built: int, places: int, cents: int, at: str
    ) -> None:
        """As much as `rebuilt` asks for is still a rebuilt site's; nothing is above nothing."""
        rebuilt = built - 1
        edge = {"above": above, "rebuilt": rebuilt * places, "built": built * places}[at]
        area = max(Decimal(edge) + Decimal(cents) / 100, Decimal(0))
        law = law_with({
            "setting.outdoor_area_above": str(above),
            "setting.outdoor_area_per_child": {"built": str(built), "rebuilt": str(rebuilt)},
        })  # fmt: skip
        classes = (ClassFacts("toddler", "班", places, 0),)
        facts = dataclasses.replace(PREMISES, outdoor_area=area, classes=classes)
        expected = set()
        if area <= above:
            expected.add("outdoor_area_too_small")
        if 0 < area < rebuilt * places:
            expected.add("outdoor_share_below_rebuilt")
        elif 0 < area < built * places:
            expected.add("outdoor_share_below")
        told = {code for code in codes(rules.check_premises(facts, law)) if "outdoor" in code}
        assert told == expected

    @given(st.decimals(0, 500, places=2), st.sampled_from(BESIDE))
    def test_rooms_fit_in_the_house(self, building: Decimal, cents: int) -> None:
        indoor = building + Decimal(cents) / 100
        facts = dataclasses.replace(PREMISES, building_area=building, indoor_area=indoor)
        found = of_code(rules.check_premises(facts, law_with()), "indoor_exceeds_building")
        assert len(found) == (indoor > building)

    @given(st.sampled_from([True, False, None]), st.integers(0, 3), st.integers(0, 3))
    def test_floors_and_basements(self, basement: bool | None, lowest: int, highest: int) -> None:
        facts = dataclasses.replace(
            PREMISES, has_basement=basement, floor_lowest=lowest, floor_highest=highest
        )
        found = rules.check_premises(facts, law_with())
        assert len(of_code(found, "basement_used")) == (basement is True)
        assert len(of_code(found, "floors_reversed")) == (lowest > highest)

    @pytest.mark.proves("clause:二(四)1")
    @pytest.mark.parametrize(
        ("key", "kind"),
        [("setting.lease_years", "community"), ("setting.family_lease_years", "family")],
    )
    @given(start=some_days, years=st.integers(1, 7), offset=beside)
    @example(start=dt.date(2024, 2, 29), years=3, offset=-1)
    @example(start=dt.date(2024, 2, 29), years=4, offset=0)
    def test_a_lease_lasts_its_years_with_both_its_days(
        self, key: str, kind: str, start: dt.date, years: int, offset: int
    ) -> None:
        end = months_on(start, 12 * years) - days(1) + days(offset)
        facts = dataclasses.replace(PREMISES, facility_type=kind, lease_start=start, lease_end=end)
        misses = of_code(rules.check_premises(facts, law_with({key: years})), "lease_too_short")
        assert len(misses) == (offset < 0)
        for miss in misses:
            assert (miss.figure_key, miss.params["needed_until"]) == (key, end - days(offset))

    @given(about("setting.lease_warning_days"), st.data())
    def test_a_lease_that_ends(self, warning: int, data: st.DataObject) -> None:
        near = [*BESIDE, *(warning + n for n in BESIDE)]
        left = data.draw(st.sampled_from(near) | st.integers(-900, 900))
        facts = dataclasses.replace(
            PREMISES, lease_start=TODAY - days(5000), lease_end=TODAY + days(left)
        )
        found = rules.check_premises(facts, law_with({"setting.lease_warning_days": warning}))
        expected = ["lease_expired"] if left < 0 else ["lease_ending"] if left <= warning else []
        assert codes(found) == expected

    @given(some_days, st.sampled_from(BESIDE))
    def test_a_lease_does_not_end_before_it_begins(self, start: dt.date, length: int) -> None:
        facts = dataclasses.replace(PREMISES, lease_start=start, lease_end=start + days(length))
        found = of_code(rules.check_premises(facts, law_with()), "lease_dates_reversed")
        assert len(found) == (length < 0)


# --- services -----------------------------------------------------------------------------------


class TestServices:
    @pytest.mark.proves("clause:二(四)1", "diff:9")
    @given(
        st.lists(st.sampled_from(["infant", "toddler", "older", "mixed", "other"]), max_size=3),
        st.dictionaries(st.sampled_from(["infant", "toddler", "older", "mixed"]),
                        st.tuples(st.integers(0, 30), st.integers(6, 40)), min_size=2),
        st.sampled_from(BESIDE), st.sampled_from(BESIDE), st.sampled_from(KINDS),
    )  # fmt: skip
    def test_ages_lie_within_those_of_the_classes(
        self, kinds: list[str], bands: dict[str, tuple[int, int]], down: int, up: int,
        kind: str | None,
    ) -> None:  # fmt: skip
        table = {name: {"from": low, "to": high} for name, (low, high) in bands.items()}
        law = law_with({"setting.class_age_months": table})
        is_known = bool(kinds) and all(name in bands for name in kinds)
        low = min((bands[n][0] for n in kinds if n in bands), default=12)
        high = max((bands[n][1] for n in kinds if n in bands), default=36)
        assert rules.ages_for(kinds, law) == ((low, high) if is_known else None)
        facts = dataclasses.replace(
            SERVICES, facility_type=kind, class_types=tuple(kinds),
            age_from=low + down, age_to=high + up,
        )  # fmt: skip
        found = rules.check_services(facts, law)
        asked = is_known and kind != "family"
        assert len(of_code(found, "age_below_classes")) == (asked and down < 0)
        assert len(of_code(found, "age_above_classes")) == (asked and up > 0)

    @pytest.mark.proves("diff:9")
    @given(*[st.lists(st.sampled_from(figure("services.priced_forms")), unique=True)] * 3)
    def test_prices_of_the_forms_that_are_offered(
        self, asked: list[str], offered: list[str], priced: list[str]
    ) -> None:
        facts = dataclasses.replace(
            SERVICES, service_forms=tuple(offered), priced_forms=tuple(priced)
        )
        found = rules.check_services(facts, law_with({"services.priced_forms": asked}))
        missing = [miss.params["service_form"] for miss in of_code(found, "fee_missing")]
        beside_it = [miss.params["service_form"] for miss in of_code(found, "fee_not_offered")]
        assert missing == [form for form in asked if form in offered and form not in priced]
        assert beside_it == [form for form in priced if form not in offered]


# --- safety: lists of questions -----------------------------------------------------------------

QUESTIONS = ("covers_entrance", "covers_living", "covers_activity", "records_all_day",
             "alarm_armed", "smoke_detectors", "extinguishers")  # fmt: skip
LISTS = [
    ("safety.covered_areas", "area_not_covered", "independent", False),
    ("safety.street_covered_areas", "area_not_covered", "independent", False),
    ("safety.family_covered_areas", "area_not_covered", "family", False),
    ("safety.all_day", "not_all_day", "independent", False),
    ("safety.fire_equipment", "fire_equipment_missing", "independent", False),
    ("safety.family_fire_equipment", "fire_equipment_missing", "family", False),
    ("safety.without_cameras", "camera_in_private_room", "independent", True),
    ("safety.without_cameras", "camera_in_private_room", "family", True),
]


class TestSafety:
    @pytest.mark.proves("clause:二(四)3c", "diff:9")
    @pytest.mark.parametrize(("key", "code", "kind", "wrong"), LISTS)
    @given(data=st.data())
    def test_each_question_of_the_list(
        self, key: str, code: str, kind: str, wrong: bool, data: st.DataObject
    ) -> None:
        shipped = figure(key)
        names = sorted({*QUESTIONS, *shipped})
        asked = data.draw(st.just(shipped) | st.lists(st.sampled_from(names), unique=True))
        answers = data.draw(
            st.fixed_dictionaries({name: st.sampled_from([True, False, None]) for name in names})
        )
        facts = dataclasses.replace(SAFETY, facility_type=kind, **answers)
        misses = [m for m in rules.check_safety(facts, law_with({key: asked}))
                  if (m.code, m.figure_key) == (code, key)]  # fmt: skip
        assert [miss.field for miss in misses] == [n for n in asked if answers[n] is wrong]
        assert not any(miss.blocking for miss in misses)

    @pytest.mark.proves("diff:9")
    @given(st.lists(st.sampled_from(figure("safety.plans")), unique=True),
           st.sets(st.sampled_from(figure("safety.plans"))))  # fmt: skip
    def test_plans(self, asked: list[str], held: set[str]) -> None:
        facts = dataclasses.replace(SAFETY, plans=tuple(held))
        misses = of_code(
            rules.check_safety(facts, law_with({"safety.plans": asked})), "plans_missing"
        )
        missing = tuple(plan for plan in asked if plan not in held)
        assert [miss.params["plans"] for miss in misses] == ([missing] if missing else [])

    @pytest.mark.proves("clause:二(四)3b", "diff:9")
    @given(st.none() | st.integers(0, 3), st.none() | st.integers(0, 3),
           st.sampled_from(["", " ", "示例保安公司"]), st.sampled_from(KINDS))  # fmt: skip
    def test_guards_hold_their_papers(
        self, there: int | None, held: int | None, company: str, kind: str | None
    ) -> None:
        papers = {"guard": "甲证", "company": "乙证"}
        facts = dataclasses.replace(
            SAFETY, facility_type=kind, guards=there, guards_certified=held, guard_company=company
        )
        found = rules.check_safety(facts, law_with({"safety.guard_papers": papers}))
        asked = kind != "family" and bool(there)
        lacking = (there or 0) - (held or 0)
        assert [m.params for m in of_code(found, "guards_not_certified")] == (
            [{"missing": lacking, "paper": "甲证"}] if asked and lacking > 0 else []
        )
        assert [m.params for m in of_code(found, "guard_company_missing")] == (
            [{"paper": "乙证"}] if asked and not company.strip() else []
        )


# --- papers -------------------------------------------------------------------------------------


class TestPapers:
    @pytest.mark.proves("prod:C1", "diff:9")
    @given(about("materials.expiring_days"), st.data())
    def test_a_paper_that_ends(self, warning: int, data: st.DataObject) -> None:
        near = [*BESIDE, *(warning + n for n in BESIDE)]
        left = data.draw(st.sampled_from(near) | st.integers(-90, 90))
        law = law_with({"materials.expiring_days": warning})
        needed = [m for m in rules.required_materials("independent", "owned", True, law)
                  if m.code == "food_licence"]  # fmt: skip
        paper = CertificateFacts("food_licence", "JY1", "某局", None, TODAY + days(left), True)
        found = rules.check_certificates([paper], needed, TODAY, law)
        assert codes(found) == (
            ["certificate_expired"] if left < 0
            else ["certificate_expiring"] if left <= warning else []
        )  # fmt: skip
