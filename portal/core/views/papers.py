"""Reading papers, and the public check of a paper in somebody's hand."""

from __future__ import annotations

from dataclasses import dataclass

import segno
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from portal.core.files import store
from portal.core.identifiers import code_problem, normalise_code, show_code
from portal.core.models.papers import OfficialPaper, PaperStatus
from portal.core.pages import Request, public, shows
from portal.core.papers import render as drawing
from portal.core.papers.content import chinese_date
from portal.core.views.attachments import sealed, stored_file


@dataclass(frozen=True, slots=True)
class Answer:
    """What the public check says: a badge, a sentence, and facts without any person in them."""

    family: str
    icon: str
    word: str
    sentence: str
    facts: tuple[tuple[str, str], ...] = ()


@shows(OfficialPaper, key="id")
def paper_detail(request: Request, paper: OfficialPaper) -> HttpResponse:
    """The paper as a page to read."""
    words = drawing.words(paper)
    context = {
        "paper": paper,
        "words": words,
        "qr": segno.make(words["code_url"], error="m", micro=False).svg_data_uri(border=0),
        "ended": "" if paper.is_valid else _answer(paper).sentence,
    }
    return render(request, "papers/paper.html", context)


@shows(OfficialPaper, key="id")
def paper_pdf(request: Request, paper: OfficialPaper) -> HttpResponse:
    """The paper as PDF; drawn now when the worker has not come to it yet."""
    return _drawing(request, paper, paper.pdf_key, "pdf")


@shows(OfficialPaper, key="id")
def paper_png(request: Request, paper: OfficialPaper) -> HttpResponse:
    """The paper as a picture for phones."""
    return _drawing(request, paper, paper.png_key, "png")


@public()
def verify(request: Request, code: str = "") -> HttpResponse:
    """Whether a paper is ours and still stands. An unknown code is answered with 404."""
    typed = code or request.GET.get("code", "")
    wanted = normalise_code(typed)
    if not wanted:
        return render(request, "papers/verify.html", {"code": ""})
    if code_problem(wanted) is not None:
        return _verdict(request, None, typed)
    if wanted != code:
        return redirect("core:verify_code", code=wanted)
    papers = OfficialPaper.objects.select_related("replaced_by")
    return _verdict(request, papers.filter(verify_code=wanted).first(), show_code(wanted))


def _verdict(request: Request, paper: OfficialPaper | None, code: str) -> HttpResponse:
    context = {"answer": _answer(paper), "code": code}
    return render(request, "papers/verify.html", context, status=200 if paper else 404)


def _drawing(request: Request, paper: OfficialPaper, key: str | None, ending: str) -> HttpResponse:
    media_type = {"pdf": "application/pdf", "png": "image/png"}[ending]
    name, etag = f"{paper.file_name}.{ending}", f"{paper.pk}-{ending}"
    if key and (settings.PRIVATE_MEDIA_ACCEL or store.exists(key)):
        return stored_file(request, key, media_type=media_type, name=name, etag=etag)
    drawn = drawing.pdf(paper) if ending == "pdf" else drawing.png(paper)
    return sealed(
        HttpResponse(drawn, content_type=media_type),
        media_type=media_type,
        name=name,
        etag=etag,
        download="download" in request.GET,
    )


def _answer(paper: OfficialPaper | None) -> Answer:
    if paper is None:
        return Answer("neutral", "dash-circle", _("查不到"), _("没有这份文书，请核对核验码"))
    facts = (
        (_("文书"), paper.title),
        (_("文号"), paper.number),
        (_("日期"), chinese_date(paper.issued_on)),
        (_("发文机关"), paper.letterhead),
    )
    if paper.status == PaperStatus.VALID:
        return Answer(
            "ok", "check-circle-fill", _("有效"), _("这份文书由本平台签发，现在有效。"), facts
        )
    ended = chinese_date(paper.status_on) if paper.status_on else ""
    if paper.replaced_by:
        sentence = _("这份文书已于%(day)s变更，以 %(number)s 为准。") % {
            "day": ended,
            "number": paper.replaced_by.number,
        }
        return Answer("warn", "arrow-repeat", _("已变更"), sentence, facts)
    sentence = _("这份文书已于%(day)s撤销，不再有效。") % {"day": ended}
    return Answer("danger", "x-octagon-fill", _("已撤销"), sentence, facts)
