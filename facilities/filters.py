"""The filters of filings and facilities, shared by pages and API.

A parameter nobody understands is left out and named in a note; a list never answers with an error.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import django_filters as df
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from facilities import queries
from facilities.models import Facility, Filing
from facilities.models.choices import FacilityType
from facilities.queries import desk as desk_queries
from facilities.workflow import (
    OPEN_STATES,
    FilingStatus,
    OperatingStatus,
    StatutoryFilingStatus,
)
from portal.core import clock
from portal.core.forms import FilterFormMixin, half_width
from portal.core.models import Community, User, staff_with
from portal.core.roles import Role

ALL = _("全部")
# Registration numbers and credit codes: Latin letters, hyphens and at least one digit.
CODE = re.compile(r"(?=.*\d)[A-Za-z0-9-]{6,18}")
# What an official can do something about, or waits for: shown by deadline, all else newest first.
LIVE_STATES = frozenset(
    {
        FilingStatus.SUBMITTED,
        FilingStatus.IN_REVIEW,
        FilingStatus.CORRECTION,
        FilingStatus.PROPOSED,
    }
)


class DueIn(df.ChoiceFilter):
    """Deadlines by how near they are; only while the clock runs."""

    CHOICES = (("overdue", _("已超期")), ("today", _("今天到期")), ("week", _("本周到期")))

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=self.CHOICES, empty_label=ALL, **kwargs)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        today = clock.day_of(self.parent.at)
        running = qs.filter(state__in=OPEN_STATES)
        if value == "overdue":
            return running.filter(answer_due__lt=today)
        last = today if value == "today" else week_end(today)
        return running.filter(answer_due__gte=today, answer_due__lte=last)


def week_end(day: dt.date) -> dt.date:
    """The Sunday of the week."""
    return day + dt.timedelta(days=6 - day.weekday())


class FilterForm(FilterFormMixin, forms.Form):
    """The form of every filter here."""


class ForgivingFilterSet(df.FilterSet):
    """Leaves out what it does not understand; `ignored` are the labels of what was left out."""

    def __init__(self, data: Any = None, *args: Any, at: dt.datetime, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.at = at
        self.ignored = [str(self.form[name].label) for name in self.form.errors]
        if self.ignored:
            kept = self.data.copy()
            for name in self.form.errors:
                kept.pop(name, None)
            self.data: Any = kept
            del self._form


def _communities(_request: Any) -> QuerySet[Community]:
    return Community.objects.all()


def _clerks(_request: Any) -> QuerySet[User]:
    return staff_with(Role.CLERK, clock.today())


def _search(*fields: str) -> Any:
    def find(qs: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return queries.find(qs, value, *fields)

    return find


class FilingFilter(ForgivingFilterSet):
    """Number or name, community, handler, deadline; the state is chosen by the tabs."""

    q = df.CharFilter(
        label=_("机构名称、编号或信用代码"),
        method=_search("facility_name", "number", "uscc"),
        max_length=100,
    )
    community = df.ModelChoiceFilter(
        label=_("社区（村）"), queryset=_communities, to_field_name="slug", empty_label=ALL
    )
    due = DueIn(label=_("答复期限"))
    handler = df.ModelChoiceFilter(label=_("经办人"), queryset=_clerks, empty_label=ALL)
    state = df.ChoiceFilter(label=_("状态"), choices=FilingStatus.choices, widget=forms.HiddenInput)

    class Meta:
        model = Filing
        form = FilterForm
        fields = ("q", "community", "due", "handler", "state")

    def filter_queryset(self, queryset: QuerySet[Filing]) -> QuerySet[Filing]:
        """Keep the rows before the state is chosen: the tabs count them."""
        values = dict(self.form.cleaned_data)
        state = values.pop("state")
        for name, value in values.items():
            queryset = self.filters[name].filter(queryset, value)
        self.any_state = queryset
        chosen: QuerySet[Filing] = self.filters["state"].filter(queryset, state)
        return chosen

    @property
    def tab(self) -> str:
        """The state of the open tab, empty for all."""
        return str(self.form.cleaned_data.get("state", "")) if self.form.is_valid() else ""

    @property
    def order(self) -> desk_queries.Order:
        """What waits is sorted by deadline, the rest by the day it came in."""
        return desk_queries.BY_DEADLINE if self.tab in LIVE_STATES else desk_queries.NEWEST


class FacilityFilter(ForgivingFilterSet):
    """Name, community, type, operation, the health department's filing."""

    q = df.CharFilter(label=_("机构名称、地址或登记号"), method="search", max_length=100)
    community = df.ModelChoiceFilter(
        label=_("社区（村）"), queryset=_communities, to_field_name="slug", empty_label=ALL
    )
    facility_type = df.ChoiceFilter(
        label=_("机构类型"), choices=FacilityType.choices, empty_label=ALL
    )
    operating = df.ChoiceFilter(
        label=_("运营状态"), choices=OperatingStatus.choices, empty_label=ALL
    )
    statutory = df.ChoiceFilter(
        label=_("卫健备案"),
        field_name="statutory_filing__status",
        choices=StatutoryFilingStatus.choices,
        empty_label=ALL,
    )

    class Meta:
        model = Facility
        form = FilterForm
        fields = ("q", "community", "facility_type", "operating", "statutory")

    def search(self, qs: QuerySet[Facility], _name: str, value: str) -> QuerySet[Facility]:
        """By name, address and pinyin initials; codes by their beginning."""
        code = half_width(value).strip()
        if CODE.fullmatch(code):
            return qs.filter(Q(code__istartswith=code) | Q(uscc__istartswith=code))
        return queries.find(qs, value, "name", "short_name", "address", "community__name")
