"""The rules about people, each against a few lines that say the same from the pack's own figure."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from facilities import rules
from facilities.rules import ClassFacts, PersonFacts, StaffFacts
from facilities.rules.staff import months_later
from portal.core.regulation import Regulation
from tests.facilities.oracles import (
    BESIDE,
    about,
    begun_groups,
    figure,
    law_with,
    months_on,
    of_code,
)

POSTS = ("manager", "carer", "health", "guard", "cook", "other")
CENTRES = ("independent", "kindergarten", "workplace", "community")
KINDS = (*CENTRES, "family", None)
MEALS = ("own_kitchen", "catered", "none", None)
# Remarks about a number of people; the others name somebody.
COUNTED = {"staff_post_short", "staff_carers_short"}

some_days = st.dates(dt.date(2023, 3, 2), dt.date(2032, 12, 31))
beside = st.sampled_from(BESIDE) | st.integers(-800, 800)
some_posts = st.lists(st.sampled_from(POSTS), unique=True)
years = st.none() | st.integers(0, 9)


def days(count: int) -> dt.timedelta:
    return dt.timedelta(days=count)


def sound(on: dt.date, **changes: Any) -> PersonFacts:
    """Somebody of whom no rule has anything to say on that day, whatever the post."""
    good = PersonFacts(
        name="示例甲", post="carer", born_on=dt.date(1980, 1, 1), qualification="育婴员三级",
        number="示例-001", experience_years=99, is_trained=True, health_until=on, letter_on=on,
    )  # fmt: skip
    return dataclasses.replace(good, **changes)


def numbered(people: list[PersonFacts]) -> tuple[PersonFacts, ...]:
    """The same people under names that tell them apart."""
    return tuple(dataclasses.replace(each, name=f"示例{n}") for n, each in enumerate(people))


def said(
    people: tuple[PersonFacts, ...], law: Regulation, kind: str | None = "kindergarten"
) -> dict[str, tuple[str, ...]]:
    """Who is named under which code."""
    found = rules.check_staff(StaffFacts(facility_type=kind, people=people), law)
    named = [miss for miss in found if miss.code not in COUNTED]
    assert len({miss.code for miss in named}) == len(named)
    assert not any(miss.blocking for miss in found)
    return {miss.code: miss.params["names"] for miss in named}


def naming(**wrong: list[str]) -> dict[str, tuple[str, ...]]:
    """What is to be said: the codes under which somebody is named."""
    return {code: tuple(names) for code, names in wrong.items() if names}


# --- what each person must be and hold ----------------------------------------------------------


class TestPersons:
    """Each at its boundary: nothing is said of anything else, because all else is sound."""

    @pytest.mark.proves("prod:D2")
    @given(some_days, about("staff.majority_years"), st.lists(beside, min_size=1, max_size=4))
    @example(dt.date(2026, 2, 28), 18, [-1, 0, 1])
    @example(dt.date(2028, 2, 29), 18, [-1, 0, 1])
    def test_nobody_works_with_children_before_the_birthday(
        self, today: dt.date, limit: int, offsets: list[int]
    ) -> None:
        law = law_with({"staff.majority_years": limit}, on=today)
        born = [months_on(today, -12 * limit) + days(n) for n in offsets]
        people = numbered([sound(today, born_on=day) for day in born])
        young = [p.name for p, day in zip(people, born, strict=True)
                 if today < months_on(day, 12 * limit)]  # fmt: skip
        assert said(people, law) == naming(staff_under_age=young)
        assert [rules.comes_of_age(day, law) for day in born] == [
            months_on(day, 12 * limit) for day in born
        ]

    @given(st.dates(dt.date(1960, 1, 1), dt.date(2012, 12, 31)), st.sampled_from(BESIDE))
    @example(dt.date(2008, 2, 29), -1)
    @example(dt.date(2008, 2, 29), 0)
    def test_the_birthday_itself_is_the_first_day(self, born: dt.date, offset: int) -> None:
        age = figure("staff.majority_years")
        today = months_on(born, 12 * age) + days(offset)
        misses = of_code(
            rules.check_staff(StaffFacts(people=(sound(today, born_on=born),)), law_with(on=today)),
            "staff_under_age",
        )
        assert len(misses) == (offset < 0)
        for miss in misses:
            assert (miss.params["limit"], miss.figure_key) == (age, "staff.majority_years")

    @pytest.mark.proves("prod:D2")
    @given(some_days, st.lists(st.none() | beside, min_size=1, max_size=4))
    @example(dt.date(2026, 11, 23), [None, -1, 0, 1])
    def test_a_health_certificate_is_good_to_the_end_of_its_day(
        self, today: dt.date, left: list[int | None]
    ) -> None:
        people = numbered(
            [sound(today, health_until=None if n is None else today + days(n)) for n in left]
        )
        assert said(people, law_with(on=today)) == naming(
            staff_health_missing=[p.name for p, n in zip(people, left, strict=True) if n is None],
            staff_health_expired=[
                p.name for p, n in zip(people, left, strict=True) if n is not None and n < 0
            ],
        )

    @pytest.mark.proves("prod:D2")
    @given(some_days, about("staff.letter_months"), st.lists(st.none() | beside, max_size=4))
    @example(dt.date(2026, 11, 23), 12, [None, -1, 0, 1])
    @example(dt.date(2028, 2, 29), 12, [-1, 0, 1])
    def test_a_letter_is_good_for_its_months(
        self, today: dt.date, months: int, offsets: list[int | None]
    ) -> None:
        law = law_with({"staff.letter_months": months}, on=today)
        written = [None if n is None else months_on(today, -months) + days(n) for n in offsets]
        people = numbered([sound(today, letter_on=day) for day in written])
        pairs = list(zip(people, written, strict=True))
        assert said(people, law) == naming(
            staff_letter_missing=[p.name for p, day in pairs if day is None],
            staff_letter_old=[p.name for p, day in pairs if day and months_on(day, months) < today],
        )

    @given(about("staff.manager_experience_years"), st.sampled_from(POSTS), st.data())
    def test_a_manager_has_the_years(self, limit: int, post: str, data: st.DataObject) -> None:
        law = law_with({"staff.manager_experience_years": limit})
        near = st.none() | st.sampled_from([limit + n for n in BESIDE]) | st.integers(0, 40)
        held = data.draw(st.lists(near, min_size=1, max_size=4))
        people = numbered([sound(law.as_of, post=post, experience_years=n) for n in held])
        short = [p.name for p, n in zip(people, held, strict=True)
                 if post == "manager" and (n is None or n < limit)]  # fmt: skip
        assert said(people, law) == naming(staff_experience_short=short)

    @pytest.mark.parametrize(
        ("key", "code", "lacking"),
        [
            ("staff.qualified_posts", "staff_qualification_missing", {"qualification": ""}),
            ("staff.trained_posts", "staff_training_missing", {"is_trained": False}),
            ("staff.certified_posts", "staff_certificate_missing", {"number": ""}),
            (
                "staff.background_posts",
                "staff_background_missing",
                {"qualification": "", "experience_years": 0},
            ),
            (
                "staff.background_posts",
                "staff_background_missing",
                {"qualification": "", "experience_years": None},
            ),
        ],
    )
    @given(data=st.data())
    def test_a_paper_is_asked_of_the_posts_of_the_figure_and_of_no_other(
        self, key: str, code: str, lacking: dict[str, Any], data: st.DataObject
    ) -> None:
        asked = data.draw(st.just(figure(key)) | some_posts)
        law = law_with({key: asked})
        wanting = data.draw(st.lists(st.tuples(st.sampled_from(POSTS), st.booleans()), max_size=6))
        people = numbered(
            [sound(law.as_of, post=post, **(lacking if is_out else {})) for post, is_out in wanting]
        )
        missed = [p.name for p, (post, is_out) in zip(people, wanting, strict=True)
                  if is_out and post in asked]  # fmt: skip
        assert said(people, law).get(code, ()) == tuple(missed)

    @given(
        st.sampled_from(KINDS),
        st.lists(
            st.builds(
                PersonFacts, name=st.just(""), post=st.sampled_from(POSTS),
                born_on=st.none() | st.dates(dt.date(2005, 1, 1), dt.date(2012, 1, 1)),
                qualification=st.sampled_from(["", "育婴员"]), number=st.sampled_from(["", "1"]),
                experience_years=years, is_trained=st.booleans(),
                health_until=st.none() | st.just(dt.date(2026, 11, 22)),
                letter_on=st.none() | st.just(dt.date(2026, 11, 22)),
            ),
            max_size=5,
        ),
    )  # fmt: skip
    def test_all_together(self, kind: str | None, found: list[PersonFacts]) -> None:
        """A family childcare point is asked for age, health and letter alone."""
        law, people = law_with(), numbered(found)
        is_centre = kind != "family"

        def who(test: Any) -> list[str]:
            return [p.name for p in people if test(p)]

        def asked(test: Any) -> list[str]:
            return who(test) if is_centre else []

        def holding(key: str) -> Any:
            return lambda p: p.post in figure(f"staff.{key}")

        qualified, backed, trained, certified = map(
            holding, ("qualified_posts", "background_posts", "trained_posts", "certified_posts")
        )
        age, least = figure("staff.majority_years"), figure("staff.manager_experience_years")
        assert said(people, law, kind) == naming(
            staff_under_age=who(lambda p: p.born_on and months_on(p.born_on, 12 * age) > law.as_of),
            staff_health_missing=who(lambda p: not p.health_until),
            staff_health_expired=who(lambda p: p.health_until),
            staff_letter_missing=who(lambda p: not p.letter_on),
            staff_experience_short=asked(
                lambda p: p.post == "manager" and (p.experience_years or 0) < least
            ),
            staff_qualification_missing=asked(lambda p: qualified(p) and not p.qualification),
            staff_background_missing=asked(
                lambda p: backed(p) and not p.qualification and not p.experience_years
            ),
            staff_training_missing=asked(lambda p: trained(p) and not p.is_trained),
            staff_certificate_missing=asked(lambda p: certified(p) and not p.number),
        )


@pytest.mark.parametrize(
    "key",
    [
        "majority_years", "health_months", "letter_months", "manager_experience_years",
        "qualified_posts", "background_posts", "trained_posts", "certified_posts",
    ],
)  # fmt: skip
def test_a_figure_that_is_not_in_force_says_nothing(key: str) -> None:
    """Who holds nothing is named under every figure, and under every other once it is left out."""
    people = tuple(
        PersonFacts(name=f"示例{post}", post=post, born_on=dt.date(2020, 1, 1)) for post in POSTS
    )
    facts = StaffFacts(facility_type="independent", people=people)

    def keys(law: Regulation) -> set[str | None]:
        found = rules.check_staff(facts, law)
        return {miss.figure_key for miss in found if miss.code not in COUNTED}

    assert keys(law_with()) - keys(law_with(without=[f"staff.{key}"])) == {f"staff.{key}"}


# --- how many are needed ------------------------------------------------------------------------


class TestNeeds:
    @pytest.mark.proves("prod:D3", "prod:B4")
    @given(
        st.sampled_from(KINDS), st.sampled_from(MEALS),
        st.lists(st.sampled_from(POSTS), max_size=6), st.integers(0, 2), st.data(),
    )  # fmt: skip
    def test_posts(
        self, kind: str | None, meals: str | None, posts: list[str], duties: int,
        data: st.DataObject,
    ) -> None:  # fmt: skip
        keys = {
            "manager": "staff.managers_min", "health": "staff.children_per_health_worker",
            "cook": "staff.children_per_cook", "food_safety": "staff.food_safety_managers_min",
            "guard": "staff.guards_min",
        }  # fmt: skip
        given_figures = {key: data.draw(about(key)) for key in keys.values()}
        law = law_with(given_figures)
        near = [given_figures[keys[post]] * 2 + n for post in ("health", "cook") for n in BESIDE]
        children = data.draw(st.sampled_from([0, 1, *near]) | st.integers(0, 700))
        people = [sound(law.as_of, post=post) for post in posts]
        people = [dataclasses.replace(p, has_food_duty=n < duties) for n, p in enumerate(people)]
        facts = StaffFacts(
            kind, meals, (ClassFacts("unknown", "a", enrolled=children),), tuple(people)
        )
        per = {post: given_figures[key] for post, key in keys.items()}
        needed = {
            "manager": per["manager"],
            "health": max(begun_groups(children, per["health"]), 1),
            "cook": max(begun_groups(children, per["cook"]), 1) if meals == "own_kitchen" else 0,
            "food_safety": per["food_safety"] if meals == "catered" else 0,
            "guard": per["guard"] if kind == "independent" else 0,
        }
        held = {post: posts.count(post) for post in needed} | {
            "food_safety": min(duties, len(people))
        }
        expected = sorted(
            (post, needed[post], held[post], needed[post] - held[post], keys[post])
            for post in needed
            if kind != "family" and needed[post] > held[post]
        )
        misses = of_code(rules.check_staff(facts, law), "staff_post_short")
        names = ("post", "needed", "present", "short")
        assert sorted((*(m.params[n] for n in names), m.figure_key) for m in misses) == expected

    @pytest.mark.proves("prod:D3")
    @given(
        st.sampled_from(KINDS), st.integers(1, 9), st.integers(0, 9), st.data(),
        st.fixed_dictionaries({kind: st.integers(1, 9) for kind in ("infant", "toddler", "older")}),
        st.integers(1, 9),
    )  # fmt: skip
    def test_carers(
        self, kind: str | None, family: int, carers: int, data: st.DataObject,
        ratios: dict[str, int], mixed: int,
    ) -> None:  # fmt: skip
        """Each class is rounded up by itself; a family childcare point is counted as a whole."""
        law = law_with({
            "setting.children_per_carer": ratios,
            "setting.children_per_carer_mixed": {"mixed": mixed},
            "setting.family_children_per_carer": family,
        })  # fmt: skip
        per = ratios | {"mixed": mixed}
        sizes = st.sampled_from(sorted(per)).flatmap(
            lambda name: st.tuples(
                st.just(name),
                st.sampled_from([3 * per[name] + n for n in BESIDE]) | st.integers(0, 30),
            )
        )
        rows = data.draw(st.lists(sizes, max_size=5))
        if kind == "family":
            needed = begun_groups(sum(children for _name, children in rows), family)
        else:
            needed = sum(begun_groups(children, per[name]) for name, children in rows)
        classes = tuple(ClassFacts(name, "示例班", enrolled=n) for name, n in rows)
        people = tuple(sound(law.as_of) for _ in range(carers))
        facts = StaffFacts(facility_type=kind, classes=classes, people=people)
        misses = of_code(rules.check_staff(facts, law), "staff_carers_short")
        told = [(m.params["needed"], m.params["present"], m.params["short"]) for m in misses]
        assert told == ([(needed, carers, needed - carers)] if needed > carers else [])
        assert [rules.carers_needed(name, n, law) for name, n in rows] == [
            begun_groups(n, per[name]) for name, n in rows
        ]
        line = rules.staffing(facts, law).of("carer")
        assert (line.needed if line else 0) == needed


# --- until when a paper is good -----------------------------------------------------------------


class TestPapers:
    @given(st.dates(dt.date(2000, 1, 1), dt.date(2040, 12, 31)), st.integers(0, 60))
    @example(dt.date(2028, 1, 31), 1)
    @example(dt.date(2027, 1, 31), 1)
    @example(dt.date(2027, 12, 31), 2)
    def test_months_are_counted_as_the_calendar_counts_them(
        self, day: dt.date, months: int
    ) -> None:
        assert months_later(day, months) == months_on(day, months)

    @given(
        st.sampled_from(["health", "letter", "qualification"]),
        st.none() | some_days, st.none() | some_days,
        about("staff.health_months"), about("staff.letter_months"),
    )  # fmt: skip
    def test_what_is_printed_counts_else_the_months_of_the_paper(
        self, kind: str, issued: dt.date | None, printed: dt.date | None, health: int, letter: int
    ) -> None:
        law = law_with({"staff.health_months": health, "staff.letter_months": letter})
        months = {"health": health, "letter": letter}.get(kind)
        expected = printed
        if printed is None and issued is not None and months is not None:
            expected = months_on(issued, months)
        assert rules.paper_end(kind, issued, printed, law) == expected

    @given(some_days, about("staff.expiry_warning_days"), st.data())
    def test_the_badge_turns_on_the_day(
        self, today: dt.date, warning: int, data: st.DataObject
    ) -> None:
        law = law_with({"staff.expiry_warning_days": warning}, on=today)
        near = st.sampled_from([*BESIDE, *(warning + n for n in BESIDE)]) | st.integers(-99, 99)
        left = data.draw(near)
        state = rules.paper_state(today + days(left), law)
        expected = "expired" if left < 0 else "valid" if left > warning else "expiring"
        assert state == expected
        assert rules.paper_state(today + days(left), law, present=False) == "missing"
