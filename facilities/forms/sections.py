"""What the forms of the sections have in common: a draft comes in, a draft and answers go out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.forms import PortalForm
from portal.core.identifiers import normalise_phone, phone_problem

YES_NO = (("True", gettext_lazy("是")), ("False", gettext_lazy("否")))


def yes_or_no(value: str) -> bool:
    """The answer of a pair of radios."""
    return value == "True"


def YesNoField(**kwargs: Any) -> forms.TypedChoiceField:  # ruff: ignore[invalid-function-name]
    """A question answered by one of two radios; nothing is chosen beforehand."""
    return forms.TypedChoiceField(
        choices=YES_NO, coerce=yes_or_no, widget=forms.RadioSelect, empty_value=None, **kwargs
    )


class PhoneField(forms.CharField):
    """A telephone number, kept without blanks and brackets."""

    def clean(self, value: Any) -> str:
        phone = normalise_phone(super().clean(value))
        if phone and phone_problem(phone):
            raise forms.ValidationError(self._words(phone), code="phone")
        return phone

    def _words(self, phone: str) -> str:
        label = {"label": self.label, "n": sum(c.isdigit() for c in phone)}
        if phone.startswith("1") and phone.isdigit():
            return _("%(label)s为手机号时应为 11 位数字，现在是 %(n)s 位，请核对") % label
        return _("%(label)s请填手机号，或带区号的固定电话，例如 0375-0000000") % label


def plain(value: Any) -> Any:
    """A cleaned value as JSON holds it: days as ISO, decimals as text."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


class SectionForm(PortalForm):
    """A form over a draft. Its summary stands on top of the page, so the form shows none itself."""

    hide_summary = True
    versioned = True
    key = ""

    def __init__(
        self, data: Any = None, *, stored: Mapping[str, Any], version: int, **kwargs: Any
    ) -> None:
        initial = {**stored, "version": version}
        super().__init__(data, initial=initial, **kwargs)

    @property
    def sent_version(self) -> int:
        """The version the page was opened with, or was told by its last autosave."""
        text = str(self.data.get(self.add_prefix("version"), ""))
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1

    @property
    def draft(self) -> dict[str, Any]:
        """What was typed, by field, whether it makes sense or not."""
        return {name: self[name].data for name in self.fields if name != "version"}

    @property
    def answers(self) -> dict[str, Any]:
        """What it means; only after is_valid()."""
        return {name: plain(self.cleaned_data[name]) for name in self.fields if name != "version"}
