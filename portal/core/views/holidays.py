"""The calendar of working days: a year at a time."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.core.administration import holidays
from portal.core.administration_forms import DayForm
from portal.core.models import CalendarYear, Holiday
from portal.core.pages import READ_AND_WRITE, Request, lists

from .administration import crumbs

YEARS = range(2000, 2101)


@lists(Holiday, roles=holidays.KEEPERS)
def holiday_year(request: Request) -> HttpResponse:
    """The days of a year that differ from their weekday."""
    year = _year(request.GET, request.today)
    context = {
        "year": year,
        "days": Holiday.objects.filter(date__year=year),
        "is_official": CalendarYear.objects.filter(year=year, is_official=True).exists(),
        "crumbs": crumbs((_("节假日与调休"), "")),
    }
    return render(request, "administration/holidays.html", context)


@lists(Holiday, roles=holidays.KEEPERS, methods=READ_AND_WRITE)
def holiday_new(request: Request) -> HttpResponse:
    """A day that is not in the list yet."""
    return _edit(request, None, _("添加一天"))


@lists(Holiday, roles=holidays.KEEPERS, methods=READ_AND_WRITE)
def holiday_day(request: Request, day: str) -> HttpResponse:
    """Change a day."""
    return _edit(request, _found(day), _("修改这一天"))


def _edit(request: Request, day: Holiday | None, title: str) -> HttpResponse:
    initial = {"date": day.date, "is_workday": "yes" if day.is_workday else "no",
               "name": day.name, "source": day.source} if day else {}  # fmt: skip
    form = DayForm(request.POST if request.method == "POST" else None, initial=initial)
    form.cancel_url = reverse("desk:holidays")
    if form.is_valid():
        kept = holidays.keep_day(**form.cleaned_data, by=request.actor, at=request.at)
        messages.success(request, _("已保存。已经算好的期限不变，以后的期限按新的日历算。"))
        return _back(kept.date.year)
    way = crumbs((_("节假日与调休"), reverse("desk:holidays")), (title, ""))
    return render(request, "administration/form.html", {"form": form, "act": title, "crumbs": way})


@lists(Holiday, roles=holidays.KEEPERS, methods=("POST",))
def holiday_remove(request: Request, day: str) -> HttpResponse:
    """The day is again what its weekday says."""
    found = _found(day)
    holidays.remove_day(found.date, by=request.actor, at=request.at)
    messages.success(request, _("已删除，这一天按星期几算。"))
    return _back(found.date.year)


@lists(Holiday, roles=holidays.KEEPERS, methods=("POST",))
def holiday_import(request: Request) -> HttpResponse:
    """Take the announced plan of the year from the package."""
    year = _year(request.POST, request.today)
    try:
        count = holidays.import_year(year, by=request.actor, at=request.at)
    except holidays.NotAnnounced:
        messages.warning(request, _("平台自带的资料里还没有这一年公布的安排，请按通知逐天添加。"))
    else:
        messages.success(request, _("已按公布的安排装入 %(n)s 天。") % {"n": count})
    return _back(year)


@lists(Holiday, roles=holidays.KEEPERS, methods=("POST",))
def holiday_confirm(request: Request) -> HttpResponse:
    """The year was compared with the notice."""
    year = _year(request.POST, request.today)
    holidays.confirm_year(year, by=request.actor, at=request.at)
    messages.success(request, _("已记下：这一年已经按通知核对。"))
    return _back(year)


def _found(day: str) -> Holiday:
    try:
        found = Holiday.objects.filter(date=dt.date.fromisoformat(day)).first()
    except ValueError:
        found = None
    if found is None:
        raise Http404
    return found


def _year(typed: QueryDict, today: dt.date) -> int:
    word = typed.get("year", "")
    year = int(word) if word.isascii() and word.isdigit() and len(word) == 4 else today.year
    return year if year in YEARS else today.year


def _back(year: int) -> HttpResponse:
    return redirect(f"{reverse('desk:holidays')}?year={year}")
