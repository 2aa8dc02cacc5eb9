"""The law as this portal reads it: packs, their figures, another text by two persons."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import yaml
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.core import administration_forms as forms
from portal.core.administration import figures, law
from portal.core.models import CitationCheck, PackProposal, RegulationPack
from portal.core.models.packs import LAW_KEEPERS, LAW_READERS
from portal.core.pages import READ_AND_WRITE, Request, lists, offers, posted, shows
from portal.core.regulation.loader import PackData, parse_pack

from .administration import crumbs


@lists(RegulationPack, roles=LAW_READERS)
def packs(request: Request) -> HttpResponse:
    """Every pack with the version in force, and what waits for the second person."""
    newest = RegulationPack.objects.order_by("key", "-version").distinct("key")
    waiting = PackProposal.objects.visible_to(request.user).filter(state="proposed")
    context = {
        "packs": newest.defer("content"),
        "waiting": waiting.select_related("proposed_by").defer("content"),
        "crumbs": crumbs((_("法规与时限"), "")),
    }
    return render(request, "administration/packs.html", context)


@lists(RegulationPack, roles=LAW_READERS)
def pack(request: Request, key: str) -> HttpResponse:
    """The figures of a pack, each with its article and who has checked it."""
    row = _newest(key)
    checks = {(each.figure_key, each.since): each for each in
              CitationCheck.objects.filter(figure_key__startswith=f"{key}.")
              .select_related("first_by", "second_by")}  # fmt: skip
    context = {
        "pack": row,
        "rows": _figures(_parsed(row), checks, request),
        "versions": RegulationPack.objects.filter(key=key).defer("content"),
        "may_check": request.user.has_role(*law.CHECKERS),
        "may_propose": request.user.has_role(*LAW_KEEPERS),
        "crumbs": crumbs((_("法规与时限"), reverse("desk:regulation")), (row.title, "")),
    }
    return render(request, "administration/pack.html", context)


@lists(RegulationPack, roles=LAW_READERS)
def pack_file(request: Request, key: str) -> HttpResponse:
    """The pack as a file, to be changed elsewhere and brought back."""
    answer = HttpResponse(_text(_parsed(_newest(key))), content_type="text/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{key}.yaml"'
    return answer


@lists(RegulationPack, roles=LAW_KEEPERS, methods=READ_AND_WRITE)
def pack_new(request: Request, key: str) -> HttpResponse:
    """Propose another text of a pack."""
    row = _newest(key)
    base = _parsed(row)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = forms.PackForm(*sent, base=base, initial={"text": _text(base)})
    return _form_of(request, row, form, _("修改全文"))


@lists(RegulationPack, roles=LAW_KEEPERS, methods=READ_AND_WRITE)
def figure_new(request: Request, key: str, name: str) -> HttpResponse:
    """Propose another number from a day on, without touching the text of the pack."""
    row = _newest(key)
    base = _parsed(row)
    if name not in base.entries or figures.numbers(base.entries[name]) is None:
        raise Http404
    form = forms.figure_form(base, name)(posted(request), earliest=request.today)
    return _form_of(request, row, form, _("修改“%(title)s”") % {"title": base.entries[name].title})


@lists(CitationCheck, roles=law.CHECKERS, methods=("POST",))
def figure_check(request: Request, key: str) -> HttpResponse:
    """The article behind a figure was read; or there is a doubt."""
    name, since = _figure(request, key)
    if since is None:
        messages.warning(request, _("规则包里没有这一条，请刷新页面再试。"))
    elif request.POST.get("doubt"):
        law.uncheck_figure(name, since, by=request.actor, at=request.at)
        messages.success(request, _("已取消核实，文书上不再印这一条的条文。"))
    else:
        try:
            law.check_figure(name, since, by=request.actor, at=request.at)
            messages.success(request, _("已记下核实。两人核实以后，文书上才印条文。"))
        except law.Refused as why:
            messages.warning(request, forms.LAW_REFUSALS[why.code])
    return redirect("desk:pack", key=key)


@shows(PackProposal, roles=LAW_READERS)
def pack_proposal(request: Request, proposal: PackProposal) -> HttpResponse:
    """What would change, old beside new."""
    return render(request, "administration/pack_proposal.html", _about(proposal))


@offers(PackProposal, "publish")
def pack_publish(request: Request, proposal: PackProposal) -> HttpResponse:
    """The second person publishes."""
    if request.method == "POST":
        try:
            law.publish(proposal, by=request.actor, at=request.at)
            messages.success(request, _("已发布，从现在起按新的版本。"))
        except law.Refused as why:
            messages.warning(request, forms.LAW_REFUSALS[why.code])
    return redirect("desk:pack_proposal", id=proposal.pk)


@offers(PackProposal, "decline")
def pack_decline(request: Request, proposal: PackProposal) -> HttpResponse:
    """The second person does not agree."""
    form = forms.DeclineForm(request.POST if request.method == "POST" else None)
    form.cancel_url = reverse("desk:pack_proposal", args=[proposal.pk])
    if form.is_valid():
        law.decline(proposal, form.cleaned_data["reason"], by=request.actor, at=request.at)
        messages.success(request, _("已记下不同意。"))
        return redirect("desk:pack_proposal", id=proposal.pk)
    context = {**_about(proposal), "form": form, "act": _("不同意"), "about": proposal.title}
    return render(request, "administration/form.html", context)


@offers(PackProposal, "withdraw")
def pack_withdraw(request: Request, proposal: PackProposal) -> HttpResponse:
    """The proposer takes it back."""
    if request.method == "POST":
        law.withdraw(proposal, by=request.actor, at=request.at)
        messages.success(request, _("已撤回。"))
    return redirect("desk:pack_proposal", id=proposal.pk)


# --- what the pages share -----------------------------------------------------------------------


def _newest(key: str) -> RegulationPack:
    found = law.newest(key)
    if found is None:
        raise Http404
    return found


def _parsed(row: Any) -> PackData:
    return parse_pack(json.loads(row.content), version=row.version if row else 1)


def _text(pack: PackData) -> str:
    return str(yaml.safe_dump(pack.content, allow_unicode=True, sort_keys=False, width=100))


def _figures(pack: PackData, checks: Any, request: Request) -> list[dict[str, Any]]:
    rows = []
    for name, entry in pack.entries.items():
        is_number = figures.numbers(entry) is not None
        for dated in entry.values:
            check = checks.get((f"{pack.key}.{name}", dated.since))
            rows.append({
                "name": name, "entry": entry, "dated": dated, "check": check,
                "shown": figures.shown(f"{pack.key}.{name}", entry.unit, dated.value),
                "is_number": is_number and dated is entry.values[-1],
                "in_force": dated.since <= request.today,
                "is_mine": bool(check and check.first_by_id == request.user.pk),
            })  # fmt: skip
    return rows


def _figure(request: Request, key: str) -> tuple[str, dt.date | None]:
    """The figure named in the form, if the pack in force has it."""
    pack, name = _parsed(_newest(key)), request.POST.get("figure", "")
    values = pack.entries[name].values if name in pack.entries else ()
    for dated in values:
        if dated.since.isoformat() == request.POST.get("since"):
            return f"{key}.{name}", dated.since
    return name, None


def _form_of(
    request: Request, row: RegulationPack, form: forms.ProposalForm, act: str
) -> HttpResponse:
    """The form of another version; sent and sound, it leads to what was proposed."""
    form.cancel_url = reverse("desk:pack", args=[row.key])
    if form.is_valid() and form.pack:
        made = _proposed(request, row, form)
        if made:
            return redirect("desk:pack_proposal", id=made.pk)
    way = crumbs((_("法规与时限"), reverse("desk:regulation")), (row.title, form.cancel_url),
                 (act, ""))  # fmt: skip
    context = {"form": form, "act": act, "about": row.title, "crumbs": way}
    return render(request, "administration/form.html", context)


def _proposed(request: Request, row: RegulationPack, form: forms.ProposalForm) -> Any:
    reason = form.cleaned_data["reason"]
    try:
        made = law.propose(row, form.pack, reason, by=request.actor, at=request.at)  # type: ignore[arg-type]
    except law.Refused as why:
        form.refused(why.code)
        return None
    messages.success(request, _("已提出，由审定人发布。"))
    return made


def _about(proposal: PackProposal) -> dict[str, Any]:
    base = RegulationPack.objects.filter(key=proposal.key, version=proposal.base).first()
    new = parse_pack(json.loads(proposal.content))
    way = crumbs((_("法规与时限"), reverse("desk:regulation")),
                 (proposal.title, reverse("desk:pack", args=[proposal.key])),
                 (_("修改"), ""))  # fmt: skip
    changes = law.differences(_parsed(base), new) if base else []
    return {"proposal": proposal, "changes": changes, "crumbs": way}
