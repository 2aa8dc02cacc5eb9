"""What a filing says, and what the pre-check says back: plain values of the same words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from portal.core.regulation import Regulation

FAMILY = "family"
LEASED = "leased"
REGISTRATION, PREMISES, CERTIFICATES = "registration", "premises", "certificates"
SERVICES, SAFETY = "services", "safety"


@dataclass(frozen=True, slots=True)
class Miss:
    """One thing the pre-check found, for the page to put into words.

    `params` fill the message, `figure_key` names the figure behind it (None for plain sense).
    """

    code: str
    section: str
    field: str
    params: Mapping[str, object]
    figure_key: str | None
    blocking: bool = False


@dataclass(frozen=True, slots=True)
class RegistrationFacts:
    """The registration part of a filing as far as it is filled in."""

    facility_name: str | None = None
    short_name: str | None = None
    uscc: str | None = None
    facility_type: str | None = None
    legal_form: str | None = None
    operating_model: str | None = None
    registration_authority: str | None = None
    business_scope: str | None = None
    established_on: dt.date | None = None
    legal_representative: str | None = None
    manager: str | None = None
    manager_phone: str | None = None
    public_phone: str | None = None
    chain_name: str | None = None
    is_affordable: bool | None = None


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """One class: places offered and children present; `class_type` infant, toddler, ..."""

    class_type: str | None = None
    name: str | None = None
    capacity: int | None = None
    enrolled: int | None = None


@dataclass(frozen=True, slots=True)
class PremisesFacts:
    """Premises and classes; areas in square metres, the ground floor is 1.

    Floors are those of the rooms children use; `has_basement` means they use one below ground.
    """

    facility_type: str | None = None
    community: str | None = None
    address: str | None = None
    floor_lowest: int | None = None
    floor_highest: int | None = None
    has_basement: bool | None = None
    building_area: Decimal | None = None
    indoor_area: Decimal | None = None
    outdoor_area: Decimal | None = None
    tenure: str | None = None
    lease_start: dt.date | None = None
    lease_end: dt.date | None = None
    serves_meals: bool | None = None
    classes: tuple[ClassFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class ServicesFacts:
    """Services and fees; ages in months. `priced_forms` are the forms the fee items name.

    Kind, classes and meals come from the other sections.
    """

    facility_type: str | None = None
    serves_meals: bool | None = None
    class_types: tuple[str, ...] = ()
    service_forms: tuple[str, ...] = ()
    age_from: int | None = None
    age_to: int | None = None
    open_days: tuple[str, ...] = ()
    opens_at: str | None = None
    closes_at: str | None = None
    meal_source: str = ""
    refund_rule: str | None = None
    fees: int | None = None
    priced_forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SafetyFacts:
    """Cameras, alarm, guards, fire safety and plans; None for what was not asked."""

    facility_type: str | None = None
    cameras: int | None = None
    covers_entrance: bool | None = None
    covers_living: bool | None = None
    covers_activity: bool | None = None
    in_private_rooms: bool | None = None
    records_all_day: bool | None = None
    retention_days: int | None = None
    alarm_armed: bool | None = None
    guards: int | None = None
    guards_certified: int | None = None
    guard_company: str = ""
    fire_manager: str | None = None
    smoke_detectors: bool | None = None
    extinguishers: bool | None = None
    plans: tuple[str, ...] = ()
    drills: int | None = None
    last_drill_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """One paper handed in; `valid_until` is the last day it is good for."""

    material: str
    number: str = ""
    issuer: str = ""
    issued_on: dt.date | None = None
    valid_until: dt.date | None = None
    has_files: bool = False


@dataclass(frozen=True, slots=True)
class Material:
    """One paper of the list for a facility; not `required` means it may be handed in."""

    code: str
    name: str
    issuer: str
    required: bool
    number_expected: bool
    validity_expected: bool
    figure_key: str


def required_misses(
    facts: object, regulation: Regulation, key: str, section: str, prefix: str = ""
) -> Iterator[Miss]:
    for name in regulation.texts(key):
        value = getattr(facts, name)
        if value is None or value == () or (isinstance(value, str) and not value.strip()):
            yield Miss("required", section, f"{prefix}{name}", {}, key, blocking=True)
