"""What the calendar does for supervision, and how its messages read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.models import Facility
from inspections import actions
from inspections.models import (
    ChecklistVersion,
    EnforcementCertificate,
    FacilityRisk,
    Finding,
    Inspection,
    InspectionMember,
    InspectionPlan,
)
from inspections.queries import findings as finding_queries
from inspections.queries import people as people_queries
from inspections.queries import risk as risks
from inspections.queries import selfchecks
from inspections.queries import visits as queries
from inspections.rules import deadlines
from inspections.workflow import AHEAD, UNDER_WAY
from portal.core import clock
from portal.core.models import Holiday, User
from portal.core.outbox import Words, words
from portal.core.queries import in_force, working_calendar
from portal.core.rounds import each
from portal.core.staffing.handover import open_work
from portal.core.tasks import on_calendar
from portal.core.topics import Topic


@open_work(gettext_lazy("检查任务"))
def visits_of(person: User) -> tuple[int, str]:
    """How many visits the person is still to carry out, and the list in which they are moved."""
    own = InspectionMember.objects.filter(user=person, left_at=None).values("inspection")
    open_states = [*AHEAD, *UNDER_WAY]
    count = Inspection.objects.filter(pk__in=own, state__in=open_states).count()
    return count, f"{reverse('desk:inspections')}?tab=all&person={person.pk}"


# --- what falls due -------------------------------------------------------------------------------


@on_calendar
def remind_about_findings(at: dt.datetime) -> int:
    """Owe a reminder for what is due soon or late."""
    day = clock.day_of(at)
    near = day + dt.timedelta(days=in_force(day).integer("findings.reminder_days"))
    return each(finding_queries.due_on(near), actions.remind_of_finding, at)


@on_calendar
def remind_about_rechecks(at: dt.datetime) -> int:
    """Owe a reminder where the facility has answered and nobody has looked."""
    return each(finding_queries.rechecks_due(clock.day_of(at)), actions.remind_of_recheck, at)


@on_calendar
def escalate_findings(at: dt.datetime) -> int:
    """Take every late finding as far as its days say."""
    day = clock.day_of(at)
    return each(finding_queries.to_escalate(day, in_force(day)), actions.escalate_finding, at)


@on_calendar
def open_first_visits(at: dt.datetime) -> int:
    """A visit for each facility that is new in the register."""
    day = clock.day_of(at)
    since = day - dt.timedelta(days=in_force(day).integer("inspections.opening_days"))
    new = queries.supervised().filter(registered_on__gte=since, registered_on__lte=day)
    return each(new, actions.open_due_visit, at)


@on_calendar
def open_holiday_visits(at: dt.datetime) -> int:
    """Fire visits before the holidays of the pack."""
    day = clock.day_of(at)
    law = in_force(day)
    lead = dt.timedelta(days=law.integer("inspections.holiday_lead_days"))
    names = law.texts("inspections.holidays")
    near = Holiday.objects.filter(date__gte=day - lead, date__lte=day + lead, is_workday=False)
    found = {row.date: row for row in near if any(n in row.name for n in names)}
    # A holiday begins once: its later days, weekends between them or not, are no new one.
    firsts = [
        each for each in sorted(found)
        if each > day and not any(each - lead <= earlier < each for earlier in found)
    ]  # fmt: skip
    if not firsts:
        return 0
    first = found[firsts[0]]

    def visit(facility: Facility, *, at: dt.datetime) -> int:
        return actions.open_holiday_visit(facility, first.name, first.date, at=at)

    return each(queries.supervised(), visit, at)


@on_calendar
def remind_about_visits(at: dt.datetime) -> int:
    """Owe a reminder for visits of today and late ones."""
    day = clock.day_of(at)
    due = Inspection.objects.filter(state__in=AHEAD, due_on__lte=day).select_related("facility")
    return each(due, actions.remind_of_visit, at)


@on_calendar
def remind_about_enforcement_certificates(at: dt.datetime) -> int:
    """Owe a reminder where an enforcement certificate runs out."""
    day = clock.day_of(at)
    days = in_force(day).integer("inspections.certificate_reminder_days")
    ending = people_queries.expiring_certificates(day, day + dt.timedelta(days=days))
    return each(ending, actions.remind_of_certificate, at)


@on_calendar
def remind_about_publications(at: dt.datetime) -> int:
    """Owe a reminder where the result of an administrative inspection is to be published soon."""
    day = clock.day_of(at)
    over = deadlines.publication_reminder_after(day, in_force(day), working_calendar())
    return each(queries.to_publish(over), actions.remind_of_publication, at)


@on_calendar
def mirror_publications(at: dt.datetime) -> int:
    """Let the states of visits follow what stands at the gate."""
    return each(queries.mirrored(clock.day_of(at)), actions.mirror_publication, at)


@on_calendar
def reassess_risks(at: dt.datetime) -> int:
    """Compute the class of every facility once a day: points lapse with time."""
    day = clock.day_of(at)
    waiting = list(risks.not_computed_on(day))
    grounds = risks.grounds(waiting, day)
    return each(waiting, partial(actions.reassess_once, grounds=grounds), at)


@on_calendar
def remind_about_self_checks(at: dt.datetime) -> int:
    """Towards the end of the month, tell those who have not handed theirs in."""
    day = clock.day_of(at)
    near = day + dt.timedelta(days=in_force(day).integer("inspections.self_check_reminder_days"))
    if near.month == day.month:
        return 0
    return each(selfchecks.without_check(day.replace(day=1)), actions.remind_of_self_check, at)


@on_calendar
def count_missed_self_checks(at: dt.datetime) -> int:
    """A month that is over without a check counts."""
    month = selfchecks.month_before(clock.day_of(at))
    return each(selfchecks.uncounted(month), actions.count_missed_self_check, at)


# --- words ----------------------------------------------------------------------------------------


def _of_visit(inspection: Inspection, person: User, title: str, body: str = "") -> Words:
    facts = {"facility": inspection.facility.name, "number": inspection.number}
    return Words(title % facts, body, inspection.url_for(person))


def _of_finding(finding: Finding, person: User, title: str, body: str = "") -> Words:
    facts = {"facility": finding.facility.name, "number": finding.number}
    return Words(title % facts, body, finding.url_for(person))


def _of_page(noun: Model, title: str, url: str, body: str = "") -> Words:
    return Words(title % {"noun": noun}, body, url)


@words("inspection.opened", Topic.TASK)
def _opened(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    return _of_visit(inspection, person, _("请安排检查：%(facility)s（%(number)s）"))


@words("inspection.assigned", Topic.TASK)
def _assigned(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    return _of_visit(inspection, person, _("安排您检查%(facility)s（%(number)s）"))


@words("inspection.proposed", Topic.TASK)
def _proposed(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    return _of_visit(inspection, person, _("行政检查待审批：%(facility)s（%(number)s）"))


@words("inspection.handed_back", Topic.RESULT)
def _handed_back(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    title = _("行政检查退回：%(facility)s（%(number)s）")
    return _of_visit(inspection, person, title, inspection.decision_reason)


@words("inspection.cancelled", Topic.RESULT)
def _cancelled(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    return _of_visit(inspection, person, _("检查已取消：%(facility)s（%(number)s）"))


@words("inspection.team_missing", Topic.TASK)
def _team_missing(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    return _of_visit(inspection, person, _("抽取的人员不足，请补充安排：%(facility)s"))


@words("inspection.tied", Topic.TASK)
def _tied(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    title = _("检查人员申报了回避，请另行安排：%(facility)s（%(number)s）")
    return _of_visit(inspection, person, title)


@words("inspection.due_soon", Topic.REMINDER)
def _due_soon(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    return _of_visit(inspection, person, _("今天应完成检查：%(facility)s（%(number)s）"))


@words("inspection.overdue", Topic.REMINDER)
def _overdue(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    return _of_visit(inspection, person, _("检查已逾期：%(facility)s（%(number)s）"))


@words("inspection.completed", Topic.RESULT)
def _completed(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    title = _("检查结果已送达，请确认收到（%(number)s）")
    return _of_visit(inspection, person, title)


@words("inspection.ended", Topic.RESULT)
def _ended(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    title = _("检查没有进行：%(facility)s（%(number)s）")
    return _of_visit(inspection, person, title, str(inspection.get_access_display()))


@words("inspection.publish_due", Topic.REMINDER)
def _publish_due(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    title = _("行政检查结果快到公示期限：%(facility)s（%(number)s）")
    return _of_visit(inspection, person, title, _publish_by(params))


@words("inspection.publish_overdue", Topic.REMINDER)
def _publish_late(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    title = _("行政检查结果超过期限没有公示：%(facility)s（%(number)s）")
    return _of_visit(inspection, person, title, _publish_by(params))


def _publish_by(params: Mapping[str, str]) -> str:
    return _("最迟公示日期：%(day)s") % {"day": params.get("due", "")}


@words("inspection.grave", Topic.TASK)
def _grave(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    return _of_visit(inspection, person, _("检查发现重大情况：%(facility)s（%(number)s）"))


@words("inspection.objected", Topic.TASK)
def _objected(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    return _of_visit(inspection, person, _("机构对检查结果提出异议：%(facility)s（%(number)s）"))


@words("inspection.objection_answered", Topic.RESULT)
def _answered(inspection: Inspection, params: Mapping[str, str], person: User) -> Words:
    title = _("对检查结果的异议已答复（%(number)s）")
    return _of_visit(inspection, person, title, inspection.objection_answer)


@words("finding.due_soon", Topic.REMINDER)
def _finding_due(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    return _of_finding(finding, person, _("整改快到期了：%(number)s"), _by(params))


@words("finding.overdue", Topic.REMINDER)
def _finding_late(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    return _of_finding(finding, person, _("整改已超期，请尽快完成并反馈：%(number)s"), _by(params))


@words("finding.remind", Topic.REMINDER)
def _finding_remind(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    return _of_finding(finding, person, _("街道提醒您完成整改：%(number)s"), _by(params))


@words("finding.recheck_due", Topic.REMINDER)
def _recheck_due(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    return _of_finding(finding, person, _("请复查：%(facility)s（%(number)s）"))


@words("finding.reported", Topic.TASK)
def _reported(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    return _of_finding(finding, person, _("机构已反馈整改，请复查：%(facility)s（%(number)s）"))


@words("finding.extension_asked", Topic.TASK)
def _extension_asked(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    title = _("机构申请延期整改：%(facility)s（%(number)s）")
    return _of_finding(finding, person, title, finding.extension_reason)


@words("finding.extended", Topic.RESULT)
def _extended(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    return _of_finding(finding, person, _("延期申请已同意：%(number)s"))


@words("finding.extension_refused", Topic.RESULT)
def _not_extended(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    title = _("延期申请没有得到同意：%(number)s")
    return _of_finding(finding, person, title, finding.extension_refusal)


@words("finding.disputed", Topic.TASK)
def _disputed(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    return _of_finding(finding, person, _("机构对问题提出申诉：%(facility)s（%(number)s）"))


@words("finding.dispute_answered", Topic.RESULT)
def _dispute_answered(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    title = _("您的申诉已答复：%(number)s")
    return _of_finding(finding, person, title, finding.dispute_answer)


@words("finding.closed", Topic.RESULT)
def _closed(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    return _of_finding(finding, person, _("复查通过，问题已销号：%(number)s"))


@words("finding.returned", Topic.RESULT)
def _returned(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    title = _("复查没有通过，请继续整改：%(number)s")
    return _of_finding(finding, person, title, finding.close_note)


@words("finding.transferred", Topic.RESULT)
def _transferred(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    return _of_finding(finding, person, _("问题已移送有关部门处理：%(number)s"))


@words("finding.taken_back", Topic.RESULT)
def _taken_back(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    title = _("问题由街道继续办理，请整改：%(number)s")
    return _of_finding(finding, person, title, _by({"due": str(finding.due_on)}))


@words("finding.escalated", Topic.TASK)
def _escalated(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    return _of_finding(finding, person, _("整改超期，请督办：%(facility)s（%(number)s）"))


@words("finding.transfer_due", Topic.TASK)
def _transfer_due(finding: Finding, params: Mapping[str, str], person: User) -> Words:
    title = _("整改长期超期，请移送主管部门：%(facility)s（%(number)s）")
    return _of_finding(finding, person, title)


def _by(params: Mapping[str, str]) -> str:
    return _("整改期限：%(day)s") % {"day": params.get("due", "")}


@words("plan.proposed", Topic.TASK)
def _plan_proposed(plan: InspectionPlan, params: Mapping[str, str], person: User) -> Words:
    return _of_page(plan, _("检查计划待审定：%(noun)s"), plan.url_for(person))


@words("plan.approved", Topic.RESULT)
def _plan_approved(plan: InspectionPlan, params: Mapping[str, str], person: User) -> Words:
    return _of_page(plan, _("检查计划已审定：%(noun)s"), plan.url_for(person))


@words("plan.handed_back", Topic.RESULT)
def _plan_back(plan: InspectionPlan, params: Mapping[str, str], person: User) -> Words:
    title = _("检查计划退回：%(noun)s")
    return _of_page(plan, title, plan.url_for(person), plan.decision_reason)


@words("checklist.proposed", Topic.TASK)
def _list_proposed(version: ChecklistVersion, params: Mapping[str, str], person: User) -> Words:
    return _of_page(version, _("检查表待发布：%(noun)s"), version.url_for(person))


@words("checklist.published", Topic.RESULT)
def _list_published(version: ChecklistVersion, params: Mapping[str, str], person: User) -> Words:
    return _of_page(version, _("检查表已发布：%(noun)s"), version.url_for(person))


@words("checklist.handed_back", Topic.RESULT)
def _list_back(version: ChecklistVersion, params: Mapping[str, str], person: User) -> Words:
    title = _("检查表退回：%(noun)s")
    return _of_page(version, title, version.url_for(person), version.decision_reason)


@words("certificate.ending", Topic.REMINDER)
def _ending(certificate: EnforcementCertificate, params: Mapping[str, str], person: User) -> Words:
    title = _("行政执法证快到期了：%(noun)s")
    body = _("到期后不能参加行政检查，有效期至%(day)s") % {"day": certificate.valid_until}
    return _of_page(certificate, title, reverse("desk:enforcement"), body)


@words("risk.spike", Topic.TASK)
def _spike(assessed: FacilityRisk, params: Mapping[str, str], person: User) -> Words:
    title = _("短期内多次出现情况，请关注：%(noun)s")
    url = reverse("desk:facility_risk", args=[assessed.facility.code])
    return _of_page(assessed.facility, title, url)


@words("risk.conflict", Topic.TASK)
def _conflict(assessed: FacilityRisk, params: Mapping[str, str], person: User) -> Words:
    title = _("风险等级与公开的评估等级相反，请说明原因或重新评估：%(noun)s")
    url = reverse("desk:facility_risk", args=[assessed.facility.code])
    return _of_page(assessed.facility, title, url)


@words("selfcheck.due", Topic.REMINDER)
def _check_due(facility: Facility, params: Mapping[str, str], person: User) -> Words:
    return _of_page(facility, _("本月安全自查还没有提交：%(noun)s"), reverse("my:self_checks"))


@words("selfcheck.missed", Topic.REMINDER)
def _check_missed(facility: Facility, params: Mapping[str, str], person: User) -> Words:
    return _of_page(facility, _("上月没有提交安全自查：%(noun)s"), reverse("my:self_checks"))
