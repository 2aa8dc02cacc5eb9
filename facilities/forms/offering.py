"""Section three: what the facility offers, when, and for how much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models.choices import FeeUnit, MealSource, ServiceForm, Weekday
from portal.core.forms import PortalForm

from .rows import RowsSectionForm, SectionRows, rows_of, typed

PREFIX = "fees"
OLDEST_MONTHS = 120  # beyond it is a slip; the law's own age is remarked
BEGINNINGS = {"open_days": ["mon", "tue", "wed", "thu", "fri"]}


class FeeForm(PortalForm):
    """One price as it is published: for what, how much, per what."""

    hide_summary = True
    guard = False
    units = {"amount": gettext_lazy("元")}
    widths = {
        "service_form": "w-medium",
        "name": "w-medium",
        "amount": "w-short",
        "unit": "w-short",
    }

    service_form = forms.ChoiceField(
        label=gettext_lazy("服务形式"),
        choices=[("", gettext_lazy("请选择")), *ServiceForm.choices],
        required=False,
        help_text=gettext_lazy("上面只选了一种的不用选"),
    )
    name = forms.CharField(
        label=gettext_lazy("收费项目"),
        max_length=40,
        help_text=gettext_lazy("例如“保育费”“餐费”“延时照护费”"),
    )
    amount = forms.DecimalField(
        label=gettext_lazy("金额"), min_value=0, max_digits=8, decimal_places=2
    )
    unit = forms.ChoiceField(
        label=gettext_lazy("计费单位"), choices=[("", gettext_lazy("请选择")), *FeeUnit.choices]
    )


class FeeRows(SectionRows):
    """The prices as cards."""

    row_word = gettext_lazy("第 %(n)s 项收费")
    add_label = gettext_lazy("再加一项收费")
    nothing = gettext_lazy("请至少填写一项收费；不收费的，金额填 0")
    only_form = ""  # what a price is for where only one thing is offered

    def clean(self) -> None:
        """At least one, and the same thing has one price."""
        super().clean()
        self._read_forms()
        seen = set()
        for row in self.answers:
            what = (row["service_form"], row["name"], row["unit"])
            if what in seen:
                text = _("收费项目“%(name)s”填了两次，请删除一项或改成不同的名称")
                raise forms.ValidationError(text % {"name": row["name"]}, code="twice")
            seen.add(what)

    def _read_forms(self) -> None:
        """A price without a form is for the only one; where there are more it is asked."""
        for form in self.forms:
            if not form.is_valid() or not form.cleaned_data or form.cleaned_data["service_form"]:
                continue
            form.cleaned_data["service_form"] = self.only_form
            if not self.only_form:
                text = _("请选择%(label)s") % {"label": form.fields["service_form"].label}
                form.add_error("service_form", forms.ValidationError(text))


class ServicesForm(RowsSectionForm):
    """The services section; `rows` are its prices. Meals are asked about where they are served."""

    key = "services"
    needs = frozenset({"serves_meals", "usual"})
    row_form = FeeForm
    row_list = rows_of(FeeForm, FeeRows)
    rows_name, rows_field, rows_label = PREFIX, "service_form", gettext_lazy("收费项目")
    remove_label = gettext_lazy("删除这项收费")
    units = {"age_from": gettext_lazy("个月"), "age_to": gettext_lazy("个月")}
    widths = {
        "age_from": "w-short",
        "age_to": "w-short",
        "opens_at": "w-short",
        "closes_at": "w-short",
        "extended_until": "w-short",
    }
    counters = ("refund_rule", "introduction")

    service_forms = forms.MultipleChoiceField(
        label=gettext_lazy("服务形式"),
        choices=ServiceForm,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("可以选几种"),
    )
    age_from = forms.IntegerField(
        label=gettext_lazy("从几个月大开始收"),
        min_value=0,
        max_value=OLDEST_MONTHS,
        help_text=gettext_lazy("例如 1 岁填 12"),
    )
    age_to = forms.IntegerField(
        label=gettext_lazy("收到几个月大"),
        min_value=1,
        max_value=OLDEST_MONTHS,
        help_text=gettext_lazy("例如 3 岁填 36"),
    )
    open_days = forms.MultipleChoiceField(
        label=gettext_lazy("每周开放的日子"), choices=Weekday, widget=forms.CheckboxSelectMultiple
    )
    opens_at = forms.TimeField(
        label=gettext_lazy("早上几点开始"), help_text=gettext_lazy("例如 07:30")
    )
    closes_at = forms.TimeField(
        label=gettext_lazy("下午几点结束"), help_text=gettext_lazy("例如 17:30")
    )
    extended_until = forms.TimeField(
        label=gettext_lazy("延时照护到几点"),
        required=False,
        help_text=gettext_lazy("没有延时照护的不用填"),
    )
    meal_source = forms.ChoiceField(
        label=gettext_lazy("餐食从哪里来"),
        choices=[(each.value, each.label) for each in MealSource if each is not MealSource.NONE],
        widget=forms.RadioSelect,
        required=False,
        help_text=gettext_lazy("在“场所与托位”里填了供餐的才填"),
    )
    is_accessible = forms.BooleanField(
        label=gettext_lazy("出入口无障碍（婴儿车、轮椅能直接进出）"), required=False
    )
    refund_rule = forms.CharField(
        label=gettext_lazy("退费办法"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("写清楚请假、退托时怎样退费、几天内退；会向家长公开"),
    )
    introduction = forms.CharField(
        label=gettext_lazy("机构介绍"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("会向家长公开。不要写孩子的姓名"),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        stored: Mapping[str, Any],
        serves_meals: bool | None,
        usual: Mapping[str, Any],
        **kwargs: Any,
    ) -> None:
        # A draft of a time in which this was a pair of radios holds their words.
        is_accessible = stored.get("is_accessible") in {True, "True"}
        known = {**BEGINNINGS, **usual, **stored, "is_accessible": is_accessible}
        super().__init__(data, stored=known, **kwargs)
        offered = (self["service_forms"].data or []) if self.is_bound else []
        self.rows.only_form = offered[0] if len(offered) == 1 else ""
        if serves_meals is False:
            del self.fields["meal_source"]
        elif serves_meals:
            self.fields["meal_source"].required = True
            self.fields["meal_source"].help_text = ""

    def clean(self) -> dict[str, Any]:
        """What only both of a pair can tell: ages and hours in order."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for first, then, text in (
            ("age_from", "age_to", _("应大于开始收的月龄")),
            ("opens_at", "closes_at", _("结束时间应晚于开始时间")),
            ("closes_at", "extended_until", _("延时照护应晚于平时的结束时间")),
        ):
            early, late = values.get(first), values.get(then)
            if early is not None and late is not None and late <= early:
                self.add_error(then, forms.ValidationError(text))
        return values

    @property
    def answers(self) -> dict[str, Any]:
        """What it means; no source where no meals are served."""
        return {"meal_source": "", **super().answers}

    @classmethod
    def belongs(cls, name: str, values: Mapping[str, Any]) -> bool:
        """Where meals come from belongs to where it was asked."""
        return name != "meal_source" or bool(values.get(name))

    @classmethod
    def row_shown(cls, number: int, row: Mapping[str, Any]) -> tuple[Any, Any]:
        """第 1 项收费, and its facts as far as they are typed."""
        title = _("第 %(n)s 项收费") % {"n": number}
        forms_, units = dict(ServiceForm.choices), dict(FeeUnit.choices)
        facts = {"name": "—", "amount": "—"} | typed(row)
        facts["form"] = forms_.get(row.get("service_form") or "", "—")
        facts["unit"] = units.get(row.get("unit") or "", "—")
        return title, _("%(form)s，%(name)s %(amount)s 元/%(unit)s") % facts

    @classmethod
    def rows_read(cls, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Every price by its form and name."""
        for row in values.get(PREFIX, ()):
            facts = {"form": ServiceForm(row["service_form"]).label, "name": row["name"]}
            price = {"amount": row["amount"], "unit": FeeUnit(row["unit"]).label}
            title = _("%(form)s，%(name)s") % facts
            yield title, _("%(amount)s 元/%(unit)s") % price
