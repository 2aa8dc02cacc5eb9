"""O17: what the person's facilities hold that ends, the soonest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import queries
from facilities.models import Facility
from facilities.views.ending import shown
from portal.core.pages import Request, lists
from portal.core.paging import page_of
from portal.core.queries import in_force
from portal.core.regulation import Regulation
from portal.core.roles import Role

from .own import my_facilities


@lists(Facility, roles=[Role.OPERATOR])
def expiries(request: Request) -> HttpResponse:
    """Certificates, staff papers and leases by the day they end, each with the way to renew it."""
    law = in_force(request.today)
    own = my_facilities(request.user).order_by().values("pk")
    mine = Facility.objects.public().filter(pk__in=own)
    page = page_of(request, queries.ending(mine))
    several = mine.count() > 1
    context = {
        "page": page,
        "rows": [_row(row, request, law) for row in page],
        "several": several,
        "has_facility": several or mine.exists(),
        "remind_days": "、".join(law.texts("expiry.remind_days")),
        "crumbs": [(_("我的机构"), reverse("my:home")), (_("证照到期"), "")],
    }
    return render(request, "my/expiries.html", context)


def _row(row: Mapping[str, Any], request: Request, law: Regulation) -> dict[str, Any]:
    label, url = _way_on(row)
    return shown(row, request.today, law) | {"act": label, "url": url}


def _way_on(row: Mapping[str, Any]) -> tuple[str, str]:
    """How such a paper is renewed: by a change filing, or in the list of staff."""
    if row["source_key"] == "staff":
        return _("更新证件"), reverse("my:staff_ledger")
    tile = "certificates" if row["source_key"] == "certificate" else "premises"
    label = _("更新证照") if tile == "certificates" else _("报送续租")
    return label, f"{reverse('my:change_new')}?{urlencode({'tile': tile})}"
