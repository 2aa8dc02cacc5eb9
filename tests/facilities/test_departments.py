"""Departments and what they answer for, with dates: the letter says what counts on its day."""

import datetime as dt

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from facilities import actions
from facilities.models import Department, DepartmentMatter
from facilities.queries.departments import answering, named_from, named_on
from portal.core import clock
from portal.core.actors import Actor
from portal.core.models import AuditEvent
from tests import makers
from tests.makers import AT

pytestmark = pytest.mark.django_db
TODAY = clock.day_of(AT)
DAY = dt.timedelta(days=1)


def department(slug="market"):
    return Department.objects.get(slug=slug)


def slugs(day):
    return [each.slug for each in answering(day)]


@pytest.fixture
def clerk(db):
    return makers.clerk()


@pytest.fixture
def desk(client, clerk):
    """The clerk's browser on the day of the tests."""
    with time_machine.travel(AT, tick=False):
        client.force_login(clerk, backend="portal.core.accounts.SignedIn")
        yield client


@pytest.fixture
def by_clerk(clerk):
    return Actor.person(clerk)


# --- what counts on which day ---------------------------------------------------------------------


def test_what_was_on_record_counts_on_every_day():
    assert len(slugs(TODAY)) == len(slugs(dt.date(2000, 1, 1))) == Department.objects.count()
    assert department("fire").matter_on(TODAY) == "消防安全"


def test_from_its_day_on_another_matter_counts(by_clerk):
    before = department().matter_on(TODAY)
    begins = TODAY + 10 * DAY
    actions.change_matter(department(), "食品、价格", begins, by=by_clerk, at=AT)
    market = department()
    assert market.matter_on(begins - DAY) == before
    assert market.matter_on(begins) == "食品、价格"
    assert market.matters.count() == 2
    line = AuditEvent.objects.get(act="department.matter")
    assert line.detail["since"] == begins.isoformat()


def test_what_has_not_begun_is_replaced_and_leaves_no_hole(by_clerk):
    before = department().matter_on(TODAY)
    for words, days in (("食品", 10), ("价格", 5)):
        since = TODAY + days * DAY
        actions.change_matter(department(), words, since, by=by_clerk, at=AT)
    market = department()
    assert [each.text for each in market.matters.all()] == ["价格", before]
    assert [market.matter_on(TODAY + n * DAY) for n in (4, 5, 10)] == [before, "价格", "价格"]


def test_the_same_change_twice_is_one(by_clerk):
    for _ in range(2):
        actions.change_matter(department(), "食品", TODAY, by=by_clerk, at=AT)
    assert department().matters.count() == 2
    assert AuditEvent.objects.filter(act="department.matter").count() == 1


def test_a_day_before_the_matter_in_use_began_is_refused(by_clerk):
    actions.change_matter(department(), "食品", TODAY, by=by_clerk, at=AT)
    with pytest.raises(actions.BeginsTooEarly) as why:
        actions.change_matter(department(), "价格", TODAY, by=by_clerk, at=AT)
    assert why.value.first == TODAY + DAY
    assert department().matters.first().text == "食品"


def test_one_that_has_not_begun_may_begin_otherwise(by_clerk):
    made = actions.add_department("示例应急局", "安全", TODAY + 9 * DAY, by=by_clerk, at=AT)
    actions.change_matter(made, "燃气", TODAY + 5 * DAY, by=by_clerk, at=AT)
    assert [each.text for each in department(made.slug).matters.all()] == ["燃气"]
    assert not department(made.slug).matter_on(TODAY + 4 * DAY)


@pytest.mark.parametrize("row", [
    {"valid_from": dt.date(2026, 1, 2), "valid_to": dt.date(2026, 1, 1)},
    {"valid_from": dt.date(2026, 1, 2), "valid_to": None},
])  # fmt: skip
def test_the_database_refuses_backward_and_double_rows(row):
    with pytest.raises(IntegrityError), transaction.atomic():
        DepartmentMatter.objects.create(department=department(), text="x", **row)


def test_after_its_last_day_nothing_is_handed_to_it(by_clerk):
    for _ in range(2):
        ended = actions.end_department(department(), TODAY, "职能划转", by=by_clerk, at=AT)
    assert "market" in slugs(TODAY)
    assert "market" not in slugs(TODAY + DAY)
    assert not ended.matter_on(TODAY + DAY)
    assert [each.slug for each in named_on(TODAY + DAY, ["market"])].count("market") == 1
    actions.end_department(department(), None, "录错", by=by_clerk, at=AT)
    assert "market" in slugs(TODAY + DAY)
    assert AuditEvent.objects.filter(act="department.end").count() == 2


def test_no_letter_goes_to_a_department_that_has_ended(clerk, by_clerk):
    lead = makers.lead(clerk, "verified")
    gone = actions.end_department(department(), TODAY - DAY, "职能划转", by=by_clerk, at=AT)
    with pytest.raises(actions.NotAnswering):
        actions.transfer_lead(lead, gone, "示例", by=by_clerk, at=AT)


def test_a_letter_says_what_counted_on_its_day(clerk, by_clerk):
    lead = makers.lead(clerk, "verified")
    sent = actions.transfer_lead(lead, department(), "示例", by=by_clerk, at=AT)
    kept = sent.matter
    actions.change_matter(department(), "食品", TODAY, by=by_clerk, at=AT)
    sent.refresh_from_db()
    assert sent.matter == kept != "食品"


def test_new_ones_get_a_code_of_their_own_and_one_of_a_name(by_clerk):
    first = actions.add_department("示例应急局", "安全", TODAY, by=by_clerk, at=AT)
    same = actions.add_department("示例应急局", "安全", TODAY, by=by_clerk, at=AT)
    other = actions.add_department("示例应急具", "安全", TODAY + DAY, by=by_clerk, at=AT)
    assert first == same
    assert (first.slug, other.slug) == ("slyjj", "slyjj-1")
    assert first.slug in slugs(TODAY)
    assert other.slug not in slugs(TODAY)
    with pytest.raises(actions.DepartmentKnown):
        actions.add_department("示例应急局", "别的", TODAY, by=by_clerk, at=AT)


# --- the pages ------------------------------------------------------------------------------------


def test_the_pages_keep_them(desk):
    page = desk.get(reverse("desk:departments")).content.decode()
    assert "消防安全" in page
    assert "今天不能移送的部门" not in page
    new = reverse("desk:department_new")
    told = {"name": "示例应急局", "matter": "安全", "since": "2026-01-05"}
    page = desk.post(new, told, follow=True).content.decode()
    assert "已保存。" in page
    assert "2026年1月5日" in page
    made = Department.objects.get(name="示例应急局")
    again = desk.post(new, told | {"matter": "别的"}).content.decode()
    assert "已经有这个部门" in again
    matter = reverse("desk:department_matter", args=[made.pk])
    early = desk.post(matter, {"matter": "燃气", "since": "2026-01-05"}).content.decode()
    assert "请填 2026年1月6日或以后的日期" in early
    assert "燃气" in early
    assert desk.post(matter, {"matter": "燃气", "since": "2026-01-06"}).status_code == 302
    end = reverse("desk:department_end", args=[made.pk])
    assert "请填写最后一天" in desk.post(end, {"last": "", "reason": "录错"}).content.decode()
    assert "原因" in desk.post(end, {"last": "2026-02-01", "reason": ""}).content.decode()
    assert desk.post(end, {"last": "2026-02-01", "reason": "机构改革"}).status_code == 302
    for _ in range(2):  # taken back, and the same form once more
        told = {"last": "", "was": "2026-02-01", "reason": "录错"}
        assert desk.post(end, told).status_code == 302
    assert department(made.slug).valid_until is None
    assert desk.post(end, {"last": "2026-02-01", "reason": "机构改革"}).status_code == 302
    page = desk.get(reverse("desk:departments")).content.decode()
    assert "今天不能移送的部门" in page
    assert "最后一天 2026年2月1日" in page
    ended = desk.post(matter, {"matter": "安全", "since": "2026-03-01"}).content.decode()
    assert "部门那时已经停用" in ended
    assert matter not in desk.get(reverse("desk:department", args=[made.pk])).content.decode()


@pytest.mark.parametrize("day", ["0001-01-01", "1990-01-01", "2046-11-23", "9999-12-31"])
def test_a_slip_of_the_keyboard_is_refused(desk, day):
    market = department()
    for name, told in (
        ("department_matter", {"matter": "食品", "since": day}),
        ("department_end", {"last": day, "reason": "示例"}),
    ):
        page = desk.post(reverse(f"desk:{name}", args=[market.pk]), told).content.decode()
        assert "离今天太远，请核对年份" in page


def test_what_is_planned_is_shown_before_another_takes_its_place(desk, by_clerk):
    later = TODAY + 40 * DAY
    actions.change_matter(department(), "明年的事项", later, by=by_clerk, at=AT)
    page = reverse("desk:department_matter", args=[department().pk])
    assert "起已定为“明年的事项”" in desk.get(page).content.decode()
    end = reverse("desk:department_end", args=[department().pk])
    assert "明年的事项" not in desk.get(end).content.decode()
    desk.post(page, {"matter": "再改", "since": (later + 9 * DAY).isoformat()})
    line = AuditEvent.objects.filter(act="department.matter").latest("seq")
    assert (line.detail["matter"], line.detail["replaced"]) == ("再改", "明年的事项")


def test_only_those_that_answer_are_offered(desk, clerk, by_clerk):
    lead = makers.lead(clerk, "verified")
    actions.end_department(department("land"), TODAY - 30 * DAY, "示例", by=by_clerk, at=AT)
    page = desk.get(reverse("desk:lead_transfer", args=[lead.number])).content.decode()
    assert "舞钢市自然资源局" not in page
    assert "舞钢市民政局（社会服务机构登记和年检）" in page


def test_one_that_ends_while_the_letter_is_written_gets_none(clerk, by_clerk):
    lead, read_before = makers.lead(clerk, "verified"), department()
    assert read_before.matter_on(TODAY)
    actions.end_department(department(), TODAY - DAY, "示例", by=by_clerk, at=AT)
    with pytest.raises(actions.NotAnswering):
        actions.transfer_lead(lead, read_before, "示例", by=by_clerk, at=AT)


def test_a_visit_names_who_exists_on_its_day(desk, by_clerk):
    soon = TODAY + 3 * DAY
    actions.end_department(department(), soon, "示例", by=by_clerk, at=AT)
    name, new, visit = department().name, reverse("desk:plan_new"), reverse("desk:inspection_new")
    later = soon + DAY
    assert not refused(desk, new, lead_department=name, starts_on=TODAY, ends_on=soon)
    assert refused(desk, new, lead_department=name, starts_on=TODAY, ends_on=later)
    assert refused(desk, new, partners=name, starts_on=later, ends_on=later)
    assert not refused(desk, visit, lead_department=name, day=soon)
    assert refused(desk, visit, lead_department=name, day=later)
    fresh = actions.add_department("示例应急局", "安全", TODAY, by=by_clerk, at=AT)
    before = TODAY - 20 * DAY
    assert not refused(desk, new, lead_department=fresh.name, starts_on=before, ends_on=later)


def refused(desk, page, **told):
    """Whether the page says that a department is not there then."""
    told = {key: value if key in {"lead_department", "partners"} else value.isoformat()
            for key, value in told.items()}  # fmt: skip
    return "尚未启用或已经停用" in desk.post(page, {"kind": "joint", **told}).content.decode()


def test_what_stood_there_before_may_stay(by_clerk):
    actions.end_department(department(), TODAY, "示例", by=by_clerk, at=AT)
    name = department().name
    assert name in [each.name for each in named_from(TODAY + DAY, [name])]
    assert name not in [each.name for each in named_from(TODAY + DAY)]
