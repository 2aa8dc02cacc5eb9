"""Visits at the desk: the list, one visit, who goes, approval, results (S14, S15)."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.models import Facility
from inspections import actions, exports
from inspections.filters import InspectionFilter
from inspections.forms import desk as forms
from inspections.models import Inspection
from inspections.models.choices import OFFICE_READERS
from inspections.models.inspection import RESULT_NOTICE
from inspections.queries import field as field_queries
from inspections.queries import people as people_queries
from inspections.queries import plans as plan_queries
from inspections.queries import public
from inspections.queries import visits as queries
from inspections.rules import deadlines
from inspections.workflow import AHEAD, DONE, UNDER_WAY, InspectionStatus
from portal.core.models import OfficialPaper, Publication
from portal.core.pages import Request, lists, makes, offers, posted, shows
from portal.core.paging import page_of
from portal.core.queries import in_force, working_calendar
from portal.core.roles import Role

from . import parts

READERS = (*OFFICE_READERS, Role.COMMUNITY)
PLANNERS = (Role.CLERK,)
CALENDAR_DAYS = 35
CARRIED = {InspectionStatus.ASSIGNED, *UNDER_WAY}


@lists(Inspection, roles=READERS)
def inspections(request: Request) -> HttpResponse:
    """The visits within reach, by state."""
    found = InspectionFilter(
        request.GET, queries.visits_for(request.user), request=request, at=request.at
    )
    page = page_of(request, found.qs.order_by(*found.order))
    context = {
        "page": page,
        "filter": found,
        "tabs": _tabs(request, found),
        "calendar": working_calendar(),
        "ahead": AHEAD,
        "may_add": request.user.has_role(*PLANNERS),
        "crumbs": parts.crumbs((_("巡查检查"), "")),
    }
    return render(request, "desk/inspections/visits.html", context)


def _tabs(request: Request, found: InspectionFilter) -> list[dict[str, Any]]:
    counts = queries.visit_counts(found.any_state)
    tabs: list[tuple[str, Any, int]] = [
        (str(s), s.label, counts.get(s, 0)) for s in InspectionStatus
    ]
    tabs.append(("", _("全部"), sum(counts.values())))
    return parts.tabs_of(request, found.tab_name, found.tab, tabs)


@lists(Inspection, roles=READERS)
def inspections_calendar(request: Request) -> HttpResponse:
    """The visits of the coming weeks, day by day."""
    until = request.today + dt.timedelta(days=CALENDAR_DAYS)
    visits = list(queries.calendar_for(request.user, request.today, until))
    days = [(day, list(rows)) for day, rows in groupby(visits, key=lambda v: v.planned_on)]
    way = (_("巡查检查"), reverse("desk:inspections"))
    context = {"days": days, "until": until, "crumbs": parts.crumbs(way, (_("检查日历"), ""))}
    return render(request, "desk/inspections/calendar.html", context)


@lists(Inspection, roles=READERS)
def inspections_ics(request: Request) -> HttpResponse:
    """The person's own visits as a file for the calendar of the phone."""
    mine = queries.my_visits(request.user, request.today)
    text = exports.calendar_file(mine, request.at)
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="inspections.ics"'
    return response


@lists(Facility, roles=READERS)
def not_visited(request: Request) -> HttpResponse:
    """Facilities nobody has visited for months, whatever their risk (prod:E10)."""
    since = deadlines.not_visited_before(request.today, in_force(request.today))
    found = queries.not_visited_since(since, request.user)
    page = page_of(request, queries.only_so(found, request.GET.get("only", "")))
    rows = [{"key": each.code, "cells": _unvisited(each)} for each in page]
    context = {
        "title": _("久未走访的机构"),
        "lead": _("不论风险高低，超过期限没有走访的机构都列在这里，最久的在前。"),
        "head": [_("机构"), _("社区（村）"), _("上次走访"), _("下一次")],
        "rows": rows,
        "page": page,
        "export": "not_visited",
        "empty": (_("没有久未走访的机构"), _("每家机构都在期限内走访过。")),
        "crumbs": parts.crumbs((_("巡查检查"), reverse("desk:inspections")), (_("久未走访"), "")),
    }
    return render(request, "desk/inspections/list.html", context)


def _unvisited(facility: Any) -> list[dict[str, Any]]:
    return [
        parts.link(facility.name, reverse("desk:facility", args=[facility.code])),
        parts.text(facility.community) | {"label": _("社区（村）")},
        parts.day(facility.last_visit_on) | {"label": _("上次走访")},
        parts.text(exports.next_visit(facility)) | {"label": _("下一次")},
    ]


@makes(Inspection, roles=PLANNERS)
def inspection_new(request: Request) -> HttpResponse:
    """A visit outside the plans."""
    chosen = request.GET.get("facility", "")
    initial = {"day": request.today, "facility": chosen}
    form = forms.VisitForm(
        posted(request), initial=initial, since=request.today,
        facilities=queries.supervised_by(request.user),
        delegated=people_queries.delegated_choices(request.today),
    )  # fmt: skip

    def act() -> str:
        return _("已新建检查 %(number)s，请安排人员。") % {"number": _open(request, form).number}

    here = reverse("desk:inspections")
    way = [(_("巡查检查"), here), (_("新建检查"), "")]
    return parts.act_page(request, None, form, _("新建检查"), act, here=here, way=way)


def _open(request: Request, form: Any) -> Inspection:
    given = form.cleaned_data
    return actions.open_inspection(
        given["facility"], given["kind"], given["checklist"], by=request.actor, at=request.at,
        selection=given["selection"], note=given["note"], planned_on=given["day"],
        delegated=given["delegated"], lead_department=given["lead_department"],
        partners=given["partners"], token=given["token"],
    )  # fmt: skip


@shows(Inspection, key="number", roles=READERS)
def inspection(request: Request, inspection: Inspection) -> HttpResponse:
    """One visit: kind and basis, people, answers, findings, signatures, papers (S15)."""
    context = {
        "inspection": inspection,
        "facts": _facts(inspection, is_office=request.user.has_role(*OFFICE_READERS)),
        "team": queries.team_of(inspection),
        **_seen(inspection),
        "signatures": queries.signatures_of(inspection),
        "papers": parts.with_links(_papers(request, inspection)),
        "notice": _notice(inspection),
        "by_lot": plan_queries.is_settled_by_lot(inspection),
        "goes": inspection.state in CARRIED and inspection.belongs_to(request.user),
        "crumbs": _way(inspection),
    }
    return render(request, "desk/inspections/visit.html", context)


def _papers(request: Request, inspection: Inspection) -> list[OfficialPaper]:
    """Those of the visit; the sheet of its approval is read in the street office only."""
    is_office = request.user.has_role(*OFFICE_READERS)
    sheets = queries.sheets_of(inspection) if is_office and inspection.delegated_id else []
    return [*sheets, *queries.papers_of(inspection)]


def _notice(inspection: Inspection) -> Publication | None:
    """The text about its result; there is none before the visit is over."""
    is_over = inspection.state in DONE
    return queries.publication_of(inspection, RESULT_NOTICE) if is_over else None


def _seen(inspection: Inspection) -> dict[str, Any]:
    """What was looked at on site: the questions, and what stands on no list."""
    prefetch_related_objects([inspection], "findings")
    return {
        "sections": queries.sections_of(inspection) if inspection.started_at else [],
        "others": field_queries.others_of(inspection),
        "samples": queries.samples_of(inspection),
        "head_counts": queries.head_counts_of(inspection),
    }


def _way(inspection: Inspection) -> parts.Way:
    return parts.crumbs((_("巡查检查"), reverse("desk:inspections")), (inspection.number, ""))


def _facts(inspection: Inspection, *, is_office: bool) -> list[tuple[str, Any]]:
    """What is known of a visit; what called for it is read in the street office only (R14)."""
    called_for = [
        (_("安排方式"), inspection.get_selection_display()),
        (_("计划"), inspection.plan or ""),
        (_("内部任务说明"), inspection.assignment_note),
    ]
    rows = [
        (_("检查类型"), inspection.get_kind_display()),
        *(called_for if is_office else ()),
        (_("检查表"), inspection.checklist),
        (_("赋权事项"), inspection.delegated or ""),
        (_("牵头部门"), inspection.lead_department),
        (_("参加部门"), "、".join(inspection.partners)),
        (_("到场情况"), inspection.get_access_display() if inspection.access else ""),
        (_("机构在场人员"), f"{inspection.attendant_post} {inspection.attendant}".strip()),
        (_("检查结果"), inspection.get_result_display() if inspection.result else ""),
        (_("现场情况"), inspection.remarks),
        (_("机构意见"), inspection.statement),
        (_("异议"), inspection.objection),
        (_("异议答复"), inspection.objection_answer),
        (_("退回或取消的原因"), inspection.decision_reason),
    ]
    return [(label, value) for label, value in rows if value]


def _visit_act(
    request: Request, inspection: Inspection, form: Any, words: str, act: Any, **more: Any
) -> HttpResponse:
    way = [(_("巡查检查"), reverse("desk:inspections"))]
    return parts.act_page(
        request, inspection, form, words, act, way=way, subject=inspection.facility.name, **more
    )


def _team(request: Request, inspection: Inspection) -> HttpResponse:
    """Who goes, and when; asked for both kinds of assignment."""
    people = plan_queries.who_may_be_sent(inspection)
    initial = {
        "day": max(inspection.planned_on, request.today),
        "people": [member.user_id for member in queries.team_of(inspection)],
    }
    form = forms.TeamForm(posted(request), people=people, since=request.today, initial=initial)

    def act() -> str:
        given = form.cleaned_data
        actions.assign_team(
            inspection, list(given["people"]), planned_on=given["day"],
            by=request.actor, at=request.at,
        )  # fmt: skip
        return _("已安排检查人员。")

    return _visit_act(request, inspection, form, _("安排人员"), act)


@offers(Inspection, "assign", key="number")
def inspection_assign(request: Request, inspection: Inspection) -> HttpResponse:
    """Who goes on a visit or a joint inspection."""
    return _team(request, inspection)


@offers(Inspection, "propose", key="number")
def inspection_propose(request: Request, inspection: Inspection) -> HttpResponse:
    """Who goes on an administrative inspection; a second person approves it."""
    return _team(request, inspection)


@offers(Inspection, "approve", key="number")
def inspection_approve(request: Request, inspection: Inspection) -> HttpResponse:
    """The second person lets an administrative inspection go."""
    form = forms.ConfirmForm(posted(request))
    form.submit_label = _("批准")

    def act() -> str:
        actions.approve_inspection(inspection, by=request.actor, at=request.at)
        return _("已批准，检查人员会收到通知。")

    facts = [
        (_("安排方式"), inspection.get_selection_display()),
        (_("内部任务说明"), inspection.assignment_note),
        (_("赋权事项"), inspection.delegated), (_("检查人员"), _names(inspection)),
    ]  # fmt: skip
    return _visit_act(request, inspection, form, _("审批行政检查"), act, facts=facts)


def _names(inspection: Inspection) -> str:
    return "、".join(
        f"{member.user}（{member.certificate}）" if member.certificate else str(member.user)
        for member in queries.team_of(inspection)
    )


@offers(Inspection, "hand_back", key="number")
def inspection_hand_back(request: Request, inspection: Inspection) -> HttpResponse:
    """The second person returns it."""
    form = forms.ReasonForm(posted(request))

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.hand_back_inspection(inspection, reason, by=request.actor, at=request.at)
        return _("已退回。")

    return _visit_act(request, inspection, form, _("退回行政检查"), act)


@offers(Inspection, "postpone", key="number")
def inspection_postpone(request: Request, inspection: Inspection) -> HttpResponse:
    """Another day."""
    form = forms.DayForm(posted(request), since=request.today)

    def act() -> str:
        day = form.cleaned_data["day"]
        actions.postpone_inspection(inspection, day, by=request.actor, at=request.at)
        return _("已改期。")

    return _visit_act(request, inspection, form, _("改期"), act)


@offers(Inspection, "cancel", key="number")
def inspection_cancel(request: Request, inspection: Inspection) -> HttpResponse:
    """It does not take place."""
    form = forms.ReasonForm(posted(request))

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.cancel_inspection(inspection, reason, by=request.actor, at=request.at)
        return _("检查已取消。")

    return _visit_act(request, inspection, form, _("取消检查"), act)


@offers(Inspection, "replace", key="number")
def inspection_replace(request: Request, inspection: Inspection) -> HttpResponse:
    """Somebody who was drawn cannot go; the draw says who goes instead."""
    people = [member.user for member in queries.team_of(inspection)]
    form = forms.SwapForm(posted(request), people=people)

    def act() -> str:
        given = form.cleaned_data
        made = actions.replace_member(
            inspection, given["person"], given["reason"], given["note"],
            by=request.actor, at=request.at,
        )  # fmt: skip
        return _("已抽取%(who)s替换。") % {"who": made.user}

    return _visit_act(request, inspection, form, _("替换检查人员"), act)


@offers(Inspection, "send_others", key="number")
def inspection_others(request: Request, inspection: Inspection) -> HttpResponse:
    """Others go on with a visit that is under way."""
    people = people_queries.visitors(request.today, inspection.facility)
    initial = {"people": [member.user_id for member in queries.team_of(inspection)]}
    form = forms.PeopleForm(posted(request), people=people, initial=initial)

    def act() -> str:
        team = list(form.cleaned_data["people"])
        actions.send_others(inspection, team, by=request.actor, at=request.at)
        return _("已换人，新的检查人员会收到通知。")

    return _visit_act(request, inspection, form, _("换人继续检查"), act)


@offers(Inspection, "answer_objection", key="number")
def inspection_answer(request: Request, inspection: Inspection) -> HttpResponse:
    """Answer what the facility objects."""
    form = forms.WordsForm(posted(request))
    form.submit_label = _("发出答复")

    def act() -> str:
        answer = form.cleaned_data["reason"]
        actions.answer_objection(inspection, answer, by=request.actor, at=request.at)
        return _("答复已发给机构。")

    facts = [(_("异议"), inspection.objection)]
    return _visit_act(request, inspection, form, _("答复异议"), act, facts=facts)


@offers(Inspection, "propose_publication", key="number")
def inspection_publish(request: Request, inspection: Inspection) -> HttpResponse:
    """Ask that the result be public; another person decides."""
    form = forms.ConfirmForm(posted(request))
    form.submit_label = _("提请公示")

    def act() -> str:
        actions.propose_result(inspection, by=request.actor, at=request.at)
        return _("已提请公示，由另一人决定。")

    more = {"title": inspection.facility.name, "body": public.result_notice(inspection)}
    return _visit_act(request, inspection, form, _("提请公示检查结果"), act, **more)
