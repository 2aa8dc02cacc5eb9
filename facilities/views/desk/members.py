"""Who works for a facility, for the clerk: answering requests, naming a manager at the counter."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import queries
from facilities.models import Facility, JoinRequest, Membership
from facilities.views import membering
from portal.core.pages import Request, offers, shows
from portal.core.roles import Role

from .lists import crumbs

CLERK = (Role.CLERK,)


@shows(Facility, key="code", roles=CLERK)
def members(request: Request, facility: Facility) -> HttpResponse:
    """Members with their dates, and who asks to join."""
    queries.load_members([facility], request.today)
    files = (_("机构档案"), reverse("desk:facilities"))
    here = (facility.name, reverse("desk:facility", args=[facility.code]))
    context = {
        "panel": membering.panel(request, facility, may_manage=True),
        "facility": facility,
        "crumbs": crumbs(files, here, (_("账号成员"), "")),
    }
    return render(request, "desk/members.html", context)


@offers(JoinRequest, "admit")
def join_answer(request: Request, asked: JoinRequest) -> HttpResponse:
    """Admit or refuse a person who asked; the page of members has the buttons."""
    if request.method != "POST":
        return redirect("desk:members", code=asked.facility.code)
    return membering.answer(request, asked)


@shows(Membership, roles=CLERK, methods=("POST",))
def member_change(request: Request, member: Membership) -> HttpResponse:
    """Name a manager at the counter, or end a membership."""
    return membering.change(request, member)
