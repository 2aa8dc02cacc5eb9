"""The conditions of the office's list of cases.

A parameter nobody understands is left out and named in a note; a list never answers with an
error.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import django_filters as df
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from complaints import queries
from complaints.models import Category, Channel, Complaint, Lane, Severity
from complaints.queries import casework
from complaints.workflow import DONE, OPEN, WAITING, WORKED_ON, ComplaintStatus
from portal.core import clock
from portal.core.forms import FilterFormMixin
from portal.core.models import SavedView, User

ALL = _("全部")
S = ComplaintStatus
# The tabs in the order of the work: value, words, states (None: every one).
TABS: tuple[tuple[str, Any, frozenset[str] | None], ...] = (
    ("", _("在办"), OPEN),
    ("received", _("待受理"), frozenset({S.RECEIVED})),
    ("working", _("办理中"), WORKED_ON),
    ("waiting", _("等待回复"), WAITING),
    ("approval", _("待审签"), frozenset({S.REPLY_PROPOSED})),
    ("ended", _("已结束"), DONE),
    ("every", _("全部"), None),
)
STATES = {value: states for value, _words, states in TABS}


class FilterForm(FilterFormMixin, forms.Form):
    """The form of the filter."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, where no page is asked for."""

    user: User


def hits_of(view: SavedView, person: User, on: dt.date, *, at: dt.datetime) -> int:
    """How many cases of the conditions came on that day, of those the person sees."""
    seen = queries.office_cases(person)
    found = ComplaintFilter(QueryDict(view.query), seen, request=Reader(person), at=at)
    return int(found.qs.filter(received_on=on).order_by().count())


class Tab(df.ChoiceFilter):
    """The group of states; without one, what is still open."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        states = STATES[value or ""]
        return qs if states is None else qs.filter(state__in=states)


class Due(df.ChoiceFilter):
    """The last day, by how near it is; only while the clock runs."""

    CHOICES = (("overdue", _("已超期")), ("today", _("今天到期")), ("week", _("7天内到期")))

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return qs
        today = clock.day_of(self.parent.at)
        if value == "overdue":
            return queries.overdue_cases(qs, today)
        last = today if value == "today" else today + dt.timedelta(days=7)
        return qs.filter(queries.due_within(today, last))


def _people(request: Any) -> QuerySet[User]:
    return casework.people_with_cases(request.user)


class ComplaintFilter(df.FilterSet):
    """Number, title, summary or facility; category, severity, day, handler, lane, where from."""

    q = df.CharFilter(label=_("编号、标题、摘要或机构"), method="search", max_length=100)
    category = df.ChoiceFilter(label=_("类别"), choices=Category.choices, empty_label=ALL)
    due = Due(label=_("办结期限"), choices=Due.CHOICES, empty_label=ALL)
    severity = df.ChoiceFilter(label=_("严重程度"), choices=Severity.choices, empty_label=ALL)
    handler = df.ModelChoiceFilter(label=_("承办人"), queryset=_people, empty_label=ALL)
    channel = df.ChoiceFilter(label=_("来源"), choices=Channel.choices, empty_label=ALL)
    mine = df.ChoiceFilter(
        label=_("我的"), choices=[("yes", _("我承办或协办的"))], empty_label=ALL, method="own"
    )
    lane = df.ChoiceFilter(label=_("专线"), choices=Lane.choices, empty_label=ALL)
    state = Tab(
        label=_("状态"), choices=[(value, words) for value, words, _states in TABS if value],
        widget=forms.HiddenInput,
    )  # fmt: skip

    class Meta:
        model = Complaint
        form = FilterForm
        fields = ("q", "category", "due", "severity", "handler", "channel", "mine", "lane", "state")

    def __init__(self, data: Any = None, *args: Any, at: dt.datetime, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.at = at
        if len(queries.lanes_of(self.request.user)) < 2:
            self.filters.pop("lane")
        self.ignored = [str(self.form[name].label) for name in self.form.errors]
        if self.ignored:
            kept = self.data.copy()
            for name in self.form.errors:
                kept.pop(name, None)
            self.data: Any = kept
            del self._form

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the rows before the tab is chosen: the tabs count them."""
        values = dict(self.form.cleaned_data)
        tab = values.pop("state")
        for name, value in values.items():
            queryset = self.filters[name].filter(queryset, value)
        self.any_state = queryset
        chosen: QuerySet[Any] = self.filters["state"].filter(queryset, tab)
        return chosen

    def search(self, qs: QuerySet[Complaint], _name: str, value: str) -> QuerySet[Complaint]:
        """What staff wrote, number and facility; never what people told (R10)."""
        return queries.search_cases(qs, value)

    def own(self, qs: QuerySet[Complaint], _name: str, value: str) -> QuerySet[Complaint]:
        """Those the person deals with or helps with."""
        if not value:
            return qs
        user = self.request.user
        assisted = Complaint.assistants.through.objects.filter(user=user).values("complaint")
        return qs.filter(Q(handler=user) | Q(pk__in=assisted))

    @property
    def chosen(self) -> str:
        """What was chosen, as an address; typed words may be somebody's name and are left out."""
        names = [name for name in self.filters if name != "q" and self.data.get(name)]
        return urlencode([(name, self.data[name]) for name in names])

    @property
    def tab(self) -> str:
        """The value of the open tab."""
        return str(self.form.cleaned_data.get("state", "")) if self.form.is_valid() else ""

    @property
    def order(self) -> tuple[Any, ...]:
        """What is open by its last day, what has ended as it came in."""
        return casework.NEWEST if self.tab in {"ended", "every"} else casework.BY_DAY
