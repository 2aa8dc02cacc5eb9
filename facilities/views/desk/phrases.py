"""The reusable phrases (常用语): the list, a new one, one of them."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities import actions
from facilities.forms.phrases import PhraseForm
from facilities.models import CannedText
from facilities.queries.phrases import all_phrases
from portal.core.pages import Request, lists, makes, posted, shows
from portal.core.roles import Role

from .lists import crumbs


@lists(CannedText, roles=[Role.CLERK])
def phrases(request: Request) -> HttpResponse:
    """Every phrase by the place where it is offered, retired ones too."""
    rows = all_phrases(request.user)
    groups = [(label, list(found)) for label, found in groupby(rows, _use)]
    context = {"groups": groups, "crumbs": crumbs((_("常用语"), ""))}
    return render(request, "desk/phrases.html", context)


@makes(CannedText, roles=[Role.CLERK])
def phrase_new(request: Request) -> HttpResponse:
    """A new phrase."""
    return _edit(request, None, _("新增常用语"))


@shows(CannedText, roles=[Role.CLERK], methods=("GET", "HEAD", "POST"))
def phrase(request: Request, phrase: CannedText) -> HttpResponse:
    """Change one, or take it out of use."""
    return _edit(request, phrase, _("修改常用语"))


def _edit(request: Request, phrase: CannedText | None, title: str) -> HttpResponse:
    form = PhraseForm.of(phrase, posted(request))
    form.cancel_url = reverse("desk:phrases")
    if request.method == "POST" and form.is_valid():
        try:
            actions.keep_phrase(phrase, form.values, by=request.actor, at=request.at)
        except actions.PhraseExists:
            form.mark_twin()
        else:
            messages.success(request, _("已保存常用语。"))
            return redirect("desk:phrases")
    way = crumbs((_("常用语"), reverse("desk:phrases")), (title, ""))
    return render(request, "desk/phrase.html", {"form": form, "title": title, "crumbs": way})


def _use(phrase: CannedText) -> str:
    return phrase.get_section_display()
