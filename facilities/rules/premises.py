"""Pre-check of premises and classes: tenure, floors, areas, places and children."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator
from decimal import ROUND_DOWN, Decimal
from itertools import chain

from portal.core.regulation import Regulation

from .facts import FAMILY, LEASED, PREMISES, ClassFacts, Miss, PremisesFacts, required_misses


def check_premises(facts: PremisesFacts, regulation: Regulation) -> list[Miss]:
    """What will come back from premises and classes: articles 11, 16 and 19 of the standard.

    A family childcare point follows its own measures. The lease is judged on `regulation.as_of`.
    """
    special = _FAMILY_PREMISES_RULES if facts.facility_type == FAMILY else _CENTRE_PREMISES_RULES
    rules = _PREMISES_RULES + special
    found = (rule(facts, regulation, key) for key, rule in rules if key in regulation)
    plain = (
        _overfull(facts),
        _areas(facts),
        _floors_in_order(facts),
        _lease_in_force(facts, regulation),
    )
    return [*chain.from_iterable(found), *chain.from_iterable(plain)]


def carers_needed(class_type: str, enrolled: int, regulation: Regulation) -> int | None:
    """Carers a class needs for `enrolled` children (article 20); None where nothing is laid down.

    The national text is silent on mixed classes: their figure is the office's proposal.
    """
    for key in ("setting.children_per_carer", "setting.children_per_carer_mixed"):
        if key in regulation and class_type in regulation.table(key):
            return math.ceil(enrolled / regulation.integer(key, class_type))
    return None


def _premises_required(facts: PremisesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    return required_misses(facts, regulation, key, PREMISES)


def _lease_required(facts: PremisesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    if facts.tenure == LEASED:
        yield from required_misses(facts, regulation, key, PREMISES)


def _class_required(facts: PremisesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    for index, row in enumerate(facts.classes):
        yield from required_misses(row, regulation, key, PREMISES, f"classes.{index}.")


def _class_limits(facts: PremisesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    limits = regulation.table(key)
    for index, row in enumerate(facts.classes):
        class_type = row.class_type or ""
        if class_type not in limits:
            continue
        limit = regulation.integer(key, class_type)
        for name, children in (("capacity", row.capacity), ("enrolled", row.enrolled)):
            if children is not None and children > limit:
                params = _class_params(row) | {"children": children, "limit": limit}
                yield Miss(
                    f"class_{name}_over_limit", PREMISES, f"classes.{index}.{name}", params, key
                )


def _overfull(facts: PremisesFacts) -> Iterator[Miss]:
    for index, row in enumerate(facts.classes):
        if row.enrolled is not None and row.capacity is not None and row.enrolled > row.capacity:
            params = _class_params(row) | {"children": row.enrolled, "limit": row.capacity}
            yield Miss("class_overfull", PREMISES, f"classes.{index}.enrolled", params, None)
    places = [row.capacity for row in facts.classes]
    children = sum(row.enrolled or 0 for row in facts.classes)
    if None not in places and children > (total := sum(place or 0 for place in places)):
        params = {"children": children, "limit": total}
        yield Miss("total_overfull", PREMISES, "classes", params, None)


def _class_count(facts: PremisesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    limit = regulation.integer(key)
    if len(facts.classes) > limit:
        params = {"classes": len(facts.classes), "limit": limit}
        yield Miss("too_many_classes", PREMISES, "classes", params, key)


def _family_children(facts: PremisesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    limit = regulation.integer(key)
    places = sum(row.capacity or 0 for row in facts.classes)
    children = max(places, sum(row.enrolled or 0 for row in facts.classes))
    if children > limit:
        params = {"children": children, "limit": limit}
        yield Miss("family_over_limit", PREMISES, "classes", params, key)


def _floor_lowest(facts: PremisesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    limit = regulation.integer(key)
    if facts.floor_lowest is not None and facts.floor_lowest < limit:
        params = {"floor": facts.floor_lowest, "limit": limit}
        yield Miss("floor_too_low", PREMISES, "floor_lowest", params, key)
    if facts.has_basement:
        yield Miss("basement_used", PREMISES, "has_basement", {}, key)


def _floor_highest(facts: PremisesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    limit = regulation.integer(key)
    if facts.floor_highest is not None and facts.floor_highest > limit:
        params = {"floor": facts.floor_highest, "limit": limit}
        yield Miss("floor_too_high", PREMISES, "floor_highest", params, key)


def _outdoor(facts: PremisesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    limit = Decimal(regulation.text(key))
    if facts.outdoor_area is not None and facts.outdoor_area <= limit:
        params = {"area": facts.outdoor_area, "limit": limit}
        yield Miss("outdoor_area_too_small", PREMISES, "outdoor_area", params, key)


def _outdoor_share(facts: PremisesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    """Outdoor space for every place; rebuilt sites in dense quarters may have less."""
    places = sum(row.capacity or 0 for row in facts.classes)
    if not facts.outdoor_area or not places:
        return
    limit, rebuilt = (Decimal(regulation.text(key, kind)) for kind in ("built", "rebuilt"))
    share = (facts.outdoor_area / places).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
    if facts.outdoor_area < limit * places:
        is_below = facts.outdoor_area < rebuilt * places
        code = "outdoor_share_below_rebuilt" if is_below else "outdoor_share_below"
        params = {"share": share, "limit": limit, "rebuilt": rebuilt}
        yield Miss(code, PREMISES, "outdoor_area", params, key)


def _lease_length(facts: PremisesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    lease = _lease(facts)
    if lease and lease[0] <= lease[1]:
        years = regulation.integer(key)
        # Both days of a lease are let, so three years from 1 January end on 31 December.
        needed = _years_later(lease[0], years) - dt.timedelta(days=1)
        if lease[1] < needed:
            params = {"years": years, "needed_until": needed}
            yield Miss("lease_too_short", PREMISES, "lease_end", params, key)


def _lease_ending(facts: PremisesFacts, regulation: Regulation, key: str) -> Iterator[Miss]:
    lease = _lease(facts)
    if lease and lease[0] <= lease[1]:
        left = (lease[1] - regulation.as_of).days
        if 0 <= left <= regulation.integer(key):
            yield Miss("lease_ending", PREMISES, "lease_end", {"days": left, "day": lease[1]}, key)


def _lease_in_force(facts: PremisesFacts, regulation: Regulation) -> Iterator[Miss]:
    lease = _lease(facts)
    if not lease:
        return
    start, end = lease
    if end < start:
        params = {"start": start, "end": end}
        yield Miss("lease_dates_reversed", PREMISES, "lease_end", params, None)
    elif end < regulation.as_of:
        yield Miss("lease_expired", PREMISES, "lease_end", {"day": end}, None)


def _areas(facts: PremisesFacts) -> Iterator[Miss]:
    indoor, building = facts.indoor_area, facts.building_area
    if indoor is not None and building is not None and indoor > building:
        params = {"indoor": indoor, "building": building}
        yield Miss("indoor_exceeds_building", PREMISES, "indoor_area", params, None)


def _floors_in_order(facts: PremisesFacts) -> Iterator[Miss]:
    lowest, highest = facts.floor_lowest, facts.floor_highest
    if lowest is not None and highest is not None and lowest > highest:
        params = {"lowest": lowest, "highest": highest}
        yield Miss("floors_reversed", PREMISES, "floor_highest", params, None)


_PremisesRule = Callable[[PremisesFacts, Regulation, str], Iterator[Miss]]
_PREMISES_RULES: tuple[tuple[str, _PremisesRule], ...] = (
    ("setting.required_fields", _premises_required),
    ("setting.required_fields_leased", _lease_required),
    ("setting.required_fields_class", _class_required),
    ("setting.lease_warning_days", _lease_ending),
)
_CENTRE_PREMISES_RULES: tuple[tuple[str, _PremisesRule], ...] = (
    ("setting.class_capacity", _class_limits),
    ("setting.classes_max", _class_count),
    ("setting.lease_years", _lease_length),
    ("setting.outdoor_area_above", _outdoor),
    ("setting.outdoor_area_per_child", _outdoor_share),
    ("setting.floor_lowest", _floor_lowest),
    ("setting.floor_highest", _floor_highest),
)
_FAMILY_PREMISES_RULES: tuple[tuple[str, _PremisesRule], ...] = (
    ("setting.family_children_max", _family_children),
    ("setting.family_lease_years", _lease_length),
    ("setting.family_floor_lowest", _floor_lowest),
    ("setting.family_floor_highest", _floor_highest),
)


def _class_params(row: ClassFacts) -> dict[str, object]:
    return {"class_name": row.name or "", "class_type": row.class_type}


def _lease(facts: PremisesFacts) -> tuple[dt.date, dt.date] | None:
    if facts.tenure == LEASED and facts.lease_start and facts.lease_end:
        return facts.lease_start, facts.lease_end
    return None


def _years_later(day: dt.date, years: int) -> dt.date:
    """The same day `years` later; 29 February becomes the last day of its month."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
