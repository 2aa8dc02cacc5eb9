"""Whose page it is: the facility's own people, whatever other roles they have."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.models.facility import withheld_from
from inspections.queries import field as queries
from portal.core.pages import Request

View = Callable[..., HttpResponse]


def of_mine(right: str = "") -> Callable[[View], View]:
    """403 for whoever does not work for the facility, or whose part there is a smaller one."""

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: Request, noun: Any, **kwargs: Any) -> HttpResponse:
            if not queries.mine(request.user).filter(facility=noun.facility_id).exists():
                raise PermissionDenied
            if right and withheld_from(request.user, noun.facility_id, right):
                raise PermissionDenied
            return view(request, noun, **kwargs)

        return page

    return decorate


def home_crumb() -> tuple[str, str]:
    """The first step of every way here."""
    return _("我的机构"), reverse("my:home")


def form_page(
    request: Request, noun: Any, form: Any, heading: str, *, lead: str = "", **more: Any
) -> HttpResponse:
    """The page of one form about a visit or a finding."""
    back = form.cancel_url = reverse(f"my:{type(noun).__name__.lower()}", args=[noun.number])
    way = [home_crumb(), (str(noun), back), (heading, "")]
    context = {"form": form, "heading": heading, "lead": lead, "noun": noun,
               "facility": noun.facility, "crumbs": way, **more}  # fmt: skip
    return render(request, "my/inspections/form.html", context)
