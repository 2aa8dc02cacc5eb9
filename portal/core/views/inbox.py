"""Messages, and the page each person lands on."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from portal.core import actions
from portal.core.frames import area_of, frame_of
from portal.core.models import Notification
from portal.core.pages import Request, signed_in
from portal.core.paging import page_of


@signed_in()
def landing(request: Request) -> HttpResponse:
    """After signing in: the desk for officials, the panel for evaluators, else my facility."""
    return redirect(f"{area_of(request.user)}:home")


@signed_in()
def messages(request: Request) -> HttpResponse:
    """The person's messages, the newest first."""
    found = Notification.objects.visible_to(request.user)
    context = {"page": page_of(request, found), "base": frame_of(request.user)}
    return render(request, "core/messages.html", context)


@signed_in(methods=("POST",))
def message_open(request: Request, id: str) -> HttpResponse:  # ruff: ignore[builtin-argument-shadowing]  (the URL's word)
    """Mark one message as read and go where it leads."""
    notification = actions.read_notification(id, by=request.actor, at=request.at)
    target = notification.url if notification else ""
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = ""
    return redirect(target or "core:messages")


@signed_in(methods=("POST",))
def messages_read(request: Request) -> HttpResponse:
    """Mark everything as read."""
    actions.read_all_notifications(by=request.actor, at=request.at)
    return redirect("core:messages")
