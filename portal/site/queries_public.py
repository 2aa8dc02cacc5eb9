"""What the public pages ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, Max, OuterRef, QuerySet, Sum
from django.db.models.functions import Greatest

from facilities import queries
from facilities.models import ClassGroup, Facility
from facilities.models.choices import FacilityType
from facilities.workflow import OperatingStatus, RegistrationStatus
from portal.core.models import Community
from portal.core.regulation import Regulation, display_citation

BY_NAME = ("sort_key", "code")
NEWEST = ("-registered_on", "code")
_SEARCHED = ("name", "short_name", "address", "community__name")
_MOST_WORDS = 4
# Letters and digits as keyboards in Chinese mode type them; brackets stay, names are full of them.
_HALF_WIDTH = {
    code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code - 0xFEE0).isalnum()
}
_CONDITIONS = ("always", "leased", "serves_meals", "never")  # what all must hand in comes first


def newest(count: int) -> QuerySet[Facility]:
    """The facilities registered last."""
    return queries.public_facilities().order_by(*NEWEST)[:count]


def containing(facilities: QuerySet[Facility], text: str) -> QuerySet[Facility]:
    """Those in whose name, address or community every word of `text` is found (R20)."""
    for word in text.translate(_HALF_WIDTH).split()[:_MOST_WORDS]:
        facilities = queries.find(facilities, word, *_SEARCHED)
    return facilities


def with_vacancy(facilities: QuerySet[Facility]) -> QuerySet[Facility]:
    """Those with a free place in some class."""
    free = ClassGroup.objects.filter(facility=OuterRef("pk"), capacity__gt=F("enrolled"))
    return facilities.filter(Exists(free))


def community_choices() -> list[tuple[str, str]]:
    """The communities as choices of a filter."""
    return list(Community.objects.values_list("slug", "name"))


def street_numbers() -> dict[str, Any]:
    """Facilities, places and free places of the street, and the day of the newest update."""
    free = Greatest(F("classes__capacity") - F("classes__enrolled"), 0, output_field=IntegerField())
    return Facility.objects.public().aggregate(
        facilities=Count("pk", distinct=True),
        places=Sum("classes__capacity", default=0),
        vacancies=Sum(free, default=0),
        updated_on=Max("classes__updated_on"),
    )


def is_withdrawn(code: str) -> bool:
    """Whether a facility of this code was public once and is closed or deregistered now."""
    found = Facility.objects.filter(code=code).values_list("registration", "operating").first()
    if found is None:
        return False
    return found[0] == RegistrationStatus.CANCELLED or found[1] == OperatingStatus.CLOSED


@dataclass(frozen=True, slots=True)
class MaterialLine:
    """One paper of the guide: what it is, who issues it, when it is needed."""

    name: str
    issuer: str
    condition: str


@dataclass(frozen=True, slots=True)
class MaterialList:
    """The papers for these kinds of facility, with the article once it is verified (R30)."""

    types: tuple[str, ...]
    lines: tuple[MaterialLine, ...]
    basis: str


def material_lists(law: Regulation) -> list[MaterialList]:
    """The lists in force, kinds with the same list together, in the order of the kinds."""
    grouped: dict[tuple[tuple[str, str], ...], list[FacilityType]] = {}
    for kind in FacilityType:
        key = f"materials.for_{kind}"
        if key in law:
            conditions = law.table(key).items()
            grouped.setdefault(tuple((c, str(when)) for c, when in conditions), []).append(kind)
    return [_material_list(kinds, dict(lines), law) for lines, kinds in grouped.items()]


def _material_list(
    kinds: list[FacilityType], conditions: Mapping[str, str], law: Regulation
) -> MaterialList:
    first = sorted(conditions.items(), key=lambda pair: _CONDITIONS.index(pair[1]))
    lines = tuple(
        MaterialLine(
            law.text(f"materials.{code}", "name"), law.text(f"materials.{code}", "issuer"), when
        )
        for code, when in first
    )
    types = tuple(str(kind.label) for kind in kinds)
    return MaterialList(types, lines, display_citation(law[f"materials.for_{kinds[0]}"]))
