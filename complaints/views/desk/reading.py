"""The page of a case (S28): what was told, what was said and done, what may be done next."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from complaints import papers, queries
from complaints.models import CaseStep, Complaint, ComplaintFile, StepKind
from complaints.queries import casework
from facilities.models.facility import OFFICE_READERS
from inspections.queries.visits import findings_of
from portal.core import permissions
from portal.core.files import store
from portal.core.pages import Request, shows
from portal.core.queries import in_force, working_calendar
from portal.core.templatetags.portal import cn_date
from portal.core.views.attachments import sealed

from .acting import crumbs
from .offering import buttons

TABS = ("", "work", "people")
BY_COMPLAINANT = frozenset(
    {StepKind.RECEIVED, StepKind.ANSWERED, StepKind.RATED, StepKind.REVIEW, StepKind.WITHDRAWN}
)


@shows(Complaint, key="id", audited="complaint.read")
def complaint(request: Request, complaint: Complaint) -> HttpResponse:
    """One case; the audit trail says who read it."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else ""
    context = _head(request, complaint) | _TABS[tab](request, complaint)
    context |= buttons(request.user, complaint, request.today)
    context["tabs"] = _tabs(complaint, tab)
    context["tab"] = tab
    context["deals_with"] = casework.deals_with(complaint, request.user)
    return render(request, "complaints/desk/case.html", context)


@shows(Complaint, key="id", audited="complaint.printed")
def complaint_print(request: Request, complaint: Complaint) -> HttpResponse:
    """The whole case on paper; who complained stays masked."""
    context = _head(request, complaint)
    for part in _TABS.values():
        context |= part(request, complaint)
    context["printed_on"] = request.today
    return render(request, "complaints/desk/print.html", context)


@shows(Complaint, key="id", only=casework.deals_with, audited="complaint.pdf_read")
def complaint_pdf(request: Request, complaint: Complaint) -> HttpResponse:
    """The whole case as a marked file, for those who deal with it; made anew each time."""
    made = papers.case_sheet(complaint, request.user, request.today)
    return sealed(
        HttpResponse(made, content_type="application/pdf"), media_type="application/pdf",
        name=_("投诉举报卷宗.pdf"), etag=hashlib.sha256(made).hexdigest(), download=True,
    )  # fmt: skip


@shows(Complaint, key="id", audited="complaint.file_read")
def complaint_file(request: Request, complaint: Complaint, file: uuid.UUID) -> HttpResponse:
    """A file of the case, unsealed for this one answer; never as a page, never kept."""
    found = casework.file_of(complaint, file)
    if found is None:
        raise Http404
    content = complaint.opened_bytes(store.read(found.storage_key), f"content:{found.pk}")
    response = sealed(
        HttpResponse(content, content_type=found.media_type), media_type=found.media_type,
        name=found.display_name, etag=str(found.pk), download="download" in request.GET,
    )  # fmt: skip
    response["Cache-Control"] = "no-store"
    return response


def _head(request: Request, complaint: Complaint) -> dict[str, Any]:
    return {
        "complaint": complaint,
        "told": complaint.told,
        "due": casework.due_of(complaint),
        "calendar": SimpleLazyObject(working_calendar),
        "facts": _facts(complaint),
        "reads_facilities": request.user.has_role(*OFFICE_READERS),
        "crumbs": crumbs((complaint.number, "")),
    }


def _facts(complaint: Complaint) -> list[tuple[str, Any]]:
    """The line of facts under the heading."""
    handler = complaint.handler.signature_label if complaint.handler else _("还没有")
    return [
        (_("类别"), complaint.get_category_display()),
        (_("严重程度"), complaint.get_severity_display()),
        (_("来源"), complaint.get_channel_display()),
        (_("社区（村）"), complaint.community or ""),
        (_("承办人"), handler),
        (_("12345 工单号"), complaint.external_number),
        (_("12345 要求办结日期"), cn_date(due) if (due := complaint.external_due) else ""),
    ]


def _tabs(complaint: Complaint, tab: str) -> list[dict[str, Any]]:
    here = reverse("desk:complaint", args=[complaint.pk])
    words = {"": _("案情和往来"), "work": _("机构说明和转办"), "people": _("人员、合并和联系方式")}
    return [
        {"label": label, "url": f"{here}?tab={name}" if name else here, "count": None,
         "current": name == tab}
        for name, label in words.items()
    ]  # fmt: skip


def _told(request: Request, complaint: Complaint) -> dict[str, Any]:
    return {
        "place": _place(complaint),
        "messages_of_case": queries.messages_of(complaint),
        "files": [_file(each) for each in queries.files_of(complaint)],
        "reports": queries.reports_of(complaint) if complaint.is_red else [],
        "entries": [_entry(each) for each in queries.steps_of(complaint)],
    }


def _place(complaint: Complaint) -> str:
    """Name and address as they were told in public, or in one piece at the counter."""
    place = complaint.told.get("place") or ""
    return place if isinstance(place, str) else " ".join(filter(None, place.values()))


def _work(request: Request, complaint: Complaint) -> dict[str, Any]:
    statements = queries.statements_of(complaint)
    files = casework.answer_files(statements)
    for each in statements:
        each.complaint = complaint
        permissions.reached(request.user, each)
    transfers = queries.transfers_of(complaint)
    return {
        "statements": [(each, [_answer_file(f) for f in files[each.pk]]) for each in statements],
        "visit": complaint.inspection,
        "findings": findings_of(complaint.inspection) if complaint.inspection else [],
        "transfers": [permissions.reached(request.user, each) for each in transfers],
    }


def _people(request: Request, complaint: Complaint) -> dict[str, Any]:
    reveals = queries.reveals_of(complaint)
    for each in reveals:
        each.complaint = complaint
        permissions.reached(request.user, each)
    law = in_force(request.today)
    return {
        "assistants": casework.assistants_of(complaint),
        "contact": queries.masked_contact(complaint),
        "reveals": reveals,
        "children": queries.children_of(complaint, request.user),
        "similar": queries.similar_to(complaint, request.user, law),
    }


_TABS = {"": _told, "work": _work, "people": _people}


def _file(file: ComplaintFile) -> dict[str, Any]:
    url = reverse("desk:complaint_file", args=[file.complaint_id, file.pk])
    return {
        "name": _file_name(file),
        "size": file.size,
        "url": url if file.storage_key else "",
    }


def _file_name(file: ComplaintFile) -> str:
    """Whose it is stands with what the office has added."""
    name = file.display_name or _("（已销毁）")
    return _("%(name)s（街道加入）") % {"name": name} if file.from_office else name


def _answer_file(file: Any) -> dict[str, Any]:
    url = reverse("core:attachment", args=[file.pk])
    return {"name": file.display_name, "size": file.size, "url": url}


def _entry(step: CaseStep) -> dict[str, Any]:
    words = step.get_kind_display()
    return {
        "at": step.on_day,
        "style": "date",
        "actor": _who(step),
        "text": f"{words}：{step.text}" if step.text else words,
        "detail": step.note_text,
    }


def _who(step: CaseStep) -> str:
    if step.done_by:
        return step.done_by.signature_label
    return _("投诉人") if step.kind in BY_COMPLAINANT else _("系统")
