"""Who leads a joint inspection and who takes part: what plans and visits ask alike."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import Department
from facilities.queries.departments import named_from
from inspections.workflow import InspectionKind
from portal.core.forms import PlainTexts


class LedForm(PlainTexts):
    """Who leads a joint inspection and who takes part beside the street."""

    lead_department = forms.ModelChoiceField(
        label=gettext_lazy("牵头部门"),
        queryset=Department.objects.none(),
        to_field_name="name",
        required=False,
        empty_label=gettext_lazy("不涉及"),
        help_text=gettext_lazy("联合检查由有关部门牵头，街道协助"),
    )
    partners = forms.ModelMultipleChoiceField(
        label=gettext_lazy("参加部门"),
        queryset=Department.objects.none(),
        to_field_name="name",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("联合检查时，除牵头部门和街道以外参加的部门"),
    )

    def __init__(self, *args: Any, since: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.since = since
        given = self.initial
        self.kept = [given.get("lead_department") or "", *(given.get("partners") or ())]
        fields: dict[str, Any] = self.fields
        for name in ("lead_department", "partners"):
            fields[name].queryset = named_from(since, self.kept)

    def clean(self) -> dict[str, Any]:
        """A joint one names who leads; the names are kept as they are today."""
        given = super().clean()
        lead = given.get("lead_department")
        if given.get("kind") == InspectionKind.JOINT and not lead:
            self.add_error("lead_department", _("联合检查必须选择牵头部门"))
        for name in ("lead_department", "partners"):
            self._refuse_ended(name, given)
        given["lead_department"] = lead.name if lead else ""
        given["partners"] = [each.name for each in given.get("partners") or ()]
        return given

    def _refuse_ended(self, name: str, given: dict[str, Any]) -> None:
        """Who leads or takes part exists on every day still to come on which it may be visited.

        What stood there before may stay.
        """
        first, last = given.get("day") or given.get("starts_on"), given.get("ends_on")
        if first is None:
            return
        first = max(first, self.since)
        chosen = given.get(name) or ()
        for each in (chosen,) if isinstance(chosen, Department) else chosen:
            answers = all(each.matter_on(day) for day in (first, max(first, last or first)))
            if each.name not in self.kept and not answers:
                words = _("%(name)s在这些日子里尚未启用或已经停用，请另选")
                self.add_error(name, words % {"name": each.name})
