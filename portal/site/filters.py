"""The filters of the public lists; the address of the page holds them all."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from facilities import queries
from facilities.models import Facility
from facilities.models.choices import FacilityType, ServiceForm
from portal.core.forms import FilterFormMixin
from portal.core.regulation import Regulation
from portal.site import queries_public
from portal.site.disclosure import STATUTORY_CHOICES

HAS = (
    ("vacancy", _("有空余托位")),
    ("affordable", _("普惠")),
    ("extended", _("可以延时")),
    ("meals", _("供餐")),
    ("accessible", _("无障碍")),
)
SORTS = (
    ("name", _("按名称")),
    ("fee", _("收费从低到高")),
    ("vacancy", _("空位从多到少")),
    ("newest", _("最新登记")),
)


def fee_choices(law: Regulation) -> list[tuple[str, str]]:
    """Bands of the monthly fee in yuan: above the first figure, up to and with the second."""
    edges: Any = law.value("disclosure.fee_bands")
    first, last = edges[0], edges[-1]
    return [
        (f"-{first}", gettext("不超过 %(most)s 元") % {"most": first}),
        *(
            (f"{low}-{high}", gettext("%(low)s–%(high)s 元") % {"low": low, "high": high})
            for low, high in pairwise(edges)
        ),
        (f"{last}-", gettext("超过 %(least)s 元") % {"least": last}),
    ]


def age_choices(law: Regulation) -> list[tuple[str, str]]:
    """Bands of the child's age in months."""
    edges: Any = law.value("disclosure.age_bands")
    return [
        (f"{low}-{high}", gettext("%(low)s–%(high)s 个月") % {"low": low, "high": high})
        for low, high in pairwise(edges)
    ]


def _ticks(label: Any, choices: Any, method: str) -> django_filters.MultipleChoiceFilter:
    widget = forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})
    return django_filters.MultipleChoiceFilter(
        label=label, choices=choices, method=method, widget=widget
    )


def _one_of(label: Any, choices: Any = (), **more: Any) -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(label=label, choices=choices, empty_label=_("全部"), **more)


class FilterForm(FilterFormMixin, forms.Form):
    """A GET form in our words."""


class FacilityFilter(django_filters.FilterSet):
    """What every public list of facilities can be asked: words and the community."""

    order: ClassVar[tuple[Any, ...]] = queries_public.BY_NAME

    q = django_filters.CharFilter(
        label=_("机构名称、地址或小区名"), method="by_words", max_length=40
    )
    community = _one_of(_("所在社区（村）"), field_name="community__slug")

    class Meta:
        model = Facility
        fields: ClassVar[list[str]] = []
        form = FilterForm

    def __init__(self, data: QueryDict, **known: Any) -> None:
        """Load the communities once: a choice field asks for its choices again and again."""
        self.law: Regulation | None = known.pop("law", None)
        self.communities = known.pop("communities", None) or queries_public.community_choices()
        rows = queries.public_facilities().order_by(*self.order)
        super().__init__(data, queryset=rows, **known)
        self.ignored: list[str] = []
        self.filters["community"].extra["choices"] = self.communities

    @classmethod
    def understood(cls, query: QueryDict, law: Regulation | None = None) -> FacilityFilter:
        """The filter of an address, without what cannot be understood; `ignored` names it."""
        asked = cls(query, law=law)
        if not asked.form.errors:
            return asked
        data = query.copy()
        for name in asked.form.errors:
            data.pop(name, None)
        clean = cls(data, law=law, communities=asked.communities)
        clean.ignored = [str(clean.form[name].label) for name in asked.form.errors]
        return clean

    def by_words(self, facilities: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Name, address, community or pinyin initials."""
        return queries_public.containing(facilities, value)

    @property
    def chips(self) -> list[dict[str, str]]:
        """Each chosen condition, with the address that leaves it out."""
        found = []
        for name in (key for key in self.form.fields if key != "sort"):
            for value in filter(None, self.data.getlist(name)):
                rest = self.data.copy()
                rest.setlist(name, [v for v in self.data.getlist(name) if v != value])
                rest.pop("page", None)
                label = self._said(name, value)
                found.append({"label": label, "url": f"?{rest.urlencode()}"})
        return found

    @property
    def folded_count(self) -> int:
        """How many conditions are set beside the words, in what folds away on phones."""
        names = [name for name in self.form.fields if name not in {"q", "sort"}]
        return sum(len([*filter(None, self.data.getlist(name))]) for name in names)

    def _said(self, name: str, value: str) -> str:
        choices = getattr(self.form.fields[name], "choices", ())
        return str(dict(choices).get(value, "")) or f"“{value.strip()}”"


class PublicFacilityFilter(FacilityFilter):
    """What residents may ask of the list. Conditions that cannot be understood are left out."""

    service = _ticks(_("服务方式"), ServiceForm.choices, "by_services")
    age = _one_of(_("孩子的月龄"), method="by_age")
    fee = _one_of(_("全日托月收费"), method="by_fee")
    has = _ticks(_("需要"), HAS, "by_needs")
    facility_type = _one_of(_("机构类型"), FacilityType.choices)
    statutory = _one_of(_("卫健部门备案"), STATUTORY_CHOICES, field_name="statutory_filing__status")
    sort = django_filters.ChoiceFilter(
        label=_("排序"), choices=SORTS, method="in_order", widget=forms.HiddenInput
    )

    def __init__(self, data: QueryDict, **known: Any) -> None:
        """The bands of ages and fees come from the regulation of the day."""
        super().__init__(data, **known)
        if self.law:
            self.filters["age"].extra["choices"] = age_choices(self.law)
            self.filters["fee"].extra["choices"] = fee_choices(self.law)

    def by_services(self, facilities: QuerySet[Any], _name: str, value: list[str]) -> QuerySet[Any]:
        """Any of the ticked forms of care."""
        return facilities.filter(service_forms__overlap=value) if value else facilities

    def by_age(self, facilities: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Facilities that take children of this age."""
        youngest, oldest = value.split("-")
        return facilities.filter(age_from__lt=int(oldest), age_to__gt=int(youngest))

    def by_fee(self, facilities: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Above the lower figure, up to and with the upper one."""
        above, most = value.split("-")
        within = Q(monthly_fee_from__isnull=False)
        if above:
            within &= Q(monthly_fee_from__gt=int(above))
        if most:
            within &= Q(monthly_fee_from__lte=int(most))
        return facilities.filter(within)

    def by_needs(self, facilities: QuerySet[Any], _name: str, value: list[str]) -> QuerySet[Any]:
        """All that is ticked must hold."""
        for need in value:
            facilities = facilities.filter(queries_public.NEEDS[need])
        return facilities

    def in_order(self, facilities: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """One of the orders of SORTS."""
        return facilities.order_by(*queries_public.ORDERS[value])

    @property
    def rows(self) -> QuerySet[Any] | queries_public.Found:
        """What the list shows, in the order asked for."""
        rows: QuerySet[Any] = self.qs
        given = self.form.cleaned_data
        may_be_rare = given.get("q") or given.get("service")
        return queries_public.gathered(rows) if may_be_rare else rows

    @property
    def sorts(self) -> list[dict[str, Any]]:
        """The ways to sort, with their addresses."""
        current = self.form.cleaned_data.get("sort") or "name"
        links = []
        for value, label in SORTS:
            query = self.data.copy()
            query["sort"] = value
            query.pop("page", None)
            url = f"?{query.urlencode()}"
            links.append({"label": label, "url": url, "current": value == current})
        return links

    @property
    def elsewhere(self) -> list[dict[str, Any]]:
        """Where the same conditions find something in other communities, with the addresses."""
        if not self.data.get("community"):
            return []
        rest = self.data.copy()
        rest.pop("community")
        rest.pop("page", None)
        wider = type(self)(rest, law=self.law, communities=self.communities)
        links = []
        for found in queries_public.other_communities(wider.qs):
            there = rest.copy()
            there["community"] = found["slug"]
            links.append({**found, "url": f"?{there.urlencode()}"})
        return links


class DisclosureFilter(FacilityFilter):
    """The table of registrations: found by words and community, the newest first."""

    order = queries_public.NEWEST
