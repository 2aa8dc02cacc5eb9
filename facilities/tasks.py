"""What the calendar does for the register, and how its messages read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db.models import Model
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities import actions, queries, rules
from facilities.models import (
    Facility,
    FacilityMerge,
    Filing,
    JoinRequest,
    Lead,
    Membership,
    OperatingPause,
    Transfer,
)
from facilities.queries import leads as lead_queries
from facilities.queries import life
from facilities.workflow import OPEN_STATES
from portal.core import clock
from portal.core.models import User
from portal.core.outbox import Words, words
from portal.core.queries import in_force, working_calendar
from portal.core.rounds import each
from portal.core.staffing.handover import open_work
from portal.core.tasks import on_calendar
from portal.core.topics import Topic


@open_work(gettext_lazy("登记报送"))
def filings_of(person: User) -> tuple[int, str]:
    """How many open filings lie with the person, and the list in which they are given away."""
    count = Filing.objects.filter(handler=person, state__in=OPEN_STATES).count()
    return count, f"{reverse('desk:filings')}?tab=all&handler={person.pk}"


@on_calendar
def remind_about_answers(at: dt.datetime) -> int:
    """Owe a reminder for every filing whose answer is due within the reminder's days."""
    day = clock.day_of(at)
    law, calendar = in_force(day), working_calendar()
    near = calendar.add_working_days(day, law.integer("filing.reminder_working_days"))
    return each(queries.due_soon(day, near), actions.remind_reviewers, at)


@on_calendar
def escalate_overdue_answers(at: dt.datetime) -> int:
    """Tell the approvers about every filing whose answer is overdue."""
    day = clock.day_of(at)
    law, calendar = in_force(day), working_calendar()
    late = [
        filing
        for filing in queries.overdue(day)
        if filing.answer_due and rules.is_escalated(filing.answer_due, day, law, calendar)
    ]
    return each(late, actions.escalate_filing, at)


@on_calendar
def remind_about_corrections(at: dt.datetime) -> int:
    """Tell operators whose correction is due soon, and both sides when the day has passed."""
    day = clock.day_of(at)
    days = in_force(day).integer("filing.reminder_working_days")
    near = working_calendar().add_working_days(day, days)
    return each(queries.corrections_due(near), actions.remind_of_correction, at)


@on_calendar
def lapse_old_drafts(at: dt.datetime) -> int:
    """Close drafts that nobody came back to in time."""
    day = clock.day_of(at)
    return each(queries.old_drafts(day), actions.lapse_draft, at)


def _words(filing: Filing, person: User, title: str, body: str = "") -> Words:
    name = {"number": filing.number, "facility": filing.facility_name}
    return Words(title % name, body, filing.url_for(person))


@words("filing.submitted")
def _submitted(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("收到登记报送：%(facility)s（%(number)s）"))


@words("filing.resubmitted")
def _resubmitted(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("已补正，请继续审核：%(facility)s（%(number)s）"))


@words("filing.supplemented")
def _supplemented(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("机构补充了材料：%(facility)s（%(number)s）"))


@words("filing.withdrawn", Topic.RESULT)
def _withdrawn(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("机构撤回了登记报送：%(facility)s（%(number)s）"))


@words("filing.lapsed", Topic.RESULT)
def _lapsed(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("登记报送 %(number)s 的草稿保留期已过，需要时请重新填写"))


@words("filing.set_aside", Topic.RESULT)
def _set_aside(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("街道已提出注销登记，草稿 %(number)s 不再保留"))


@words("filing.correction")
def _correction(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("登记报送 %(number)s 需要补充材料，请按补正通知修改"))


@words("filing.proposed")
def _proposed(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("待审定：%(facility)s（%(number)s）"))


@words("filing.handed_back")
def _handed_back(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    title = _("审定人退回，请再核对：%(facility)s（%(number)s）")
    return _words(filing, person, title, filing.decision_reason)


@words("filing.registered", Topic.RESULT)
def _registered(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("%(facility)s已在街道登记，登记回执可以下载"))


@words("filing.declined", Topic.RESULT)
def _declined(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("登记报送 %(number)s 没有登记，原因见告知书"))


@words("filing.due_soon", Topic.REMINDER)
def _due_soon(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("快到答复期限：%(facility)s（%(number)s）"), _due(params))


@words("filing.overdue", Topic.REMINDER)
def _overdue(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("已超过答复期限：%(facility)s（%(number)s）"), _due(params))


@words("filing.urged", Topic.REMINDER)
def _urged(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("催办：%(facility)s（%(number)s）"), _due(params))


@words("filing.assigned")
def _assigned(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("分派给您审核：%(facility)s（%(number)s）"))


@words("filing.reassigned")
def _reassigned(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("已改由他人审核：%(facility)s（%(number)s）"))


@words("filing.noted")
def _noted(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("他人在您审核的报送上作了记录：%(facility)s（%(number)s）"))


@words("filing.correction_due_soon", Topic.REMINDER)
def _correction_due_soon(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    title = _("补正期限快到了：%(facility)s（%(number)s）")
    return _words(filing, person, title, _correct_by(params))


@words("filing.correction_overdue", Topic.REMINDER)
def _correction_overdue(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    title = _("补正期限已过：%(facility)s（%(number)s）")
    return _words(filing, person, title, _correct_by(params))


def _correct_by(params: Mapping[str, str]) -> str:
    day = dt.date.fromisoformat(params["due"])
    facts = {"year": day.year, "month": day.month, "day": day.day}
    return _("应最迟在 %(year)s年%(month)s月%(day)s日补正") % facts


def _due(params: Mapping[str, str]) -> str:
    day = dt.date.fromisoformat(params["due"])
    facts = {"year": day.year, "month": day.month, "day": day.day}
    return _("应最迟在 %(year)s年%(month)s月%(day)s日答复") % facts


@on_calendar
def remind_about_expiry(at: dt.datetime) -> int:
    """Tell holders and office about papers and leases that end, each step once on its day."""
    return actions.remind_of_expiry(at=at)


@words("expiry.reminder", Topic.REMINDER)
def _expiry(noun: Model, params: Mapping[str, str], person: User) -> Words:
    source, what, facility, _until = queries.ending_thing(noun)
    day = dt.date.fromisoformat(params["until"])
    facts = {
        "facility": facility.name,
        "paper": queries.name_of(source.key, what, in_force(day)),
        "year": day.year,
        "month": day.month,
        "day": day.day,
    }
    title = _("%(facility)s：%(paper)s %(year)s年%(month)s月%(day)s日到期")
    if params["step"].startswith(rules.OVERDUE):
        title = _("%(facility)s：%(paper)s已于 %(year)s年%(month)s月%(day)s日到期")
    if person.is_office:
        url = f"{reverse('desk:expiries')}?q={facility.code}"
        return Words(title % facts, _("机构已同时收到提醒。"), url)
    body = _("到期当天仍然有效。换好以后，请在“证照到期”里更新。")
    return Words(title % facts, body, reverse("my:expiries"))


# --- places that are not in the register ----------------------------------------------------------


@on_calendar
def remind_about_leads(at: dt.datetime) -> int:
    """Tell whose move it is about hints whose step is due soon, and again when it is late."""
    day = clock.day_of(at)
    days = in_force(day).integer("leads.reminder_working_days")
    near = working_calendar().add_working_days(day, days)
    return each(lead_queries.due_up_to(near), actions.remind_about_lead, at)


@on_calendar
def remind_about_transfers(at: dt.datetime) -> int:
    """Tell the sender of a letter that no feedback has come by its day of reminder."""
    waiting = lead_queries.transfers_waiting(clock.day_of(at))
    return each(waiting, actions.remind_about_transfer, at)


def _lead_words(lead: Lead, person: User, title: str, body: str = "") -> Words:
    facts = {"number": lead.number, "name": lead.name}
    return Words(title % facts, body, lead.url_for(person))


@words("lead.new", Topic.TASK)
def _lead_new(lead: Lead, params: Mapping[str, str], person: User) -> Words:
    return _lead_words(lead, person, _("新线索待核实：%(name)s（%(number)s）"))


@words("lead.verified", Topic.TASK)
def _lead_verified(lead: Lead, params: Mapping[str, str], person: User) -> Words:
    body = str(lead.get_outcome_display())
    return _lead_words(lead, person, _("线索已核实：%(name)s（%(number)s）"), body)


@words("lead.due_soon", Topic.REMINDER)
def _lead_due_soon(lead: Lead, params: Mapping[str, str], person: User) -> Words:
    return _lead_words(lead, person, _("线索快到办理期限：%(name)s（%(number)s）"), _by(params))


@words("lead.overdue", Topic.REMINDER)
def _lead_overdue(lead: Lead, params: Mapping[str, str], person: User) -> Words:
    return _lead_words(lead, person, _("线索已超过办理期限：%(name)s（%(number)s）"), _by(params))


@words("transfer.waiting", Topic.REMINDER)
def _transfer_waiting(transfer: Transfer, params: Mapping[str, str], person: User) -> Words:
    facts = {"number": transfer.number, "department": transfer.department.name}
    title = _("移送函 %(number)s 还没有收到%(department)s的反馈") % facts
    return Words(title, _by(params), transfer.url_for(person))


def _by(params: Mapping[str, str]) -> str:
    day = dt.date.fromisoformat(params["due"])
    facts = {"year": day.year, "month": day.month, "day": day.day}
    return _("期限是 %(year)s年%(month)s月%(day)s日") % facts


# --- life after registration --------------------------------------------------------------------


@on_calendar
def close_facilities(at: dt.datetime) -> int:
    """Close every facility whose closing day has come."""
    return each(life.closings_due(clock.day_of(at)), actions.close_facility, at)


@on_calendar
def begin_pauses(at: dt.datetime) -> int:
    """Begin every announced pause whose first day has come."""
    return each(life.pauses_to_begin(clock.day_of(at)), actions.begin_pause, at)


@on_calendar
def remind_about_pauses(at: dt.datetime) -> int:
    """Ask facilities whose pause ends soon or should have ended."""
    day = clock.day_of(at)
    law = in_force(day)
    near = day + dt.timedelta(days=law.integer("life.pause_reminder_days"))
    return each(life.pauses_ending(near), actions.remind_of_pause, at)


@on_calendar
def watch_statutory_filings(at: dt.datetime) -> int:
    """Name the facilities the county's system does not hold, and looks that are too old."""
    day = clock.day_of(at)
    before = day - dt.timedelta(days=in_force(day).integer("life.statutory_recheck_days"))
    missing = each(life.without_statutory_filing(), actions.ask_about_missing, at)
    return missing + each(life.mirrors_to_check(before), actions.ask_to_check_again, at)


def _said(title: str, name: str, url: str, body: str = "") -> Words:
    return Words(title % {"facility": name}, body, url)


def _span(pause: OperatingPause) -> str:
    facts = {"first": pause.starts_on.isoformat(), "last": pause.expected_end.isoformat()}
    return _("从 %(first)s 到 %(last)s") % facts


def _of_pause(title: str, pause: OperatingPause, person: User) -> Words:
    return _said(title, pause.facility.name, pause.url_for(person), _span(pause))


@words("pause.reported")
def _pause_reported(pause: OperatingPause, params: Mapping[str, str], person: User) -> Words:
    return _of_pause(_("%(facility)s报告暂停运营"), pause, person)


@words("pause.prolonged", Topic.RESULT)
def _pause_prolonged(pause: OperatingPause, params: Mapping[str, str], person: User) -> Words:
    return _of_pause(_("%(facility)s改了暂停运营的预计最后一天"), pause, person)


@words("pause.ended", Topic.RESULT)
def _pause_ended(pause: OperatingPause, params: Mapping[str, str], person: User) -> Words:
    return _of_pause(_("%(facility)s已恢复运营"), pause, person)


@words("pause.cancelled", Topic.RESULT)
def _pause_cancelled(pause: OperatingPause, params: Mapping[str, str], person: User) -> Words:
    return _of_pause(_("%(facility)s取消了暂停运营"), pause, person)


@words("pause.ending", Topic.REMINDER)
def _pause_ending(pause: OperatingPause, params: Mapping[str, str], person: User) -> Words:
    return _of_pause(_("暂停运营快到期：%(facility)s。恢复运营或者延长，请点开办理"), pause, person)


@words("pause.overdue", Topic.REMINDER)
def _pause_overdue(pause: OperatingPause, params: Mapping[str, str], person: User) -> Words:
    return _of_pause(_("暂停运营已过预计最后一天：%(facility)s"), pause, person)


@words("closure.revoked", Topic.RESULT)
def _closure_revoked(filing: Filing, params: Mapping[str, str], person: User) -> Words:
    return _words(filing, person, _("机构撤回停办，继续运营：%(facility)s（%(number)s）"))


@words("facility.closed", Topic.RESULT)
def _facility_closed(facility: Facility, params: Mapping[str, str], person: User) -> Words:
    url = facility.url_for(person) if person.is_office else reverse("my:home")
    return _said(_("%(facility)s已停办，街道登记注销"), facility.name, url)


@words("statutory.remind")
def _statutory_remind(facility: Facility, params: Mapping[str, str], person: User) -> Words:
    body = _("请在国家托育机构备案信息系统中办理备案。已经办好的，请告诉街道备案编号和日期。")
    title = _("街道没有在卫健部门的备案系统里查到%(facility)s")
    return _said(title, facility.name, reverse("my:home"), body)


@words("statutory.missing")
def _statutory_missing(facility: Facility, params: Mapping[str, str], person: User) -> Words:
    url = reverse("desk:statutory", args=[facility.code])
    body = _("请提醒机构办理备案，并告知卫生健康部门。")
    return _said(_("未备案：%(facility)s"), facility.name, url, body)


@words("statutory.recheck", Topic.REMINDER)
def _statutory_recheck(facility: Facility, params: Mapping[str, str], person: User) -> Words:
    url = reverse("desk:statutory", args=[facility.code])
    return _said(_("请再核对卫健备案：%(facility)s"), facility.name, url)


@words("join.asked", Topic.TASK)
def _join_asked(asked: JoinRequest, params: Mapping[str, str], person: User) -> Words:
    title = _("有人申请加入%(facility)s，请答复") % {"facility": asked.facility.name}
    return Words(title, "", asked.url_for(person))


@words("join.admitted", Topic.RESULT)
def _join_admitted(asked: JoinRequest, params: Mapping[str, str], person: User) -> Words:
    title = _("您已加入%(facility)s") % {"facility": asked.facility.name}
    return Words(title, "", reverse("my:home"))


@words("join.refused", Topic.RESULT)
def _join_refused(asked: JoinRequest, params: Mapping[str, str], person: User) -> Words:
    # Without the facility's name: whoever was refused has proved nothing (R23).
    title = _("您加入机构的申请没有得到同意")
    return Words(title, _("请向机构负责人要邀请码，或打电话联系街道。"), reverse("my:home"))


def _merge_words(merge: FacilityMerge, person: User, title: str, body: str = "") -> Words:
    facts = {"source": merge.source.name, "code": merge.target.code}
    return Words(title % facts, body, merge.url_for(person))


@words("merge.proposed", Topic.TASK)
def _merge_proposed(merge: FacilityMerge, params: Mapping[str, str], person: User) -> Words:
    return _merge_words(merge, person, _("待审定合并：%(source)s并入%(code)s"))


@words("merge.done", Topic.RESULT)
def _merge_done(merge: FacilityMerge, params: Mapping[str, str], person: User) -> Words:
    return _merge_words(merge, person, _("已合并：%(source)s并入%(code)s"))


@words("merge.declined", Topic.RESULT)
def _merge_declined(merge: FacilityMerge, params: Mapping[str, str], person: User) -> Words:
    title = _("不予合并：%(source)s并入%(code)s")
    return _merge_words(merge, person, title, merge.decision_reason)


@words("member.joined", Topic.SYSTEM)
def _member_joined(member: Membership, params: Mapping[str, str], person: User) -> Words:
    title = _("%(facility)s有新成员加入") % {"facility": member.facility.name}
    return Words(title, "", reverse("my:members"))


@words("member.left", Topic.SYSTEM)
def _member_left(member: Membership, params: Mapping[str, str], person: User) -> Words:
    title = _("%(facility)s有成员离开") % {"facility": member.facility.name}
    if person.pk == member.user_id:
        title = _("您已不再是%(facility)s的成员") % {"facility": member.facility.name}
        return Words(title, "", reverse("my:home"))
    return Words(title, "", reverse("my:members"))


@words("member.role", Topic.SYSTEM)
def _member_role(member: Membership, params: Mapping[str, str], person: User) -> Words:
    facts = {"facility": member.facility.name, "role": member.get_role_display()}
    return Words(_("您在%(facility)s的身份现在是%(role)s") % facts, "", reverse("my:members"))
