"""Clocks, numbers, likeness, work: the regulation applied to facts of complaints."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import rules
from complaints.models import Category
from complaints.rules import numbers
from portal.core.calendar import WorkingCalendar
from portal.core.queries import in_force

MONDAY = dt.date(2026, 11, 23)
PLAIN = WorkingCalendar({}, frozenset({2026}))
KEY = b"k" * 32
database = pytest.mark.django_db


@pytest.fixture
def law(db):
    return in_force(MONDAY)


@pytest.mark.parametrize("category", Category.values)
def test_every_category_has_its_lane_severity_and_first_answer(law, category):
    due = rules.due_days(MONDAY, category, law, PLAIN)
    assert due.respond >= MONDAY
    assert law.text("complaints.severity", category) in {"critical", "major", "minor"}
    assert rules.lane_of(category, law) in {"normal", "red", "discipline"}


def test_the_days_of_the_law_are_counted_as_it_says(law):
    fees = rules.due_days(MONDAY, "C8", law, PLAIN)
    assert (fees.respond, fees.finish) == (dt.date(2026, 11, 24), dt.date(2026, 12, 14))
    petition = rules.due_days(MONDAY, "C13", law, PLAIN)
    assert petition.respond == MONDAY + dt.timedelta(days=15)
    assert petition.finish == MONDAY + dt.timedelta(days=60)
    abuse = rules.due_days(MONDAY, "C1", law, PLAIN)
    assert (abuse.respond, abuse.finish) == (MONDAY, None)


def test_the_day_of_a_12345_order_comes_first(law):
    early = dt.date(2026, 11, 26)
    assert rules.due_days(MONDAY, "C8", law, PLAIN, given=early).finish == early
    assert rules.due_days(MONDAY, "C1", law, PLAIN, given=early).finish == early
    late = dt.date(2027, 11, 26)
    assert rules.due_days(MONDAY, "C8", law, PLAIN, given=late).finish == dt.date(2026, 12, 14)


def test_days_that_stood_still_are_given_back():
    friday, due = dt.date(2026, 11, 27), dt.date(2026, 12, 1)
    assert rules.pushed_back(due, MONDAY, friday, PLAIN) == dt.date(2026, 12, 7)
    assert rules.pushed_back(due, MONDAY, MONDAY, PLAIN) == due
    assert rules.pushed_back(None, MONDAY, friday, PLAIN) is None


def test_warnings_come_at_their_share_and_after_the_day(law):
    due = PLAIN.add_working_days(MONDAY, 10)
    reached = {
        n: rules.warnings_reached(MONDAY, due, PLAIN.add_working_days(MONDAY, n), law, PLAIN)
        for n in (4, 5, 8, 10, 11)
    }
    assert reached == {
        4: (), 5: ("first",), 8: ("first", "second"), 10: ("first", "second"),
        11: ("first", "second", "late"),
    }  # fmt: skip


def test_a_clock_without_days_is_used_up_on_its_day():
    assert rules.share_used(MONDAY, MONDAY, MONDAY, PLAIN) == 100
    assert rules.share_used(MONDAY, MONDAY, MONDAY - dt.timedelta(days=1), PLAIN) == 0


def test_a_common_matter_is_answered_within_the_days_of_the_table(law):
    assert rules.usual_answer(law) == (1, 2)


def test_a_review_has_its_own_days(law):
    assert rules.review_due(MONDAY, law, PLAIN) == PLAIN.add_working_days(MONDAY, 7)


def test_red_cases_are_kept_longer_and_contacts_shorter(law):
    assert rules.contact_until(MONDAY, "normal", law) < rules.content_until(MONDAY, "normal", law)
    assert rules.content_until(MONDAY, "red", law) == rules.contact_until(MONDAY, "red", law)
    assert rules.content_until(MONDAY, "red", law) > rules.content_until(MONDAY, "normal", law)


def test_only_red_categories_must_be_reported_within_minutes(law):
    within = {c: rules.report_minutes(c, law) for c in Category.values}
    red = {c for c in Category.values if rules.lane_of(c, law) == "red"}
    assert {c for c, minutes in within.items() if minutes} == red
    assert within["C1"] == 60


# --- numbers and codes ----------------------------------------------------------------------------


def test_numbers_are_random_and_sound():
    made = {rules.complaint_number() for _ in range(200)}
    assert len(made) == 200
    assert all(rules.number_is_sound(number) for number in made)


BODIES = st.text(alphabet=numbers.ALPHABET, min_size=8, max_size=8)


@given(BODIES, st.integers(0, 7), st.sampled_from(numbers.ALPHABET))
def test_one_wrong_character_is_caught(body, place, other):
    number = f"TS{body}{numbers.check_character(body)}"
    wrong = f"TS{body[:place]}{other}{body[place + 1 :]}{number[-1]}"
    assert rules.number_is_sound(wrong) == (body[place] == other)


@given(BODIES, st.integers(0, 6))
def test_two_neighbours_that_changed_places_are_caught(body, place):
    swapped = body[:place] + body[place + 1] + body[place] + body[place + 2 :]
    wrong = f"TS{swapped}{numbers.check_character(body)}"
    assert rules.number_is_sound(wrong) == (swapped == body)


def test_numbers_are_read_as_people_type_them():
    body = "7K3M92QD"
    number = f"TS-7K3M-92QD-{numbers.check_character(body)}"
    for typed in (
        number,
        number.lower(),
        number.replace("-", " "),
        number[3:],
        number.replace("-", ""),
    ):
        assert rules.normalise_number(typed) == number
    for wrong in ("", "TS", "TS-7K3M", "TS-7K3M-92QD-!", "DJ-2026-0001"):
        assert not rules.normalise_number(wrong)
        assert not rules.number_is_sound(wrong)


def test_a_code_is_the_same_for_the_same_token_and_key_alone():
    one = rules.access_code(b"t" * 16, KEY)
    assert one == rules.access_code(b"t" * 16, KEY)
    assert len(one) == 16
    assert set(one) <= set(numbers.ALPHABET)
    assert one not in {rules.access_code(b"u" * 16, KEY), rules.access_code(b"t" * 16, b"o" * 32)}


# --- likeness -------------------------------------------------------------------------------------

ONE = "孩子在小班，老师中午不让喝水，下午接的时候嘴唇都干了，问老师说是忘了，希望管一管。"
REWORDED = (
    "孩子在小班，中午老师不让喝水，下午去接的时候嘴唇都干了，问了老师说是忘了，希望你们管一管！"
)
OTHER = "机构门口每天早上停满了车，接送的时候堵得走不动，请交警来看一下。"


def test_two_rewordings_are_alike_and_two_matters_are_not():
    one, reworded, other = (rules.sketch(text, KEY) for text in (ONE, REWORDED, OTHER))
    assert rules.likeness(one, reworded) >= 55
    assert rules.likeness(one, other) < 20
    assert set(rules.bands(one)) & set(rules.bands(reworded))
    assert not set(rules.bands(one)) & set(rules.bands(other))


def test_a_sketch_says_nothing_without_the_key():
    assert rules.sketch(ONE, KEY) != rules.sketch(ONE, b"o" * 32)
    assert rules.sketch("一", KEY) == []
    assert rules.likeness([], rules.sketch(ONE, KEY)) == 0


def test_width_case_and_stops_do_not_matter():
    assert rules.sketch("ＡＢ，托育！", KEY) == rules.sketch("ab托育", KEY)


def test_a_shared_run_of_characters_is_found_through_stops():
    assert rules.shared_run("老师中午不让孩子喝水", "据了解，老师中午，不让孩子喝水吗", 8)
    assert not rules.shared_run("老师中午不让孩子喝水", "请说明中午的饮水安排", 8)
    assert not rules.shared_run("短", "短", 8)


# --- work -----------------------------------------------------------------------------------------


def test_within_the_budgets_nothing_is_owed(law):
    assert (rules.bits_owed(0, law), rules.wait_owed(0, law)) == (0, 0)


def test_beyond_them_it_becomes_dearer_up_to_a_limit_and_never_a_refusal(law):
    bits = [rules.bits_owed(n, law) for n in range(1, 60)]
    waits = [rules.wait_owed(n, law) for n in range(1, 60)]
    assert bits == sorted(bits)
    assert waits == sorted(waits)
    assert (bits[0], bits[-1], waits[-1]) == (16, 22, 30)


def test_work_is_told_from_guessing():
    bits = 8
    answer = next(
        str(n) for n in range(100_000)
        if hashlib.sha256(f"c:{n}".encode()).digest()[0] == 0
    )  # fmt: skip
    assert rules.has_done_work("c", answer, bits)
    assert not rules.has_done_work("d", answer, 40)


def test_a_phrase_is_filled_with_what_is_known():
    facts = {"编号": "TS-1", "机构": "小太阳"}
    assert rules.filled("{机构}（{编号}）：{没有}", facts) == "小太阳（TS-1）：{没有}"
    assert rules.filled("不用填", facts) == "不用填"
