"""What the forms of the sections have in common: a draft comes in, a draft and answers go out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.core.forms import PortalForm
from portal.core.identifiers import normalise_phone, phone_problem
from portal.core.templatetags.portal import cn_date

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
    """A cleaned value as JSON holds it: days as ISO, times as 07:30, decimals as text."""
    if isinstance(value, dt.time):
        return value.strftime("%H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


class SectionForm(PortalForm):
    """A form over a draft. Its summary stands on top of the page, so the form shows none itself.

    `needs`: the facts about the filing its constructor takes by name (views/my/sections.about).
    `rows_name`: where draft and answers keep a list of rows, if the section has one.
    """

    hide_summary = True
    versioned = True
    key = ""
    needs: ClassVar[frozenset[str]] = frozenset()
    rows_name: ClassVar[str] = ""
    rows_label: ClassVar[Any] = ""
    rows_field: ClassVar[str] = ""

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

    # --- the same values, read ------------------------------------------------------------------

    @classmethod
    def shown(
        cls, values: Mapping[str, Any], communities: Mapping[str, str]
    ) -> dict[str, tuple[Any, Any]]:
        """Label and value of every field that belongs here, by field name; rows by number."""
        rows: dict[str, tuple[Any, Any]] = {
            name: (field.label, written(cls, name, values.get(name), communities))
            for name, field in cls.base_fields.items()
            if cls.belongs(name, values)
        }
        for number, row in enumerate(values.get(cls.rows_name) or () if cls.rows_name else ()):
            label, text = cls.row_shown(number + 1, row)
            rows[f"{cls.rows_name}-{number}-{cls.rows_field}"] = (label, text)
        return rows

    @classmethod
    def belongs(cls, name: str, values: Mapping[str, Any]) -> bool:
        """Whether the field is worth reading beside these answers."""
        return True

    @classmethod
    def row_shown(cls, number: int, row: Mapping[str, Any]) -> tuple[Any, Any]:
        """Title and text of one row as typed, for the person who typed it."""
        raise NotImplementedError

    @classmethod
    def rows_read(cls, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Title and text of every row as understood, for the office; titles tell rows apart."""
        return iter(())


def written(form: type[SectionForm], name: str, value: Any, communities: Mapping[str, str]) -> Any:
    """A typed or understood value of a field as people write it; empty for nothing."""
    field = form.base_fields[name]
    if value is None or value in ("", []):
        return ""
    if isinstance(field, forms.ChoiceField):
        return _chosen(field, value, communities)
    if isinstance(field, forms.BooleanField):
        return _("是") if value else _("否")
    if isinstance(field, forms.DateField):
        return _day(value)
    return f"{value} {form.units.get(name, '')}".strip()


def _chosen(field: forms.ChoiceField, value: Any, communities: Mapping[str, str]) -> Any:
    if isinstance(field, forms.ModelChoiceField):
        return communities.get(str(value), value)
    if isinstance(field, forms.MultipleChoiceField):
        return "、".join(str(_label(field, str(each))) for each in value)
    return _label(field, str(value))


def _label(field: Any, value: str) -> Any:
    return {str(key): label for key, label in field.choices}.get(value, value)


def _day(text: str) -> str:
    try:
        return cn_date(dt.date.fromisoformat(text))
    except ValueError:
        return text
