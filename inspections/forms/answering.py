"""What a facility answers: to results, to findings, and its own monthly check."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections.models.choices import AnswerValue
from portal.core.files import Accepted
from portal.core.forms import PlainTexts

from .parts import PhotoField, note

SHORT = 300
SECOND = gettext_lazy("再加一张照片")


class ObjectionForm(PlainTexts):
    """The facility does not agree with a result."""

    submit_label = gettext_lazy("提出异议")
    counters = ("words",)
    scanned = ("words",)
    mark_optional = False
    words = note(gettext_lazy("异议和理由"), required=True)


class PlanForm(PlainTexts):
    """What the facility is going to do."""

    submit_label = gettext_lazy("保存整改打算")
    counters = ("measure",)
    scanned = ("measure",)
    mark_optional = False
    measure = note(gettext_lazy("打算怎么改"), required=True)


class ReportForm(PlainTexts):
    """It is put right: how, when, and how it looks now."""

    submit_label = gettext_lazy("提交整改")
    counters = ("measure",)
    scanned = ("measure",)
    measure = note(gettext_lazy("整改措施"), required=True)
    done_on = forms.DateField(label=gettext_lazy("整改完成日期"))
    photo = PhotoField(label=gettext_lazy("整改后的照片"))
    photo_2 = PhotoField(label=SECOND, help_text="")
    photo_3 = PhotoField(label=SECOND, help_text="")

    def __init__(self, *args: Any, since: dt.date, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.since, self.today = since, today

    def clean_done_on(self) -> dt.date:
        """Between the day it was told and today."""
        day: dt.date = self.cleaned_data["done_on"]
        if day > self.today:
            raise ValidationError(_("整改完成日期不能晚于今天"))
        if day < self.since:
            raise ValidationError(_("整改完成日期不能早于告知日期"))
        return day

    @property
    def photos(self) -> list[Accepted]:
        """The pictures that were chosen."""
        names = ("photo", "photo_2", "photo_3")
        return [picture for name in names if (picture := self.cleaned_data.get(name))]


class ExtensionForm(PlainTexts):
    """More time, once."""

    submit_label = gettext_lazy("申请延期")
    scanned = ("reason",)
    mark_optional = False
    until = forms.DateField(label=gettext_lazy("申请延至"))
    reason = forms.CharField(
        label=gettext_lazy("原因"), max_length=SHORT, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, since: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.since = since

    def clean_until(self) -> dt.date:
        """Not before `since`."""
        until: dt.date = self.cleaned_data["until"]
        if until < self.since:
            raise ValidationError(_("日期不能早于今天"))
        return until


class DisputeForm(PlainTexts):
    """It is not so."""

    submit_label = gettext_lazy("提交申诉")
    counters = ("reason",)
    scanned = ("reason",)
    mark_optional = False
    reason = note(gettext_lazy("申诉理由"), required=True)


class SelfAnswerForm(PlainTexts):
    """One question of the monthly check."""

    guard = False
    scanned = ("note",)
    value = forms.ChoiceField(label=gettext_lazy("结果"), choices=AnswerValue.choices)
    note = forms.CharField(label=gettext_lazy("说明"), max_length=SHORT, required=False)
    measured = forms.CharField(label=gettext_lazy("数值"), max_length=20, required=False)
    photo = PhotoField()


class HandInForm(PlainTexts):
    """The month is handed in."""

    submit_label = gettext_lazy("提交本月自查")
    scanned = ("note",)
    note = forms.CharField(
        label=gettext_lazy("说明"),
        max_length=SHORT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
