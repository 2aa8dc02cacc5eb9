"""What the rules find in the answers of a filing, as it is filled in and as it was sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from facilities import rules
from facilities.models import Filing, FilingSection
from facilities.rules import life as life_rules
from portal.core.regulation import Regulation

from .filing import (
    asked_sections,
    certificate_answers,
    certificate_facts,
    premises_facts,
    registration_facts,
    required_for,
)
from .staff import filing_staff_facts

Answers = Mapping[str, Any]


def precheck(filing: Filing, on: dt.date, law: Regulation) -> list[rules.Miss]:
    """Everything the rules find in a filing's whole sections; never stops it from being sent."""
    sections = asked_sections(filing, law)
    answers = {key: section.answers for key, section in sections.items() if section.answers}
    required = required_for(filing, law)
    if required is not None:
        answers["certificates"] = {"certificates": certificate_answers(filing)}
    return list(_misses(answers, required or [], on, law))


def precheck_sent(answers: Answers, on: dt.date, law: Regulation) -> list[rules.Miss]:
    """What the pre-check finds in answers that were sent; a closure has none to check."""
    if "registration" not in answers or "premises" not in answers:
        return []
    registration, premises = answers["registration"], answers["premises"]
    required = rules.required_materials(
        registration["facility_type"], premises["tenure"], premises["serves_meals"], law
    )
    return list(_misses(answers, required, on, law))


def _misses(
    answers: Answers, required: list[rules.Material], on: dt.date, law: Regulation
) -> Iterator[rules.Miss]:
    """Part by part, in the usual order; a part that is not there says nothing."""
    if "closure" in answers:  # what is carried over was checked when it was registered
        yield from life_rules.check_closure(answers["closure"], on, law)
        return
    kind = answers["registration"]["facility_type"] if "registration" in answers else None
    if "registration" in answers:
        yield from rules.check_registration(registration_facts(answers["registration"]), law)
    if "premises" in answers:
        yield from rules.check_premises(premises_facts(answers["premises"], kind), law)
    if "services" in answers:
        yield from rules.check_services(services_facts(answers), law)
    if "staff" in answers:
        said = {key: FilingSection(key=key, answers=value) for key, value in answers.items()}
        yield from rules.check_staff(filing_staff_facts(said), law)
    if "certificates" in answers:
        papers = [certificate_facts(paper) for paper in answers["certificates"]["certificates"]]
        yield from rules.check_certificates(papers, required, on, law)
    if "safety" in answers:
        yield from rules.check_safety(safety_facts(answers["safety"], kind), law)


def services_facts(answers: Answers) -> rules.ServicesFacts:
    """The services beside what registration and premises say, as the rules take them."""
    services, premises = answers["services"], answers.get("premises", {})
    fees = services.get("fees") or []
    return rules.ServicesFacts(
        facility_type=answers.get("registration", {}).get("facility_type"),
        serves_meals=premises.get("serves_meals"),
        class_types=tuple(row["class_type"] or "" for row in premises.get("classes", [])),
        service_forms=tuple(services.get("service_forms") or ()),
        age_from=services.get("age_from"),
        age_to=services.get("age_to"),
        open_days=tuple(services.get("open_days") or ()),
        opens_at=services.get("opens_at"),
        closes_at=services.get("closes_at"),
        meal_source=services.get("meal_source") or "",
        refund_rule=services.get("refund_rule"),
        fees=len(fees) or None,
        priced_forms=tuple(row["service_form"] for row in fees),
    )


def safety_facts(answers: Answers, facility_type: str | None) -> rules.SafetyFacts:
    """The answers of the safety section as the rules take them."""
    fields = rules.SafetyFacts.__dataclass_fields__
    values: dict[str, Any] = {name: answers.get(name) for name in fields}
    day = answers.get("last_drill_on")
    values |= {
        "facility_type": facility_type,
        "guard_company": answers.get("guard_company") or "",
        "plans": tuple(answers.get("plans") or ()),
        "last_drill_on": dt.date.fromisoformat(day) if day else None,
    }
    return rules.SafetyFacts(**values)
