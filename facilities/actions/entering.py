"""Entering the answers of a filing into the register, one writer for each part.

A writer may be called again on a facility that stands in the register: a change filing brings only
the parts that changed. Written twice, a part reads the same as written once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import translation

from facilities.models import (
    Certificate,
    ClassGroup,
    Facility,
    FeeItem,
    Filing,
    Membership,
    SafetyProfile,
    StatutoryFiling,
)
from facilities.models.choices import (
    FeeUnit,
    FilingSource,
    MealSource,
    SectionKey,
    ServiceForm,
    Weekday,
)
from facilities.workflow import RegistrationStatus
from portal.core import clock, search
from portal.core.identifiers import facility_code
from portal.core.models import Attachment, Community
from portal.core.papers.numbering import next_serial
from portal.core.queries import in_force
from portal.core.workflow import one_at_a_time

from .filing import AlreadyRegistered
from .staff import write_staff

Answers = Mapping[str, Any]
Writer = Callable[[Facility, Answers, dt.date], None]
CODE_COUNTER_YEAR = 0  # facility codes never start again with a new year
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
    "is_affordable",
)
_A_STRETCH = 3  # so many days in a row are named by the first and the last
_AREAS = ("building_area", "indoor_area", "outdoor_area")
_PLAIN = ("address", "floor_lowest", "floor_highest", "tenure", "serves_meals")
_SERVICES = ("service_forms", "age_from", "age_to", "refund_rule", "is_accessible", "introduction")
_HOURS = ("opens_at", "closes_at", "extended_until")
_SAFETY = tuple(
    field.name
    for field in SafetyProfile._meta.concrete_fields
    if field.name not in {"id", "facility", "last_drill_on", "updated_on"}
)
_EMPTY: Mapping[str, Any] = {"guard_company": "", "fire_manager": "", "plans": []}


def enter_facility(filing: Filing, *, at: dt.datetime) -> Facility:
    """The facility of a filing under decision, with every part of what was sent.

    A facility the street knew from the national list keeps its code and its mirror. Raises
    AlreadyRegistered when the credit code is registered; one that was closed may come again.
    """
    day = clock.day_of(at)
    answers = filing.submissions.latest("round").answers
    registration = answers["registration"]
    columns = {
        "registration": RegistrationStatus.REGISTERED,
        "registered_on": day,
        "facts_on": day,
        **_registration_columns(registration),
        **_premises_columns(answers["premises"]),
    }
    one_at_a_time(f"facility:{registration['uscc']}")
    facility = _known(registration["uscc"], columns) or Facility.objects.create(
        code=_new_code(day), **columns
    )
    write_sections(facility, answers, day)
    if filing.source == FilingSource.ONLINE:  # a clerk who typed it in does not become a member
        Membership.objects.get_or_create(  # whoever was admitted to the known row keeps his part
            facility=facility, user=filing.created_by, left_on=None, defaults={"since": day}
        )
    StatutoryFiling.objects.get_or_create(facility=facility)
    return facility


def _known(uscc: str, columns: Mapping[str, Any]) -> Facility | None:
    """The row of a facility that was only known so far, now with what was filed."""
    standing = Facility.objects.exclude(registration=RegistrationStatus.CANCELLED)
    facility = standing.select_for_update().filter(uscc=uscc).first()
    if facility is None:
        return None
    if facility.registration != RegistrationStatus.NONE or facility.merged_into_id:
        raise AlreadyRegistered(uscc)
    for name, value in columns.items():
        setattr(facility, name, value)
    facility.save(update_fields=list(columns))
    return facility


def _new_code(day: dt.date) -> str:
    serial = next_serial("facility", CODE_COUNTER_YEAR)
    return facility_code(serial, in_force(day).text("filing.facility_code_template"))


def write_sections(facility: Facility, answers: Answers, day: dt.date) -> None:
    """Write every part the snapshot holds; `day` becomes the day of the facts."""
    for key, write in WRITERS.items():
        if key in answers:
            write(facility, answers[key], day)


def write_registration(facility: Facility, answers: Answers, day: dt.date) -> None:
    """Who the facility is; how it is found follows from its names."""
    _set(facility, _registration_columns(answers), day)
    _keep_findable(facility)


def write_premises(facility: Facility, answers: Answers, day: dt.date) -> None:
    """Where it is and its classes, by name: a class that is not named any more is gone."""
    _set(facility, _premises_columns(answers), day)
    _keep_findable(facility)
    names = [row["name"] for row in answers["classes"]]
    facility.classes.exclude(name__in=names).delete()
    for row in answers["classes"]:
        values = {key: row[key] for key in ("class_type", "capacity", "enrolled")}
        ClassGroup.objects.update_or_create(
            facility=facility, name=row["name"], defaults=values | {"updated_on": day}
        )
    keep_sums(facility)


def write_services(facility: Facility, answers: Answers, day: dt.date) -> None:
    """What it offers, when and for how much; the fees are replaced as a whole."""
    source = answers.get("meal_source") or "" if facility.serves_meals else MealSource.NONE
    columns = {
        **{key: answers[key] for key in _SERVICES},
        **{key: _time(answers[key]) for key in _HOURS},
        "open_days": days_in_words(answers["open_days"]),
        "meal_source": source,
        "monthly_fee_from": monthly_fee_from(answers["fees"]),
    }
    _set(facility, columns, day)
    facility.fees.all().delete()
    FeeItem.objects.bulk_create(
        FeeItem(
            facility=facility,
            service_form=row["service_form"],
            name=row["name"],
            amount=Decimal(row["amount"]),
            unit=row["unit"],
            order=number,
        )
        for number, row in enumerate(answers["fees"])
    )


def write_certificates(facility: Facility, answers: Answers, day: dt.date) -> None:
    """The papers that came with a file; the one a newer replaces stays as no longer current."""
    handed_in = [paper for paper in answers["certificates"] if paper["files"]]
    holders = _holders(handed_in)
    standing = {paper.material: paper for paper in facility.certificates.filter(is_current=True)}
    for paper in handed_in:
        values = {
            "source_id": holders[paper["files"][0]],
            "number": paper["number"],
            "issuer": paper["issuer"],
            "issued_on": _day(paper["issued_on"]),
            "valid_until": _day(paper["valid_until"]),
        }
        old = standing.get(paper["material"])
        if old and all(getattr(old, name) == value for name, value in values.items()):
            continue
        facility.certificates.filter(material=paper["material"]).update(is_current=False)
        Certificate.objects.create(facility=facility, material=paper["material"], **values)
    _set(facility, {}, day)


def write_safety(facility: Facility, answers: Answers, day: dt.date) -> None:
    """Cameras, alarm, guards and plans; what the kind is not asked stays empty."""
    given = {name: value for name, value in answers.items() if value is not None}
    values = {name: given.get(name, _EMPTY.get(name)) for name in _SAFETY}
    values |= {"last_drill_on": _day(answers.get("last_drill_on")), "updated_on": day}
    profile, _ = SafetyProfile.objects.update_or_create(facility=facility, defaults=values)
    facility.safety = profile
    _set(facility, {}, day)


WRITERS: dict[str, Writer] = {
    SectionKey.REGISTRATION: write_registration,
    SectionKey.PREMISES: write_premises,
    SectionKey.SERVICES: write_services,
    SectionKey.CERTIFICATES: write_certificates,
    SectionKey.SAFETY: write_safety,
    SectionKey.STAFF: write_staff,
}


def keep_sums(facility: Facility) -> None:
    """Places and vacancies of the classes, kept on the facility for filters and cards."""
    classes = list(facility.classes.all())
    facility.places = sum(group.capacity for group in classes)
    facility.vacancies = sum(group.vacancies for group in classes)
    facility.save(update_fields=["places", "vacancies"])


def monthly_fee_from(fees: Sequence[Answers]) -> Decimal | None:
    """The lowest monthly price (yuan) of full-day care; None where none is named."""
    amounts = [
        Decimal(row["amount"])
        for row in fees
        if row["service_form"] == ServiceForm.FULL_DAY and row["unit"] == FeeUnit.MONTH
    ]
    return min(amounts, default=None)


def days_in_words(days: Sequence[str]) -> str:
    """周一至周五; days that do not follow one another are listed. In Chinese, whoever signs."""
    order = list(Weekday)
    places = sorted(order.index(Weekday(day)) for day in days)
    with translation.override(settings.LANGUAGE_CODE):
        labels = [str(order[place].label) for place in places]
    if len(places) >= _A_STRETCH and places[-1] - places[0] == len(places) - 1:
        return f"{labels[0]}至{labels[-1]}"
    return "、".join(labels)


def _registration_columns(answers: Answers) -> dict[str, Any]:
    return {
        "name": answers["facility_name"],
        **{key: answers[key] for key in _TEXTS},
        "established_on": dt.date.fromisoformat(answers["established_on"]),
        "contact": {"manager_phone": answers["manager_phone"]},
    }


def _premises_columns(answers: Answers) -> dict[str, Any]:
    return {
        "community": Community.objects.get(slug=answers["community"]),
        **{key: answers[key] for key in _PLAIN},
        **{key: Decimal(answers[key]) for key in _AREAS},
        "lease_end": _day(answers.get("lease_end")),
    }


def _set(facility: Facility, columns: Mapping[str, Any], day: dt.date) -> None:
    for name, value in columns.items():
        setattr(facility, name, value)
    facility.facts_on = day
    facility.save(update_fields=[*columns, "facts_on"])


def _keep_findable(facility: Facility) -> None:
    names = (facility.name, facility.short_name)
    places = (facility.address, facility.community.name)
    facility.search_grams = search.grams(*names, *places, spoken=names)
    facility.sort_key = search.sort_key(facility.name)
    facility.save(update_fields=["search_grams", "sort_key"])


def _holders(papers: Sequence[Answers]) -> dict[str, Any]:
    """The row of the filing each file hangs on, by the file's id."""
    files = [pk for paper in papers for pk in paper["files"]]
    rows = Attachment.objects.filter(pk__in=files).values_list("pk", "noun_id")
    return {str(pk): noun for pk, noun in rows}


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _time(text: str | None) -> dt.time | None:
    return dt.time.fromisoformat(text) if text else None
