"""Which facilities are near a place: a rectangle by the index, then by distance."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from django.db.models import Avg, F, FloatField, QuerySet, Value
from django.db.models.functions import ASin, Cast, Cos, Power, Radians, Sin, Sqrt

from facilities import queries
from facilities.models import Facility
from portal.core.models import Community

EARTH_KM = 6371.0
DEGREE_KM = 111.2  # from one parallel to the next
MOST = 30

Point = tuple[Decimal, Decimal]


def near(point: Point, km: int) -> QuerySet[Facility]:
    """The public facilities within so many kilometres, the nearest first; `km` on each row.

    Those that have not said where they are, are not among them.
    """
    latitude, longitude = map(float, point)
    high = km / DEGREE_KM
    wide = high / math.cos(math.radians(latitude))
    within = queries.public_facilities().filter(
        latitude__isnull=False,
        latitude__range=_around(latitude, high),
        longitude__range=_around(longitude, wide),
    )
    rows = within.annotate(km=_kilometres(latitude, longitude)).filter(km__lte=km)
    return rows.order_by("km", "code")


def _around(degrees: float, by: float) -> tuple[Decimal, Decimal]:
    low, high = degrees - by, degrees + by
    return Decimal(f"{low:.5f}"), Decimal(f"{high:.5f}")


def _kilometres(latitude: float, longitude: float) -> Any:
    """Along the surface, by the half versines: exact also for what is next door."""
    there = Radians(Cast(F("latitude"), FloatField()))
    across = Radians(Cast(F("longitude"), FloatField()))
    here, along = math.radians(latitude), math.radians(longitude)
    height = Power(Sin((there - Value(here)) / Value(2.0)), Value(2.0))
    width = Power(Sin((across - Value(along)) / Value(2.0)), Value(2.0))
    return Value(2 * EARTH_KM) * ASin(Sqrt(height + Cos(there) * Value(math.cos(here)) * width))


def middle_of(community: Community) -> Point | None:
    """The middle of what is known in a community; None where nothing has said where it is."""
    known = queries.public_facilities().filter(community=community, latitude__isnull=False)
    found = known.order_by().aggregate(latitude=Avg("latitude"), longitude=Avg("longitude"))
    return (found["latitude"], found["longitude"]) if found["latitude"] is not None else None


def place_of(code: str) -> tuple[str, Point] | None:
    """Name and place of a public facility; None where it has not said where it is."""
    known = queries.public_facilities().filter(code=code, latitude__isnull=False)
    row: Any = known.values_list("name", "latitude", "longitude").first()
    return (row[0], (row[1], row[2])) if row else None
