"""What a form was sent with."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from portal.core.pages import Request


def posted(request: Request) -> QueryDict | None:
    """The boxes of a sent form; an empty form is a sent form too."""
    return request.POST if request.method == "POST" else None


def uploaded(request: Request) -> Any:
    """The files of a sent form."""
    return request.FILES if request.method == "POST" else None


def form_page(request: Request, template: str, form: Any, context: dict[str, Any]) -> HttpResponse:
    """A page with one form; `context` is what stands beside it."""
    has_errors = bool(form.is_bound and form.errors)
    return render(request, template, {"form": form, "page_has_errors": has_errors, **context})
