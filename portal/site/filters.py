"""The filters of the public lists; the address of the page holds them all."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from facilities import queries
from facilities.models import Facility
from facilities.models.choices import FacilityType
from portal.core.forms import FilterFormMixin
from portal.site import queries_public
from portal.site.disclosure import STATUTORY_CHOICES

HAS = (("vacancy", _("有空余托位")), ("affordable", _("普惠")), ("meals", _("供餐")))
SORTS = (("name", _("按名称")), ("newest", _("最新登记")))


class FilterForm(FilterFormMixin, forms.Form):
    """A GET form in our words."""


class PublicFacilityFilter(django_filters.FilterSet):
    """What residents may ask of the list. Conditions that cannot be understood are left out."""

    q = django_filters.CharFilter(
        label=_("机构名称、地址或小区名"), method="by_words", max_length=40
    )
    community = django_filters.ChoiceFilter(
        label=_("所在社区（村）"), field_name="community__slug", empty_label=_("全部")
    )
    facility_type = django_filters.ChoiceFilter(
        label=_("机构类型"), choices=FacilityType.choices, empty_label=_("全部")
    )
    statutory = django_filters.ChoiceFilter(
        label=_("卫健部门备案"),
        field_name="statutory_filing__status",
        choices=STATUTORY_CHOICES,
        empty_label=_("全部"),
    )
    has = django_filters.MultipleChoiceFilter(
        label=_("需要"),
        choices=HAS,
        method="by_needs",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    sort = django_filters.ChoiceFilter(
        label=_("排序"), choices=SORTS, method="in_order", widget=forms.HiddenInput
    )

    class Meta:
        model = Facility
        fields: list[str] = []
        form = FilterForm

    def __init__(self, data: QueryDict, **kwargs: Any) -> None:
        """Load the communities once: a choice field asks for its choices again and again."""
        communities = kwargs.pop("communities", None) or queries_public.community_choices()
        rows = queries.public_facilities().order_by(*queries_public.BY_NAME)
        super().__init__(data, queryset=rows, **kwargs)
        self.communities = communities
        self.ignored: list[str] = []
        if "community" in self.filters:
            self.filters["community"].extra["choices"] = communities

    @classmethod
    def understood(cls, query: QueryDict) -> PublicFacilityFilter:
        """The filter of an address, without what cannot be understood; `ignored` names it."""
        asked = cls(query)
        if not asked.form.errors:
            return asked
        data = query.copy()
        for name in asked.form.errors:
            data.pop(name, None)
        clean = cls(data, communities=asked.communities)
        clean.ignored = [str(clean.form[name].label) for name in asked.form.errors]
        return clean

    def by_words(self, facilities: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """Name, address, community or pinyin initials."""
        return queries_public.containing(facilities, value)

    def by_needs(self, facilities: QuerySet[Any], _name: str, value: list[str]) -> QuerySet[Any]:
        """All that is ticked must hold."""
        if "vacancy" in value:
            facilities = queries_public.with_vacancy(facilities)
        if "affordable" in value:
            facilities = facilities.filter(is_affordable=True)
        return facilities.filter(serves_meals=True) if "meals" in value else facilities

    def in_order(self, facilities: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        """By name, as the rows come, or the newest first."""
        return facilities.order_by(*queries_public.NEWEST) if value == "newest" else facilities

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
        """How many conditions are set behind 更多条件."""
        return sum(
            len(self.data.getlist(name))
            for name in ("statutory", "has")
            if name in self.form.fields
        )

    def _said(self, name: str, value: str) -> str:
        choices = getattr(self.form.fields[name], "choices", ())
        return str(dict(choices).get(value, "")) or f"“{value.strip()}”"

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


class DisclosureFilter(PublicFacilityFilter):
    """The table of registrations: found by words and community, the newest first."""

    facility_type = statutory = has = sort = None

    @property
    def qs(self) -> QuerySet[Any]:
        """The newest first."""
        rows: QuerySet[Any] = super().qs
        return rows.order_by(*queries_public.NEWEST)
