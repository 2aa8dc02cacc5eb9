"""The acts about members that the operator's and the desk's pages share."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from facilities import actions
from facilities.models import Facility, JoinRequest, Membership
from facilities.models.choices import MemberRole
from portal.core import permissions
from portal.core.pages import Request

LEAVE = "leave"


def panel(request: Request, facility: Facility, *, may_manage: bool) -> dict[str, Any]:
    """What both pages show of a facility: the members with their dates, and who asks to join.

    Whoever shows several loads them first (queries.load_members).
    """
    asked = facility.join_requests.all() if may_manage else ()
    return {
        "facility": facility,
        "may_manage": may_manage,
        "members": [
            {"member": each, "is_me": each.user_id == request.user.pk}
            for each in facility.memberships.all()
        ],
        "asked": [permissions.reached(request.user, each) for each in asked],
    }


def answer(request: Request, asked: JoinRequest) -> HttpResponse:
    """Admit as editor or as manager, or refuse, as the pressed button says."""
    wanted = request.POST.get("act", "")
    if wanted in MemberRole.values:
        actions.admit(asked, wanted, by=request.actor, at=request.at)
        messages.success(request, _("已同意%(name)s加入。") % {"name": asked.user})
    elif wanted == "refuse":
        actions.refuse_to_admit(asked, by=request.actor, at=request.at)
        messages.success(request, _("已答复%(name)s：没有同意加入。") % {"name": asked.user})
    return redirect(asked.url_for(request.user))


def change(request: Request, member: Membership) -> HttpResponse:
    """Another part, or the end of the membership, as the pressed button says."""
    wanted, facts = request.POST.get("act", ""), {"name": str(member.user)}
    try:
        if wanted in MemberRole.values:
            actions.give_role(member, wanted, by=request.actor, at=request.at)
            messages.success(request, _("已调整%(name)s的身份。") % facts)
        elif wanted == LEAVE:
            actions.end_membership(member, by=request.actor, at=request.at)
            messages.success(request, _("%(name)s已不再是机构成员，以前的记录保留。") % facts)
    except actions.LastManager:
        text = _("机构至少要有一名负责人。请先把另一名成员改为负责人，再办这一步。")
        messages.error(request, text)
    return redirect(_way_back(request, member))


def _way_back(request: Request, member: Membership) -> str:
    """Whoever has just left his last facility has no page of members any more."""
    if request.user.is_office or member.user_id != request.user.pk:
        return member.url_for(request.user)
    return "my:home"
