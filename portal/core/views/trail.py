"""The trail of acts (S41): searched by the auditor, exported as a job."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.core import audit
from portal.core.administration_forms import TrailFilter
from portal.core.models import AuditEvent
from portal.core.pages import Request, lists
from portal.core.paging import CappedPaginator
from portal.core.trail import READERS

SIZE, MOST = 50, 5000


@lists(AuditEvent, roles=READERS)
def trail(request: Request) -> HttpResponse:
    """The newest lines first; counting stops at some thousands, the export does not."""
    chosen = TrailFilter(request.GET)
    rows = chosen.narrow(AuditEvent.objects.all()).order_by("-seq")
    page = CappedPaginator(rows, SIZE, MOST).get_page(request.GET.get("page"))
    seq, digest = audit.head()
    context = {
        "filter": chosen,
        "page": page,
        "seq": seq,
        "digest": digest,
        "crumbs": [(_("工作台"), reverse("desk:home")), (_("操作日志"), "")],
    }
    return render(request, "administration/trail.html", context)
