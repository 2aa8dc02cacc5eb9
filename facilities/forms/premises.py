"""Section two: the premises, and the classes with their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from django import forms
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models.choices import ClassType, Tenure
from portal.core.forms import PortalForm
from portal.core.models import Community

from .rows import RowsSectionForm, SectionRows, rows_of, typed
from .sections import YesNoField, yes_or_no

PREFIX = "classes"
GROUND = 1  # as storeys are counted here


def _area(label: Any, hint: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, help_text=hint, min_value=0, max_digits=9, decimal_places=2
    )


class ClassForm(PortalForm):
    """One class: counts only, never a child's name (D12)."""

    hide_summary = True
    guard = False
    units = {"capacity": gettext_lazy("个"), "enrolled": gettext_lazy("人")}
    widths = {"capacity": "w-short", "enrolled": "w-short", "name": "w-medium"}

    class_type = forms.ChoiceField(
        label=gettext_lazy("班型"), choices=[("", gettext_lazy("请选择")), *ClassType.choices]
    )
    name = forms.CharField(
        label=gettext_lazy("班名"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("例如“托小一班”。不填就按班型编号"),
    )
    capacity = forms.IntegerField(label=gettext_lazy("托位"), min_value=1, max_value=999)
    enrolled = forms.IntegerField(
        label=gettext_lazy("在托人数"),
        min_value=0,
        max_value=999,
        required=False,
        help_text=gettext_lazy("还没有孩子入托的不用填"),
    )

    def clean_enrolled(self) -> int:
        """Nobody yet."""
        return self.cleaned_data["enrolled"] or 0


class ClassRows(SectionRows):
    """The classes as cards; a row left wholly blank does not count."""

    row_word = gettext_lazy("第 %(n)s 个班")
    add_label = gettext_lazy("再加一班")
    nothing = gettext_lazy("请至少填写一个班")

    def clean(self) -> None:
        """At least one class, and no name twice."""
        super().clean()
        self._name_the_nameless()
        names = [row["name"] for row in self.answers]
        for name in dict.fromkeys(names):
            if names.count(name) > 1:
                text = _("班名“%(name)s”用了两次，请改成不同的名字")
                raise forms.ValidationError(text % {"name": name}, code="twice")

    def _name_the_nameless(self) -> None:
        """托小班1, 托小班2: a class without a name is called by its kind, always in Chinese."""
        rows = [form.cleaned_data for form in self.forms if form.is_valid() and form.cleaned_data]
        taken = {row["name"] for row in rows}
        with translation.override(settings.LANGUAGE_CODE):
            for row in rows:
                if not row["name"]:
                    kind = str(ClassType(row["class_type"]).label)
                    called = (f"{kind}{n}" for n in count(1))
                    row["name"] = next(name for name in called if name not in taken)
                    taken.add(row["name"])


class PremisesForm(RowsSectionForm):
    """The premises section; `rows` are its classes."""

    row_form = ClassForm
    row_list = rows_of(ClassForm, ClassRows)
    remove_label = gettext_lazy("删除这个班")

    key = "premises"
    rows_name, rows_field, rows_label = PREFIX, "class_type", gettext_lazy("班级和托位")
    mark_optional = False  # the days of a lease are compulsory once there is one
    units = {
        "floor_lowest": gettext_lazy("层"),
        "floor_highest": gettext_lazy("层"),
        "building_area": gettext_lazy("平方米"),
        "indoor_area": gettext_lazy("平方米"),
        "outdoor_area": gettext_lazy("平方米"),
    }
    widths = {
        "community": "w-medium",
        "floor_lowest": "w-short",
        "floor_highest": "w-short",
        "building_area": "w-medium",
        "indoor_area": "w-medium",
        "outdoor_area": "w-medium",
        "lease_start": "w-medium",
        "lease_end": "w-medium",
    }
    autocomplete = {"address": "street-address"}

    community = forms.ModelChoiceField(
        label=gettext_lazy("所在社区（村）"),
        queryset=Community.objects.all(),
        to_field_name="slug",
        empty_label=gettext_lazy("请选择"),
    )
    address = forms.CharField(
        label=gettext_lazy("详细地址"),
        max_length=200,
        help_text=gettext_lazy("写到门牌号，例如“龙泉路18号”"),
    )
    floor_lowest = forms.IntegerField(
        label=gettext_lazy("孩子用房的最低楼层"),
        min_value=-9,
        max_value=99,
        help_text=gettext_lazy("地面一层填 1，地下室、半地下室填 -1"),
    )
    floor_highest = forms.IntegerField(
        label=gettext_lazy("孩子用房的最高楼层"),
        min_value=-9,
        max_value=99,
        required=False,
        help_text=gettext_lazy("只用一层的不用填"),
    )
    has_basement = YesNoField(
        label=gettext_lazy("孩子用房是否在地下室或半地下室"),
        required=False,
        help_text=gettext_lazy("最低楼层是 1 层或更高的不用选"),
    )
    building_area = _area(gettext_lazy("建筑面积"))
    indoor_area = _area(gettext_lazy("室内使用面积"))
    outdoor_area = _area(gettext_lazy("室外活动场地面积"), gettext_lazy("没有就填 0"))
    tenure = forms.ChoiceField(
        label=gettext_lazy("场所性质"), choices=Tenure, widget=forms.RadioSelect
    )
    lease_start = forms.DateField(
        label=gettext_lazy("租期开始日期"),
        required=False,
        help_text=gettext_lazy("场所是租赁的才填，例如 2025-05-01"),
    )
    lease_end = forms.DateField(
        label=gettext_lazy("租期截止日期"),
        required=False,
        help_text=gettext_lazy("场所是租赁的才填"),
    )
    serves_meals = YesNoField(
        label=gettext_lazy("是否供餐"), help_text=gettext_lazy("供餐需要食品经营许可证")
    )

    def clean(self) -> dict[str, Any]:
        """What only both of a pair can tell: floors in order, a lease with its two days."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        self._read_floors(values)
        lowest, highest = values.get("floor_lowest"), values.get("floor_highest")
        if lowest is not None and highest is not None and lowest > highest:
            text = _("最高楼层不能低于最低楼层（%(floor)s 层）") % {"floor": lowest}
            self.add_error("floor_highest", forms.ValidationError(text))
        if values.get("tenure") == Tenure.LEASED:
            self._check_lease(values)
        elif "lease_start" not in self.errors and "lease_end" not in self.errors:
            values["lease_start"] = values["lease_end"] = None
        return values

    def _read_floors(self, values: dict[str, Any]) -> None:
        """One storey has one number; above the ground is no basement, below it is asked."""
        lowest = values.get("floor_lowest")
        if lowest is None:
            return
        if values.get("floor_highest") is None and "floor_highest" not in self.errors:
            values["floor_highest"] = lowest
        if values.get("has_basement") is None and "has_basement" not in self.errors:
            values["has_basement"] = False
            if lowest < GROUND:
                text = _("请选择%(label)s") % {"label": self.fields["has_basement"].label}
                self.add_error("has_basement", forms.ValidationError(text))

    def _check_lease(self, values: Mapping[str, Any]) -> None:
        for name in ("lease_start", "lease_end"):
            if not values.get(name) and name not in self.errors:
                text = _("场所是租赁的，请填写%(label)s") % {"label": self.fields[name].label}
                self.add_error(name, forms.ValidationError(text))
        start, end = values.get("lease_start"), values.get("lease_end")
        if start and end and end <= start:
            facts = {"year": start.year, "month": start.month, "day": start.day}
            text = _("租期截止日期应晚于开始日期（%(year)s年%(month)s月%(day)s日）") % facts
            self.add_error("lease_end", forms.ValidationError(text))

    @property
    def answers(self) -> dict[str, Any]:
        """What it means, as the rules and the register read it."""
        return {**super().answers, "community": self.cleaned_data["community"].slug}

    @classmethod
    def belongs(cls, name: str, values: Mapping[str, Any]) -> bool:
        """The days of a lease belong to a lease."""
        return values.get("tenure") == Tenure.LEASED or name not in {"lease_start", "lease_end"}

    @classmethod
    def row_shown(cls, number: int, row: Mapping[str, Any]) -> tuple[Any, Any]:
        """第 1 个班, and its facts as far as they are typed."""
        kind = dict(ClassType.choices).get(row.get("class_type") or "", _("没有选班型"))
        line = _("%(name)s（%(kind)s），托位 %(capacity)s 个，在托 %(enrolled)s 人")
        blank = {"name": "—", "capacity": "—", "enrolled": "—"}
        return _("第 %(n)s 个班") % {"n": number}, line % {**blank, **typed(row), "kind": kind}

    @classmethod
    def rows_read(cls, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Every class by its name."""
        for row in values.get(PREFIX, ()):
            facts = {
                "kind": ClassType(row["class_type"]).label,
                "places": row["capacity"],
                "children": row["enrolled"] or 0,
            }
            text = _("%(kind)s，托位 %(places)s 个，在托 %(children)s 人") % facts
            yield _("班级 %(name)s") % {"name": row["name"]}, text


__all__ = ["PREFIX", "ClassForm", "PremisesForm", "yes_or_no"]
