"""Views of a list that people keep: links over the list, and the pages behind them.

A list offers them with three lines: `views_over` for its template, a view of its own that calls
`new_view`, and `components/saved_views.html`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.core import saving
from portal.core.models import SavedView
from portal.core.pages import READ_AND_WRITE, Request, posted, shows
from portal.core.roles import STAFF_ROLES
from portal.core.view_forms import SavedViewForm


def views_over(request: Request, place: str) -> list[dict[str, Any]]:
    """The person's own views of this list and those shared with him, as links."""
    here = _as_set(request.GET.urlencode())
    found = SavedView.objects.visible_to(request.user).filter(place=place)
    return [
        {"name": each.name, "url": each.url, "current": _as_set(each.query) == here,
         "is_shared": each.is_shared,
         "edit": reverse("desk:saved_view", args=[each.pk]) if each.belongs_to(request.user)
         else ""}
        for each in found
    ]  # fmt: skip


def _as_set(query: str) -> set[tuple[str, str]]:
    """The conditions whatever their order, without the page and what was left empty."""
    pairs = [(name, value) for name, values in QueryDict(query).lists() for value in values]
    return {(name, value) for name, value in pairs if value and name not in {"page", "size"}}


def new_view(
    request: Request, place: str, roles: Iterable[str], query: str, crumbs: Sequence[Any]
) -> HttpResponse:
    """The page on which the conditions of the address get a name."""
    form = SavedViewForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            view = saving.save_view(
                place, query=query, roles=roles, by=request.actor, at=request.at,
                **form.cleaned_data,
            )  # fmt: skip
            messages.success(request, _("已保存“%(name)s”。") % {"name": view.name})
            return redirect(view.url)
        except saving.TooManyViews:
            form.is_full(saving.MOST_VIEWS)
    form.cancel_url = f"{reverse(place)}?{query}"
    return render(request, "desk/saved_view.html", {"form": form, "crumbs": crumbs})


@shows(SavedView, roles=STAFF_ROLES, methods=READ_AND_WRITE)
def saved_view(request: Request, saved_view: SavedView) -> HttpResponse:
    """Another name, shared or not; for whoever saved it."""
    form = SavedViewForm.about(posted(request), _mine(request, saved_view))
    if request.method == "POST" and form.is_valid() and _changed(request, saved_view, form):
        messages.success(request, _("已保存“%(name)s”。") % {"name": form.cleaned_data["name"]})
        return redirect(saved_view.url)
    form.cancel_url = saved_view.url
    context = {"form": form, "view": saved_view, "crumbs": _way(saved_view)}
    return render(request, "desk/saved_view.html", context)


def _changed(request: Request, view: SavedView, form: SavedViewForm) -> bool:
    try:
        saving.change_view(view, by=request.actor, at=request.at, **form.cleaned_data)
    except saving.NameTaken:
        form.is_taken()
        return False
    except SavedView.DoesNotExist:  # thrown away in another tab meanwhile
        raise Http404 from None
    return True


@shows(SavedView, roles=STAFF_ROLES, methods=READ_AND_WRITE)
def saved_view_delete(request: Request, saved_view: SavedView) -> HttpResponse:
    """Thrown away after a word."""
    _mine(request, saved_view)
    if request.method == "POST":
        saving.delete_view(saved_view, by=request.actor, at=request.at)
        messages.success(request, _("已删除“%(name)s”。") % {"name": saved_view.name})
        return redirect(saved_view.place)
    context = {"view": saved_view, "crumbs": _way(saved_view)}
    return render(request, "desk/saved_view_delete.html", context)


def _mine(request: Request, view: SavedView) -> SavedView:
    if not view.belongs_to(request.user):
        raise PermissionDenied
    return view


def _way(view: SavedView) -> list[tuple[Any, str]]:
    return [(_("工作台"), reverse("desk:home")), (view.name, view.url), (_("常用筛选"), "")]
