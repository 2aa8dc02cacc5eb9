"""Who keeps away from what; a tie ends by another hand than that of the person it is about."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import actions, queries
from complaints.forms import desk as desk_forms
from complaints.models import ConfidentialTie
from portal.core.pages import READ_AND_WRITE, Request, lists, posted, shows
from portal.core.paging import page_of
from portal.core.roles import Role

from .acting import crumbs
from .lists import READERS

OVERSEERS = (Role.APPROVER, Role.AUDITOR)


@lists(ConfidentialTie, roles=READERS)
def complaint_ties(request: Request) -> HttpResponse:
    """The ties that stand: one's own, all of them for those who oversee."""
    context = {
        "page": page_of(request, queries.standing_ties(request.user)),
        "may_end": request.user.has_role(*OVERSEERS),
        "crumbs": crumbs((_("回避申报"), "")),
    }
    return render(request, "complaints/desk/ties.html", context)


@shows(ConfidentialTie, key="id", roles=OVERSEERS, methods=READ_AND_WRITE)
def complaint_tie_end(request: Request, tie: ConfidentialTie) -> HttpResponse:
    """It is over; nobody says so about himself."""
    if tie.user_id == request.user.pk:
        raise PermissionDenied
    form = desk_forms.ConfirmForm(posted(request), submit=_("解除回避"))
    form.cancel_url = reverse("desk:complaint_ties")
    if request.method == "POST" and form.is_valid():
        actions.end_tie(tie, by=request.actor, at=request.at)
        messages.success(request, _("已解除回避关系。"))
        return redirect(form.cancel_url)
    way = crumbs((_("回避申报"), form.cancel_url), (_("解除回避"), ""))
    return render(
        request, "complaints/desk/tie_end.html", {"tie": tie, "form": form, "crumbs": way}
    )
