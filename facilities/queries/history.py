"""What the register said before, step by step, read from what the triggers wrote (prod:B21).

A step is one field that changed, or one class, price or county filing that came or went.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import (
    ClassGroup,
    ClassGroupEvent,
    Facility,
    FacilityEvent,
    FeeItem,
    FeeItemEvent,
    StatutoryFiling,
    StatutoryFilingEvent,
)
from facilities.models.history import (
    CLASS_FIELDS,
    FACILITY_FIELDS,
    FEE_FIELDS,
    STATUTORY_FIELDS,
)
from portal.core.models import Community

CHANGED, ADDED, REMOVED = "changed", "added", "removed"
# Kept beside the facts by whoever writes them; a change of theirs is no news.
_BY_ITSELF = frozenset({"facts_on", "updated_on", "places", "vacancies", "facility", "order"})

_LABELS = {"service_forms": gettext_lazy("服务形式"), "merged_into": gettext_lazy("并入的机构")}

FIELDS: dict[Any, tuple[str, ...]] = {
    Facility: FACILITY_FIELDS,
    ClassGroup: CLASS_FIELDS,
    FeeItem: FEE_FIELDS,
    StatutoryFiling: STATUTORY_FIELDS,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One difference: when, of what (a class by name; empty for the facility), from, to."""

    at: dt.datetime
    of: str
    field: str
    kind: str
    was: Any = None
    now: Any = None


def steps(facility: Facility) -> list[Step]:
    """Everything that changed after the facility was entered, the newest first; six queries."""
    names = dict(Community.objects.values_list("pk", "name"))
    if facility.merged_into is not None:
        names[facility.merged_into.pk] = facility.merged_into.code
    entered = _entered(facility)
    own = FacilityEvent.objects.filter(pgh_obj=facility.pk)
    found = list(_steps(own, Facility, entered, names))
    for events, model in (
        (ClassGroupEvent, ClassGroup),
        (FeeItemEvent, FeeItem),
        (StatutoryFilingEvent, StatutoryFiling),
    ):
        rows = events.objects.filter(facility=facility.pk)
        found += _steps(rows, model, entered, names)
    found.sort(key=attrgetter("at"), reverse=True)
    return found


def _steps(events: Any, model: Any, entered: dt.datetime | None, names: Any) -> Iterator[Step]:
    """The versions of each row of one table against the version before."""
    for _key, versions in groupby(
        events.order_by("pgh_obj_id", "pgh_id"), attrgetter("pgh_obj_id")
    ):
        before: Any = None
        for row in versions:
            of = _name(row, model)
            if row.pgh_label == "delete":
                yield Step(row.pgh_created_at, of, "", REMOVED, was=_worth(row))
            elif before is None:
                if of and entered is not None and row.pgh_created_at > entered:
                    yield Step(row.pgh_created_at, of, "", ADDED, now=_worth(row))
            else:
                yield from _fields(before, row, model, of, names)
            before = row


def _entered(facility: Facility) -> dt.datetime | None:
    """The moment the record began; rows written with it were no change of it."""
    first = FacilityEvent.objects.filter(pgh_obj=facility.pk).order_by("pgh_id").first()
    return first.pgh_created_at if first else None


def _name(row: Any, model: Any) -> str:
    if model is Facility:
        return ""
    if isinstance(row, FeeItemEvent) and row.service_form:
        form = dict(FeeItem._meta.get_field("service_form").flatchoices)[row.service_form]
        return _("%(name)s（%(form)s）") % {"name": row.name, "form": form}
    return str(getattr(row, "name", "") or model._meta.verbose_name)


def _worth(row: Any) -> str:
    """What a price or a class that came or went was: prices are replaced, not changed."""
    if isinstance(row, FeeItemEvent):
        facts = {"amount": row.amount, "unit": row.get_unit_display()}
        return _("%(amount)s 元/%(unit)s") % facts
    if isinstance(row, ClassGroupEvent):
        return _("托位 %(n)s 个") % {"n": row.capacity}
    return ""


def _fields(before: Any, now: Any, model: Any, of: str, names: Any) -> Iterator[Step]:
    for name in FIELDS[model]:
        field = model._meta.get_field(name)
        was, became = getattr(before, field.attname), getattr(now, field.attname)
        if name in _BY_ITSELF or was == became:
            continue
        texts = (_text(field, value, names) for value in (was, became))
        label = str(_LABELS.get(name, field.verbose_name))
        yield Step(now.pgh_created_at, of, label, CHANGED, *texts)


def _text(field: Any, value: Any, names: Any) -> Any:
    """A stored value as people know it; yes and no stay what they are."""
    if field.name in {"community", "merged_into"}:
        return names.get(value, value)
    choices = dict(getattr(field, "flatchoices", None) or ())
    base = getattr(field, "base_field", None)
    if isinstance(value, list):
        known = dict(getattr(base, "flatchoices", None) or ())
        return "、".join(str(known.get(each, each)) for each in value)
    return choices.get(value, value)
