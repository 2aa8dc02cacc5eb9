"""Numbered pages; a bad page number is the nearest page, never an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PUBLIC_PAGE = 12
STAFF_PAGE = 20
STAFF_SIZES = (20, 50, 100)


def page_of(
    request: HttpRequest, rows: QuerySet[Any] | Sequence[Any], size: int = STAFF_PAGE
) -> Page[Any]:
    """The page of `rows` named by ?page=; staff lists may ask for ?size= of STAFF_SIZES."""
    asked = request.GET.get("size", "")
    if size == STAFF_PAGE and asked.isascii() and asked.isdigit() and int(asked) in STAFF_SIZES:
        size = int(asked)
    return Paginator(rows, size).get_page(request.GET.get("page"))
