"""Ratios, posts and papers of people against an oracle written here from the fact sheet."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from facilities import rules
from facilities.rules import ClassFacts, PersonFacts, StaffFacts
from portal.core.identifiers import birth_date, identity_problem, mask_identity
from portal.core.regulation.loader import build, shipped_packs

ROOT = Path(__file__).resolve().parents[2]
PACKS = shipped_packs([ROOT / "facilities"])
TODAY = dt.date(2026, 11, 23)
LAW = build(TODAY, PACKS)
BEFORE_ALL_LAW = build(dt.date(2000, 1, 1), PACKS)
RATIOS = {"infant": 3, "toddler": 5, "older": 7, "mixed": 5}
CENTRES = ("independent", "kindergarten", "workplace", "community")
POSTS = ("manager", "carer", "health", "guard", "cook", "other")
SOUND = PersonFacts(
    name="示例甲",
    post="carer",
    born_on=dt.date(1990, 3, 7),
    qualification="育婴员三级",
    number="示例-001",
    experience_years=5,
    is_trained=True,
    health_until=TODAY,
    letter_on=dt.date(2025, 11, 23),
)

classes = st.lists(
    st.builds(
        ClassFacts,
        class_type=st.sampled_from(sorted(RATIOS)),
        name=st.just("示例班"),
        enrolled=st.none() | st.integers(0, 400),
    ),
    max_size=10,
).map(tuple)


def person(**changes):
    return dataclasses.replace(SOUND, **changes)


def facts(people=(), kind="kindergarten", **more):
    return StaffFacts(facility_type=kind, people=tuple(people), **more)


def codes(found):
    return {miss.code for miss in found}


def steps(children, group):
    """How many groups of that size hold the children, counted one child at a time."""
    groups, room = 0, 0
    for _child in range(children):
        if room == 0:
            groups, room = groups + 1, group
        room -= 1
    return groups


class TestCarers:
    @pytest.mark.proves("prod:D3")
    @given(classes, st.sampled_from(CENTRES), st.integers(0, 60))
    @example(
        (ClassFacts("infant", "a", enrolled=3), ClassFacts("older", "b", enrolled=8)),
        "independent",
        3,
    )
    def test_every_mix_of_classes(self, mix, kind, carers):
        found = rules.staffing(facts([person()] * carers, kind, classes=mix), LAW)
        wanted = [steps(row.enrolled or 0, RATIOS[row.class_type]) for row in mix]
        assert [need.needed for need in found.classes] == wanted
        line = found.of("carer")
        assert (line.needed if line else 0) == sum(wanted)
        if line:
            assert line.present == carers
            assert line.short == max(sum(wanted) - carers, 0)

    @pytest.mark.parametrize("kind", sorted(RATIOS))
    @pytest.mark.parametrize("groups", [1, 2, 5])
    def test_one_child_more_needs_one_carer_more(self, kind, groups):
        full = RATIOS[kind] * groups
        for children, needed in ((full, groups), (full + 1, groups + 1), (full - 1, groups)):
            mix = (ClassFacts(kind, "示例班", enrolled=children),)
            assert rules.staffing(facts(classes=mix), LAW).classes[0].needed == needed

    @given(classes)
    def test_a_family_point_is_counted_as_a_whole(self, mix):
        found = rules.staffing(facts(kind="family", classes=mix), LAW)
        children = sum(row.enrolled or 0 for row in mix)
        line = found.of("carer")
        assert (line.needed if line else 0) == steps(children, 3)
        assert {need.post for need in found.posts} <= {"carer"}

    def test_a_family_point_before_its_figure_is_in_force_is_asked_for_nobody(self):
        mix = (ClassFacts("mixed", "a", enrolled=5),)
        assert rules.staffing(facts(kind="family", classes=mix), BEFORE_ALL_LAW).posts == ()

    def test_classes_are_not_added_up_before_rounding(self):
        mix = (ClassFacts("older", "a", enrolled=8), ClassFacts("older", "b", enrolled=6))
        assert rules.staffing(facts(classes=mix), LAW).of("carer").needed == 3

    def test_a_type_nobody_knows_asks_for_nobody(self):
        mix = (ClassFacts(None, "a", enrolled=9),)
        assert rules.staffing(facts(classes=mix), LAW).classes[0].needed is None

    def test_without_law_nothing_is_asked(self):
        mix = (ClassFacts("infant", "a", enrolled=9),)
        found = rules.staffing(facts(kind="independent", classes=mix), BEFORE_ALL_LAW)
        assert found.missing == ()


class TestPosts:
    @given(st.integers(0, 700), st.sampled_from(("own_kitchen", "catered", "none", None)))
    @example(150, "own_kitchen")
    @example(151, "own_kitchen")
    @example(50, "own_kitchen")
    @example(51, "own_kitchen")
    @example(0, "catered")
    def test_health_workers_cooks_and_food_safety(self, children, meals):
        mix = (ClassFacts("mixed", "a", enrolled=children),)
        found = rules.staffing(facts(classes=mix, meal_source=meals), LAW)
        needed = {need.post: need.needed for need in found.posts}
        assert needed["health"] == max(steps(children, 150), 1)
        assert needed.get("cook") == (
            max(steps(children, 50), 1) if meals == "own_kitchen" else None
        )
        assert needed.get("food_safety") == (1 if meals == "catered" else None)

    @pytest.mark.parametrize("kind", CENTRES)
    def test_only_an_independent_facility_needs_a_guard(self, kind):
        guard = rules.staffing(facts(kind=kind), LAW).of("guard")
        assert (guard is not None) == (kind == "independent")

    @given(st.lists(st.sampled_from(POSTS), max_size=8))
    def test_whoever_holds_a_post_counts_for_it(self, posts):
        people = [person(post=post) for post in posts]
        found = rules.staffing(facts(people, "independent"), LAW)
        for need in found.posts:
            assert need.present == posts.count(need.post)
        missing = {need.post for need in found.missing}
        assert missing == {"manager", "health", "guard"} - set(posts)

    def test_the_food_duty_is_a_duty_beside_any_post(self):
        cook = person(post="cook", has_food_duty=True)
        found = rules.staffing(facts([cook], meal_source="catered"), LAW)
        assert found.of("food_safety").short == 0


class TestPapers:
    @given(st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)))
    @example(dt.date(2024, 2, 29))
    def test_the_yearly_letter_is_good_for_a_year(self, issued):
        end = rules.paper_end("letter", issued, None, LAW)
        assert (end.year, end.month) == (issued.year + 1, issued.month)
        assert end.day == (28 if (issued.month, issued.day) == (2, 29) else issued.day)

    def test_what_is_printed_counts(self):
        printed = dt.date(2026, 12, 1)
        assert rules.paper_end("health", dt.date(2026, 1, 1), printed, LAW) == printed
        assert rules.paper_end("qualification", dt.date(2026, 1, 1), None, LAW) is None
        assert rules.paper_end("health", None, None, LAW) is None

    @given(st.integers(-400, 400))
    @example(-1)
    @example(0)
    @example(30)
    @example(31)
    def test_the_badge_of_a_paper(self, left):
        state = rules.paper_state(TODAY + dt.timedelta(days=left), LAW)
        wanted = "expired" if left < 0 else "expiring" if left < 31 else "valid"
        assert state == wanted

    def test_a_paper_without_an_end_is_good_and_one_that_is_not_there_is_missing(self):
        assert rules.paper_state(None, LAW) == "valid"
        assert rules.paper_state(None, LAW, present=False) == "missing"


FAULTS = [
    ({"health_until": None}, "staff_health_missing"),
    ({"health_until": TODAY - dt.timedelta(days=1)}, "staff_health_expired"),
    ({"letter_on": None}, "staff_letter_missing"),
    ({"letter_on": dt.date(2025, 11, 22)}, "staff_letter_old"),
    ({"born_on": dt.date(2008, 11, 24)}, "staff_under_age"),
    ({"is_trained": False}, "staff_training_missing"),
    ({"qualification": "", "experience_years": None}, "staff_background_missing"),
    ({"qualification": "", "experience_years": 0}, "staff_background_missing"),
    ({"post": "manager", "experience_years": 2}, "staff_experience_short"),
    ({"post": "manager", "experience_years": None}, "staff_experience_short"),
    ({"post": "manager", "qualification": ""}, "staff_qualification_missing"),
    ({"post": "health", "qualification": ""}, "staff_qualification_missing"),
    ({"post": "guard", "number": ""}, "staff_certificate_missing"),
]
SOUND_ONES = [
    {},
    {"born_on": dt.date(2008, 11, 23)},
    {"qualification": ""},
    {"experience_years": None},
    {"post": "manager", "experience_years": 3},
    {"post": "other", "is_trained": False, "qualification": "", "number": ""},
    {"post": "cook", "is_trained": False, "number": ""},
]


def about_people(people, kind="kindergarten"):
    found = rules.check_staff(facts(people, kind), LAW)
    return [miss for miss in found if miss.code not in {"staff_post_short", "staff_carers_short"}]


class TestMisses:
    @pytest.mark.proves("prod:D2", "prod:B4")
    @pytest.mark.parametrize(("changes", "code"), FAULTS)
    def test_each_fault_is_named_with_its_figure_and_the_person(self, changes, code):
        found = about_people([person(**changes)])
        assert codes(found) == {code}
        assert found[0].figure_key in LAW
        assert found[0].params["names"] == ("示例甲",)
        assert not found[0].blocking

    @pytest.mark.parametrize("changes", SOUND_ONES)
    def test_at_the_boundary_nothing_is_remarked(self, changes):
        assert about_people([person(**changes)]) == []

    def test_one_remark_names_everybody(self):
        people = [person(name=name, health_until=None) for name in ("示例甲", "示例乙")]
        (miss,) = about_people(people)
        assert miss.params["names"] == ("示例甲", "示例乙")

    def test_a_family_point_is_not_asked_for_a_managers_years(self):
        young = person(post="manager", experience_years=0, is_trained=False)
        assert about_people([young], "family") == []
        assert codes(about_people([person(letter_on=None)], "family")) == {"staff_letter_missing"}

    def test_carers_and_posts_that_lack_somebody(self):
        mix = (ClassFacts("infant", "a", enrolled=7),)
        found = rules.check_staff(facts([person()], "independent", classes=mix), LAW)
        carers = next(miss for miss in found if miss.code == "staff_carers_short")
        assert carers.params == {"post": "carer", "needed": 3, "present": 1, "short": 2}
        posts = {m.params["post"] for m in found if m.code == "staff_post_short"}
        assert posts == {"manager", "health", "guard"}

    def test_before_the_law_nothing_is_remarked(self):
        blank = PersonFacts(name="示例甲", post="manager")
        assert rules.check_staff(facts([blank], "independent"), BEFORE_ALL_LAW) == []


WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def check(body):
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True)) % 11]


class TestIdentity:
    """Identity numbers are synthetic: the vectors of the fact sheet, and made ones."""

    @pytest.mark.parametrize(
        "number", ["410481199003070010", "410481202406150028", "41048120240229004X"]
    )
    def test_the_vectors_are_sound(self, number):
        assert identity_problem(number) is None
        written = number.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789X"}).lower()
        assert identity_problem(f" {written[:6]} {written[6:]} ") is None

    @given(
        st.dates(dt.date(1940, 1, 1), dt.date(2026, 1, 1)),
        st.integers(0, 999),
        st.integers(0, 17),
        st.sampled_from("0123456789X"),
    )
    def test_any_one_character_changed_is_noticed(self, born, serial, place, other):
        body = f"410481{born:%Y%m%d}{serial:03d}"
        number = body + check(body)
        assert identity_problem(number) is None
        assert birth_date(number) == born
        changed = number[:place] + other + number[place + 1 :]
        assert (identity_problem(changed) is None) == (changed == number)

    @pytest.mark.parametrize(
        ("number", "code"),
        [
            ("410481202302290014", "identity_date"),
            ("41048119900307001", "identity_length"),
            ("41048119900307001A", "identity_characters"),
            ("000481199003070010", "identity_area"),
            ("410481199003070011", "identity_check"),
            ("", "identity_length"),
        ],
    )
    def test_what_is_wrong_is_named(self, number, code):
        assert identity_problem(number).code == code

    def test_masked(self):
        assert mask_identity("410481199003070010") == "410481********0010"
        assert mask_identity("4104") == "****"
        assert not mask_identity("")
