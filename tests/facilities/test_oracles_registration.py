"""Registration, and what is asked beside it, each rule against an oracle of the pack's words."""

from __future__ import annotations

import dataclasses
import datetime as dt
import string
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from facilities import rules
from facilities.rules import ClassFacts, RegistrationFacts
from portal.core.regulation import Regulation
from tests.facilities.oracles import (
    BESIDE,
    PREMISES,
    SAFETY,
    SERVICES,
    TODAY,
    codes,
    figure,
    law_with,
    of_code,
)

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FORMS = tuple(figure("registration.credit_code_prefixes"))
SHIPPED_PREFIXES = [each for named in figure("registration.credit_code_prefixes").values()
                    for each in named]  # fmt: skip
AREAS = figure("registration.area_prefixes")
KINDS = ("independent", "kindergarten", "workplace", "community", "family", None)

forms = st.sampled_from([*FORMS, "other", None])
prefixes = st.sampled_from([*SHIPPED_PREFIXES, "11", "13", "51", "53", "90", "93", "N1"])
areas = st.sampled_from([*AREAS, "410482", "410480", "110000", "410000", "419999"])
bodies = st.text(LETTERS, min_size=8, max_size=8)


def inner(organisation: str) -> str:
    """The check character of GB 11714: the weights are those of its table."""
    total = sum(
        int(each, 36) * w for each, w in zip(organisation, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)
    )
    return "0123456789X0"[11 - total % 11]


def outer(body: str) -> str:
    """The check character of GB 32100: the whole adds up to nothing modulo 31."""
    total = sum(LETTERS.index(each) * pow(3, place, 31) for place, each in enumerate(body))
    return next(each for each in LETTERS if (total + LETTERS.index(each)) % 31 == 0)


def credit_code(prefix: str, area: str, organisation: str) -> str:
    """A sound code of that office, place and body."""
    body = prefix + area + organisation + inner(organisation)
    return body + outer(body)


SOUND = RegistrationFacts(
    facility_name="小太阳托育园", uscc=credit_code("91", AREAS[0], "MA000001"),
    facility_type="independent", legal_form="for_profit",
    registration_authority="舞钢市市场监督管理局", business_scope="托育服务",
    established_on=TODAY, legal_representative="甲某", manager="乙某", manager_phone="13903750001",
)  # fmt: skip


def registration(law: Regulation | None = None, **changes: Any) -> list[rules.Miss]:
    facts = dataclasses.replace(SOUND, **changes)
    return rules.check_registration(facts, law or law_with())


def spaced(text: str) -> str:
    """The text as it is compared: neither space, nor break, nor the wide space of Chinese."""
    return "".join(each for each in text if each not in " \n\t\u3000")


def pieces(*words: str) -> st.SearchStrategy[str]:
    """Texts of those words, of their parts and of spaces, so that a word is there by a hair."""
    parts = [*words, *(w[:-1] for w in words), *(w[1:] for w in words), " ", "\u3000", "、", "园"]
    return st.lists(st.sampled_from(parts), max_size=6).map("".join)


def word_lists(*words: str) -> st.SearchStrategy[list[str]]:
    """Lists of words the office might decide for."""
    return st.lists(st.sampled_from(words), min_size=1, max_size=3, unique=True)


# --- the credit code ----------------------------------------------------------------------------


class TestCreditCode:
    @pytest.mark.proves("clause:二(四)2a", "diff:9")
    @given(forms, prefixes, areas, bodies, st.data())
    def test_prefix_and_kind_of_body(
        self, form: str | None, prefix: str, area: str, body: str, data: st.DataObject
    ) -> None:
        shipped = figure("registration.credit_code_prefixes")
        other = st.fixed_dictionaries({name: word_lists(*SHIPPED_PREFIXES) for name in FORMS[:2]})
        table = data.draw(st.just(shipped) | other)
        law = law_with({"registration.credit_code_prefixes": table})
        code = credit_code(prefix, area, body)
        found = registration(law, uscc=code, legal_form=form)
        misses = of_code(found, "uscc_prefix_mismatch")
        assert len(misses) == (form in table and prefix not in table[form])
        for miss in misses:
            expected = {"prefix": prefix, "legal_form": form, "expected": tuple(table[form])}
            assert (miss.params, miss.blocking) == (expected, False)
        named = [name for name, fitting in table.items() if prefix in fitting]
        assert rules.registered_as(code, law) == (named[0] if named else None)

    @pytest.mark.proves("clause:二(四)2a", "diff:9")
    @given(areas, bodies, st.just(AREAS) | word_lists(*AREAS, "110000"))
    def test_area(self, area: str, body: str, usual: list[str]) -> None:
        law = law_with({"registration.area_prefixes": usual})
        misses = of_code(registration(law, uscc=credit_code("91", area, body)), "uscc_area_unusual")
        assert [m.params for m in misses] == ([] if area in usual else [{"area": area}])
        assert not any(miss.blocking for miss in misses)

    @given(areas, bodies, forms)
    def test_who_gives_codes_of_a_place(self, area: str, body: str, form: str | None) -> None:
        places = figure("registration.area_names")
        offices = figure("registration.authority_names")
        found = rules.registered_by(credit_code("91", area, body), form, law_with())
        if area in places and form in offices:
            assert found == places[area] + offices[form]
        else:
            assert found is None

    @given(bodies, st.integers(0, 30), st.integers(0, 10), st.integers(-2, 2))
    def test_what_is_no_code_blocks_and_a_doubtful_inner_check_does_not(
        self, organisation: str, last: int, check: int, more: int
    ) -> None:
        body = "91" + AREAS[0] + organisation + "0123456789X"[check]
        whole = body + LETTERS[last]
        code = whole[:more] if more < 0 else whole + "0" * more
        if more:
            expected = [("uscc_length", True)]
        elif whole[-1] != outer(body):
            expected = [("uscc_check", True)]
        elif body[16] != inner(organisation):
            expected = [("uscc_organisation_check", False)]
        else:
            expected = []
        misses = [m for m in registration(uscc=code) if m.field == "uscc"]
        assert [(miss.code, miss.blocking) for miss in misses] == expected

    @given(st.sampled_from("IOSVZ"), st.integers(0, 17))
    def test_letters_that_are_none_of_the_alphabet(self, letter: str, place: int) -> None:
        good = str(SOUND.uscc)
        code = good[:place] + letter + good[place + 1 :]
        (miss,) = of_code(registration(uscc=code), "uscc_characters")
        assert miss.params == {"positions": (place + 1,), "characters": letter}
        assert miss.blocking

    @given(st.sampled_from("ABCDEFGH"), st.integers(2, 7))
    def test_a_place_is_written_in_digits(self, letter: str, place: int) -> None:
        good = str(SOUND.uscc)
        code = good[:place] + letter + good[place + 1 :]
        (miss,) = of_code(registration(uscc=code), "uscc_area")
        assert (miss.params, miss.blocking) == ({"area": code[2:8]}, True)


# --- words that are expected --------------------------------------------------------------------


class TestWords:
    @pytest.mark.proves("clause:二(四)2a", "diff:9")
    @given(forms, pieces("民政", "市场监督", "行政审批", "编办"), st.data())
    @example("for_profit", "市场\u3000监管", None)
    def test_authority(self, form: str | None, name: str, data: st.DataObject | None) -> None:
        shipped = figure("registration.authority_words")
        table = shipped
        if data is not None:
            other = st.fixed_dictionaries({each: word_lists("民政", "编办") for each in FORMS[1:]})
            table = data.draw(st.just(shipped) | other)
        law = law_with({"registration.authority_words": table})
        found = registration(law, legal_form=form, registration_authority=name)
        misses = of_code(found, "authority_unusual")
        is_told = form in table and bool(spaced(name))
        expected = is_told and all(word not in spaced(name) for word in table[form])
        assert len(misses) == expected
        for miss in misses:
            assert miss.params == {"legal_form": form, "words": tuple(table[form])}

    @pytest.mark.proves("clause:二(四)2a", "diff:9")
    @given(
        st.sampled_from(KINDS), pieces("托育服务", "家庭托育服务"),
        word_lists("托育服务", "照护"), word_lists("家庭托育服务", "家庭托育"), st.booleans(),
    )  # fmt: skip
    @example("independent", "托育 服务", ["托育服务"], ["家庭托育服务"], True)
    def test_scope(
        self, kind: str | None, scope: str, words: list[str], family_words: list[str],
        as_shipped: bool,
    ) -> None:  # fmt: skip
        keys = ("registration.scope_words", "registration.family_scope_words")
        lists = [figure(key) for key in keys] if as_shipped else [words, family_words]
        law = law_with(dict(zip(keys, lists, strict=True)))
        key = keys[kind == "family"]
        asked = lists[kind == "family"]
        found = registration(law, facility_type=kind, business_scope=scope)
        misses = of_code(found, "scope_words_missing")
        assert len(misses) == (bool(scope) and all(word not in spaced(scope) for word in asked))
        for miss in misses:
            assert (miss.params, miss.figure_key) == ({"words": tuple(asked)}, key)

    @given(st.sampled_from(KINDS), pieces("托育", "家庭"), word_lists("托育", "家庭"))
    @example("family", "小太阳托 育点", ["托育"])
    @example("family", "小太阳托管点", ["托育"])
    def test_the_name_of_a_family_point(
        self, kind: str | None, name: str, words: list[str]
    ) -> None:
        for asked in (words, figure("registration.family_name_words")):
            law = law_with({"registration.family_name_words": asked})
            found = registration(law, facility_type=kind, facility_name=name)
            misses = of_code(found, "name_words_missing")
            lacks = all(word not in spaced(name) for word in asked)
            assert len(misses) == (kind == "family" and bool(name) and lacks)


# --- telephone numbers --------------------------------------------------------------------------


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(string.digits, min_size=count, max_size=count)


# No area begins with 00: that is the way abroad, and 0086 the way back.
after_nought = st.sampled_from("123456789")


@st.composite
def phones(draw: st.DrawFn) -> tuple[str, bool]:
    """A number as people write it, and whether it is one: each part a digit too short or long."""
    kind = draw(st.sampled_from(["mobile", "landline", "together", "free", "95", "12"]))
    if kind == "mobile":
        second, rest = draw(st.integers(0, 9)), draw(st.integers(8, 10))
        return f"1{second}{draw(digits(rest))}", second >= 3 and rest == 9
    if kind == "landline":
        area, number = draw(st.integers(1, 4)), draw(st.integers(6, 9))
        inside = draw(st.sampled_from([0, 1, 6, 7]))
        text = f"0{draw(after_nought)}{draw(digits(area - 1))}-{draw(digits(number))}"
        text += f"-{draw(digits(inside))}" if inside else ""
        return text, area in {2, 3} and number in {7, 8} and inside < 7
    if kind == "together":
        rest = draw(st.integers(8, 12))
        return f"0{draw(after_nought)}{draw(digits(rest - 1))}", 9 <= rest <= 11
    if kind == "free":
        first, rest = draw(st.integers(3, 9)), draw(st.integers(6, 8))
        return f"{first}00{draw(digits(rest))}", first in {4, 8} and rest == 7
    rest = draw(st.integers(2, 7))
    return f"{kind}{draw(digits(rest))}", 3 <= rest <= 6 if kind == "95" else rest == 3


class TestPhones:
    @given(phones(), phones(), st.booleans())
    @example(("13903750001", True), ("1390375000", False), True)
    def test_phones(
        self, manager: tuple[str, bool], public: tuple[str, bool], written_wide: bool
    ) -> None:
        wide = {ord(each): ord(each) + 0xFEE0 for each in string.digits}
        text = f" {public[0]} "
        found = registration(
            manager_phone=manager[0], public_phone=text.translate(wide) if written_wide else text
        )
        wrong = [("manager_phone", manager[1]), ("public_phone", public[1])]
        assert [(m.code, m.field, m.blocking) for m in of_code(found, "phone_format")] == [
            ("phone_format", field, True) for field, is_right in wrong if not is_right
        ]

    @given(phones(), st.sampled_from(["", None]))
    def test_no_number_is_no_wrong_number(
        self, manager: tuple[str, bool], public: str | None
    ) -> None:
        """Whatever the number beside it: that one is remarked on, the one left out never."""
        found = registration(manager_phone=manager[0], public_phone=public)
        expected = [] if manager[1] else [("phone_format", "manager_phone")]
        assert [(miss.code, miss.field) for miss in found] == expected


# --- days ---------------------------------------------------------------------------------------


class TestEstablished:
    @given(
        st.dates(dt.date(2023, 3, 2), dt.date(2030, 1, 1)),
        st.sampled_from(BESIDE) | st.integers(-999, 999),
    )
    def test_nothing_is_established_tomorrow(self, today: dt.date, offset: int) -> None:
        day = today + dt.timedelta(days=offset)
        misses = registration(law_with(on=today), established_on=day)
        assert codes(misses) == (["established_in_future"] if offset > 0 else [])


# --- what must be filled in ---------------------------------------------------------------------

Check = Callable[[Any, Regulation], list[rules.Miss]]
SECTIONS: list[tuple[str, Any, Check]] = [
    ("registration.required_fields", SOUND, rules.check_registration),
    ("setting.required_fields", PREMISES, rules.check_premises),
    ("setting.required_fields_leased", PREMISES, rules.check_premises),
    ("services.required_fields", SERVICES, rules.check_services),
    ("safety.required_fields", SAFETY, rules.check_safety),
    ("safety.family_fields", dataclasses.replace(SAFETY, facility_type="family"),
     rules.check_safety),
]  # fmt: skip


def blank(value: Any) -> st.SearchStrategy[Any]:
    """What counts as not filled in, by the kind of answer."""
    if isinstance(value, str):
        return st.sampled_from(["", " ", "\u3000", None])
    return st.sampled_from([(), None]) if isinstance(value, tuple) else st.none()


class TestRequired:
    @pytest.mark.parametrize(("key", "sound", "check"), SECTIONS, ids=[s[0] for s in SECTIONS])
    @given(data=st.data())
    def test_what_is_left_out_is_named_and_blocks(
        self, key: str, sound: Any, check: Check, data: st.DataObject
    ) -> None:
        fields = figure(key)
        asked = data.draw(st.just(fields) | st.lists(st.sampled_from(fields), unique=True))
        kept = {"facility_type", "tenure"}  # which questions are asked at all
        left_out = data.draw(st.sets(st.sampled_from([n for n in fields if n not in kept])))
        changes = {name: data.draw(blank(getattr(sound, name))) for name in sorted(left_out)}
        # No answer is no list to go through either.
        changes = {n: () if n in {"classes", "service_forms"} else v for n, v in changes.items()}
        others = [each for each, _sound, _check in SECTIONS if each != key]
        law = law_with({key: asked}, without=others)
        misses = of_code(check(dataclasses.replace(sound, **changes), law), "required")
        assert [miss.field for miss in misses] == [name for name in asked if name in left_out]
        assert all(miss.blocking and miss.figure_key == key for miss in misses)
        assert of_code(check(sound, law), "required") == []

    @given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=4))
    def test_each_class_is_asked(self, filled: list[tuple[bool, bool]]) -> None:
        key = "setting.required_fields_class"
        rows = tuple(
            ClassFacts("toddler" if kind else None, "班", 15 if places else None)
            for kind, places in filled
        )
        found = rules.check_premises(dataclasses.replace(PREMISES, classes=rows), law_with())
        names = dict(zip(("class_type", "capacity"), (0, 1), strict=True))
        assert [m.field for m in of_code(found, "required")] == [
            f"classes.{row}.{name}"
            for row, has in enumerate(filled)
            for name in figure(key)
            if not has[names[name]]
        ]


# --- meals and the fire manager -----------------------------------------------------------------


class TestBeside:
    @pytest.mark.proves("diff:9")
    @given(st.sampled_from([True, False, None]), st.sampled_from(["", "own_kitchen", "catered"]))
    @example(True, "")
    def test_where_meals_come_from(self, serves: bool | None, source: str) -> None:
        facts = dataclasses.replace(SERVICES, serves_meals=serves, meal_source=source)
        expected = ["meal_source_missing"] if serves is True and not source else []
        assert codes(rules.check_services(facts, law_with())) == expected

    @pytest.mark.proves("diff:9")
    @given(
        st.sampled_from(["full_time", "part_time", "none", "", None]),
        st.sampled_from(KINDS),
        st.lists(st.sampled_from(["full_time", "part_time"]), unique=True),
        st.booleans(),
    )
    def test_somebody_answers_for_fire_safety(
        self, post: str | None, kind: str | None, other: list[str], as_shipped: bool
    ) -> None:
        taken = figure("safety.fire_managers") if as_shipped else other
        law = law_with({"safety.fire_managers": taken})
        facts = dataclasses.replace(SAFETY, facility_type=kind, fire_manager=post)
        misses = of_code(rules.check_safety(facts, law), "fire_manager_missing")
        answered = post not in {"", None}
        assert len(misses) == (kind != "family" and answered and post not in taken)
        assert not any(miss.blocking for miss in misses)
