"""The evaluator's own evidence: a photo or a document to an item, and taking it back."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations import actions
from evaluations.forms.my import FileForm
from evaluations.models import Indicator, ScoreSheet
from evaluations.queries import indicators
from evaluations.views.sent import form_page, keeps_file, uploaded
from portal.core.models import Attachment
from portal.core.pages import Request, offers, posted

from .home import crumbs


def _page_of(sheet: ScoreSheet, item: Indicator) -> str:
    """Where the item is scored."""
    url = reverse("panel:dimension", args=[sheet.pk, item.dimension.no])
    return f"{url}#item-{item.position}"


@offers(ScoreSheet, "score", key="id")
def evidence_new(request: Request, sheet: ScoreSheet, code: str) -> HttpResponse:
    """A file to one item; the panel sees it once the scores are opened, nobody before."""
    item = indicators.tree_of(sheet.evaluation.round.indicator_set_id).by_code().get(code)
    if item is None:
        raise Http404
    if sheet.member.pledged_at is None:
        return redirect("panel:pledge", number=sheet.evaluation.round.number)
    form, back = FileForm(posted(request), uploaded(request)), _page_of(sheet, item)
    if request.method == "POST" and form.is_valid() and _kept(request, sheet, code, form):
        return HttpResponseRedirect(back, status=303)
    context = {"item": item, "back": back, **_under(sheet, _("上传依据"))}
    return form_page(request, "evaluations/panel/evidence_new.html", form, context)


def _kept(request: Request, sheet: ScoreSheet, code: str, form: FileForm) -> bool:
    attach = partial(actions.attach_evidence, sheet, code)
    return keeps_file(request, form, attach, _("依据已保存。打开评分以前，其他人看不到。"))


def _under(sheet: ScoreSheet, title: str) -> dict[str, Any]:
    facility = sheet.evaluation.facility
    way = (facility, reverse("panel:dossier", args=[sheet.pk]))
    return {"sheet": sheet, "facility": facility, "crumbs": crumbs(way, (title, ""))}


@offers(ScoreSheet, "score", key="id")
def evidence_remove(request: Request, sheet: ScoreSheet, file: uuid.UUID) -> HttpResponse:
    """Take a file of one's own back."""
    if sheet.member.pledged_at is None:
        return redirect("panel:pledge", number=sheet.evaluation.round.number)
    stored, item = _own_file(sheet, file)
    back = _page_of(sheet, item)
    if request.method == "POST":
        actions.remove_evidence(sheet, stored, by=request.actor, at=request.at)
        messages.success(request, _("已删除：%(name)s") % {"name": stored.display_name})
        return HttpResponseRedirect(back, status=303)
    effects = [_("文件从这一条的依据里去掉")]
    context = {"file": stored, "back": back, "effects": effects, **_under(sheet, _("删除依据"))}
    return render(request, "evaluations/panel/evidence_remove.html", context)


def _own_file(sheet: ScoreSheet, file: uuid.UUID) -> tuple[Attachment, Indicator]:
    own = sheet.scores.select_related("indicator__dimension")
    items = {each.pk: each.indicator for each in own}
    stored: Attachment | None = (
        Attachment.objects.filter(noun_id__in=items, pk=file).present().first()
    )
    if stored is None:
        raise Http404
    return stored, items[stored.noun_id]
