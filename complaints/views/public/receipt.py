"""P13: the number and the code, shown once, to be kept as a picture, on paper or by heart."""

from __future__ import annotations

import segno
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from complaints import actions, papers, rules
from complaints.actions import drafts
from complaints.models import Complaint
from portal.core.identifiers import show_code
from portal.core.pages import READ_AND_WRITE, Request
from portal.core.queries import in_force
from portal.core.templatetags.portal import cn_date

from .ground import DRAFT, confidential, crumbs, draft_key, forget, open_case


def _just_sent(request: Request) -> tuple[Complaint, str] | None:
    """The case this browser has sent and not confirmed yet, with its code."""
    key = draft_key(request)
    if not key:
        return None
    token = drafts.submit_token(key)
    complaint = Complaint.objects.filter(submit_key=actions.submit_key(token)).first()
    return (complaint, show_code(actions.code_of(token))) if complaint else None


def tracking_address(complaint: Complaint) -> str:
    """Where the QR leads: the number stands behind #, which no server and no log ever sees."""
    return f"{settings.PUBLIC_ORIGIN}{reverse('complaints:track')}#{complaint.number}"


@confidential(methods=READ_AND_WRITE)
def done(request: Request) -> HttpResponse:
    """Shown until it is confirmed that both are kept; then only number and code lead back."""
    sent = _just_sent(request)
    if sent is None:
        return redirect("complaints:track")
    complaint, code = sent
    if request.method == "POST":
        response = redirect("complaints:track")
        forget(response, DRAFT)
        open_case(response, complaint, request.at, request.today)
        return response
    return render(request, "complaints/public/done.html", _context(request, complaint, code))


def _context(request: Request, complaint: Complaint, code: str) -> dict[str, object]:
    law = in_force(request.today)
    steps = [(cn_date(complaint.respond_due), _("前告诉您是否受理"))]
    if complaint.finish_due:
        steps.append((cn_date(complaint.finish_due), _("前调查并答复")))
    days = law.integer("complaints.review_days")
    steps.append(("", _("不满意的，答复后 %(n)s 天内可以申请一次复核") % {"n": days}))
    qr = segno.make(tracking_address(complaint), error="m", micro=False)
    return {
        "complaint": complaint, "code": code, "steps": steps,
        "minutes": rules.report_minutes(complaint.category, law),
        "qr": mark_safe(qr.svg_inline(scale=4, border=2)),  # ruff: ignore[suspicious-mark-safe-usage]
        "crumbs": crumbs((_("已提交"), "")),
    }  # fmt: skip


@confidential()
def receipt(request: Request) -> HttpResponse:
    """The same as a picture for the album."""
    sent = _just_sent(request)
    if sent is None:
        return redirect("complaints:track")
    complaint, code = sent
    picture = papers.receipt_picture(complaint, code, tracking_address(complaint))
    response = HttpResponse(picture, content_type="image/png")
    response["Content-Disposition"] = 'attachment; filename="receipt.png"'
    return response
