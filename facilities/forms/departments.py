"""A department of the city, what it answers for, and its last day."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import Department
from portal.core.forms import PlainTexts
from portal.core.templatetags.portal import cn_date

from .life import NearDays

A_DAY = gettext_lazy("例如 2026-11-03")


def _matter() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("负责的事项"),
        max_length=120,
        help_text=gettext_lazy("会印在移送函上，例如：食品、价格、广告"),
    )


class MatterForm(NearDays, PlainTexts):
    """What a department answers for from a day on."""

    submit_label = gettext_lazy("保存事项")
    mark_optional = False
    scanned = ("matter",)
    half_width = ("since",)
    widths: ClassVar[dict[str, str]] = {"since": "w-medium"}
    matter = _matter()
    since = forms.DateField(
        label=gettext_lazy("从哪天起"),
        help_text=gettext_lazy("已经发出的移送函不改，仍按当时的事项"),
    )

    @classmethod
    def about(cls, department: Department, data: Any, today: dt.date) -> MatterForm:
        """The form with what it answers for today."""
        initial = {"since": today, "matter": department.matter_on(today)}
        return cls(data, initial=initial, today=today)

    def has_ended(self) -> None:
        """Say that nothing is handed to it on that day any more."""
        self.add_error("since", _("部门那时已经停用，请先修改它的最后一天"))

    def begins_too_early(self, first: dt.date) -> None:
        """Say from which day on the matter may be another one."""
        words = _("现在的事项那时已经在用，请填 %(day)s或以后的日期") % {"day": cn_date(first)}
        self.add_error("since", words)


class DepartmentForm(NearDays, PlainTexts):
    """A department that has not been handed anything yet."""

    submit_label = gettext_lazy("保存部门")
    mark_optional = False
    scanned = ("name", "matter")
    half_width = ("since",)
    widths: ClassVar[dict[str, str]] = {"name": "w-medium", "since": "w-medium"}
    name = forms.CharField(
        label=gettext_lazy("部门名称"),
        max_length=40,
        help_text=gettext_lazy("写全称，会印在移送函的抬头。部门改名的，停用旧名，再新增新名"),
    )
    matter = _matter()
    since = forms.DateField(label=gettext_lazy("从哪天起"), help_text=A_DAY)

    def is_known(self) -> None:
        """Say that a department of this name stands in the list."""
        self.add_error("name", _("已经有这个部门，请到它的页面修改事项或最后一天"))


class EndForm(NearDays, PlainTexts):
    """The last day on which matters are handed to it; none takes an end back."""

    submit_label = gettext_lazy("保存最后一天")
    scanned = ("reason",)
    half_width = ("last",)
    widths: ClassVar[dict[str, str]] = {"last": "w-medium"}
    last = forms.DateField(
        label=gettext_lazy("最后一天"),
        required=False,
        help_text=gettext_lazy("过了这天不再移送给它。不填，就是继续使用"),
    )
    was = forms.CharField(required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("原因"),
        max_length=200,
        help_text=gettext_lazy("例如：机构改革，职能划入另一部门，写明文件"),
    )

    def __init__(self, *args: Any, ends: dt.date | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["last"] = self.initial["was"] = ends

    def clean_last(self) -> dt.date | None:
        """A day, unless there was one to take back when the page was read."""
        last: dt.date | None = self.cleaned_data["last"]
        if last is None and not self.data.get("was"):
            raise ValidationError(_("请填写最后一天"))
        return last
