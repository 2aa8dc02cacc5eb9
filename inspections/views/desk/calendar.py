"""The address under which a person's own calendar program reads his visits."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from inspections import actions
from inspections.models import CalendarAddress
from inspections.models.choices import OFFICE_READERS
from portal.core.pages import READ_AND_WRITE, Request, lists
from portal.core.roles import Role

from . import parts

SUBSCRIBERS = (*OFFICE_READERS, Role.COMMUNITY)


@lists(CalendarAddress, roles=SUBSCRIBERS, methods=READ_AND_WRITE)
def calendar_address(request: Request) -> HttpResponse:
    """Make or renew one's own address; it is shown this once."""
    shown = ""
    if request.method == "POST":
        secret = actions.renew_calendar_address(by=request.actor, at=request.at)
        shown = settings.PUBLIC_ORIGIN + reverse("public:calendar_feed", args=[secret])
    way = (_("检查日历"), reverse("desk:inspections_calendar"))
    context = {
        "shown": shown,
        "standing": CalendarAddress.objects.visible_to(request.user).first(),
        "crumbs": parts.crumbs(way, (_("订阅地址"), "")),
    }
    return render(request, "desk/inspections/address.html", context)


@lists(CalendarAddress, roles=SUBSCRIBERS, methods=("POST",))
def calendar_address_end(request: Request) -> HttpResponse:
    """The address leads nowhere any more."""
    actions.end_calendar_address(by=request.actor, at=request.at)
    messages.success(request, _("订阅地址已停用。"))
    return redirect("desk:calendar_address")
