"""What persons add to the office's class of a facility: facts noted, and words (prod:H4)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.models import Facility
from inspections import actions
from inspections.forms import desk as forms
from inspections.forms.risk import RiskFactForm, StrikeForm
from inspections.models import FacilityRisk, RiskFact
from inspections.queries import risk as risk_queries
from portal.core.pages import READ_AND_WRITE, Request, posted, shows
from portal.core.roles import Role
from portal.core.templatetags.portal import cn_date

from . import parts

NOTERS = (Role.CLERK, Role.APPROVER, Role.INSPECTOR)


@shows(Facility, key="code", roles=(Role.CLERK, Role.APPROVER), methods=READ_AND_WRITE)
def risk_explain(request: Request, facility: Facility) -> HttpResponse:
    """The words stand on the facility's page of its class; the task leaves the list."""
    form = forms.WhyForm(posted(request))

    def act() -> str:
        words = form.cleaned_data["reason"]
        actions.explain_conflict(facility, words, by=request.actor, at=request.at)
        return _("已记下说明。风险等级或评估等级变化后，会再次提醒。")

    here = reverse("desk:facility_risk", args=[facility.code])
    kept = FacilityRisk.objects.filter(facility=facility).first()
    facts = [(_("机构"), facility.name), (_("风险等级"), kept and kept.get_risk_class_display()),
             (_("公开的评估等级"), facility.quality_grade)]  # fmt: skip
    way = [(_("风险分级"), reverse("desk:risks")), (facility.name, here), (_("说明原因"), "")]
    return parts.act_page(request, None, form, _("说明原因"), act, here=here, way=way, facts=facts)


@shows(Facility, key="code", roles=NOTERS, methods=READ_AND_WRITE)
def riskfact_new(request: Request, facility: Facility) -> HttpResponse:
    """Note an incident, or a report that proved untrue: the points follow from the pack."""
    form = RiskFactForm(
        posted(request), today=request.today, first=risk_queries.first_counted(request.today)
    )

    def act() -> str:
        actions.note_risk_fact(facility, form.cleaned_data, by=request.actor, at=request.at)
        return _("已记下，风险等级已重新计算。")

    here = reverse("desk:facility_risk", args=[facility.code])
    way = [(_("风险分级"), reverse("desk:risks")), (facility.name, here), (_("记下情况"), "")]
    return parts.act_page(
        request, None, form, _("记下情况"), act, here=here, way=way,
        facts=[(_("机构"), facility.name)],
    )  # fmt: skip


@shows(RiskFact, roles=NOTERS, methods=READ_AND_WRITE, only=lambda fact, _user: fact.by_hand)
def riskfact_strike(request: Request, fact: RiskFact) -> HttpResponse:
    """What was noted does not hold."""
    form, here = StrikeForm(posted(request)), fact.url_for(request.user)
    if fact.struck_at:
        messages.info(request, _("这条情况已经撤销。"))
        return redirect(here)

    def act() -> str:
        reason = form.cleaned_data["reason"]
        actions.strike_risk_fact(fact, reason, by=request.actor, at=request.at)
        return _("已撤销，风险等级已重新计算。")

    way = [(_("风险分级"), reverse("desk:risks")), (fact.facility.name, here), (_("撤销情况"), "")]
    return parts.act_page(
        request, None, form, _("撤销情况"), act, here=here, way=way, facts=_about(fact)
    )


def _about(fact: RiskFact) -> list[tuple[str, str]]:
    return [
        (_("机构"), fact.facility.name),
        (_("情况"), fact.get_kind_display()),
        (_("严重程度"), fact.get_severity_display()),
        (_("日期"), cn_date(fact.day)),
    ]
