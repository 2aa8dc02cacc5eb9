"""The casework pages (S27, S28)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import queries
from complaints.models import Complaint
from portal.core.pages import Request, lists, shows
from portal.core.paging import page_of
from portal.core.roles import Role

READERS = (Role.HANDLER, Role.RED_LANE, Role.APPROVER, Role.AUDITOR)


@lists(Complaint, roles=READERS)
def complaints(request: Request) -> HttpResponse:
    """The cases within reach."""
    page = page_of(request, queries.office_cases(request.user))
    crumbs = [(_("工作台"), reverse("desk:home")), (_("投诉举报"), "")]
    return render(request, "complaints/desk/list.html", {"page": page, "crumbs": crumbs})


@shows(Complaint, key="id", audited="complaint.read")
def complaint(request: Request, complaint: Complaint) -> HttpResponse:
    """One case: what was told, and what was done."""
    crumbs = [
        (_("工作台"), reverse("desk:home")),
        (_("投诉举报"), reverse("desk:complaints")),
        (complaint.number, ""),
    ]
    context = {"complaint": complaint, "steps": queries.steps_of(complaint), "crumbs": crumbs}
    return render(request, "complaints/desk/case.html", context)
