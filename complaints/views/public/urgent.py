"""A child in danger on one screen: what, where, files and contact, then the last look (prod:J4)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from complaints import rules
from complaints.actions import drafts
from complaints.forms import intake as intake_forms
from complaints.models import Category, Lane
from complaints.queries import public as queries
from portal.core.pages import READ_AND_WRITE, Request, posted
from portal.core.queries import in_force

from .ground import confidential, keep_key
from .intake import place_of, show, take_file, usable_key

# Buttons that ask for one part of the screen and leave the rest as it was typed.
PARTS = ("search", "add", "remove")


@confidential(methods=READ_AND_WRITE)
def urgent(request: Request) -> HttpResponse:
    """Call first; then the same answers as on the seven screens of a common matter."""
    key = usable_key(request) or drafts.new_key()
    form = _form(request, drafts.draft_of(key, at=request.at))
    is_told = request.method == "POST" and _took(request, key, form)
    response = redirect("complaints:check") if is_told else _page(request, key, form)
    if request.method == "POST":
        keep_key(response, key)
    return response


def _form(request: Request, answers: Mapping[str, Any]) -> intake_forms.UrgentForm:
    law = in_force(request.today)
    limits = {n: law.integer("complaints.text_characters", n) for n in ("least", "most")}
    red = [str(each) for each in Category if rules.lane_of(each, law) == Lane.RED]
    category = request.POST.get("category", answers.get("category", ""))
    given = dict(answers) | place_of(answers)
    given["extra"] = next(iter((answers.get("answers") or {}).values()), "")
    given |= answers.get("contact") or {}
    if sign := queries.findable(request.GET.get("facility", "")):
        given["choice"] = sign.code
    chosen = request.POST.get("choice", given["choice"])
    return intake_forms.UrgentForm(
        posted(request), request.FILES or None, initial=given, categories=red, category=category,
        found=queries.found(request.POST.get("q", ""), chosen), **limits,
    )  # fmt: skip


def _took(request: Request, key: str, form: intake_forms.UrgentForm) -> bool:
    """Whether all of it was told; a file that was chosen is kept whatever button was pressed."""
    is_whole = form.is_valid()
    _take_out(key, request.POST.get("remove", ""))
    is_whole = take_file(request, key, form) and is_whole
    if any(name in request.POST for name in PARTS):
        form.keep_errors_of("file")
        return False
    if is_whole:
        drafts.keep_draft(key, form.answers, at=request.at)
    return is_whole


def _take_out(key: str, typed: str) -> None:
    try:
        wanted = uuid.UUID(typed)
    except ValueError:
        return
    drafts.remove_draft_file(key, wanted)


def _page(request: Request, key: str, form: intake_forms.UrgentForm) -> HttpResponse:
    """With the files that are kept already; the search says when it found nothing."""
    is_lost = "search" in request.POST and len(form.fields["choice"].choices) == 1  # type: ignore[attr-defined]
    return show(
        request, "urgent", form, files=drafts.files_in(key), searched=is_lost,
        other=reverse("complaints:topic"),
    )  # fmt: skip
