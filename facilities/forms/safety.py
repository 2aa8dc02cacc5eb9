"""Section six: cameras, alarm, guards, fire safety and plans. Posts and numbers, never names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from facilities import rules
from facilities.models.choices import EmergencyPlan, FireManager
from portal.core.regulation import Regulation

from .sections import SectionForm, YesNoField

MOST = 999
# Asked along with another question, and meaning something only beside its answer.
BESIDE = {
    "guards_certified": "guards",
    "guard_company": "guards",
    "last_drill_on": "drills",
}

# One question each: what is so is ticked.
TOGETHER = (
    (
        gettext_lazy("监控和报警做到了哪些"),
        ("covers_entrance", "covers_living", "covers_activity", "records_all_day", "alarm_armed"),
    ),
    (gettext_lazy("消防器材"), ("smoke_detectors", "extinguishers")),
)
# The short form of a family point asks about one camera and no alarm.
CAMERAS_ALONE = gettext_lazy("监控做到了哪些")
_TICKED = tuple(name for _words, names in TOGETHER for name in names)


def _count(label: Any, hint: Any = "", *, required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, help_text=hint, min_value=0, max_value=MOST, required=required
    )


def _tick(label: Any) -> forms.BooleanField:
    """One of several things that should be so: what is not ticked is not so, and is remarked."""
    return forms.BooleanField(label=label, required=False)


class SafetyForm(SectionForm):
    """The safety section; a family childcare point is asked the short form of the pack."""

    key = "safety"
    needs = frozenset({"facility_type", "law", "guards_listed"})
    mark_optional = False  # what stands beside guards and drills is compulsory once there are any
    units = {
        "cameras": pgettext_lazy("unit", "个"),
        "retention_days": pgettext_lazy("unit", "天"),
        "guards": pgettext_lazy("unit", "人"),
        "guards_certified": pgettext_lazy("unit", "人"),
        "drills": pgettext_lazy("unit", "次"),
    }
    widths = {
        "cameras": "w-short",
        "retention_days": "w-short",
        "guards": "w-short",
        "guards_certified": "w-short",
        "drills": "w-short",
        "last_drill_on": "w-medium",
        "fire_manager": "w-medium",
    }

    cameras = _count(gettext_lazy("一共有几个摄像头"), gettext_lazy("没有就填 0"))
    covers_entrance = _tick(gettext_lazy("主出入口有监控"))
    covers_living = _tick(gettext_lazy("孩子吃饭、睡觉的生活区域，监控全部覆盖"))
    covers_activity = _tick(gettext_lazy("孩子活动的区域，监控全部覆盖"))
    records_all_day = _tick(gettext_lazy("监控 24 小时录像"))
    alarm_armed = _tick(gettext_lazy("一键报警、入侵报警等装置 24 小时开启"))
    in_private_rooms = YesNoField(
        label=gettext_lazy("卫生间、更衣处等私密的地方有没有装摄像头"),
        help_text=gettext_lazy("这些地方不应安装"),
    )
    retention_days = _count(gettext_lazy("录像保存多少天"))
    guards = _count(gettext_lazy("在岗保安几人"), gettext_lazy("没有就填 0"))
    guards_certified = _count(
        gettext_lazy("其中持保安员证的几人"), gettext_lazy("有保安的才填"), required=False
    )
    guard_company = forms.CharField(
        label=gettext_lazy("派驻保安的公司"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("有保安的才填，写公司全称"),
    )
    fire_manager = forms.ChoiceField(
        label=gettext_lazy("有没有指定消防安全管理人"),
        choices=FireManager,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("只填有没有，不填姓名"),
    )
    smoke_detectors = _tick(gettext_lazy("有烟感报警器"))
    extinguishers = _tick(gettext_lazy("有灭火器"))
    plans = forms.MultipleChoiceField(
        label=gettext_lazy("已经制定的应急预案"),
        choices=EmergencyPlan,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy("有哪些选哪些"),
    )
    drills = _count(
        gettext_lazy("最近 12 个月演练几次"), gettext_lazy("还没有演练过的不用填"), required=False
    )
    last_drill_on = forms.DateField(
        label=gettext_lazy("最近一次演练的日期"),
        required=False,
        help_text=gettext_lazy("演练过的才填，例如 2026-10-15"),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        stored: Mapping[str, Any],
        facility_type: str | None,
        law: Regulation,
        guards_listed: Mapping[str, int],
        **kwargs: Any,
    ) -> None:
        # A draft of a time in which these were pairs of radios holds their words.
        unsaid = {name: False for name in _TICKED if stored.get(name) == "False"}
        super().__init__(data, stored={**guards_listed, **stored, **unsaid}, **kwargs)
        self.today = law.as_of
        asked = {*rules.safety_questions(facility_type, law), "version"}
        for name in list(self.fields):
            if BESIDE.get(name, name) not in asked:
                del self.fields[name]

    def parts(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """The fields in their order; those of one question together, under its words."""
        found: list[tuple[Any, list[forms.BoundField]]] = []
        for name in self.fields:
            words = next((words for words, names in TOGETHER if name in names), "")
            if words == TOGETHER[0][0] and "alarm_armed" not in self.fields:
                words = CAMERAS_ALONE
            if found and words and found[-1][0] == words:
                found[-1][1].append(self[name])
            else:
                found.append((words, [self[name]]))
        return found

    def clean_last_drill_on(self) -> dt.date | None:
        """What has been, has been."""
        day: dt.date | None = self.cleaned_data["last_drill_on"]
        if day and day > self.today:
            raise forms.ValidationError(_("最近一次演练的日期不能晚于今天"), code="future")
        return day

    def clean(self) -> dict[str, Any]:
        """What stands beside a number is asked for where the number is not nought."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        self._count_drills(values)
        for name, beside in BESIDE.items():
            if name in self.fields and name not in self.errors and beside in values:
                self._check_beside(name, values, is_due=bool(values[beside]))
        guards, held = values.get("guards"), values.get("guards_certified")
        if guards is not None and held is not None and held > guards:
            text = _("持证的不能多于在岗的 %(n)s 人") % {"n": guards}
            self.add_error("guards_certified", forms.ValidationError(text))
        return values

    def _count_drills(self, values: dict[str, Any]) -> None:
        """No number is none yet, which is remarked; a day without a number is half an answer."""
        if values.get("drills", "") is not None:
            return
        values["drills"] = 0
        if values.get("last_drill_on"):
            text = _("请填写%(label)s") % {"label": self.fields["drills"].label}
            self.add_error("drills", forms.ValidationError(text))

    def _check_beside(self, name: str, values: dict[str, Any], *, is_due: bool) -> None:
        if not is_due:
            values[name] = "" if name == "guard_company" else None
        elif values.get(name) in {None, ""}:
            text = _("请填写%(label)s") % {"label": self.fields[name].label}
            self.add_error(name, forms.ValidationError(text))

    @classmethod
    def belongs(cls, name: str, values: Mapping[str, Any]) -> bool:
        """What this kind of facility was asked, and what stands beside a number that is there."""
        if values and name not in values:
            return False
        beside = BESIDE.get(name)
        return beside is None or values.get(beside) not in {None, "", 0, "0"}
