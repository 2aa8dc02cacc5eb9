"""Entering a facility into the register from the answers that were reviewed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from facilities.models import (
    Certificate,
    ClassGroup,
    Facility,
    Filing,
    Membership,
    StatutoryFiling,
)
from facilities.workflow import RegistrationStatus
from portal.core import clock, search
from portal.core.actors import Actor
from portal.core.identifiers import facility_code
from portal.core.models import Community
from portal.core.papers.numbering import next_serial
from portal.core.queries import in_force
from portal.core.workflow import action, lock, record

from .filing import AlreadyRegistered

_TEXTS = (
    "short_name",
    "uscc",
    "facility_type",
    "legal_form",
    "operating_model",
    "registration_authority",
    "business_scope",
    "legal_representative",
    "manager",
    "public_phone",
    "chain_name",
)
_AREAS = ("building_area", "indoor_area", "outdoor_area")
_PLAIN = ("address", "floor_lowest", "floor_highest", "tenure", "serves_meals")
CODE_COUNTER_YEAR = 0  # facility codes never start again with a new year


def enter_facility(filing: Filing, *, at: dt.datetime) -> Facility:
    """The facility of a filing under decision, with classes, papers, member and mirror.

    Raises AlreadyRegistered when the credit code stands in the register.
    """
    day = clock.day_of(at)
    answers = filing.submissions.latest("round").answers
    registration, premises = answers["registration"], answers["premises"]
    serial = next_serial("facility", CODE_COUNTER_YEAR)  # two at once wait here for each other
    if Facility.objects.filter(uscc=registration["uscc"]).exists():
        raise AlreadyRegistered(registration["uscc"])
    template = in_force(day).text("filing.facility_code_template")
    facility = Facility.objects.create(
        code=facility_code(serial, template),
        registration=RegistrationStatus.REGISTERED,
        registered_on=day,
        facts_on=day,
        **_columns(registration, premises),
    )
    _enter_classes(facility, premises["classes"], day)
    _enter_certificates(facility, filing, answers["certificates"]["certificates"])
    Membership.objects.create(facility=facility, user=filing.created_by, since=day)
    StatutoryFiling.objects.create(facility=facility)
    return facility


def _columns(registration: Mapping[str, Any], premises: Mapping[str, Any]) -> dict[str, Any]:
    community = Community.objects.get(slug=premises["community"])
    name, short = registration["facility_name"], registration["short_name"]
    return {
        "name": name,
        **{key: registration[key] for key in _TEXTS},
        "is_affordable": registration["is_affordable"],
        "established_on": dt.date.fromisoformat(registration["established_on"]),
        "contact": {"manager_phone": registration["manager_phone"]},
        "community": community,
        **{key: premises[key] for key in _PLAIN},
        **{key: Decimal(premises[key]) for key in _AREAS},
        "lease_end": _day(premises.get("lease_end")),
        "search_grams": search.grams(
            name, short, premises["address"], community.name, spoken=(name, short)
        ),
        "sort_key": search.sort_key(name),
    }


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _enter_classes(facility: Facility, classes: list[Mapping[str, Any]], day: dt.date) -> None:
    """The classes as reported, and their sums on the facility for filters and cards."""
    made = ClassGroup.objects.bulk_create(
        ClassGroup(
            facility=facility,
            class_type=row["class_type"],
            name=row["name"],
            capacity=row["capacity"],
            enrolled=row["enrolled"],
            updated_on=day,
        )
        for row in classes
    )
    facility.places = sum(group.capacity for group in made)
    facility.vacancies = sum(group.vacancies for group in made)
    facility.save(update_fields=["places", "vacancies"])


def _enter_certificates(
    facility: Facility, filing: Filing, papers: Sequence[Mapping[str, Any]]
) -> None:
    """The papers of the snapshot that came with a file; an empty row is no paper."""
    handed_in = [paper["material"] for paper in papers if paper["files"]]
    Certificate.objects.bulk_create(
        Certificate(
            facility=facility,
            material=paper.material,
            number=paper.number,
            issuer=paper.issuer,
            issued_on=paper.issued_on,
            valid_until=paper.valid_until,
            source=paper,
        )
        for paper in filing.certificates.filter(material__in=handed_in)
    )


@action
def record_statutory_filing(
    facility: Facility,
    values: Mapping[str, Any],
    *,
    by: Actor,
    at: dt.datetime,
) -> StatutoryFiling:
    """Write what the health department's system shows for this facility, as checked today."""
    mirror: StatutoryFiling = lock(facility.statutory_filing)
    mirror.status = values["status"]
    mirror.number = values["number"]
    mirror.filed_on = values["filed_on"]
    mirror.checked_on = clock.day_of(at)
    mirror.save()
    record(facility, "facility.statutory_filing", by=by, at=at, status=mirror.status)
    return mirror
