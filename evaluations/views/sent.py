"""What a form was sent with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render

from portal.core import attachments
from portal.core.pages import Request


def uploaded(request: Request) -> Any:
    """The files of a sent form."""
    return request.FILES if request.method == "POST" else None


def keeps_file(request: Request, form: Any, attach: Callable[..., Any], told: str) -> bool:
    """Keep the file of the form; False, with a sentence in the form, where there is no room."""
    try:
        attach(form.cleaned_data["file"], by=request.actor, at=request.at)
    except attachments.UploadRefused as refused:
        form.add_error("file", refused.message)
        return False
    messages.success(request, told)
    return True


def sent_version(request: Request) -> int | None:
    """The version the page was made from; None where the form does not carry one."""
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdecimal() else None


def saved_note(request: Request, version: int) -> HttpResponse:
    """已保存 10:42; the header tells the script that this, and no other page, is the answer."""
    answer = render(request, "my/_saved.html", {"version": version, "saved_at": request.at})
    answer["X-Saved"] = str(version)
    return answer


def not_saved_note(request: Request) -> HttpResponse:
    """Somebody (perhaps the same person in another tab) was faster: nothing was overwritten."""
    return render(request, "evaluations/_not_saved.html", status=409)


def form_page(request: Request, template: str, form: Any, context: dict[str, Any]) -> HttpResponse:
    """A page with one form; `context` is what stands beside it."""
    has_errors = bool(form.is_bound and form.errors)
    return render(request, template, {"form": form, "page_has_errors": has_errors, **context})
