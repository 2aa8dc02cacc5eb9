"""What a person notes for the office's own class of a facility, and what does not hold."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from inspections.models.choices import NOTED_BY_HAND
from inspections.workflow import Severity
from portal.core.forms import PlainTexts
from portal.core.templatetags.portal import cn_date

from .parts import note


class RiskFactForm(PlainTexts):
    """An incident, or a report that proved untrue."""

    submit_label = gettext_lazy("记下情况")
    mark_optional = False
    scanned = ("reason",)
    half_width = ("day",)
    widths: ClassVar[dict[str, str]] = {"day": "w-medium"}
    token = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(
        label=gettext_lazy("情况"),
        choices=[(str(each), each.label) for each in NOTED_BY_HAND],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择是哪一种情况")},
    )
    severity = forms.ChoiceField(
        label=gettext_lazy("严重程度"),
        choices=Severity.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选择严重程度")},
    )
    day = forms.DateField(
        label=gettext_lazy("发生或发现的日期"), help_text=gettext_lazy("例如 2026-11-03")
    )
    reason = note(
        gettext_lazy("依据"),
        required=True,
        help_text=gettext_lazy(
            "写看到或核实的事实，不写孩子和投诉人的任何信息。只留在操作日志里，不在风险分级里显示"
        ),
    )

    def __init__(self, *args: Any, first: dt.date, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("token", uuid.uuid4())
        self.initial.setdefault("day", today)
        self.first, self.today = first, today

    def clean_day(self) -> dt.date:
        """Not ahead of today, and not so long ago that it counts no longer."""
        day: dt.date = self.cleaned_data["day"]
        if day > self.today:
            raise ValidationError(_("日期不能晚于今天"))
        if day < self.first:
            words = _("早于%(day)s的情况不再计分，请核对年份") % {"day": cn_date(self.first)}
            raise ValidationError(words)
        return day


class StrikeForm(PlainTexts):
    """Why what was noted does not hold."""

    submit_label = gettext_lazy("撤销这条情况")
    mark_optional = False
    scanned = ("reason",)
    reason = note(gettext_lazy("为什么撤销"), required=True)
