"""The filters of visits and findings."""

from __future__ import annotations

from typing import Any

import django_filters as df
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from facilities.filters import ALL, FilterForm, Tabbed
from facilities.models import Facility
from facilities.queries import find
from inspections.models import Finding, Inspection, InspectionMember
from inspections.queries.people import visitors
from inspections.workflow import (
    AHEAD,
    FindingStatus,
    InspectionKind,
    InspectionResult,
    InspectionStatus,
    Severity,
)
from portal.core import clock
from portal.core.models import Community, User


def _communities(_request: Any) -> QuerySet[Community]:
    return Community.objects.all()


def _people(_request: Any) -> QuerySet[User]:
    return visitors(clock.today())


def _of_facilities(qs: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Rows whose facility is found, or whose own number it is."""
    found = find(Facility.objects.all(), value, "name", "short_name", "address", "code")
    return qs.filter(
        Q(facility__in=found.order_by().values("pk")) | Q(number__iexact=value.strip())
    )


class InspectionFilter(Tabbed):
    """Facility or number, kind, person, community, result; the state is chosen by the tabs."""

    q = df.CharFilter(label=_("机构名称或检查编号"), method="search", max_length=100)
    kind = df.ChoiceFilter(label=_("检查类型"), choices=InspectionKind.choices, empty_label=ALL)
    community = df.ModelChoiceFilter(
        label=_("社区（村）"),
        queryset=_communities,
        to_field_name="slug",
        empty_label=ALL,
        field_name="facility__community",
    )
    person = df.ModelChoiceFilter(
        label=_("检查人员"), queryset=_people, empty_label=ALL, method="of_person"
    )
    result = df.ChoiceFilter(label=_("检查结果"), choices=InspectionResult.choices, empty_label=ALL)
    late = df.ChoiceFilter(
        label=_("期限"), choices=[("yes", _("已逾期"))], empty_label=ALL, method="overdue"
    )
    state = df.ChoiceFilter(
        label=_("状态"), choices=InspectionStatus.choices, widget=forms.HiddenInput
    )

    class Meta:
        model = Inspection
        form = FilterForm
        fields = ("q", "kind", "community", "person", "result", "late", "state")

    def search(self, qs: QuerySet[Inspection], _name: str, value: str) -> QuerySet[Inspection]:
        """By facility or number."""
        return _of_facilities(qs, value)

    def of_person(self, qs: QuerySet[Inspection], _name: str, value: User) -> QuerySet[Inspection]:
        """Those in which the person goes."""
        own = InspectionMember.objects.filter(user=value, left_at=None).values("inspection")
        return qs.filter(pk__in=own)

    def overdue(self, qs: QuerySet[Inspection], _name: str, value: str) -> QuerySet[Inspection]:
        """Ahead, and the last day is over."""
        late = qs.filter(state__in=AHEAD, due_on__lt=clock.day_of(self.at))
        return late if value else qs

    @property
    def order(self) -> tuple[str, ...]:
        """What is ahead by its day, the rest with the newest first."""
        ahead = {str(state) for state in AHEAD}
        return ("planned_on", "id") if self.tab in ahead else ("-planned_on", "-id")


class FindingFilter(Tabbed):
    """Facility or number, severity, community, what is late; the state is chosen by the tabs."""

    q = df.CharFilter(label=_("机构名称或问题编号"), method="search", max_length=100)
    severity = df.ChoiceFilter(label=_("严重程度"), choices=Severity.choices, empty_label=ALL)
    community = df.ModelChoiceFilter(
        label=_("社区（村）"),
        queryset=_communities,
        to_field_name="slug",
        empty_label=ALL,
        field_name="facility__community",
    )
    late = df.ChoiceFilter(
        label=_("整改期限"), choices=[("yes", _("已超期"))], empty_label=ALL, method="overdue"
    )
    repeat = df.ChoiceFilter(
        label=_("重复问题"), choices=[("yes", _("重复出现"))], empty_label=ALL, method="repeated"
    )
    state = df.ChoiceFilter(
        label=_("状态"), choices=FindingStatus.choices, widget=forms.HiddenInput
    )

    class Meta:
        model = Finding
        form = FilterForm
        fields = ("q", "severity", "community", "late", "repeat", "state")

    def search(self, qs: QuerySet[Finding], _name: str, value: str) -> QuerySet[Finding]:
        """By facility or number."""
        return _of_facilities(qs, value)

    def overdue(self, qs: QuerySet[Finding], _name: str, value: str) -> QuerySet[Finding]:
        """Those that should have been put right."""
        late: QuerySet[Finding] = qs.overdue(clock.day_of(self.at)) if value else qs  # type: ignore[attr-defined]
        return late

    def repeated(self, qs: QuerySet[Finding], _name: str, value: str) -> QuerySet[Finding]:
        """Those that came back."""
        return qs.filter(repeat_of__isnull=False) if value else qs

    @property
    def order(self) -> tuple[str, ...]:
        """What is open by its day, what is closed with the newest first."""
        return ("-closed_on", "-id") if self.tab == FindingStatus.CLOSED else ("due_on", "id")
