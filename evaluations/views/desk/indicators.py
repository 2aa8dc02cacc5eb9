"""The versions of the indicators: look, import, compare, publish by two persons."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from evaluations import actions
from evaluations.forms import desk as forms
from evaluations.forms import sheet
from evaluations.models import IndicatorSet
from evaluations.queries import explain
from evaluations.queries import indicators as queries
from evaluations.rules import compare
from portal.core.pages import Request, lists, makes, offers, posted, shows
from portal.core.queries import in_force
from portal.core.roles import Role

from .frame import READERS, act_page, crumbs

FULL = "evaluations.full_points"


def _here() -> tuple[str, str]:
    return (_("指标体系"), reverse("desk:indicators"))


@lists(IndicatorSet, roles=READERS)
def indicator_sets(request: Request) -> HttpResponse:
    """Every version, the newest first."""
    context = {
        "sets": IndicatorSet.objects.visible_to(request.user).order_by("-version"),
        "may_add": request.user.has_role(Role.CLERK),
        "crumbs": crumbs((_("指标体系"), "")),
    }
    return render(request, "evaluations/desk/indicator_sets.html", context)


@shows(IndicatorSet, key="version", roles=READERS)
def indicator_set(request: Request, chosen: IndicatorSet) -> HttpResponse:
    """One version: the tree with points, and what is wrong with it."""
    tree = queries.tree_of(chosen.pk)
    full = in_force(request.today).integer(FULL)
    context = {
        "set": chosen,
        "dimensions": [(each, tree.of_dimension(each.no)) for each in tree.dimensions],
        "total": sum(each.points for each in tree.dimensions),
        "problems": explain.tree_problems(queries.problems_of(chosen, full)),
        "earlier": queries.earlier_versions(chosen),
        "crumbs": crumbs(_here(), (str(chosen), "")),
    }
    return render(request, "evaluations/desk/indicator_set.html", context)


@shows(IndicatorSet, key="version", roles=READERS)
def indicator_compare(request: Request, chosen: IndicatorSet, other: int) -> HttpResponse:
    """What a version changes against an earlier one."""
    before = queries.earlier_versions(chosen).filter(version=other).first()
    if before is None:
        raise Http404
    old, new = queries.tree_of(before.pk), queries.tree_of(chosen.pk)
    found = compare(queries.leaves_of(old), queries.leaves_of(new))
    context = {
        "set": chosen,
        "before": before,
        "rows": explain.differences(found, old.by_code(), new.by_code()),
        "crumbs": crumbs(_here(), (str(chosen), chosen.url_for(request.user)), (_("比较"), "")),
    }
    return render(request, "evaluations/desk/indicator_compare.html", context)


@lists(IndicatorSet, roles=[Role.CLERK])
def indicator_template(request: Request) -> HttpResponse:
    """A workbook to fill in, with the newest tree in it."""
    newest = IndicatorSet.objects.order_by("-version").first()
    leaves = queries.leaves_of(queries.tree_of(newest.pk)) if newest else []
    names = queries.dimension_names(newest) if newest else {}
    answer = HttpResponse(sheet.workbook(leaves, names), content_type=sheet.MEDIA_TYPE)
    answer["Content-Disposition"] = 'attachment; filename="indicators.xlsx"'
    return answer


@makes(IndicatorSet, roles=[Role.CLERK])
def indicator_import(request: Request) -> HttpResponse:
    """A new draft from a workbook; what cannot be read is told row by row."""
    form = forms.ImportForm(posted(request), request.FILES or None)
    made: list[IndicatorSet] = []

    def act() -> str:
        made.append(_imported(request, form))
        return _("已导入为第 %(n)s 版草稿，请核对后提请发布。") % {"n": made[0].version}

    template = reverse("desk:indicator_template")
    answer = act_page(
        request, form, _("导入指标"), _here()[1], act, steps=[_here()], template_url=template
    )
    return redirect(made[0].url_for(request.user)) if made else answer


def _imported(request: Request, form: forms.ImportForm) -> IndicatorSet:
    """The draft a workbook makes; what cannot be read is told at the form."""
    given = form.cleaned_data
    read = sheet.read(given["workbook"])
    if read.problems:
        for words in read.problems:
            form.add_error("workbook", words)
        raise actions.NotReady([])
    sides = {"title": given["title"], "standard": given["standard"], "note": "",
             "is_draft_of_ours": not given["is_annex"]}  # fmt: skip
    return actions.start_set(sides, read.dimensions, read.leaves, by=request.actor, at=request.at)


def _step(request: Request, chosen: IndicatorSet, title: str, act: Any, told: str,
          *, reason: bool = False) -> HttpResponse:  # fmt: skip
    form = (forms.ReasonForm if reason else forms.StepForm)(posted(request))
    form.submit_label = title

    def done() -> str:
        given = (form.cleaned_data["reason"],) if reason else ()
        try:
            act(chosen, *given, by=request.actor, at=request.at)
        except actions.TreeUnsound as unsound:
            for words in explain.tree_problems(unsound.problems):
                form.add_error(None, words)
            raise actions.NotReady([]) from unsound
        return told

    back = chosen.url_for(request.user)
    steps = [_here(), (str(chosen), back)]
    return act_page(request, form, title, back, done, steps=steps, subject=chosen)


@offers(IndicatorSet, "propose", key="version")
def indicator_propose(request: Request, chosen: IndicatorSet) -> HttpResponse:
    """Ask that it be published."""
    told = _("已提请发布，由另一人审定。")
    return _step(request, chosen, _("提请发布"), actions.propose_set, told)


@offers(IndicatorSet, "publish", key="version")
def indicator_publish(request: Request, chosen: IndicatorSet) -> HttpResponse:
    """The second person publishes it."""
    told = _("已发布。新的评估用这一版，已经建立的评估不变。")
    return _step(request, chosen, _("发布新版"), actions.publish_set, told)


@offers(IndicatorSet, "hand_back", key="version")
def indicator_hand_back(request: Request, chosen: IndicatorSet) -> HttpResponse:
    """The second person returns it."""
    return _step(request, chosen, _("退回草稿"), actions.hand_back_set, _("已退回。"), reason=True)


@offers(IndicatorSet, "retire", key="version")
def indicator_retire(request: Request, chosen: IndicatorSet) -> HttpResponse:
    """New rounds do not use it any more."""
    told = _("已停用，新的评估不再使用。")
    return _step(request, chosen, _("停用这一版"), actions.retire_set, told, reason=True)
