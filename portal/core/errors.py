"""The error summary: what is wrong on a form, in the order of its fields, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.forms import BaseForm, BoundField
from django.forms.formsets import BaseFormSet


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the summary; `target` is the id of the control, empty for the whole form."""

    message: str
    target: str = ""


def focus_target(bound: BoundField) -> str:
    """The id of the first control of a field; a group of inputs is entered at its first one."""
    if bound.is_hidden or not bound.auto_id:
        return ""
    if bound.id_for_label:
        return bound.id_for_label
    subwidgets = bound.subwidgets
    first = subwidgets[0].data if subwidgets else {}
    if first.get("subwidgets"):
        first = first["subwidgets"][0]
    return str(first.get("attrs", {}).get("id", bound.auto_id))


def error_entries(form: Any) -> list[Entry]:
    """Every error of a form or formset, the same words as beside the field."""
    if isinstance(form, BaseFormSet):
        return _of_formset(form)
    if not isinstance(form, BaseForm) or not form.is_bound or not form.errors:
        return []
    entries = [Entry(str(message)) for message in form.non_field_errors()]
    for bound in form:
        entries += [Entry(str(message), focus_target(bound)) for message in bound.errors]
    return entries


def _of_formset(formset: BaseFormSet[Any]) -> list[Entry]:
    if not formset.is_bound:
        return []
    entries = [Entry(str(message)) for message in formset.non_form_errors()]
    for number, row in enumerate(formset, start=1):
        name = getattr(formset, "row_name", None)
        prefix = name(number) if name else ""
        entries += [Entry(f"{prefix}{entry.message}", entry.target) for entry in error_entries(row)]
    return entries
