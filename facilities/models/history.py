"""What a record of the register said before, row by row (R18, prod:B21).

Triggers write these tables, so no act can forget to. They keep neither the sealed contact nor the
pieces made for searching, and no request: who did it stands in the audit trail. The columns are
named one by one, so that a new one is a decision.
"""

from __future__ import annotations

from typing import Any

import pghistory

from .facility import ClassGroup, Facility, FeeItem, StatutoryFiling

FACILITY_FIELDS = (
    "code", "name", "short_name", "uscc", "facility_type", "legal_form", "operating_model",
    "registration_authority", "business_scope", "established_on", "legal_representative",
    "manager", "public_phone", "chain_name", "is_affordable", "community", "address",
    "floor_lowest", "floor_highest", "building_area", "indoor_area", "outdoor_area", "tenure",
    "lease_end", "serves_meals", "service_forms", "age_from", "age_to", "opens_at", "closes_at",
    "extended_until", "open_days", "meal_source", "refund_rule", "monthly_fee_from",
    "is_accessible", "introduction", "places", "vacancies", "closes_on", "merged_into",
    "registration", "registered_on", "operating", "facts_on", "quality_grade", "graded_on",
    "grade_version",
)  # fmt: skip
CLASS_FIELDS = ("facility", "class_type", "name", "capacity", "enrolled", "updated_on")
FEE_FIELDS = ("facility", "service_form", "name", "amount", "unit", "order")
STATUTORY_FIELDS = ("facility", "status", "number", "filed_on", "reason", "public_link",
                    "checked_on", "reminded_on", "county_told_on")  # fmt: skip


def _events(model: Any, fields: tuple[str, ...]) -> Any:
    trackers = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    return pghistory.create_event_model(
        model,
        *trackers,
        fields=list(fields),
        obj_field=pghistory.ObjForeignKey(related_name="+"),
        context_field=None,  # type: ignore[arg-type]
        append_only=True,
    )


class FacilityEvent(_events(Facility, FACILITY_FIELDS)):  # type: ignore[misc]
    """A facility as it stood after (or, deleted, before) a change."""

    def __str__(self) -> str:
        return f"{self.code} {self.pgh_created_at}"


class ClassGroupEvent(_events(ClassGroup, CLASS_FIELDS)):  # type: ignore[misc]
    """A class as it stood."""

    def __str__(self) -> str:
        return f"{self.name} {self.pgh_created_at}"


class FeeItemEvent(_events(FeeItem, FEE_FIELDS)):  # type: ignore[misc]
    """A price as it stood."""

    def __str__(self) -> str:
        return f"{self.name} {self.pgh_created_at}"


class StatutoryFilingEvent(_events(StatutoryFiling, STATUTORY_FIELDS)):  # type: ignore[misc]
    """The mirror of the health department's filing as it stood."""

    def __str__(self) -> str:
        return f"{self.status} {self.pgh_created_at}"
