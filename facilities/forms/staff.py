"""One person of the list: what is asked, and what is kept of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models.choices import EmploymentKind, StaffPost
from portal.core.forms import PortalForm
from portal.core.identifiers import identity_problem, mask_identity, normalise_identity

from .problems import problem_words
from .sections import plain

OLDEST_PAPER = dt.date(2000, 1, 1)
LONGEST_PAPER_YEARS = 6
OLDEST_PERSON_YEARS = 100


class IdentityField(forms.CharField):
    """An identity number. The masked one that was shown comes back as the one that is kept.

    `kept` is the number on record, `others` the names that stand under the other numbers.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=True, **kwargs)
        self.kept = ""
        self.others: Mapping[str, str] = {}
        self.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean(self, value: Any) -> str:
        number = normalise_identity(super().clean(value))
        if self.is_kept(number):
            return self.kept
        if problem := identity_problem(number):
            raise forms.ValidationError(problem_words(problem.code, problem.params))
        if number in self.others:
            text = _("与“%(name)s”的身份证号相同，请核对")
            raise forms.ValidationError(text % {"name": self.others[number]})
        return number

    def is_kept(self, number: str) -> bool:
        """Whether the box still shows the masked number that is on record."""
        return bool(self.kept) and normalise_identity(number) == mask_identity(self.kept)


class StaffPersonForm(PortalForm):
    """Who, which post, which papers until when. What the law expects is remarked, not refused."""

    hide_summary = True
    versioned = True
    mark_optional = False
    half_width = ("identity", "number")
    units = {"experience_years": gettext_lazy("年")}
    widths = {
        "name": "w-medium",
        "post": "w-medium",
        "identity": "w-code",
        "number": "w-code",
        "experience_years": "w-short",
        "health_until": "w-medium",
        "letter_on": "w-medium",
    }
    autocomplete = {"name": "off"}

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=40)
    post = forms.ChoiceField(
        label=gettext_lazy("岗位"), choices=[("", gettext_lazy("请选择")), *StaffPost.choices]
    )
    identity = IdentityField(
        label=gettext_lazy("身份证号"),
        help_text=gettext_lazy("加密保存，页面上只显示前 6 位和后 4 位"),
    )
    employment = forms.ChoiceField(
        label=gettext_lazy("用工方式"),
        choices=EmploymentKind,
        widget=forms.RadioSelect,
        initial=EmploymentKind.FULL_TIME,
    )
    qualification = forms.CharField(
        label=gettext_lazy("学历、专业或资格"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("例如“大专，学前教育”“育婴员三级”；保安人员填“保安员证”"),
    )
    number = forms.CharField(label=gettext_lazy("资格证编号"), max_length=60, required=False)
    experience_years = forms.IntegerField(
        label=gettext_lazy("相关工作年限"), min_value=0, max_value=60, required=False
    )
    is_trained = forms.BooleanField(label=gettext_lazy("已参加岗位培训并合格"), required=False)
    health_until = forms.DateField(
        label=gettext_lazy("健康证有效期至"),
        required=False,
        help_text=gettext_lazy("例如 2027-05-01"),
    )
    letter_on = forms.DateField(
        label=gettext_lazy("查询告知函日期"),
        required=False,
        help_text=gettext_lazy("派出所出具的违法犯罪记录查询告知函，每年查询一次"),
    )
    has_food_duty = forms.BooleanField(label=gettext_lazy("担任食品安全管理人员"), required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        stored: Mapping[str, Any],
        kept: str = "",
        others: Mapping[str, str] | None = None,
        today: dt.date,
        **kwargs: Any,
    ) -> None:
        shown = dict(stored)
        if kept:
            shown["identity"] = mask_identity(kept)
        super().__init__(data, initial=shown, **kwargs)
        self.kept, self.today = kept, today
        identity: Any = self.fields["identity"]
        identity.kept, identity.others = kept, others or {}
        if kept:
            identity.help_text = _("加密保存。要更换，请删去后重新填写；不更换就保持原样")

    def clean_identity(self) -> str:
        """A person is born, and not more than a century ago."""
        number: str = self.cleaned_data["identity"]
        year = int(number[6:10])
        if not self.today.year - OLDEST_PERSON_YEARS <= year <= self.today.year:
            raise forms.ValidationError(_("身份证号里的出生日期有误，请核对"))
        return number

    def clean_health_until(self) -> dt.date | None:
        """A year that a certificate can bear."""
        day: dt.date | None = self.cleaned_data["health_until"]
        if day and not OLDEST_PAPER <= day <= self._far:
            raise forms.ValidationError(_("健康证有效期至 %(day)s，请核对年份") % {"day": day})
        return day

    def clean_letter_on(self) -> dt.date | None:
        """A letter is dated before it is entered."""
        day: dt.date | None = self.cleaned_data["letter_on"]
        if day and day > self.today:
            raise forms.ValidationError(
                _("查询告知函日期（%(day)s）晚于今天，请核对") % {"day": day}
            )
        if day and day < OLDEST_PAPER:
            raise forms.ValidationError(_("查询告知函日期（%(day)s）太早，请核对") % {"day": day})
        return day

    @property
    def _far(self) -> dt.date:
        return self.today + dt.timedelta(days=366 * LONGEST_PAPER_YEARS)

    @property
    def sent_version(self) -> int:
        """The version of the person the page was opened with."""
        text = str(self.data.get(self.add_prefix("version"), ""))
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1

    @property
    def typed(self) -> dict[str, Any]:
        """What stands in the boxes, for a draft; the masked number is the number on record."""
        found = {name: self[name].data for name in self.fields if name != "version"}
        field: Any = self.fields["identity"]
        if field.is_kept(str(found["identity"] or "")):
            found["identity"] = self.kept
        return found

    @property
    def values(self) -> dict[str, Any]:
        """What it means, as the list keeps it; only after is_valid()."""
        return {name: plain(self.cleaned_data[name]) for name in self.fields if name != "version"}


__all__ = ["IdentityField", "StaffPersonForm"]
