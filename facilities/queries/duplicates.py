"""Other records that may be about the same facility: code, name, address, people (prod:B18)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet, TextChoices, Value
from django.db.models.fields import TextField
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from facilities import rules
from facilities.models import Facility, Filing
from facilities.workflow import FilingStatus, OperatingStatus, RegistrationStatus
from portal.core import search
from portal.core.models import User
from portal.core.regulation import Regulation

CANDIDATES = 100
SHOWN = 10


class Reason(TextChoices):
    """Why two records are taken for one, the surest first."""

    USCC = "uscc", _("信用代码相同")
    PERSONS = "persons", _("有相同的人员")
    ADDRESS = "address", _("地址相同")
    NAME = "name", _("名称相同")
    NEAR_NAME = "near", _("名称相近")


@dataclass(frozen=True, slots=True)
class Twin:
    """Another record within reach, and everything it shares with the filing."""

    number: str
    name: str
    is_facility: bool
    status: str
    reasons: tuple[Reason, ...]


def twins(
    filing: Filing, user: User, law: Regulation, answers: Mapping[str, Any] | None = None
) -> list[Twin]:
    """Filings and facilities within reach that may be the same, at most ten, in one query.

    `answers` is the snapshot under review; without it the address is not compared. Records of the
    filing's own facility are no twins, withdrawn filings neither; closed facilities are.
    """
    name = rules.name_key(filing.facility_name)
    premises = (answers or {}).get("premises") or {}
    address = rules.address_key(premises.get("address") or "")
    arms = [*_filings(filing, user, name, address), *_facilities(filing, user, name, address)]
    found: dict[tuple[bool, str], Any] = {}
    reasons: dict[tuple[bool, str], set[Reason]] = {}
    for row in arms[0].union(*arms[1:], all=True):
        key = (row[5], row[0])
        if reason := _reason(row, name, address, law):
            found[key] = row
            reasons.setdefault(key, set()).add(reason)
    order = list(Reason)
    made = [
        Twin(row[0], row[1], row[5], _status(row), tuple(sorted(reasons[key], key=order.index)))
        for key, row in found.items()
    ]
    made.sort(key=lambda twin: (order.index(twin.reasons[0]), -len(twin.reasons), twin.number))
    return made[:SHOWN]


def _filings(filing: Filing, user: User, name: str, address: str) -> Iterable[QuerySet[Any]]:
    rows = Filing.objects.visible_to(user).filter(submitted_at__isnull=False)
    rows = rows.exclude(pk=filing.pk).exclude(state=FilingStatus.WITHDRAWN)
    if filing.facility_id:
        rows = rows.exclude(facility_id=filing.facility_id)

    def arm(reason: str, found: QuerySet[Filing]) -> QuerySet[Any]:
        is_facility, nowhere = Value(value=False), Value("", output_field=TextField())
        state = Concat(F("state"), Value(""), output_field=TextField())
        return found.order_by().values_list(
            "number", "facility_name", state, nowhere, Value(reason), is_facility
        )[:CANDIDATES]

    yield arm(Reason.USCC, rows.filter(uscc=filing.uscc or "-"))
    if filing.person_keys:
        yield arm(Reason.PERSONS, rows.filter(person_keys__overlap=filing.person_keys))
    if address:
        yield arm(Reason.ADDRESS, rows.filter(trace__address_key=address))
    for found in _alike(rows, name):
        yield arm(Reason.NAME, found)


def _facilities(filing: Filing, user: User, name: str, address: str) -> Iterable[QuerySet[Any]]:
    rows = Facility.objects.visible_to(user).filter(merged_into=None)
    if filing.facility_id:
        rows = rows.exclude(pk=filing.facility_id)

    def arm(reason: str, found: QuerySet[Facility]) -> QuerySet[Any]:
        state = Concat(F("registration"), Value(" "), F("operating"), output_field=TextField())
        place = Concat(F("address"), Value(""), output_field=TextField())
        return found.order_by().values_list(
            "code", "name", state, place, Value(reason), Value(value=True)
        )[:CANDIDATES]

    yield arm(Reason.USCC, rows.filter(uscc=filing.uscc or "-"))
    if address:
        wanted = search.wanted(address)
        yield arm(Reason.ADDRESS, rows.filter(search_grams__contains=wanted))
    for found in _alike(rows, name):
        yield arm(Reason.NAME, found)


def _alike(rows: Any, name: str) -> Iterable[Any]:
    """Rows that hold all pieces of the name, and some that hold one of them."""
    wanted = [piece for piece in search.wanted(name) if len(piece) > 1]
    if wanted:
        yield rows.filter(search_grams__contains=wanted)
        yield rows.filter(search_grams__overlap=wanted)


def _reason(row: Any, name: str, address: str, law: Regulation) -> Reason | None:
    """Whether a candidate is truly alike: the index finds more than is meant."""
    reason = Reason(row[4])
    if reason == Reason.ADDRESS and row[5]:
        return reason if rules.address_key(row[3]) == address else None
    if reason != Reason.NAME:
        return reason
    share = rules.likeness(rules.name_key(row[1]), name)
    if share == 100:
        return reason
    return Reason.NEAR_NAME if share >= law.integer("review.alike_percent") else None


def _status(row: Any) -> str:
    if not row[5]:
        return str(FilingStatus(row[2]).label)
    registration, operating = row[2].split(" ")
    if registration == RegistrationStatus.REGISTERED and operating == OperatingStatus.CLOSED:
        return str(OperatingStatus.CLOSED.label)
    return str(RegistrationStatus(registration).label)


__all__ = ["Reason", "Twin", "twins"]
