"""S7: a filing brought on paper, begun by a clerk; its sections are filled on the usual pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions
from facilities.forms.counter import CounterForm
from facilities.models import Filing
from facilities.queries import desk as desk_queries
from portal.core.pages import Request, makes, posted, shows
from portal.core.queries import in_force
from portal.core.roles import Role

from .lists import crumbs


@makes(Filing, roles=[Role.CLERK])
def counter_new(request: Request) -> HttpResponse:
    """Who came, when the papers were received; the same form sent twice begins one filing."""
    days = in_force(request.today).integer("review.counter_days")
    form = CounterForm(posted(request), request.FILES or None, today=request.today, days=days)
    form.cancel_url = reverse("desk:filings")
    if request.method == "POST" and form.is_valid():
        values: dict[str, Any] = form.cleaned_data
        filing = actions.start_counter_filing(
            values["token"], values["brought_by"], values["received_on"],
            [values["scan"]] if values["scan"] else [], by=request.actor, at=request.at,
        )  # fmt: skip
        return redirect("my:filing", number=filing.number)
    way = crumbs((_("登记审核"), reverse("desk:filings")), (_("窗口代报"), ""))
    return render(request, "desk/counter_new.html", {"form": form, "crumbs": way, "days": days})


@shows(Filing, key="number", roles=[Role.CLERK])
def slip(request: Request, filing: Filing) -> HttpResponse:
    """The slip for the person at the counter: number, and the day of the answer."""
    if filing.submitted_at is None:
        return redirect("my:filing", number=filing.number)
    counter = desk_queries.counter_of(filing)
    return render(request, "desk/slip.html", {"filing": filing, "counter": counter})
