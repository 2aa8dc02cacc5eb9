"""Who works in a facility: how many are needed, what each must hold, until when a paper is good.

The national text counts carers per class (article 20) and is silent on mixed classes; a family
childcare point follows its own figure. Whoever is on the list counts, whole day or part of it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from portal.core.regulation import Regulation

from .facts import FAMILY, ClassFacts, Miss
from .premises import carers_needed

STAFF = "staff"
INDEPENDENT = "independent"
OWN_KITCHEN, CATERED = "own_kitchen", "catered"
MANAGER, CARER, HEALTH, GUARD, COOK = "manager", "carer", "health", "guard", "cook"
FOOD_SAFETY = "food_safety"  # a duty beside a post, counted like one
HEALTH_PAPER, LETTER_PAPER = "health", "letter"
VALID, EXPIRING, EXPIRED, MISSING = "valid", "expiring", "expired", "missing"


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """One person of the list; `health_until` and `letter_on` are None where nothing was given."""

    name: str
    post: str
    born_on: dt.date | None = None
    qualification: str = ""
    number: str = ""
    experience_years: int | None = None
    is_trained: bool = False
    has_food_duty: bool = False
    health_until: dt.date | None = None
    letter_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """The people of a facility, and what decides how many it needs."""

    facility_type: str | None = None
    meal_source: str | None = None
    classes: tuple[ClassFacts, ...] = ()
    people: tuple[PersonFacts, ...] = ()

    @property
    def children(self) -> int:
        """How many children are present in all classes."""
        return sum(row.enrolled or 0 for row in self.classes)

    def count(self, post: str) -> int:
        """How many people hold the post (or the food-safety duty)."""
        if post == FOOD_SAFETY:
            return sum(person.has_food_duty for person in self.people)
        return sum(person.post == post for person in self.people)


@dataclass(frozen=True, slots=True)
class ClassNeed:
    """Carers one class needs; `needed` is None where nothing is laid down for its type."""

    name: str
    class_type: str | None
    children: int
    needed: int | None


@dataclass(frozen=True, slots=True)
class PostNeed:
    """How many a post needs and how many there are."""

    post: str
    needed: int
    present: int
    figure_key: str

    @property
    def short(self) -> int:
        """How many are missing, never below zero."""
        return max(self.needed - self.present, 0)


@dataclass(frozen=True, slots=True)
class Staffing:
    """What a facility needs against what it has; the carers of all classes are one line."""

    classes: tuple[ClassNeed, ...]
    posts: tuple[PostNeed, ...]

    @property
    def missing(self) -> tuple[PostNeed, ...]:
        """The posts that lack somebody."""
        return tuple(need for need in self.posts if need.short)

    def of(self, post: str) -> PostNeed | None:
        """The line of a post; None where the law of the day asks for nobody."""
        return next((need for need in self.posts if need.post == post), None)


def staffing(facts: StaffFacts, law: Regulation) -> Staffing:
    """Needs per class and post against the people present (articles 18, 20, 21 and 22)."""
    classes = tuple(
        ClassNeed(row.name or "", row.class_type, row.enrolled or 0, _class_need(facts, row, law))
        for row in facts.classes
    )
    carers = _carers(facts, classes, law)
    others = chain.from_iterable(
        ((post, rule(facts, law, key), key),)
        for post, key, rule in _POST_RULES
        if key in law and facts.facility_type != FAMILY
    )
    posts = tuple(
        PostNeed(post, needed, facts.count(post), key)
        for post, needed, key in [*carers, *others]
        if needed
    )
    return Staffing(classes, posts)


def _class_need(facts: StaffFacts, row: ClassFacts, law: Regulation) -> int | None:
    if facts.facility_type == FAMILY:
        return None  # a family point is counted as a whole
    return carers_needed(row.class_type or "", row.enrolled or 0, law)


def _carers(
    facts: StaffFacts, classes: Sequence[ClassNeed], law: Regulation
) -> Iterator[tuple[str, int, str]]:
    if facts.facility_type == FAMILY:
        key = "setting.family_children_per_carer"
        if key in law:
            yield CARER, math.ceil(facts.children / law.integer(key)), key
    else:
        yield CARER, sum(row.needed or 0 for row in classes), "setting.children_per_carer"


def _fixed(facts: StaffFacts, law: Regulation, key: str) -> int:
    return law.integer(key)


def _per_children(facts: StaffFacts, law: Regulation, key: str) -> int:
    """One for each begun group of children, and one where no child has come yet."""
    return max(math.ceil(facts.children / law.integer(key)), 1)


def _cooks(facts: StaffFacts, law: Regulation, key: str) -> int:
    return _per_children(facts, law, key) if facts.meal_source == OWN_KITCHEN else 0


def _food_safety(facts: StaffFacts, law: Regulation, key: str) -> int:
    return law.integer(key) if facts.meal_source == CATERED else 0


def _guards(facts: StaffFacts, law: Regulation, key: str) -> int:
    return law.integer(key) if facts.facility_type == INDEPENDENT else 0


_PostRule = Callable[[StaffFacts, Regulation, str], int]
_POST_RULES: tuple[tuple[str, str, _PostRule], ...] = (
    (MANAGER, "staff.managers_min", _fixed),
    (HEALTH, "staff.children_per_health_worker", _per_children),
    (COOK, "staff.children_per_cook", _cooks),
    (FOOD_SAFETY, "staff.food_safety_managers_min", _food_safety),
    (GUARD, "staff.guards_min", _guards),
)


# --- papers -----------------------------------------------------------------------------------


def paper_end(
    kind: str, issued_on: dt.date | None, valid_until: dt.date | None, law: Regulation
) -> dt.date | None:
    """The last day a paper of a person is good for.

    What is printed counts; else a health certificate (article 28) and the yearly letter (article
    62 of the protection law) run so many months from their day. None: it has no end, or no day.
    """
    key = _MONTHS.get(kind)
    if valid_until or not issued_on or not key or key not in law:
        return valid_until
    return months_later(issued_on, law.integer(key))


def paper_state(end: dt.date | None, law: Regulation, *, present: bool = True) -> str:
    """valid, expiring (within the days of the house rule), expired or missing, on `law.as_of`."""
    if not present:
        return MISSING
    if end is None:
        return VALID
    left = (end - law.as_of).days
    if left < 0:
        return EXPIRED
    return EXPIRING if left <= law.integer("staff.expiry_warning_days") else VALID


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day so many months later; a day that month lacks becomes its last one."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for number in (day.day, 30, 29):
        try:
            return dt.date(year, month, number)
        except ValueError:
            continue
    return dt.date(year, month, 28)


def comes_of_age(born_on: dt.date, law: Regulation) -> dt.date:
    """The first day on which a person may work with children (article 33: full capacity)."""
    return months_later(born_on, 12 * law.integer("staff.majority_years"))


_MONTHS = {HEALTH_PAPER: "staff.health_months", LETTER_PAPER: "staff.letter_months"}


# --- pre-check --------------------------------------------------------------------------------


def check_staff(facts: StaffFacts, law: Regulation) -> list[Miss]:
    """What will come back from the list of people; one remark a matter, naming the people."""
    needs = [_lacking(need) for need in staffing(facts, law).missing]
    rules = _EVERYBODY if facts.facility_type == FAMILY else _EVERYBODY + _CENTRE
    found = (rule(facts.people, law, key) for key, rule in rules if key in law)
    return [*needs, *chain.from_iterable(found)]


def _lacking(need: PostNeed) -> Miss:
    params = {"post": need.post, "needed": need.needed, "present": need.present}
    code = "staff_carers_short" if need.post == CARER else "staff_post_short"
    return Miss(code, STAFF, STAFF, params | {"short": need.short}, need.figure_key)


def _named(
    code: str, people: Iterable[PersonFacts], key: str | None, **params: object
) -> Iterator[Miss]:
    names = tuple(person.name for person in people)
    if names:
        yield Miss(code, STAFF, STAFF, {"names": names, **params}, key)


def _under_age(people: Sequence[PersonFacts], law: Regulation, key: str) -> Iterator[Miss]:
    young = [p for p in people if p.born_on and comes_of_age(p.born_on, law) > law.as_of]
    yield from _named("staff_under_age", young, key, limit=law.integer(key))


def _health(people: Sequence[PersonFacts], law: Regulation, key: str) -> Iterator[Miss]:
    without = [p for p in people if p.health_until is None]
    ended = [p for p in people if p.health_until and p.health_until < law.as_of]
    yield from _named("staff_health_missing", without, key)
    yield from _named("staff_health_expired", ended, key)


def _letters(people: Sequence[PersonFacts], law: Regulation, key: str) -> Iterator[Miss]:
    months = law.integer(key)
    without = [p for p in people if p.letter_on is None]
    old = [p for p in people if p.letter_on and months_later(p.letter_on, months) < law.as_of]
    yield from _named("staff_letter_missing", without, key)
    yield from _named("staff_letter_old", old, key, months=months)


def _experience(people: Sequence[PersonFacts], law: Regulation, key: str) -> Iterator[Miss]:
    years = law.integer(key)
    short = [p for p in people if p.post == MANAGER and (p.experience_years or 0) < years]
    yield from _named("staff_experience_short", short, key, years=years)


def _qualified(people: Sequence[PersonFacts], law: Regulation, key: str) -> Iterator[Miss]:
    posts = law.texts(key)
    without = [p for p in people if p.post in posts and not p.qualification]
    yield from _named("staff_qualification_missing", without, key)


def _background(people: Sequence[PersonFacts], law: Regulation, key: str) -> Iterator[Miss]:
    posts = law.texts(key)
    without = [p for p in people if p.post in posts and not (p.qualification or p.experience_years)]
    yield from _named("staff_background_missing", without, key)


def _trained(people: Sequence[PersonFacts], law: Regulation, key: str) -> Iterator[Miss]:
    posts = law.texts(key)
    without = [p for p in people if p.post in posts and not p.is_trained]
    yield from _named("staff_training_missing", without, key)


def _certified(people: Sequence[PersonFacts], law: Regulation, key: str) -> Iterator[Miss]:
    posts = law.texts(key)
    without = [p for p in people if p.post in posts and not p.number]
    yield from _named("staff_certificate_missing", without, key)


_PeopleRule = Callable[[Sequence[PersonFacts], Regulation, str], Iterator[Miss]]
_EVERYBODY: tuple[tuple[str, _PeopleRule], ...] = (
    ("staff.majority_years", _under_age),
    ("staff.health_months", _health),
    ("staff.letter_months", _letters),
)
_CENTRE: tuple[tuple[str, _PeopleRule], ...] = (
    ("staff.manager_experience_years", _experience),
    ("staff.qualified_posts", _qualified),
    ("staff.background_posts", _background),
    ("staff.trained_posts", _trained),
    ("staff.certified_posts", _certified),
)
