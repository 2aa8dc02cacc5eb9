"""Saying why the office's class and the public grade say opposite things (prod:H4)."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from facilities.models import Facility
from inspections import actions
from inspections.forms import desk as forms
from inspections.models import FacilityRisk
from portal.core.pages import READ_AND_WRITE, Request, posted, shows
from portal.core.roles import Role

from . import parts


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
