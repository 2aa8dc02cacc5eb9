"""Pre-check of services and fees: whom it takes, what it offers, what that costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from portal.core.regulation import Regulation

from .facts import FAMILY, SERVICES, Miss, ServicesFacts, required_misses

KINDERGARTEN = "kindergarten"


def check_services(facts: ServicesFacts, regulation: Regulation) -> list[Miss]:
    """What will come back from services and fees: ages beside the classes, prices disclosed."""
    found = (rule(facts, regulation, key) for key, rule in _RULES if key in regulation)
    return [*chain.from_iterable(found), *_meals(facts), *_fees_beside(facts)]


def _required(facts: ServicesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    return required_misses(facts, regulation, key, SERVICES)


def _oldest(facts: ServicesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    limit = regulation.integer(key)
    if facts.age_to is not None and facts.age_to > limit:
        params = {"age": facts.age_to, "limit": limit}
        yield Miss("age_above_limit", SERVICES, "age_to", params, key)


def _kindergarten(facts: ServicesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    limit = regulation.integer(key)
    is_young = facts.age_from is not None and facts.age_from < limit
    if facts.facility_type == KINDERGARTEN and is_young:
        params = {"age": facts.age_from, "limit": limit}
        yield Miss("kindergarten_age_below", SERVICES, "age_from", params, key)


def _ages_beside_classes(facts: ServicesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    """Children are taken from an age no class is for (a family point has no such classes)."""
    bands = regulation.table(key)
    known = [kind for kind in facts.class_types if kind in bands]
    if facts.facility_type == FAMILY or not known or len(known) < len(facts.class_types):
        return
    youngest = min(_month(regulation, key, kind, "from") for kind in known)
    oldest = max(_month(regulation, key, kind, "to") for kind in known)
    if facts.age_from is not None and facts.age_from < youngest:
        params = {"age": facts.age_from, "limit": youngest}
        yield Miss("age_below_classes", SERVICES, "age_from", params, key)
    if facts.age_to is not None and facts.age_to > oldest:
        params = {"age": facts.age_to, "limit": oldest}
        yield Miss("age_above_classes", SERVICES, "age_to", params, key)


def ages_for(class_types: Iterable[str], regulation: Regulation) -> tuple[int, int] | None:
    """From and to which month these classes are; None where one of them has no ages."""
    key = "setting.class_age_months"
    bands = regulation.table(key)
    kinds = list(class_types)
    if not kinds or any(kind not in bands for kind in kinds):
        return None
    return (
        min(_month(regulation, key, kind, "from") for kind in kinds),
        max(_month(regulation, key, kind, "to") for kind in kinds),
    )


def _month(regulation: Regulation, key: str, kind: str, end: str) -> int:
    band = regulation.table(key, kind)
    return int(str(band[end]))


def _priced(facts: ServicesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    """Every form that is offered has a price."""
    for form in regulation.texts(key):
        if form in facts.service_forms and form not in facts.priced_forms:
            yield Miss("fee_missing", SERVICES, "fees", {"service_form": form}, key)


def _fees_beside(facts: ServicesFacts) -> Iterator[Miss]:
    """A price for a form that is not offered."""
    for form in dict.fromkeys(facts.priced_forms):
        if form and form not in facts.service_forms:
            yield Miss("fee_not_offered", SERVICES, "fees", {"service_form": form}, None)


def _meals(facts: ServicesFacts) -> Iterator[Miss]:
    """The premises say meals are served; here is asked where they come from."""
    if facts.serves_meals and not facts.meal_source:
        yield Miss("meal_source_missing", SERVICES, "meal_source", {}, None)


_Rule = Callable[[ServicesFacts, Regulation, str], Iterator[Miss]]
_RULES: tuple[tuple[str, _Rule], ...] = (
    ("services.required_fields", _required),
    ("services.age_months_below", _oldest),
    ("services.kindergarten_age_months_from", _kindergarten),
    ("setting.class_age_months", _ages_beside_classes),
    ("services.priced_forms", _priced),
)
