"""Calls, visits, letters and work orders, typed in while the person speaks (S29)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import actions
from complaints.forms.desk_intake import IntakeForm
from complaints.models import Complaint
from complaints.workflow import TAKERS
from portal.core.pages import Request, makes, posted
from portal.core.queries import in_force

from .acting import crumbs
from .lists import READERS

GROUP = 4


@makes(Complaint, roles=TAKERS)
def complaint_new(request: Request) -> HttpResponse:
    """Number and code stand on the slip, which is shown once: in the answer to the POST."""
    form = IntakeForm(posted(request), law=in_force(request.today), today=request.today)
    if request.method == "POST" and form.is_valid():
        given, token = form.submission, form.form_token
        try:
            taken = actions.take_complaint(given, by=request.actor, at=request.at, token=token)
            return _slip(request, *taken)
        except actions.KnownOrder:
            form.order_is_known()
    form.cancel_url = reverse(_home(request))
    way = crumbs((_("登记来电来访"), "")) if request.user.has_role(*READERS) else []
    return render(request, "complaints/desk/new.html", {"form": form, "crumbs": way})


def _home(request: Request) -> str:
    """A clerk of the counter does not read complaints."""
    return "desk:complaints" if request.user.has_role(*READERS) else "desk:home"


def _slip(request: Request, complaint: Complaint, code: str) -> HttpResponse:
    """The code in groups that can be spoken and written down."""
    groups = [code[start : start + GROUP] for start in range(0, len(code), GROUP)]
    context = {"complaint": complaint, "groups": groups, "home": reverse(_home(request))}
    response = render(request, "complaints/desk/slip.html", context)
    response["Cache-Control"] = "no-store"
    return response
