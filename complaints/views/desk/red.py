"""The red lane: the alarm, the report to the police or organ in charge, another category by two."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from complaints import actions, rules
from complaints.actions import Report
from complaints.forms import desk as desk_forms
from complaints.models import Category, Complaint
from portal.core.pages import Request, offers, posted
from portal.core.queries import in_force

from .acting import act_on


@offers(Complaint, "acknowledge")
def complaint_acknowledge(request: Request, complaint: Complaint) -> HttpResponse:
    """A duty person has it; the alarm stops ringing."""
    form = desk_forms.ConfirmForm(posted(request), submit=_("确认收到"))

    def act() -> str:
        actions.acknowledge_alarm(complaint, by=request.actor, at=request.at)
        return _("已确认收到，不再报警。请马上报告并记下来。")

    says = _("确认后不再报警。接下来要在时限内向公安或主管部门报告。")
    return act_on(request, complaint, form, _("确认收到"), act, says=says)


@offers(Complaint, "report")
def complaint_report(request: Request, complaint: Complaint) -> HttpResponse:
    """To whom it was reported, when, under which reference."""
    form = desk_forms.ReportForm(posted(request), now=request.at)

    def act() -> str:
        given = form.cleaned_data
        names = ("organ", "unit", "reference", "reported_at", "note")
        report = Report(**{name: given[name] for name in names})
        actions.record_report(complaint, report, by=request.actor, at=request.at)
        return _("已记下报告，可以受理了。")

    minutes = rules.report_minutes(complaint.category, in_force(request.today))
    says = _("先打电话报告，再记在这里。收到后 %(n)s 分钟内必须报告。") % {"n": minutes}
    return act_on(request, complaint, form, _("记报告"), act, says=says if minutes else "")


@offers(Complaint, "propose_category")
def complaint_propose_category(request: Request, complaint: Complaint) -> HttpResponse:
    """The first of two."""
    form = desk_forms.CategoryForm(posted(request), complaint=complaint)

    def act() -> str:
        given = form.cleaned_data
        actions.propose_category(
            complaint, given["category"], given["reason"], by=request.actor, at=request.at
        )
        return _("已提请调整类别，等另一人确认。")

    says = _("类别、专线、严重程度和期限一起变，要另一人确认。")
    return act_on(request, complaint, form, _("调整类别"), act, says=says)


@offers(Complaint, "confirm_category")
def complaint_confirm_category(request: Request, complaint: Complaint) -> HttpResponse:
    """The second of two agrees."""
    proposed = complaint.category_proposed
    form = desk_forms.SeenForm(posted(request), submit=_("确认调整"), now=proposed)

    def act() -> str:
        actions.confirm_category(complaint, by=request.actor, at=request.at)
        return _("类别已调整。")

    says = _proposal(complaint)
    return act_on(request, complaint, form, _("确认调整类别"), act, says=says)


@offers(Complaint, "refuse_category")
def complaint_refuse_category(request: Request, complaint: Complaint) -> HttpResponse:
    """The second of two does not agree."""
    form = desk_forms.ConfirmForm(posted(request), submit=_("不同意，保持原类别"))

    def act() -> str:
        actions.refuse_category(complaint, by=request.actor, at=request.at)
        return _("未同意调整，类别不变。")

    says = _proposal(complaint)
    return act_on(request, complaint, form, _("不同意调整类别"), act, says=says)


def _proposal(complaint: Complaint) -> str:
    if not complaint.category_proposed:
        return ""
    return _("现在是“%(now)s”，提请改为“%(then)s”。原因见办理记录。") % {
        "now": complaint.get_category_display(),
        "then": Category(complaint.category_proposed).label,
    }


@offers(Complaint, "raise_alarm")
def complaint_raise_alarm(request: Request, complaint: Complaint) -> HttpResponse:
    """A child may be in danger: one person is enough."""
    law = in_force(request.today)
    form = desk_forms.AlarmForm(posted(request), complaint=complaint, law=law)

    def act() -> str:
        given = form.cleaned_data
        actions.raise_alarm(
            complaint, given["category"], given["reason"], by=request.actor, at=request.at
        )
        return _("已转为紧急举报，值守人已收到报警。")

    says = _("转为紧急后只有专线值守人能打开；改回来要两个人。孩子正有危险的，先打 110、120。")
    return act_on(request, complaint, form, _("转为紧急举报"), act, says=says)
