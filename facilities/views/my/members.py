"""O25: who works for my facilities, invitations, and joining another one (R23)."""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions, queries
from facilities.forms.members import InviteForm, JoinForm
from facilities.models import Facility, Invitation, JoinRequest, Membership
from facilities.models.members import managed_by
from facilities.views import membering
from portal.core.identifiers import show_code
from portal.core.pages import Request, lists, makes, offers, posted, shows
from portal.core.roles import Role

from .own import my_facilities

RATE = "portal_join"
WAIT_MINUTES = 60
OPERATOR = [Role.OPERATOR]


@lists(Membership, roles=OPERATOR)
def members(request: Request) -> HttpResponse:
    """The members of each facility of mine, and for its managers invitations and requests."""
    return render(request, "my/members.html", _context(request))


def _context(request: Request, **more: Any) -> dict[str, Any]:
    managed = set(managed_by(request.user).values_list("pk", flat=True))
    panels = []
    mine = list(my_facilities(request.user))
    queries.load_members(mine, request.today)
    for facility in mine:
        panel = membering.panel(request, facility, may_manage=facility.pk in managed)
        if panel["may_manage"]:
            panel["invitations"] = facility.invitations.all()
            panel["form"] = InviteForm(initial={"role": "editor"}, auto_id=f"id_{facility.code}_%s")
            panel["form"].submit_css = (
                InviteForm.submit_css if len(mine) == 1 else "btn-outline-primary"
            )
            panel["form"].form_action = reverse("my:invite", args=[facility.code])
        panels.append(panel)
    crumbs = [(_("我的机构"), reverse("my:home")), (_("成员"), "")]
    return {"panels": panels, "crumbs": crumbs, **more}


@shows(Facility, key="code", roles=OPERATOR, methods=("POST",))
def invite(request: Request, facility: Facility) -> HttpResponse:
    """Make a code and show it, this once."""
    form = InviteForm(posted(request))
    if not form.is_valid():
        return redirect("my:members")
    role = form.cleaned_data["role"]
    try:
        made, code = actions.invite(facility, role, by=request.actor, at=request.at)
    except actions.TooManyInvitations:
        messages.error(request, _("有效的邀请码已经够多了，请先收回不用的，再生成新的。"))
        return redirect("my:members")
    return render(request, "my/members.html", _context(request, made=made, code=show_code(code)))


@shows(Invitation, roles=OPERATOR, methods=("POST",))
def invitation_end(request: Request, invitation: Invitation) -> HttpResponse:
    """Take a code back."""
    actions.take_back_invitation(invitation, by=request.actor, at=request.at)
    messages.success(request, _("已收回邀请码。"))
    return redirect("my:members")


@offers(JoinRequest, "admit")
def join_answer(request: Request, asked: JoinRequest) -> HttpResponse:
    """Admit or refuse a person who asked; the page of members has the buttons."""
    if request.method != "POST":
        return redirect("my:members")
    return membering.answer(request, asked)


@shows(Membership, roles=OPERATOR, methods=("POST",))
def member_change(request: Request, member: Membership) -> HttpResponse:
    """Give a member another part, or end the membership."""
    return membering.change(request, member)


@makes(Membership, roles=OPERATOR)
def join(request: Request) -> HttpResponse:
    """Enter a code, or ask by credit code; the answer tells nobody which codes are known."""
    form = JoinForm(posted(request))
    form.cancel_url = reverse("my:home")
    if request.method == "POST" and form.is_valid():
        if not ratelimit.consume(request, action=RATE, user=request.user):
            return render(request, "429.html", {"minutes": WAIT_MINUTES}, status=429)
        if _joined(request, form):
            return HttpResponseRedirect(reverse("my:home"), status=303)
    crumbs = [(_("我的机构"), reverse("my:home")), (_("加入已有机构"), "")]
    return render(request, "my/join.html", {"form": form, "crumbs": crumbs})


def _joined(request: Request, form: JoinForm) -> bool:
    code, uscc = form.cleaned_data["code"], form.cleaned_data["uscc"]
    if not code:
        actions.ask_to_join(uscc, by=request.actor, at=request.at)
        text = _(
            "申请已收到。这家机构已经登记的，由机构负责人或街道答复，结果用站内消息告诉您；"
            "还没有登记的，请直接办理登记报送。"
        )
        messages.success(request, text)
        return True
    try:
        member = actions.join_by_code(code, by=request.actor, at=request.at)
    except actions.NoSuchInvitation:
        form.add_error(
            "code", _("这个邀请码不能用：可能写错、用过或已过期，请向机构负责人再要一个")
        )
        return False
    messages.success(request, _("您已加入%(name)s。") % {"name": member.facility})
    return True
