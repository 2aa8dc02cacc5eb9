"""Hourly budgets: what goes over them costs work or a wait, and is never refused (R11, R16).

The counters lie in a cache that keeps nothing; an address enters as a keyed hash of its prefix
under a salt that is gone with the hour. A cache that fails counts as a spent budget: dearer, open.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import secrets
from dataclasses import dataclass

from django.core.cache import caches
from django.db import IntegrityError, transaction

from complaints import rules
from complaints.models import WorkDone
from portal.core import clock, crypto
from portal.core.queries import in_force
from portal.core.regulation import Regulation
from portal.core.workflow import action

HOUR = 3600
_MASKS = {4: 24, 6: 48}
_BINDING = "complaints.challenge"


@dataclass(frozen=True, slots=True)
class Price:
    """What the next try costs: bits of work for a script, or seconds of waiting without one."""

    bits: int = 0
    seconds: int = 0

    @property
    def is_free(self) -> bool:
        """Within the budgets."""
        return not self.bits


def price_of_tracking(address: str, number: str, *, at: dt.datetime) -> Price:
    """Count a try to open `number` from `address`; the worst of three budgets sets the price."""
    law = in_force(clock.day_of(at))
    plain = rules.normalise_number(number) or "none"
    return _price(
        {"track_prefix": _prefix(address), "track_number": plain, "track_site": ""}, law, at
    )


def price_of_submitting(address: str, *, at: dt.datetime) -> Price:
    """Count a complaint sent from `address`."""
    law = in_force(clock.day_of(at))
    return _price({"submit_prefix": _prefix(address), "submit_site": ""}, law, at)


def _price(counted: dict[str, str], law: Regulation, at: dt.datetime) -> Price:
    over = 0
    for name, key in counted.items():
        budget = law.integer("complaints.hourly_budgets", name)
        used = _count(name, key, at)
        over = max(over, 1 if used is None else -(-(used - budget) // budget))
    return Price(rules.bits_owed(over, law), rules.wait_owed(over, law))


def _count(name: str, key: str, at: dt.datetime) -> int | None:
    """How often in this hour, this time included; None when the cache does not answer."""
    hour = f"{at:%Y%m%d%H}"
    try:
        cache = caches["budgets"]
        salt = cache.get_or_set(f"salt:{hour}", lambda: secrets.token_hex(16), HOUR)
        digest = hmac.new(str(salt).encode(), f"{name}:{key}".encode(), hashlib.sha256).hexdigest()
        place = f"b:{hour}:{digest[:16]}"
        cache.add(place, 0, HOUR)
        return int(cache.incr(place))
    except Exception:  # ruff: ignore[blind-except] whatever the cache client raises: a miss, never a closed door (R16)
        return None


def _prefix(address: str) -> str:
    """The network an address lies in; what is no address counts together."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((parsed, _MASKS[parsed.version]), strict=False))


def new_challenge(price: Price, *, at: dt.datetime) -> str:
    """A puzzle for a browser: sealed, so that nothing of it is stored; good for ten minutes."""
    puzzle = {
        "bits": price.bits,
        "after": (at + dt.timedelta(seconds=price.seconds)).timestamp(),
        "until": (at + dt.timedelta(seconds=HOUR // 6 + price.seconds)).timestamp(),
        "salt": secrets.token_hex(8),
    }
    return crypto.seal(json.dumps(puzzle), _BINDING).hex()


def pay(challenge: str, answer: str, price: Price, *, at: dt.datetime) -> bool:
    """Whether it is paid: work done by a script, or the wait kept; each puzzle counts once."""
    if price.is_free:
        return True
    puzzle = _opened(challenge)
    now = at.timestamp()
    if puzzle is None or now > puzzle["until"] or puzzle["bits"] <= 0:
        return False
    worked = rules.has_done_work(challenge, answer, int(puzzle["bits"])) if answer else False
    if not worked and now < puzzle["after"]:
        return False
    return _first_use(challenge, puzzle["until"])


def _opened(challenge: str) -> dict[str, float] | None:
    try:
        found: dict[str, float] = json.loads(crypto.unseal(bytes.fromhex(challenge), _BINDING))
    except (crypto.SealBroken, ValueError):
        return None
    return found


@action
def _first_use(challenge: str, until: float) -> bool:
    digest = hashlib.sha256(challenge.encode()).hexdigest()
    expires = dt.datetime.fromtimestamp(until, dt.UTC)
    try:
        with transaction.atomic():
            WorkDone.objects.create(digest=digest, expires_at=expires)
    except IntegrityError:
        return False
    return True


@action
def forget_work(*, at: dt.datetime) -> int:
    """Puzzles that are over anyway need not be remembered."""
    count, _kinds = WorkDone.objects.filter(expires_at__lt=at).delete()
    return count
