"""Drafts and answers as people read them: for the check page and for two texts side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.forms import PremisesForm, RegistrationForm, SectionForm
from facilities.models import Filing
from facilities.models.choices import ClassType
from portal.core.models import Attachment, Community
from portal.core.templatetags.portal import cn_date

FORMS: dict[str, type[SectionForm]] = {"registration": RegistrationForm, "premises": PremisesForm}
Row = tuple[Any, Any]


def shown(key: str, values: Mapping[str, Any]) -> dict[str, Row]:
    """Label and value of every field of a section, by field name."""
    form = FORMS[key]
    rows: dict[str, Row] = {
        name: (field.label, _value(form, name, values.get(name)))
        for name, field in form.base_fields.items()
    }
    for number, row in enumerate(values.get("classes") or (), start=1):
        rows[f"classes-{number - 1}-class_type"] = (
            _("第 %(n)s 个班") % {"n": number},
            _class(row),
        )
    return rows


def section_rows(key: str, values: Mapping[str, Any], filing: Filing) -> list[tuple[Any, ...]]:
    """The rows of a section for components/summary_list.html, each with its way back."""
    url = reverse(f"my:{key}", args=[filing.number])
    leased = values.get("tenure") == "leased"
    return [
        (label, value, f"{url}?from=check#div_id_{name}")
        for name, (label, value) in shown(key, values).items()
        if leased or name not in {"lease_start", "lease_end"}
    ]


def differences(
    key: str, stored: Mapping[str, Any], typed: Mapping[str, Any]
) -> list[tuple[Any, Any, Any]]:
    """Label, stored and typed value of every field in which two texts differ."""
    here, there = shown(key, typed), shown(key, stored)
    return [
        (here.get(name, there.get(name, ("", "")))[0], there.get(name, ("", ""))[1],
         here.get(name, ("", ""))[1])
        for name in dict.fromkeys([*here, *there])
        if here.get(name, ("", ""))[1] != there.get(name, ("", ""))[1]
    ]  # fmt: skip


def paper_rows(
    papers: Mapping[str, Mapping[str, Any]], files: Mapping[str, list[Attachment]], filing: Filing,
    names: Mapping[str, str],
) -> list[tuple[Any, ...]]:  # fmt: skip
    """One row a paper: number, end, how many files."""
    return [
        (
            name,
            _paper(papers.get(code), len(files.get(code, ()))),
            reverse("my:certificate", args=[filing.number, code]) + "?from=check",
        )
        for code, name in names.items()
    ]


def _paper(paper: Mapping[str, Any] | None, files: int) -> str:
    if paper is None or not files:
        return _("没有上传")
    parts = [_("%(n)s 个文件") % {"n": files}]
    if paper["number"]:
        parts.insert(0, _("编号 %(number)s") % {"number": paper["number"]})
    if paper["valid_until"]:
        parts.append(_("有效期至 %(day)s") % {"day": _day(paper["valid_until"])})
    return "，".join(parts)


def _class(row: Mapping[str, Any]) -> str:
    kind = dict(ClassType.choices).get(row.get("class_type") or "", _("没有选班型"))
    facts = {name: row.get(name) if row.get(name) not in {None, ""} else "—" for name in row}
    line = _("%(name)s（%(kind)s），托位 %(capacity)s 个，在托 %(enrolled)s 人")
    return line % {"name": "—", "capacity": "—", "enrolled": "—", **facts, "kind": kind}


def _value(form: type[SectionForm], name: str, value: Any) -> Any:
    field = form.base_fields[name]
    if value in {None, ""}:
        return ""
    if isinstance(field, forms.ModelChoiceField):
        return Community.objects.filter(slug=str(value)).values_list("name", flat=True).first()
    if isinstance(field, forms.ChoiceField):
        return _label(field, str(value))
    if isinstance(field, forms.BooleanField):
        return _("是") if value else _("否")
    if isinstance(field, forms.DateField):
        return _day(value)
    unit = form.units.get(name, "")
    return f"{value} {unit}".strip()


def _label(field: Any, value: str) -> Any:
    return {str(key): label for key, label in field.choices}.get(value, value)


def _day(text: str) -> str:
    try:
        return cn_date(dt.date.fromisoformat(text))
    except ValueError:
        return text
