"""The people of a facility as the office sees them: counts for all, names for those who check."""

from __future__ import annotations

from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions, queries
from facilities.forms.staff_ledger import RevealForm
from facilities.models import Facility, StaffMember
from facilities.models.staff import STAFF_READERS
from facilities.views.staff_words import needs, state_badge
from portal.core.pages import READ_AND_WRITE, Request, posted, shows
from portal.core.queries import in_force

from .lists import crumbs


def staff_tab(request: Request, facility: Facility) -> dict[str, Any]:
    """The tab 人员 of one facility."""
    law = in_force(request.today)
    prefetch_related_objects([facility], "classes")
    people = queries.listed(queries.present_staff(facility, request.user), law)
    return {
        "counts": queries.staff_counts(facility, law),
        "staffing": needs(queries.facility_staffing(facility, law)),
        "may_read_names": request.user.has_role(*STAFF_READERS),
        "people": [
            {
                "member": each.member,
                "papers": [(p.label, state_badge(p.state, law), p.paper) for p in each.papers],
                "url": reverse("desk:staff_reveal", args=[each.member.pk]),
            }
            for each in people
        ],
    }


@shows(StaffMember, roles=STAFF_READERS, methods=READ_AND_WRITE)
def staff_reveal(request: Request, member: StaffMember) -> HttpResponse:
    """The whole number, once a reason is given; every look is on the audit trail."""
    form = RevealForm(posted(request))
    number = ""
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        number = actions.reveal_identity(member, reason, by=request.actor, at=request.at)
    facility = member.facility
    back = f"{reverse('desk:facility', args=[facility.code])}?tab=staff"
    form.cancel_url = back
    files = (_("机构档案"), reverse("desk:facilities"))
    context = {
        "member": member, "form": form, "number": number, "back": back,
        "crumbs": crumbs(files, (facility.name, back), (_("查看身份证号"), "")),
    }  # fmt: skip
    return render(request, "desk/staff_reveal.html", context)
