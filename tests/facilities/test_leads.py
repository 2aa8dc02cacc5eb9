"""Places that are not in the register: from a word on the phone to a filing or a letter."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from facilities import actions
from facilities.forms.leads import LeadForm, LinkForm, VerifyForm
from facilities.models import Department, Lead, Transfer
from facilities.models.leads import LeadOutcome, LeadSource
from facilities.queries import leads as lead_queries
from facilities.rules import leads as rules
from facilities.tasks import remind_about_leads, remind_about_transfers
from portal.core import outbox, publishing
from portal.core.actors import Actor
from portal.core.models import Notification, OfficialPaper, Publication, User
from portal.core.queries import in_force, working_calendar
from portal.core.workflow import FactMissing, NotAllowed, TransitionNotOpen
from tests import makers
from tests.core.test_calendar import CALENDAR, worked
from tests.facilities.oracles import figure, law_with

AT = makers.AT
DAY = AT.date()
database = pytest.mark.django_db


def actor(person: User) -> Actor:
    return Actor.person(person)


def start(person: User, **values: Any) -> Lead:
    given_values = {
        "source": LeadSource.PHONE,
        "name": "小天地（示例）",
        "address": "龙泉路40号二楼",
        "community": makers.community(),
    } | values
    return actions.start_lead(given_values, by=actor(person), at=AT)


def seen(person: User, outcome: str = "childcare", **values: Any) -> Lead:
    return actions.verify_lead(start(person, **values), outcome, "两个班", by=actor(person), at=AT)


@pytest.fixture
def clerk(db: None) -> User:
    return makers.clerk()


# --- clocks ---------------------------------------------------------------------------------------


# Who counts the days, and the figure of the pack that says how many.
CLOCKS = {
    rules.lead_verify_due: "leads.verify_working_days",
    functools.partial(rules.lead_verify_due, complained=True): "leads.complaint_working_days",
    rules.lead_decide_due: "leads.decide_working_days",
    rules.lead_guide_due: "leads.guide_working_days",
    rules.transfer_due: "leads.transfer_feedback_working_days",
    rules.transfer_reminder: "leads.transfer_reminder_working_days",
}
FIGURES = {key: figure(key) for key in CLOCKS.values()}


def worked_days_later(day: dt.date, days: int) -> dt.date:
    """Days of 2026 counted one by one on the plan as it was announced, written out by hand."""
    while days:
        day += dt.timedelta(days=1)
        days -= worked(day)
    return day


@database
def test_the_clocks_count_working_days() -> None:
    """On the law and the calendar of the database, from before 中秋 to after 国庆.

    The offices work on the Sunday of 20 September and on the Saturday of 10 October. No two figures
    of the pack are alike, so a clock that read another's would end on another day.
    """
    law, calendar = in_force(DAY), working_calendar()
    assert len(set(FIGURES.values())) == len(FIGURES)
    for offset in range(45):
        day = dt.date(2026, 9, 5) + dt.timedelta(days=offset)
        for clock, key in CLOCKS.items():
            assert clock(day, law, calendar) == worked_days_later(day, FIGURES[key]), (day, key)


@pytest.mark.parametrize(
    ("told", "looked_at", "sooner"),
    [
        ("2026-09-18", "2026-09-24", "2026-09-20"),  # a worked Sunday, then the three days of 中秋
        ("2026-09-24", "2026-10-09", "2026-09-28"),  # both feasts
        ("2026-09-30", "2026-10-13", "2026-10-08"),  # 国庆, then a worked Saturday
        ("2026-10-04", "2026-10-13", "2026-10-08"),  # told within the feast
        ("2026-10-09", "2026-10-15", "2026-10-10"),
    ],
)
@database
def test_a_visit_around_the_feasts_written_out(told: str, looked_at: str, sooner: str) -> None:
    law, calendar = in_force(DAY), working_calendar()
    day = dt.date.fromisoformat(told)
    assert rules.lead_verify_due(day, law, calendar).isoformat() == looked_at
    soon = rules.lead_verify_due(day, law, calendar, complained=True)
    assert soon.isoformat() == sooner


@given(st.dates(dt.date(2026, 1, 1), dt.date(2026, 10, 31)), st.permutations(range(1, 7)))
def test_each_clock_reads_its_own_figure(day: dt.date, days: list[int]) -> None:
    """Six different figures: one that read its neighbour's would end elsewhere."""
    figures = dict(zip(CLOCKS.values(), days, strict=True))
    law = law_with(figures)
    for clock, key in CLOCKS.items():
        assert clock(day, law, CALENDAR) == worked_days_later(day, figures[key]), key


@database
def test_a_complaint_is_looked_at_sooner() -> None:
    law, calendar = in_force(DAY), working_calendar()
    usual = rules.lead_verify_due(DAY, law, calendar)
    soon = rules.lead_verify_due(DAY, law, calendar, complained=True)
    assert (soon, usual) == (dt.date(2026, 11, 24), dt.date(2026, 11, 30))


# --- noting ---------------------------------------------------------------------------------------


@pytest.mark.proves("prod:B20")
def test_a_hint_gets_a_number_and_a_day(clerk: User) -> None:
    lead = start(clerk)
    assert (lead.number, lead.state, lead.due_on) == ("XS-2026-0001", "new", dt.date(2026, 11, 30))
    assert start(clerk).number == "XS-2026-0002"


def test_the_same_form_sent_twice_notes_once(clerk: User) -> None:
    token = "5a0e2f1e-7c5e-4a38-9d6e-0d6f4c8a1b11"
    values = {"source": "phone", "name": "小天地", "community": makers.community()}
    first, second = (
        actions.start_lead(values, token=token, by=actor(clerk), at=AT)  # type: ignore[arg-type]
        for _ in range(2)
    )
    assert first == second
    assert Lead.objects.count() == 1


@database
def test_a_community_worker_notes_in_his_own_community_only() -> None:
    worker = makers.user("community", community=makers.community("hubin"))
    assert start(worker, community=makers.community("hubin")).community.slug == "hubin"
    for elsewhere in (makers.community("longquan"), None):
        with pytest.raises(PermissionDenied):
            start(worker, community=elsewhere)


def test_who_sees_it(clerk: User) -> None:
    lead = start(clerk)
    sees = {
        "own": makers.user("community", community=makers.community()),
        "inspector": makers.user("inspector"),
        "auditor": makers.user("auditor"),
    }
    blind = {
        "other": makers.user("community", community=makers.community("hubin")),
        "operator": makers.operator(),
        "evaluator": makers.user("evaluator"),
    }
    everybody = sees | blind
    seeing = {name for name, p in everybody.items() if Lead.objects.visible_to(p).exists()}
    assert seeing == set(sees)
    assert Lead.objects.get() == lead


@pytest.mark.proves("diff:13", "prod:B20")
def test_a_list_makes_hints_of_what_is_missing_here_once(clerk: User) -> None:
    known = makers.facility(facility_name="已登记托育园（示例）")
    code = makers.uscc()
    rows = [
        {"uscc": known.uscc, "name": "别的名称"},
        {
            "uscc": code.lower(),
            "name": "新来的（示例）",
            "address": "湖滨路1号",
            "community": "hubin",
        },
        {"uscc": code, "name": "新来的（示例）"},
        {"name": "已登记托育园（示例）"},
        {"name": "没有代码（示例）"},
        {"name": ""},
    ]
    made = actions.start_leads_from_list(rows, by=actor(clerk), at=AT)
    assert [(lead.name, lead.uscc, lead.source) for lead in made] == [
        ("新来的（示例）", code, "comparison"),
        ("没有代码（示例）", "", "comparison"),
    ]
    assert made[0].community == makers.community("hubin")
    assert actions.start_leads_from_list(rows, by=actor(clerk), at=AT) == []


@database
def test_the_form_takes_no_number_of_a_person() -> None:
    typed = {
        "source": "phone", "name": "小天地", "community": "longquan", "address": "龙泉路1号",
        "description": "请联系13800000001",
    }  # fmt: skip
    form = LeadForm(typed, communities=[makers.community()])
    assert form.errors == {"description": ["这里不要写个人的证件号码、电话、银行卡号或车牌号"]}
    assert form["description"].value() == "请联系13800000001"
    good = LeadForm(typed | {"description": "临街二楼", "point": "３３.27512，113.5164"},
                    communities=[makers.community()])  # fmt: skip
    assert good.is_valid(), good.errors
    assert good.values["latitude"] == "33.27512"


@database
@pytest.mark.parametrize("point", ["113.5 33.2 1", "abc", "33,113"])
def test_a_point_is_two_numbers(point: str) -> None:
    form = LeadForm({"point": point}, communities=[])
    assert "坐标请先写纬度后写经度" in form.errors["point"][0]


# --- looking --------------------------------------------------------------------------------------


@pytest.mark.proves("prod:B20")
def test_what_was_seen_decides_what_comes_next(clerk: User) -> None:
    lead = seen(clerk)
    assert (lead.state, lead.outcome, lead.due_on) == (
        "verified",
        "childcare",
        dt.date(2026, 11, 26),
    )
    assert [step.text for step in lead_queries.steps_of(lead)] == ["childcare"]


def test_a_code_read_on_site_is_kept_as_it_is_compared(clerk: User) -> None:
    code = makers.uscc()
    written = f" {code[:8].lower()} {code[8:]} "
    lead = actions.verify_lead(start(clerk), "childcare", "", uscc=written, by=actor(clerk), at=AT)
    assert lead.uscc == code
    again = actions.verify_lead(lead, "childcare", "再看", by=actor(clerk), at=AT)
    assert again.uscc == code


def test_an_unclear_place_is_looked_at_again(clerk: User) -> None:
    lead = seen(clerk, "unclear")
    assert lead.due_on == dt.date(2026, 11, 30)
    again = actions.verify_lead(lead, "not_childcare", "", by=actor(clerk), at=AT)
    assert again.outcome == "not_childcare"


def test_communities_and_inspectors_look_but_do_not_decide(clerk: User) -> None:
    for role in ("community", "inspector"):
        person = makers.user(role)
        lead = seen(person)
        with pytest.raises(NotAllowed):
            actions.guide_lead(lead, "", by=actor(person), at=AT)
        assert actions.guide_lead(lead, "", by=actor(clerk), at=AT).state == "guided"


def test_a_photo_keeps_no_place(clerk: User) -> None:
    form = VerifyForm({"outcome": "childcare"}, {"photo": makers.jpeg()})
    assert form.is_valid(), form.errors
    lead = actions.verify_lead(
        start(clerk), "childcare", "", photos=form.photos, by=actor(clerk), at=AT
    )
    assert [photo.slot for photo in lead_queries.photos_of(lead)] == ["photos"]


# --- guiding, linking, closing --------------------------------------------------------------------


def test_guided_until_a_day_and_filed(clerk: User) -> None:
    lead = actions.guide_lead(seen(clerk), "当面交给办事指南", by=actor(clerk), at=AT)
    assert lead.guide_due == lead.due_on == dt.date(2026, 12, 21)
    facility = makers.facility()
    form = LinkForm({"code": facility.uscc.lower()})
    assert form.is_valid(), form.errors
    lead = actions.link_lead(lead, form.facility, form.filing, by=actor(clerk), at=AT)
    assert (lead.state, lead.facility, lead.due_on) == ("filed", facility, None)


@database
def test_a_code_nobody_bears_is_said_so() -> None:
    form = LinkForm({"code": makers.uscc()})
    assert form.errors == {"code": ["机构档案和登记报送里都没有这个代码，请核对"]}


def test_a_report_under_way_counts_too(clerk: User) -> None:
    filing = makers.submitted_filing()
    form = LinkForm({"code": filing.uscc})
    assert form.is_valid()
    assert (form.facility, form.filing) == (None, filing)


def test_closed_with_a_reason_and_opened_again(clerk: User) -> None:
    lead = seen(clerk, "not_childcare")
    closed = actions.close_lead(lead, "not_childcare", "", by=actor(clerk), at=AT)
    with pytest.raises(FactMissing):
        actions.reopen_lead(closed, "", by=actor(clerk), at=AT)
    again = actions.reopen_lead(closed, "又有人反映", by=actor(clerk), at=AT)
    assert (again.state, again.outcome, again.due_on) == ("new", "", dt.date(2026, 11, 30))


def test_nothing_is_closed_that_nobody_looked_at(clerk: User) -> None:
    with pytest.raises(TransitionNotOpen):
        actions.close_lead(start(clerk), "not_childcare", "", by=actor(clerk), at=AT)
    lead = start(clerk)
    lead.state = "closed"
    with pytest.raises(IntegrityError), transaction.atomic():
        lead.save()


# --- passing on -----------------------------------------------------------------------------------


def sent(clerk: User) -> Transfer:
    to = Department.objects.get(slug="health")
    facts = "现场有两个班，没有看到备案回执。"
    return actions.transfer_lead(seen(clerk), to, facts, by=actor(clerk), at=AT)


@pytest.mark.proves("prod:B20")
def test_a_letter_hands_the_matter_over(clerk: User) -> None:
    letter = sent(clerk)
    paper = OfficialPaper.objects.get(pk=letter.paper_id)
    assert (letter.number, paper.series) == ("寺街托移〔2026〕1号", "transfer")
    assert (letter.sent_on, letter.due_on) == (DAY, dt.date(2026, 12, 14))
    assert letter.remind_on == dt.date(2026, 12, 7)
    said = str(paper.data)
    assert "舞钢市卫生健康委员会" in said
    assert "现场有两个班" in said
    assert not [word for word in ("非法", "违法", "取缔") if word in said]


def test_receipt_and_answer(clerk: User) -> None:
    letter = actions.acknowledge_transfer(sent(clerk), DAY, by=actor(clerk), at=AT)
    assert (letter.state, letter.receipt_on) == ("acknowledged", DAY)
    done = actions.answer_transfer(letter, DAY, "已受理", by=actor(clerk), at=AT)
    assert (done.state, done.result) == ("answered", "已受理")
    with pytest.raises(TransitionNotOpen):
        actions.answer_transfer(done, DAY, "又一次", by=actor(clerk), at=AT)


@database
def test_the_departments_are_there_without_names_of_people() -> None:
    assert Department.objects.count() >= 10
    assert Department.objects.first().slug == "health"


# --- reminders ------------------------------------------------------------------------------------


def told(kind: str) -> int:
    return Notification.objects.filter(kind=kind).count()


def test_reminded_once_before_and_once_after(clerk: User) -> None:
    start(clerk)
    for day in range(14):
        at = AT + dt.timedelta(days=day)
        remind_about_leads(at)
        remind_about_leads(at)
        outbox.drain(at)
    assert (told("lead.due_soon"), told("lead.overdue")) == (1, 1)
    title = Notification.objects.get(kind="lead.overdue").title
    assert title == "线索已超过办理期限：小天地（示例）（XS-2026-0001）"


def test_the_sender_is_reminded_of_a_letter_once(clerk: User) -> None:
    sent(clerk)
    for day in range(20):
        at = AT + dt.timedelta(days=day)
        remind_about_transfers(at)
        outbox.drain(at)
        assert told("transfer.waiting") == (1 if day >= 14 else 0)


def test_an_answered_letter_is_left_alone(clerk: User) -> None:
    actions.answer_transfer(sent(clerk), DAY, "已办结", by=actor(clerk), at=AT)
    assert remind_about_transfers(AT + dt.timedelta(days=30)) == 0


# --- naming in public -----------------------------------------------------------------------------


@pytest.mark.proves("diff:13")
def test_a_place_is_named_by_two_persons_only(clerk: User) -> None:
    lead = seen(clerk)
    made = actions.propose_unregistered(lead, by=actor(clerk), at=AT)
    assert list(lead_queries.named_places(DAY)) == []
    publishing.publish(made, by=actor(makers.approver()), at=AT)
    (named,) = lead_queries.named_places(DAY)
    assert named.title == lead.name
    assert named.until == DAY + dt.timedelta(days=180)
    assert "非法" not in str(named.body)


def test_what_was_not_seen_is_not_named(clerk: User) -> None:
    with pytest.raises(FactMissing):
        actions.propose_unregistered(seen(clerk, "unclear"), by=actor(clerk), at=AT)


def test_the_naming_ends_when_the_place_is_filed(clerk: User) -> None:
    lead = seen(clerk)
    made = actions.propose_unregistered(lead, by=actor(clerk), at=AT)
    publishing.publish(made, by=actor(makers.approver()), at=AT)
    actions.link_lead(lead, makers.facility(), None, by=actor(clerk), at=AT)
    gone = Publication.objects.get(pk=made.pk)
    assert (gone.state, gone.withdrawal_reason) == ("withdrawn", "已报送登记")
    assert list(lead_queries.named_places(DAY)) == []


def named(clerk: User, **values: Any) -> tuple[Lead, Publication]:
    lead = seen(clerk, **values)
    made = actions.propose_unregistered(lead, by=actor(clerk), at=AT)
    return lead, publishing.publish(made, by=actor(makers.approver()), at=AT)


def test_the_naming_ends_when_another_look_says_otherwise(clerk: User) -> None:
    inspector = makers.user("inspector")
    for outcome in ("not_childcare", "registered", "unclear"):
        lead, made = named(clerk)
        actions.verify_lead(lead, outcome, "又看过", by=actor(inspector), at=AT)
        made.refresh_from_db()
        assert made.state == "withdrawn"
        assert made.withdrawal_reason == str(LeadOutcome(outcome).label)
    lead, made = named(clerk)
    actions.verify_lead(lead, "childcare", "还在办", by=actor(inspector), at=AT)
    made.refresh_from_db()
    assert made.state == "published"


def test_the_naming_ends_when_the_place_is_looked_at_anew(clerk: User) -> None:
    lead, made = named(clerk)
    department = Department.objects.all()[0]
    actions.transfer_lead(lead, department, "情况", by=actor(clerk), at=AT)
    actions.reopen_lead(lead, "有新的情况", by=actor(clerk), at=AT)
    made.refresh_from_db()
    assert made.state == "withdrawn"


def test_what_is_registered_is_not_named_as_unregistered(clerk: User) -> None:
    code = makers.uscc()
    _lead, made = named(clerk, uscc=code)
    waiting = seen(clerk, uscc=code)
    makers.facility(uscc=code)
    made.refresh_from_db()
    assert (made.state, made.withdrawal_reason) == ("withdrawn", "已登记")
    stale = actions.propose_unregistered(waiting, by=actor(clerk), at=AT)
    with pytest.raises(publishing.NoLongerTrue):
        publishing.publish(stale, by=actor(makers.approver()), at=AT)
