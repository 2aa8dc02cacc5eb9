"""Budgets: dearer, slower, never shut; guessing costs the guesser, not the office (R11, R16)."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from unittest import mock

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from complaints.actions import throttle, tracking
from complaints.models import Complaint, WorkDone
from portal.core.models import Outbox
from portal.core.queries import in_force, remembered

from . import makers as cases
from .makers import AT, DAY

pytestmark = pytest.mark.django_db
HERE, THERE = "203.0.113.77", "198.51.100.9"


@pytest.fixture(autouse=True)
def _fresh_hour():
    caches["budgets"].clear()


@pytest.fixture
def law(db):
    return in_force(DAY)


class Plain:
    """A cache that counts and does nothing else, for very many tries."""

    def __init__(self):
        self.kept = {}

    def get_or_set(self, key, default, _seconds):
        return self.kept.setdefault(key, "salt")

    def add(self, key, value, _seconds):
        self.kept.setdefault(key, value)

    def incr(self, key):
        self.kept[key] += 1
        return self.kept[key]


class Broken:
    """A cache whose server is gone."""

    def __getattr__(self, name):
        raise ConnectionError(name)


@pytest.fixture
def no_cache():
    with mock.patch.object(throttle, "caches", {"budgets": Broken()}):
        yield


def solve(challenge, bits):
    for n in itertools.count():
        digest = hashlib.sha256(f"{challenge}:{n}".encode()).digest()
        if int.from_bytes(digest, "big") >> (256 - bits) == 0:
            return str(n)
    raise AssertionError


def cheap(seconds=0):
    return throttle.Price(bits=6, seconds=seconds)


def test_within_the_budgets_a_try_is_free_and_beyond_them_dear(law):
    budget = law.integer("complaints.hourly_budgets", "track_number")
    prices = [
        throttle.price_of_tracking(f"198.51.{n}.9", "TS-0000-0000-0", at=AT)
        for n in range(budget * 3)
    ]
    assert all(price.is_free for price in prices[:budget])
    assert not any(price.is_free for price in prices[budget:])
    assert prices[-1].bits > prices[budget].bits
    assert prices[-1].seconds > prices[budget].seconds
    later = AT + dt.timedelta(hours=1)
    assert throttle.price_of_tracking(HERE, "TS-0000-0000-0", at=later).is_free


def test_a_network_has_its_own_budget_and_leaves_the_next_one_alone(law):
    for n in range(law.integer("complaints.hourly_budgets", "submit_prefix")):
        assert throttle.price_of_submitting(f"203.0.113.{n}", at=AT).is_free
    assert not throttle.price_of_submitting(HERE, at=AT).is_free
    assert throttle.price_of_submitting(THERE, at=AT).is_free
    assert throttle.price_of_submitting("2001:db8::1", at=AT).is_free
    assert throttle.price_of_submitting("no address", at=AT).is_free


@pytest.mark.proves("sec:C3")
def test_no_address_lies_in_the_cache():
    throttle.price_of_submitting(HERE, at=AT)
    kept = str(caches["budgets"]._cache)
    assert HERE not in kept
    assert "203.0.113" not in kept


@pytest.mark.proves("prod:J12")
def test_a_cache_that_is_gone_makes_it_dear_and_not_shut(no_cache):
    price = throttle.price_of_submitting(HERE, at=AT)
    assert not price.is_free
    challenge = throttle.new_challenge(cheap(), at=AT)
    assert throttle.pay(challenge, solve(challenge, 6), price, at=AT)


@pytest.mark.proves("sec:X20")
def test_work_or_the_wait_pays_once():
    price = cheap(seconds=8)
    worked = throttle.new_challenge(price, at=AT)
    assert throttle.pay(worked, solve(worked, 6), price, at=AT)
    assert not throttle.pay(worked, solve(worked, 6), price, at=AT)
    waited = throttle.new_challenge(price, at=AT)
    assert not throttle.pay(waited, "", price, at=AT)
    assert not throttle.pay(waited, "", price, at=AT + dt.timedelta(seconds=7))
    assert throttle.pay(waited, "", price, at=AT + dt.timedelta(seconds=8))
    assert not throttle.pay(waited, "", price, at=AT + dt.timedelta(seconds=9))


@pytest.mark.proves("sec:X20")
def test_what_is_no_puzzle_of_ours_pays_nothing():
    price = cheap()
    for wrong in ("", "zz", "00" * 60):
        assert not throttle.pay(wrong, "1", price, at=AT)
    old = throttle.new_challenge(price, at=AT)
    assert not throttle.pay(old, solve(old, 6), price, at=AT + dt.timedelta(hours=1))
    free = throttle.new_challenge(throttle.Price(), at=AT)
    assert not throttle.pay(free, "1", price, at=AT)
    assert throttle.pay("", "", throttle.Price(), at=AT)


def test_used_puzzles_are_forgotten_when_they_are_over():
    challenge = throttle.new_challenge(cheap(), at=AT)
    throttle.pay(challenge, solve(challenge, 6), cheap(), at=AT)
    assert throttle.forget_work(at=AT) == 0
    assert throttle.forget_work(at=AT + dt.timedelta(hours=2)) == 1
    assert not WorkDone.objects.exists()


# --- guessing -------------------------------------------------------------------------------------


@pytest.mark.proves("sec:C14", "sec:G7")
def test_a_hundred_thousand_guesses_open_nothing_and_cost_a_thousand_hashes_at_most(law):
    """From a thousand networks, half at one number and half at random ones, doing no work."""
    target = cases.complaint()
    checks = 0

    def counted(*args, **kwargs):
        nonlocal checks
        checks += 1
        return False

    opened = 0
    plain = mock.patch.object(throttle, "caches", {"budgets": Plain()})
    with mock.patch.object(tracking, "check_password", counted), plain, remembered():
        for n in range(100_000):
            number = target.number if n % 2 else f"TS-{n:04d}-{n % 7919:04d}-0"
            price = throttle.price_of_tracking(f"10.{n % 250}.{n % 4}.1", number, at=AT)
            if throttle.pay("", "", price, at=AT):
                opened += tracking.open_by_code(number, f"{n:016d}") is not None
    assert opened == 0
    assert 0 < checks <= law.integer("complaints.hourly_budgets", "track_site")


def test_one_code_is_checked_whether_the_number_exists_or_not():
    made, code = cases.submitted()
    with mock.patch.object(tracking, "check_password", wraps=tracking.check_password) as check:
        assert tracking.open_by_code(made.number, code) == made
        assert tracking.open_by_code(made.number, "0" * 16) is None
        assert tracking.open_by_code("TS-0000-0000-0", code) is None
        assert tracking.open_by_code("nonsense", code) is None
    assert check.call_count == 4


@pytest.mark.proves("sec:C15")
def test_after_a_thousand_bad_tries_the_right_code_still_opens():
    made, code = cases.submitted()
    with remembered():
        for _ in range(1000):
            throttle.price_of_tracking(HERE, made.number, at=AT)
    price = throttle.price_of_tracking(HERE, made.number, at=AT)
    assert not price.is_free
    challenge = throttle.new_challenge(price, at=AT)
    waited = AT + dt.timedelta(seconds=30)
    assert throttle.pay(challenge, "", price, at=waited)
    assert tracking.open_by_code(made.number, code) == made


# --- sending while the budgets are spent ----------------------------------------------------------


def page(name):
    return reverse(f"complaints:{name}")


def ready(category):
    client = Client()
    client.post(page("topic"), {"category": category})
    client.post(page("facility"), {"choice": "other", "place_name": "某托育园"})
    client.post(page("details"), {"happened": cases.TOLD["happened"]})
    client.post(page("contact"), {"way": "anonymous"})
    return client


@pytest.mark.proves("sec:S1", "sec:S2")
def test_an_urgent_report_goes_through_while_the_budgets_are_spent(law):
    for _ in range(law.integer("complaints.hourly_budgets", "submit_site") * 3):
        throttle.price_of_submitting("127.0.0.1", at=AT)
    with mock.patch.object(throttle, "_count", return_value=10_000):
        response = ready("C1").post(page("check"))
    assert response["Location"] == page("done")
    made = Complaint.objects.get()
    assert (made.lane, made.is_suspect) == ("red", True)
    assert Outbox.objects.filter(kind="complaint.escalate").count() == 2


def test_an_urgent_report_goes_through_while_the_cache_is_down(no_cache):
    assert ready("C1").post(page("check"))["Location"] == page("done")
    assert Complaint.objects.count() == 1


@pytest.mark.proves("prod:V6", "sec:S2")
def test_any_other_complaint_costs_work_then_and_is_accepted(no_cache):
    client = ready("C8")
    asked = client.post(page("check"))
    assert asked.status_code == 200
    shown = asked.content.decode()
    assert 'data-work="16"' in shown
    assert not Complaint.objects.exists()
    challenge = asked.context["form"].initial["challenge"]
    answer = solve(challenge, 16)
    sent = client.post(page("check"), {"challenge": challenge, "answer": answer})
    assert sent["Location"] == page("done")
    assert Complaint.objects.get().is_suspect


@pytest.mark.proves("prod:V6")
def test_tracking_beyond_the_budgets_asks_for_work_and_keeps_what_was_typed(no_cache):
    made, code = cases.submitted()
    client = Client()
    asked = client.post(page("track"), {"number": made.number, "code": code})
    assert "请稍等几秒再按一次" in asked.content.decode()
    challenge = asked.context["form"]["challenge"].value()
    given = {"number": made.number, "code": code, "challenge": challenge}
    opened = client.post(page("track"), {**given, "answer": solve(challenge, 16)})
    assert opened["Location"] == page("track")
