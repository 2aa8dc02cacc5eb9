"""The filters of filings and facilities, shared by pages and API.

A parameter nobody understands is left out and named in a note; a list never answers with an error.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import django_filters as df
from django import forms
from django.core.validators import RegexValidator
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from facilities import queries
from facilities.models import Facility, Filing, Lead
from facilities.models.choices import FacilityType
from facilities.models.leads import LeadSource
from facilities.queries import desk as desk_queries
from facilities.queries.expiry import SOURCES
from facilities.workflow import (
    OPEN_LEADS,
    OPEN_STATES,
    FilingStatus,
    LeadStatus,
    OperatingStatus,
    RegistrationStatus,
    StatutoryFilingStatus,
)
from portal.core import clock
from portal.core.forms import FilterFormMixin, half_width
from portal.core.models import Community, User, staff_with
from portal.core.regulation import Regulation
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


def month_after(first: dt.date) -> dt.date:
    """The first day of the next month."""
    return (first + dt.timedelta(days=31)).replace(day=1)


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


class Tabbed(ForgivingFilterSet):
    """One of the filters is chosen by tabs, which count what the others find."""

    tab_name = "state"

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows before the tab is chosen: the tabs count them."""
        values = dict(self.form.cleaned_data)
        tab = values.pop(self.tab_name)
        for name, value in values.items():
            queryset = self.filters[name].filter(queryset, value)
        self.any_state = queryset
        chosen: QuerySet[Any] = self.filters[self.tab_name].filter(queryset, tab)
        return chosen

    @property
    def tab(self) -> str:
        """The value of the open tab, empty for all."""
        return str(self.form.cleaned_data.get(self.tab_name, "")) if self.form.is_valid() else ""


def _communities(_request: Any) -> QuerySet[Community]:
    return Community.objects.all()


def _clerks(_request: Any) -> QuerySet[User]:
    """The clerks of today, and whoever left while filings still lie with him."""
    holding = Filing.objects.filter(state__in=OPEN_STATES).exclude(handler=None)
    today = Q(pk__in=staff_with(Role.CLERK, clock.today()).values("pk"))
    return User.objects.filter(today | Q(pk__in=holding.values("handler"))).order_by("id")


def _search(*fields: str) -> Any:
    def find(qs: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        return queries.find(qs, value, *fields)

    return find


class FilingFilter(Tabbed):
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

    @property
    def order(self) -> desk_queries.Order:
        """What waits is sorted by deadline, the rest by the day it came in."""
        return desk_queries.BY_DEADLINE if self.tab in LIVE_STATES else desk_queries.NEWEST


class FacilityFilter(Tabbed):
    """Name, community, type, operation, the county's filing; the registration by tabs."""

    tab_name = "registration"

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
    registration = df.ChoiceFilter(
        label=_("街道登记"), choices=RegistrationStatus.choices, widget=forms.HiddenInput
    )

    class Meta:
        model = Facility
        form = FilterForm
        fields = ("q", "community", "facility_type", "operating", "statutory", "registration")

    def search(self, qs: QuerySet[Facility], _name: str, value: str) -> QuerySet[Facility]:
        """By name, address and pinyin initials; codes by their beginning."""
        code = half_width(value).strip()
        if CODE.fullmatch(code):
            return qs.filter(Q(code__istartswith=code) | Q(uscc__istartswith=code))
        return queries.find(qs, value, "name", "short_name", "address", "community__name")


class ExpiryFilter(ForgivingFilterSet):
    """Which facilities, and what of theirs that ends; the month travels in the address."""

    q = df.CharFilter(label=_("机构名称、地址或登记号"), method="search", max_length=100)
    community = df.ModelChoiceFilter(
        label=_("社区（村）"), queryset=_communities, to_field_name="slug", empty_label=ALL
    )
    kind = df.ChoiceFilter(
        label=_("到期的是"),
        choices=[(source.key, source.label) for source in SOURCES],
        empty_label=ALL,
        method="keep",
    )
    state = df.ChoiceFilter(
        label=_("什么时候"),
        choices=[("overdue", _("已过期")), ("soon", _("快到期"))],
        empty_label=_("按月看"),
        method="keep",
    )
    month = df.CharFilter(
        label=_("月份"),
        method="keep",
        widget=forms.HiddenInput,
        validators=[RegexValidator(r"^20\d\d-(0[1-9]|1[0-2])$")],
    )

    class Meta:
        model = Facility
        form = FilterForm
        fields = ("q", "community", "kind", "state", "month")

    def search(self, qs: QuerySet[Facility], _name: str, value: str) -> QuerySet[Facility]:
        """As in the list of facility files; a code in full is one facility."""
        code = half_width(value).strip()
        if CODE.fullmatch(code):
            return qs.filter(code__iexact=code)
        return queries.find(qs, value, "name", "short_name", "address", "community__name")

    def keep(self, qs: QuerySet[Facility], _name: str, _value: Any) -> QuerySet[Facility]:
        """What ends is asked of the papers, not of the facilities."""
        return qs

    def chosen(self, name: str) -> str:
        """The value of `kind`, `state` or `month`, empty where none was chosen."""
        return str(self.form.cleaned_data.get(name) or "") if self.form.is_valid() else ""

    @property
    def first_of_month(self) -> dt.date:
        """The month the address names, else the present one, by its first day."""
        if named := self.chosen("month"):
            return dt.date.fromisoformat(f"{named}-01")
        return clock.day_of(self.at).replace(day=1)

    def ending(self, law: Regulation) -> QuerySet[Any, dict[str, Any]]:
        """What of the chosen kind ends on the days the address asks for, as plain rows."""
        first, last = self._span(law.integer("materials.expiring_days"))
        return queries.ending(self.qs, kind=self.chosen("kind"), first=first, last=last)

    def _span(self, near: int) -> tuple[dt.date | None, dt.date]:
        """Overdue, soon (within `near` days), or one month."""
        today, state = clock.day_of(self.at), self.chosen("state")
        if state == "overdue":
            return None, today - dt.timedelta(days=1)
        if state == "soon":
            return today, today + dt.timedelta(days=near)
        return self.first_of_month, month_after(self.first_of_month) - dt.timedelta(days=1)


class LeadFilter(Tabbed):
    """Name or number, community, source, what is late; the state is chosen by the tabs."""

    q = df.CharFilter(
        label=_("名称、地址或编号"), method=_search("name", "address", "number"), max_length=100
    )
    community = df.ModelChoiceFilter(
        label=_("社区（村）"), queryset=_communities, to_field_name="slug", empty_label=ALL
    )
    source = df.ChoiceFilter(label=_("来源"), choices=LeadSource.choices, empty_label=ALL)
    late = df.ChoiceFilter(
        label=_("办理期限"), choices=[("yes", _("已超期"))], empty_label=ALL, method="overdue"
    )
    state = df.ChoiceFilter(label=_("状态"), choices=LeadStatus.choices, widget=forms.HiddenInput)

    class Meta:
        model = Lead
        form = FilterForm
        fields = ("q", "community", "source", "late", "state")

    def overdue(self, qs: QuerySet[Lead], _name: str, value: str) -> QuerySet[Lead]:
        """Open ones whose next step is late."""
        late: QuerySet[Lead] = qs.overdue(clock.day_of(self.at)) if value else qs  # type: ignore[attr-defined]
        return late

    @property
    def order(self) -> desk_queries.Order:
        """What waits by its day, the rest as it came in."""
        return ("due_on", "id") if self.tab in OPEN_LEADS else ("-created_at", "-id")
