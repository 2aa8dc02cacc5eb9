"""The list of cases as somebody wants to see it again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from portal.core.models import SavedView
from portal.core.pages import Request, makes
from portal.core.views.saved import new_view

from .acting import crumbs
from .lists import PLACE, READERS, filtered


@makes(SavedView, roles=READERS)
def complaint_view_new(request: Request) -> HttpResponse:
    """A name for the conditions of the address; what was typed to search by is left out."""
    query = filtered(request).chosen
    if not query:
        messages.warning(request, _("请先在列表里选好条件，再保存。查找的文字不保存。"))
        return redirect(PLACE)
    return new_view(request, PLACE, READERS, query, crumbs((_("保存筛选"), "")))
