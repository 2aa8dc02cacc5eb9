"""The day's list, one visit with what comes next, and the door (S14, S16)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from inspections import actions
from inspections.forms.field import DoorForm, PlaceForm
from inspections.models import Inspection
from inspections.models.choices import OFFICE_READERS, Access
from inspections.queries import field as field_queries
from inspections.queries import visits as queries
from inspections.queries.sheet import sheet_of
from inspections.views.desk.parts import sentence
from inspections.workflow import InspectionStatus
from portal.core.pages import READ_AND_WRITE, Request, lists, posted, shows
from portal.core.queries import in_force

from .team import CARRIED_OUT, VISITORS, crumbs, of_team, page_of, see

S = InspectionStatus
# On the page on which a visit begins the phone may be asked where it is.
WITH_PLACE = "camera=(), microphone=(), geolocation=(self), payment=(), usb=(), interest-cohort=()"


@lists(Inspection, roles=VISITORS)
def today(request: Request) -> HttpResponse:
    """What this person has to carry out: the urgent first, then place by place (prod:E5)."""
    visits = list(queries.my_visits(request.user, request.today)[:50])
    first = [each for each in visits if each.is_urgent or each.state != S.ASSIGNED]
    rest = [each for each in visits if each not in first]
    due = [each for each in rest if each.planned_on <= request.today]
    later = [each for each in rest if each not in due]
    groups = [
        *([(_("先办：紧急的和没有办完的"), first)] if first else []),
        *_by_place(_("今天要办的"), due),
        *_by_place(_("以后的"), later),
    ]
    context = {"groups": groups, "crumbs": [*crumbs()[:1], (_("今天的检查"), "")]}
    return render(request, "inspections/field/today.html", context)


def _by_place(title: str, visits: list[Inspection]) -> list[tuple[str, list[Inspection]]]:
    """One group a community, in the order of the communities; the longest waiting first."""
    places: dict[Any, list[Inspection]] = {}
    for each in sorted(visits, key=lambda v: v.facility.community.position):
        places.setdefault(each.facility.community, []).append(each)
    return [(f"{title} · {place}", rows) for place, rows in places.items()]


@shows(Inspection, key="number", roles=VISITORS)
@of_team()
def visit(request: Request, inspection: Inspection) -> HttpResponse:
    """One visit: where it stands and the one thing to do next."""
    context = {
        "inspection": inspection,
        "facility": queries.place_of(inspection),
        "team": queries.team_of(inspection),
        "reads_note": request.user.has_role(*OFFICE_READERS),
        "crumbs": [*crumbs()[:2], (inspection.number, "")],
        **_step(request, inspection),
    }
    page = render(request, "inspections/field/visit.html", context)
    if context["step"] == "start":
        page.headers["Permissions-Policy"] = WITH_PLACE
    return page


def _step(request: Request, inspection: Inspection) -> dict[str, Any]:
    """What the page shows beside the head, by state."""
    if inspection.state == S.ASSIGNED:
        law = in_force(request.today)
        sheet = sheet_of(inspection, request.user, law, request.today)
        shown = queries.papers_standing(inspection) if inspection.delegated_id else []
        return {"step": "start", "sheet": sheet, "form": PlaceForm(), "papers": shown}
    if inspection.state == S.IN_PROGRESS:
        return _under_way(inspection)
    if inspection.state == S.AWAITING_SIGNATURE:
        return {"step": "sign"}
    if inspection.is_done:
        return {"step": "done", "papers": queries.papers_of(inspection)}
    return {"step": "waits"}


def _under_way(inspection: Inspection) -> dict[str, Any]:
    if not inspection.access:
        return {"step": "door"}
    if inspection.access != Access.GRANTED:
        return {"step": "end"}
    sections = queries.sections_of(inspection)
    return {"step": "check", "sections": sections, "saved": field_queries.safe_in(sections)}


@shows(Inspection, key="number", roles=VISITORS, methods=("POST",))
@of_team(S.ASSIGNED, S.IN_PROGRESS)
def start(request: Request, inspection: Inspection) -> HttpResponse:
    """The team is there; a second press changes nothing."""
    form = PlaceForm(request.POST)
    point = form.point if form.is_valid() else {}
    if inspection.state == S.ASSIGNED:
        try:
            actions.start_inspection(inspection, by=request.actor, at=request.at, **point)
        except (actions.TeamRefused, actions.NotDelegated, actions.CapReached) as refused:
            messages.warning(request, sentence(refused))
            return see(page_of(inspection))
    return see(reverse("desk:field_door", args=[inspection.number]))


@shows(Inspection, key="number", roles=VISITORS, methods=READ_AND_WRITE)
@of_team(*CARRIED_OUT)
def door(request: Request, inspection: Inspection) -> HttpResponse:
    """Show who one is, say what happened at the door."""
    form = DoorForm(posted(request), initial=_at_the_door(inspection))
    form.cancel_url = page_of(inspection)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        made = actions.record_access(
            inspection, given.pop("access"), by=request.actor, at=request.at, **given
        )
        is_in = made.access == Access.GRANTED
        name = "desk:field_check" if is_in else "desk:field_end"
        return see(reverse(name, args=[made.number]))
    context = {"inspection": inspection, "facility": inspection.facility, "form": form,
               "team": queries.team_of(inspection),
               "crumbs": crumbs(inspection, (_("亮证和到场"), ""))}  # fmt: skip
    return render(request, "inspections/field/door.html", context)


def _at_the_door(inspection: Inspection) -> dict[str, Any]:
    names = ("access", "certificate_shown", "attendant", "attendant_post")
    kept = {name: getattr(inspection, name) for name in names}
    return kept | {"note": inspection.access_note}


@shows(Inspection, key="number", roles=VISITORS, methods=READ_AND_WRITE)
@of_team(*CARRIED_OUT)
def end(request: Request, inspection: Inspection) -> HttpResponse:
    """Nobody came in: the record says so, and that is all."""
    if inspection.access in {"", Access.GRANTED}:
        return see(page_of(inspection))
    if request.method == "POST":
        actions.end_inspection(inspection, by=request.actor, at=request.at)
        messages.success(request, _("检查已结束，记录已生成，机构会收到通知。"))
        return see(page_of(inspection))
    effects = [inspection.get_access_display(), inspection.access_note,
               _("生成检查记录和结果告知书，通知机构；之后不能再改")]  # fmt: skip
    context = {"inspection": inspection, "effects": effects, "back": page_of(inspection),
               "heading": _("结束这次检查"), "button": _("结束检查，生成记录"),
               "crumbs": crumbs(inspection, (_("结束这次检查"), ""))}  # fmt: skip
    return render(request, "inspections/field/confirm.html", context)
