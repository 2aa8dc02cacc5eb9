"""Who may go: certificates, and the ties people declare about themselves or the office does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from inspections import actions
from inspections.forms import desk as forms
from inspections.forms import reference
from inspections.models import EnforcementCertificate, InspectorTie
from inspections.models.choices import OFFICE_READERS
from inspections.queries import people as people_queries
from inspections.queries import visits
from inspections.workflow import VISITORS
from portal.core.pages import READ_AND_WRITE, Request, lists, makes, posted, shows
from portal.core.roles import Role

from . import parts

KEEPERS = (Role.CLERK, Role.APPROVER)


@lists(EnforcementCertificate, roles=OFFICE_READERS)
def enforcement(request: Request) -> HttpResponse:
    """Who holds an enforcement certificate, until when, and the declared ties."""
    context = {
        "certificates": people_queries.certificates(request.user),
        "ties": people_queries.standing_ties(request.user),
        "today": request.today,
        "may_add": request.user.has_role(*KEEPERS),
        "may_be_sent": request.user.has_role(*VISITORS),
        "crumbs": parts.crumbs((_("执法证件与回避"), "")),
    }
    return render(request, "desk/inspections/enforcement.html", context)


@makes(EnforcementCertificate, roles=KEEPERS)
def enforcement_new(request: Request) -> HttpResponse:
    """Write down a certificate."""
    people = people_queries.visitors(request.today)
    form = reference.CertificateForm(posted(request), people=people)

    def act() -> str:
        actions.enter_certificate(**form.cleaned_data, by=request.actor, at=request.at)
        return _("证件已登记。")

    here = reverse("desk:enforcement")
    way = [(_("执法证件与回避"), here), (_("登记证件"), "")]
    return parts.act_page(request, None, form, _("登记行政执法证"), act, here=here, way=way)


@makes(InspectorTie, roles=KEEPERS)
def tie_new(request: Request) -> HttpResponse:
    """Write down a tie: the person is neither drawn nor sent."""
    facilities = visits.supervised_by(request.user)
    people = people_queries.visitors(request.today)
    form = reference.TieForm(posted(request), people=people, facilities=facilities)

    def act() -> str:
        actions.declare_tie(**form.cleaned_data, by=request.actor, at=request.at)
        return _("已登记回避关系。")

    here = reverse("desk:enforcement")
    way = [(_("执法证件与回避"), here), (_("申报回避"), "")]
    return parts.act_page(request, None, form, _("申报回避"), act, here=here, way=way)


@makes(InspectorTie, roles=VISITORS)
def own_ties(request: Request) -> HttpResponse:
    """What keeps this very person away; he adds to it himself, and somebody else ends it."""
    facilities = visits.supervised_by(request.user)
    form = reference.OwnTieForm(posted(request), facilities=facilities)

    def act() -> str:
        person = request.actor.somebody
        actions.declare_tie(person, **form.cleaned_data, by=request.actor, at=request.at)
        return _("已申报。从现在起不会抽取您，也不会安排您检查这家机构。")

    more = {"hint": _who_declares(), "ties": people_queries.own_ties(request.user)}
    here, way = reverse("desk:own_ties"), [(_("我的回避申报"), "")]
    return parts.act_page(
        request, None, form, _("我的回避申报"), act, here=here, way=way, **more
    )  # fmt: skip


def _who_declares() -> str:
    return _(
        "您与机构负责人或工作人员是近亲属、曾在机构任职、有利害关系或有子女在托的，请在这里申报。"
        "关系不再存在时，由街道经办人解除。"
    )


@shows(EnforcementCertificate, roles=KEEPERS, methods=READ_AND_WRITE)
def enforcement_revoke(request: Request, certificate: EnforcementCertificate) -> HttpResponse:
    """The certificate was taken back."""
    form = forms.ConfirmForm(posted(request))
    form.submit_label = _("收回证件")

    def act() -> str:
        actions.revoke_certificate(certificate, by=request.actor, at=request.at)
        return _("证件已收回，从今天起不能用于行政检查。")

    facts = [(_("人员"), certificate.user), (_("证号"), certificate.number)]
    return _of_enforcement(request, form, _("收回证件"), act, facts)


@shows(InspectorTie, roles=KEEPERS, methods=READ_AND_WRITE)
def tie_end(request: Request, tie: InspectorTie) -> HttpResponse:
    """The tie is over; nobody says so about himself."""
    form = forms.ConfirmForm(posted(request))
    form.submit_label = _("解除回避")

    def act() -> str:
        actions.end_tie(tie, by=request.actor, at=request.at)
        return _("已解除回避关系。")

    facts = [
        (_("人员"), tie.user), (_("机构"), tie.facility.name), (_("关系"), tie.get_kind_display()),
    ]  # fmt: skip
    return _of_enforcement(request, form, _("解除回避"), act, facts)


def _of_enforcement(
    request: Request, form: Any, words: str, act: Callable[[], str], facts: list[tuple[str, Any]]
) -> HttpResponse:
    """An act about a line of the page of certificates and ties."""
    here = reverse("desk:enforcement")
    way = [(_("执法证件与回避"), here), (words, "")]
    return parts.act_page(request, None, form, words, act, here=here, way=way, facts=facts)
