"""Who works on these pages: the people who were sent, while the visit stands where it should."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from inspections.models import Inspection
from inspections.queries import field as queries
from inspections.workflow import InspectionStatus
from portal.core.pages import Request
from portal.core.roles import Role
from portal.core.statemachine import TransitionNotOpen

VISITORS = [Role.INSPECTOR, Role.CLERK, Role.COMMUNITY]
CARRIED_OUT = (InspectionStatus.IN_PROGRESS,)
SIGNED = (InspectionStatus.AWAITING_SIGNATURE,)
REFUSED = 409
View = Callable[..., HttpResponse]


def of_team(*states: str) -> Callable[[View], View]:
    """403 for whoever was not sent; where the visit has moved on, its page says so."""

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: Request, inspection: Inspection, **kwargs: Any) -> HttpResponse:
            if not inspection.belongs_to(request.user) or not _gave_it(request):
                raise PermissionDenied
            if states and inspection.state not in states:
                return _moved_on(request, inspection)
            try:
                return view(request, inspection, **kwargs)
            except TransitionNotOpen:
                inspection.refresh_from_db()
                return _moved_on(request, inspection)

        return page

    return decorate


def _gave_it(request: Request) -> bool:
    """Whether what the page sends by itself was given by the person who is signed in now."""
    return request.POST.get("person", str(request.user.pk)) == str(request.user.pk)


def _moved_on(request: Request, inspection: Inspection) -> HttpResponse:
    facts = {"state": inspection.get_state_display()}
    words = _("这次检查现在是“%(state)s”，这一步不能再改。") % facts
    if by_script(request):
        return JsonResponse({"refused": words}, status=REFUSED)
    messages.info(request, words)
    return HttpResponseRedirect(page_of(inspection), status=303)


def by_script(request: HttpRequest) -> bool:
    """Whether the page itself sent this, and reads the answer."""
    return "application/json" in request.headers.get("Accept", "")


def safe_here(inspection: Inspection, **facts: Any) -> HttpResponse:
    """What the phone reads after something was kept: how much of the visit is safe."""
    return JsonResponse({"saved": queries.saved_of(inspection), **facts})


def refused(words: str) -> HttpResponse:
    """What the phone reads when something was not kept."""
    return JsonResponse({"refused": words}, status=REFUSED)


def page_of(inspection: Inspection) -> str:
    """Where the team works with a visit."""
    return reverse("desk:field_visit", args=[inspection.number])


def crumbs(inspection: Inspection | None = None, *steps: tuple[str, str]) -> list[tuple[str, str]]:
    """The way from the desk to this page."""
    way = [(_("工作台"), reverse("desk:home")), (_("今天的检查"), reverse("desk:field"))]
    if inspection is not None:
        way.append((inspection.number, page_of(inspection)))
    return [*way, *steps]


def see(url: str) -> HttpResponse:
    """Go on to this page after something was done."""
    return HttpResponseRedirect(url, status=303)
