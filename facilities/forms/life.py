"""After registration: changes, closing, pausing, children of today, cancelling by the office."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import ClassGroup, Facility
from facilities.models.choices import ChangeTile
from portal.core.forms import PortalForm

from .sections import SectionForm

_LONG = {"rows": 3}
NEAR = dt.timedelta(days=2 * 366)  # a day farther off is a slip of the keyboard, not a plan


def _text(label: Any, most: int = 300, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, help_text=hint, widget=forms.Textarea(attrs=_LONG)
    )


class NearDays:
    """A form whose days lie within two years of `today`, before or after."""

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        for field in self.fields.values():  # type: ignore[attr-defined]
            if isinstance(field, forms.DateField):
                field.validators.append(self._near)

    def _near(self, day: dt.date) -> None:
        if abs(day - self.today) > NEAR:
            facts = {"day": day.isoformat()}
            raise ValidationError(_("日期（%(day)s）离今天太远，请核对年份") % facts)


class FacilityChoice(PortalForm):
    """Which of the person's facilities; not asked where there is one. A token makes one filing."""

    hide_summary = True
    guard = False
    mark_optional = False

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    facility = forms.ModelChoiceField(
        label=gettext_lazy("哪一家机构"),
        queryset=Facility.objects.none(),
        to_field_name="code",
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": gettext_lazy("请选择是哪一家机构")},
    )

    def __init__(self, *args: Any, facilities: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.only = facilities[0] if len(facilities) == 1 else None
        if self.only:
            del self.fields["facility"]
        else:
            field: Any = self.fields["facility"]
            field.queryset = Facility.objects.filter(pk__in=[each.pk for each in facilities])

    @property
    def chosen(self) -> Facility:
        """The facility the report is about; only after is_valid()."""
        found: Facility = self.only or self.cleaned_data["facility"]
        return found


class ChangeForm(FacilityChoice):
    """What has changed: one tile or several; what is not a change of this facility leads away."""

    submit_label = gettext_lazy("下一步")

    tiles = forms.MultipleChoiceField(
        label=gettext_lazy("哪些内容变了"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("可以选几项。没有选的，照街道现在登记的不变，不用再填"),
        error_messages={"required": gettext_lazy("请选择哪些内容变了")},
    )

    def __init__(self, *args: Any, tiles: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(tile, ChangeTile(tile).label) for tile in tiles]
        self.fields["tiles"].choices = choices  # type: ignore[attr-defined]
        self.order_fields(["token", "facility", "tiles"])


class ClosureStartForm(FacilityChoice):
    """Begin the report of a closure."""

    submit_label = gettext_lazy("开始填写停办安排")


class ElsewhereForm(FacilityChoice):
    """Begin the report of another place."""

    submit_label = gettext_lazy("开始登记报送")


class ClosureForm(NearDays, SectionForm):
    """The plan of a closure: counts and words, never a child's name."""

    key = "closure"
    needs = frozenset({"today"})
    mark_optional = False
    units = {"children": gettext_lazy("人")}
    widths: ClassVar[dict[str, str]] = {
        "closing_on": "w-medium",
        "children": "w-short",
        "parents_told_on": "w-medium",
    }

    closing_on = forms.DateField(
        label=gettext_lazy("停办日期"),
        help_text=gettext_lazy("从这一天起不再收托，例如 2027-01-31。一般提前 30 天以上报送"),
    )
    reason = _text(
        gettext_lazy("停办原因"), 200, gettext_lazy("离停办不到 30 天的，请写明为什么来不及")
    )
    children = forms.IntegerField(label=gettext_lazy("现在在托的孩子"), min_value=0, max_value=999)
    children_plan = _text(
        gettext_lazy("孩子的安排"),
        hint=gettext_lazy("转到哪里各几人、回家几人。只写人数，不写孩子的名字；没有孩子写“无”"),
    )
    parents_told_on = forms.DateField(
        label=gettext_lazy("最迟哪天告知全部家长"), help_text=gettext_lazy("例如 2026-12-20")
    )
    staff_plan = _text(gettext_lazy("工作人员的安排"))
    refund_plan = _text(
        gettext_lazy("预收费用的退还"), hint=gettext_lazy("还有多少没有退、怎么退、哪天前退完")
    )
    records_plan = _text(
        gettext_lazy("档案和监控资料的保管"), hint=gettext_lazy("由谁保管、放在哪里、保管到哪天")
    )

    @property
    def answers(self) -> dict[str, Any]:
        """The plan, and the day on which it was written: the notice is counted from it."""
        return {**super().answers, "reported_on": self.today.isoformat()}


class EnrolmentForm(PortalForm):
    """How many children each class has today."""

    hide_summary = True
    mark_optional = False
    submit_label = gettext_lazy("更新")
    cancel_label = gettext_lazy("返回，不保存")

    def __init__(self, *args: Any, groups: Iterable[ClassGroup], **kwargs: Any) -> None:
        self.groups = list(groups)
        super().__init__(*args, **kwargs)
        for group in self.groups:
            name = str(group.pk)
            self.fields[name] = forms.IntegerField(
                label=_("%(name)s在托人数") % {"name": group.name},
                min_value=0,
                max_value=999,
                initial=group.enrolled,
                help_text=_("托位 %(n)s 个") % {"n": group.capacity},
            )
            self._dress(name, self.fields[name])
            self.fields[name].unit = _("人")  # type: ignore[attr-defined]
            self.fields[name].width = "w-short"  # type: ignore[attr-defined]
        if self.is_bound:
            self.data = self._forgive(self.data)

    @property
    def enrolled(self) -> dict[str, int]:
        """Children by class id; only after is_valid()."""
        return {str(group.pk): self.cleaned_data[str(group.pk)] for group in self.groups}


class PauseForm(NearDays, PortalForm):
    """A pause of operation, reported."""

    hide_summary = True
    mark_optional = False
    submit_label = gettext_lazy("报告暂停运营")
    units = {"children": gettext_lazy("人")}
    widths: ClassVar[dict[str, str]] = {
        "starts_on": "w-medium",
        "expected_end": "w-medium",
        "children": "w-short",
        "parents_told_on": "w-medium",
    }

    starts_on = forms.DateField(
        label=gettext_lazy("暂停第一天"), help_text=gettext_lazy("例如 2027-01-20")
    )
    expected_end = forms.DateField(
        label=gettext_lazy("预计最后一天"), help_text=gettext_lazy("到期前会提醒您，可以再改")
    )
    reason = _text(gettext_lazy("暂停原因"), 200)
    children = forms.IntegerField(label=gettext_lazy("现在在托的孩子"), min_value=0, max_value=999)
    children_plan = _text(
        gettext_lazy("暂停期间孩子在哪里"),
        hint=gettext_lazy("只写人数和去处，不写孩子的名字；没有孩子写“无”"),
    )
    parents_told_on = forms.DateField(label=gettext_lazy("哪天告知家长"))

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = values.get("starts_on"), values.get("expected_end")
        if first and last and last < first:
            self.add_error("expected_end", _("预计最后一天不能早于暂停第一天"))
        return values


class ProlongForm(NearDays, PortalForm):
    """Another expected last day."""

    hide_summary = True
    mark_optional = False
    submit_label = gettext_lazy("改预计最后一天")
    widths: ClassVar[dict[str, str]] = {"expected_end": "w-medium"}

    expected_end = forms.DateField(label=gettext_lazy("预计最后一天"))

    def __init__(self, *args: Any, earliest: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.earliest = earliest

    def clean_expected_end(self) -> dt.date:
        """A pause does not end before today, nor before it begins."""
        day: dt.date = self.cleaned_data["expected_end"]
        if day < self.earliest:
            facts = {"day": self.earliest.isoformat()}
            raise ValidationError(_("预计最后一天不能早于 %(day)s") % facts)
        return day


class NoteForm(PortalForm):
    """The office's remark on a pause."""

    submit_label = gettext_lazy("保存备注")
    mark_optional = False

    note = _text(gettext_lazy("街道备注"), 200, gettext_lazy("只有街道工作人员看得到"))


class CancellationForm(NearDays, PortalForm):
    """The office ends a registration by itself; another person decides."""

    submit_label = gettext_lazy("提出注销，交审定")
    mark_optional = False
    widths: ClassVar[dict[str, str]] = {"closing_on": "w-medium"}

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    closing_on = forms.DateField(
        label=gettext_lazy("注销日期"), help_text=gettext_lazy("审定后，从这一天起生效")
    )
    ground = _text(
        gettext_lazy("注销的依据和理由"),
        250,
        gettext_lazy("例如登记机关已注销登记。会写在文书上，机构可以看到"),
    )

    @property
    def plan(self) -> Mapping[str, Any]:
        """The closure section as the office fills it."""
        day = self.cleaned_data["closing_on"].isoformat()
        return {"closing_on": day, "reason": self.cleaned_data["ground"]}
