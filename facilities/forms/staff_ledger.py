"""Changes of people at a facility: post, a new paper, leaving; and why a number is asked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models.choices import EmploymentKind, LeaveReason, StaffPaperKind, StaffPost
from portal.core.forms import PortalForm

from .sections import PhoneField

REVEAL_REASONS = (
    ("review", gettext_lazy("审核登记材料")),
    ("letter", gettext_lazy("核对查询告知函")),
    ("visit", gettext_lazy("现场核对人员")),
    ("complaint", gettext_lazy("办理投诉举报")),
)


class StaffChangeForm(PortalForm):
    """What may change while a person works here; name and number are who the person is."""

    submit_label = gettext_lazy("保存")
    units = {"experience_years": gettext_lazy("年")}
    widths = {"post": "w-medium", "experience_years": "w-short", "phone": "w-medium"}
    half_width = ("phone",)
    inputmode = {"phone": "tel"}

    post = forms.ChoiceField(label=gettext_lazy("岗位"), choices=StaffPost)
    employment = forms.ChoiceField(
        label=gettext_lazy("用工方式"), choices=EmploymentKind, widget=forms.RadioSelect
    )
    class_name = forms.ChoiceField(label=gettext_lazy("所在班级"), required=False)
    experience_years = forms.IntegerField(
        label=gettext_lazy("相关工作年限"), min_value=0, max_value=60, required=False
    )
    phone = PhoneField(
        label=gettext_lazy("电话"),
        required=False,
        help_text=gettext_lazy("加密保存，不公开"),
    )
    has_food_duty = forms.BooleanField(label=gettext_lazy("担任食品安全管理人员"), required=False)

    def __init__(self, *args: Any, classes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["class_name"]
        field.choices = [("", _("不固定在一个班")), *((name, name) for name in classes)]

    @property
    def values(self) -> dict[str, Any]:
        """The columns as the register keeps them; only after is_valid()."""
        found = dict(self.cleaned_data)
        found["phone"] = found["phone"] or None
        return found


class StaffPaperForm(PortalForm):
    """A new paper in place of the old one."""

    submit_label = gettext_lazy("保存")
    widths = {"number": "w-code", "issued_on": "w-medium", "valid_until": "w-medium"}
    half_width = ("number",)

    title = forms.CharField(label=gettext_lazy("名称"), max_length=60, required=False)
    number = forms.CharField(label=gettext_lazy("编号"), max_length=60, required=False)
    issuer = forms.CharField(label=gettext_lazy("出具单位"), max_length=100, required=False)
    issued_on = forms.DateField(label=gettext_lazy("出具日期"), required=False)
    valid_until = forms.DateField(
        label=gettext_lazy("有效期至"),
        required=False,
        help_text=gettext_lazy("证上没有写就空着，按出具日期计算"),
    )

    def __init__(self, *args: Any, kind: str, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.today = kind, today
        if kind in {StaffPaperKind.HEALTH, StaffPaperKind.LETTER}:
            self.fields["title"].widget = forms.HiddenInput()
        if kind == StaffPaperKind.LETTER:
            self.fields["issued_on"].required = True

    def clean(self) -> dict[str, Any]:
        """Dated before it is entered, ending after it begins; a health certificate has a day."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        issued, until = values.get("issued_on"), values.get("valid_until")
        if issued and issued > self.today:
            self.add_error("issued_on", forms.ValidationError(_("出具日期晚于今天，请核对")))
        if issued and until and until < issued:
            self.add_error("valid_until", forms.ValidationError(_("有效期至早于出具日期，请核对")))
        is_blank = not issued and not until and not self.errors
        if self.kind == StaffPaperKind.HEALTH and is_blank:
            text = _("请填写出具日期或有效期至")
            self.add_error("issued_on", forms.ValidationError(text))
        return values


class LeavingForm(PortalForm):
    """When and why; the papers stay in the history."""

    hide_summary = True
    widths = {"left_on": "w-medium", "reason": "w-medium"}

    left_on = forms.DateField(label=gettext_lazy("离职日期"))
    reason = forms.ChoiceField(
        label=gettext_lazy("离职原因"),
        choices=[
            ("", gettext_lazy("请选择")),
            *((str(r), r.label) for r in LeaveReason if r != LeaveReason.NOT_LISTED),
        ],
    )

    def __init__(self, *args: Any, joined_on: dt.date, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.joined_on, self.today = joined_on, today

    def clean_left_on(self) -> dt.date:
        """Not before the first day, not after today."""
        day: dt.date = self.cleaned_data["left_on"]
        if day > self.today:
            raise forms.ValidationError(_("离职日期晚于今天，请在离职当天或以后登记"))
        if day < self.joined_on:
            text = _("离职日期早于入职日期（%(day)s），请核对")
            raise forms.ValidationError(text % {"day": self.joined_on})
        return day


class RevealForm(PortalForm):
    """Why an official needs the whole number; the answer goes to the audit trail."""

    submit_label = gettext_lazy("查看完整号码")
    guard = False

    reason = forms.ChoiceField(
        label=gettext_lazy("查看原因"), choices=REVEAL_REASONS, widget=forms.RadioSelect
    )
