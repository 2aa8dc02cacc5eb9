"""Work orders of 12345 from a workbook: said what is wrong, sealed, entered all or none, once."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from complaints import tasks
from complaints.actions import orders
from complaints.forms.desk_intake import IntakeForm
from complaints.forms.orders import KINDS
from complaints.models import Complaint, OrderList
from complaints.queries import orders as queries
from complaints.rules import orders as rules
from facilities.models import Facility
from portal.core import clock, jobs, outbox
from portal.core.actors import Actor
from portal.core.faults import Fault
from portal.core.models import AuditEvent, Job, Notification, RoleAssignment, User
from portal.core.queries import in_force
from portal.core.resealing import OWNER
from portal.core.sheets import XLSX, read_table
from tests import makers
from tests.complaints import makers as make

AT = makers.AT
DAY = dt.timedelta(days=1)
SECRET = "金丝雀家长说孩子在园里被老师推倒过一次"


@pytest.fixture(autouse=True)
def _place(request: pytest.FixtureRequest, settings: Any, tmp_path: Any, monkeypatch: Any) -> None:
    settings.PRIVATE_MEDIA_ROOT = tmp_path
    monkeypatch.setattr(clock, "now", lambda: AT)


def start(rows: list[dict[str, Any]], by: User) -> Job:
    return orders.start_orders(make.order_list(rows), by=make.actor(by), at=AT)


def entered(rows: list[dict[str, Any]], by: User) -> Job:
    job = start(rows, by)
    jobs.confirm(job, by=make.actor(by), at=AT)
    jobs.work(AT)
    job.refresh_from_db()
    return job


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


# --- the rules ----------------------------------------------------------------------------------


def ground(**changes: Any) -> rules.Ground:
    given: dict[str, Any] = {
        "known": frozenset({"GD-9"}), "facilities": {"SP-TY-0001": "it"},
        "communities": {"龙泉": "longquan"}, "categories": {"收费": "C8"},
        "least": 10, "most": 20, "today": AT.date(),
    } | changes  # fmt: skip
    return rules.Ground(**given)


SOUND = {"order": "GD-1", "category": "收费", "happened": "收费没有公示，请管一管"}


def faults_of(problems: dict[str, str] | None = None, **cells: Any) -> list[tuple[str, str]]:
    found = rules.check_rows([(2, SOUND | cells, problems or {})], ground())
    return [(fault.column, fault.code) for fault in found.faults.get(2, [])]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({}, []),
        ({"order": None}, [("order", "missing")]),
        ({"category": None}, [("category", "missing")]),
        ({"category": "别的"}, [("category", "category")]),
        ({"happened": None}, [("happened", "missing")]),
        ({"happened": "太短"}, [("happened", "short")]),
        ({"happened": "长" * 21}, [("happened", "long")]),
        ({"order": "长" * 41}, [("order", "too_long")]),
        ({"facility": "X1"}, [("facility", "facility")]),
        ({"facility": " sp-ty-0001"}, []),
        ({"community": "别处"}, [("community", "community")]),
        ({"community": "龙泉社区"}, []),
        ({"due": "昨天"}, [("due", "due")]),
        ({"due": "2026-13-01"}, [("due", "due")]),
        ({"due": "2020-01-01"}, [("due", "past")]),
        ({"due": AT.date().isoformat()}, []),
    ],
)
def test_each_cell_says_what_is_wrong_with_it(cells: dict[str, Any], expected: Any) -> None:
    assert faults_of(**cells) == expected


def test_a_cell_that_cannot_be_read_is_not_also_missing() -> None:
    assert faults_of({"order": "digits_lost"}, order=None) == [("order", "digits_lost")]


@pytest.mark.parametrize(
    "text",
    ["2026-12-03", "2026/12/3", "2026年12月3日", "20261203", "2026-12-03 17:30", "2026.12.03",
     "2026-12-03T17:30:00", "２０２６-１２-０３", "2026年12月3日17时30分"],
)  # fmt: skip
def test_the_day_is_read_as_platforms_write_it(text: str) -> None:
    assert rules.due_day(text) == dt.date(2026, 12, 3)


def test_a_row_is_good_at_fault_or_known_and_twins_name_the_first() -> None:
    rows = [(2, SOUND | {"order": "GD-1"}, {}), (3, SOUND | {"order": " GD-1 "}, {}),
            (4, SOUND | {"order": "GD-9"}, {}), (5, SOUND | {"order": "GD-2"}, {})]  # fmt: skip
    found = rules.check_rows(rows, ground())
    assert [entry.row for entry in found.good] == [5]
    assert found.known == [(4, "GD-9")]
    assert found.faults == {row: [Fault("order", "twice", {"row": 2})] for row in (2, 3)}


@pytest.mark.parametrize(
    "typed", ["PDS 2026 001", "ＰＤＳ2026001", "PDS2026\u200b001\n", " PDS2026001"]
)
def test_a_number_is_the_same_however_it_was_typed(typed: str) -> None:
    """The counter and the list keep one writing, so that neither makes a second case."""
    assert rules.order_of({"order": typed}) == rules.order_number(typed) == "PDS2026001"


def test_a_good_row_is_understood() -> None:
    cells = {"facility": "SP-TY-0001", "community": "龙泉", "due": "20261203", "name": "来电人"}
    (entry,) = rules.check_rows([(2, SOUND | cells, {})], ground()).good
    told = {name: entry.values[name] for name in ("facility", "community", "due", "category")}
    assert told == {"facility": "it", "community": "longquan", "due": dt.date(2026, 12, 3),
                    "category": "C8"}  # fmt: skip


@pytest.mark.django_db
def test_the_list_takes_what_the_form_of_the_counter_takes() -> None:
    form = IntakeForm(law=in_force(AT.date()), today=AT.date())
    boxes = {"order": "external_number"}
    for column, limit in rules.LENGTHS.items():
        assert form.fields[boxes.get(column, column)].max_length == limit, column
    assert {value for value, _label in form.fields["category"].choices} <= set(
        queries.categories().values()
    )


# --- from the upload to the cases ---------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.proves("prod:J11", "clause:二(五)1d")
def test_orders_become_cases_as_from_the_counter_with_their_own_day() -> None:
    clerk, duty = makers.clerk(), make.duty()
    facility = makers.facility()
    rows = [
        make.order("GD-A", due="2026-11-26 18:00", facility=facility.code, happened=SECRET,
                   name="示例来电人", phone="13800001234"),
        make.order("GD-B", category="虐待、性侵、体罚、走失", place="路口的托育园（示例）",
                   community="龙泉社区"),
    ]  # fmt: skip
    job = start(rows, clerk)
    assert (job.state, job.report["good"], job.report["faulty"]) == ("waiting", [2, 3], 0)
    assert jobs.work(AT) == 0
    assert not Complaint.objects.exists()
    jobs.confirm(job, by=make.actor(clerk), at=AT)
    jobs.work(AT)
    job.refresh_from_db()
    assert (job.state, job.error, job.rows, job.report["made"]) == ("done", "", 2, 2)
    first, red = Complaint.objects.order_by("external_number")
    assert (first.channel, first.facility, first.finish_due) == (
        "hotline", facility, dt.date(2026, 11, 26),
    )  # fmt: skip
    assert (first.told["happened"], first.is_named, first.created_by) == (SECRET, True, clerk)
    assert first.contact.told["phone"] == "13800001234"
    assert (red.lane, red.is_named, red.community.slug) == ("red", False, "longquan")
    assert red.told["place"] == "路口的托育园（示例）"
    outbox.drain(AT + dt.timedelta(minutes=5))
    assert Notification.objects.filter(kind="complaint.alarm", to=duty).count() == 1
    assert AuditEvent.objects.filter(act="complaint.received").count() == 2
    assert AuditEvent.objects.get(act="complaint.orders_imported").detail["made"] == 2
    assert not OrderList.objects.exists()


@pytest.mark.django_db
def test_sent_twice_it_is_imported_once_and_what_is_known_is_named() -> None:
    handler = make.handler()
    rows = [make.order("GD-A"), make.order("GD-B")]
    one, two = start(rows, handler), start(rows, handler)
    for job in (one, two):
        jobs.confirm(job, by=make.actor(handler), at=AT)
    jobs.work(AT)
    two.refresh_from_db()
    assert (two.state, two.rows, two.report["skipped"]) == ("done", 0, 2)
    assert Complaint.objects.count() == 2
    third = start([*rows, make.order("GD-C")], handler)
    assert (third.report["known"], third.report["good"]) == (2, [4])
    page = signed_in(handler).get(reverse("desk:complaint_orders_job", args=[third.pk]))
    text = page.content.decode()
    assert "第 2 行：GD-A" in text
    assert "第 3 行：GD-B" in text
    assert "确认登记 1 件" in text


@pytest.mark.django_db
def test_what_changed_meanwhile_stops_all_of_it() -> None:
    handler = make.handler()
    facility = makers.facility()
    job = start([make.order(), make.order(facility=facility.code)], handler)
    Facility.objects.filter(pk=facility.pk).update(code="SP-TY-9999")
    jobs.confirm(job, by=make.actor(handler), at=AT)
    jobs.work(AT)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "什么都没有导入" in job.error
    assert not Complaint.objects.exists()
    Facility.objects.filter(pk=facility.pk).update(code=facility.code)
    jobs.retry(job, by=make.actor(handler), at=AT)
    jobs.work(AT)
    job.refresh_from_db()
    assert (job.state, job.rows) == ("done", 2)


@pytest.mark.django_db(transaction=True, databases=["default", OWNER])
def test_a_case_that_fails_in_the_middle_leaves_none() -> None:
    handler = make.handler()
    job = start([make.order(f"GD-{n}") for n in range(5)], handler)
    jobs.confirm(job, by=make.actor(handler), at=AT)
    with connections[OWNER].cursor() as cursor:
        cursor.execute("ALTER TABLE complaints_complaint ADD CONSTRAINT refuse_one"
                       " CHECK (external_number <> 'GD-3') NOT VALID")  # fmt: skip
    try:
        jobs.work(AT)
    finally:
        with connections[OWNER].cursor() as cursor:
            cursor.execute("ALTER TABLE complaints_complaint DROP CONSTRAINT refuse_one")
    job.refresh_from_db()
    assert job.state == "failed"
    assert not Complaint.objects.exists()
    assert not AuditEvent.objects.filter(act="complaint.received").exists()
    assert OrderList.objects.count() == 1


@pytest.mark.django_db
def test_only_who_takes_complaints_may_and_still_must_when_it_is_done() -> None:
    with pytest.raises(PermissionDenied):
        start([make.order()], makers.user("inspector"))
    handler = make.handler()
    job = start([make.order()], handler)
    jobs.confirm(job, by=make.actor(handler), at=AT)
    RoleAssignment.objects.filter(user=handler).delete()
    jobs.work(AT)
    job.refresh_from_db()
    assert "没有登记投诉的权限" in job.error
    assert not Complaint.objects.exists()


# --- what is kept, and how long -----------------------------------------------------------------


def everything() -> str:
    """All columns of all tables as text; sealed ones as the bytes they are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [row for (row,) in cursor.fetchall()]
    return "\n".join(found)


@pytest.mark.django_db
def test_nothing_of_an_order_lies_open_anywhere(tmp_path: Any, caplog: Any) -> None:
    handler = make.handler()
    content = make.order_list([
        make.order("GD-A", happened=SECRET, name="金丝雀名", phone="13987650043"),
        make.order("GD-B", happened=f"{SECRET}，第二件", category="金丝雀类别", due="金丝雀日"),
    ])  # fmt: skip
    page = signed_in(handler)
    upload = SimpleUploadedFile("金丝雀文件名.xlsx", content, XLSX)
    answer = page.post(reverse("desk:complaint_orders"), {"file": upload}, follow=True)
    text = answer.content.decode()
    assert "类别认不出" in text
    assert "金丝雀" not in text
    job = Job.objects.get()

    def search() -> None:
        needles = ("金丝雀", "13987650043", "推倒")
        kept = everything()
        assert not [needle for needle in needles if needle in kept or needle in caplog.text]
        files = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
        assert not [needle for needle in needles if needle.encode() in files]
        sealed = bytes(OrderList.objects.get().body) if OrderList.objects.exists() else b""
        assert b"PK\x03\x04" not in sealed

    search()
    jobs.confirm(job, by=make.actor(handler), at=AT)
    jobs.work(AT)
    assert Complaint.objects.get().told["happened"] == SECRET
    search()
    assert AuditEvent.objects.filter(act="complaint.orders_read").exists()


@pytest.mark.django_db
def test_a_list_nobody_confirms_is_thrown_away_after_its_hours() -> None:
    handler = make.handler()
    waiting, given_up = start([make.order()], handler), start([make.order()], handler)
    running = start([make.order()], handler)
    jobs.confirm(running, by=make.actor(handler), at=AT)
    jobs.cancel(given_up, by=make.actor(handler), at=AT)
    kept = OrderList.objects.values_list("job", flat=True)
    tasks.forget_what_is_over(AT)
    assert set(kept.all()) == {waiting.pk, running.pk}
    tasks.forget_what_is_over(AT + 2 * DAY)
    assert set(kept.all()) == {running.pk}
    page = signed_in(handler)
    text = page.get(reverse("desk:complaint_orders_job", args=[waiting.pk])).content.decode()
    assert "没有及时确认" in text
    assert "确认登记" not in text
    errors = reverse("desk:complaint_orders_errors", args=[waiting.pk])
    assert page.get(errors).status_code == 404
    jobs.confirm(waiting, by=make.actor(handler), at=AT)
    OrderList.objects.filter(job=waiting).delete()
    jobs.work(AT)
    waiting.refresh_from_db()
    assert "已经不在了" in waiting.error


# --- the pages ----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.proves("prod:J11", "ux:43")
def test_the_whole_way_through_the_pages() -> None:
    clerk = makers.clerk()
    page = signed_in(clerk)
    assert (
        reverse("desk:complaint_orders") in page.get(reverse("desk:complaint_new")).content.decode()
    )
    template = page.get(reverse("desk:complaint_orders_template"))
    assert template["Content-Type"] == XLSX
    where = reverse("desk:complaint_orders")
    upload = SimpleUploadedFile("t.xlsx", template.content, XLSX)
    assert "标题行下面没有内容" in page.post(where, {"file": upload}).content.decode()
    rows = [make.order("GD-A"), make.order("GD-B", category="没有这一类", due="昨天"),
            make.order("GD-C", happened="太短")]  # fmt: skip
    upload = SimpleUploadedFile("工单.xlsx", make.order_list(rows), XLSX)
    text = page.post(where, {"file": upload}, follow=True).content.decode()
    for expected in ("确认登记 1 件", "现在一件也没有登记", "反映什么",
                     "类别认不出，请从下拉列表中选",
                     "要求办结日期请写成 2026-12-03", "请至少写 10 个字"):  # fmt: skip
        assert expected in text, expected
    job = Job.objects.get()
    marked = page.get(reverse("desk:complaint_orders_errors", args=[job.pk]))
    assert "no-store" in marked["Cache-Control"]
    again = read_table(io.BytesIO(marked.content), queries.columns(), max_rows=9, max_bytes=10**7)
    assert [row.raw["order"] for row in again.rows] == ["GD-B", "GD-C"]
    for _ in range(2):
        page.post(reverse("desk:job_confirm", args=[job.pk]))
    jobs.work(AT)
    text = page.get(reverse("desk:complaint_orders_job", args=[job.pk])).content.decode()
    assert "已登记 1 件" in text
    assert "不打印查询码" in text
    assert page.get(reverse("desk:complaint", args=[Complaint.objects.get().pk])).status_code == 404


@pytest.mark.django_db
def test_a_list_is_its_own_persons_alone_and_no_other_job_is_shown_here() -> None:
    clerk = makers.clerk()
    job = start([make.order()], clerk)
    where = reverse("desk:complaint_orders_job", args=[job.pk])
    assert signed_in(makers.clerk()).get(where).status_code == 404
    assert signed_in(makers.user("auditor")).get(where).status_code == 403
    other = jobs.request("export", "示例", {}, by=Actor.person(clerk), at=AT)
    where = reverse("desk:complaint_orders_job", args=[other.pk])
    assert signed_in(clerk).get(where).status_code == 404


@pytest.mark.django_db
def test_a_merged_facility_is_the_one_it_went_into_and_a_closed_code_may_come_again() -> None:
    first, second = makers.facility(), makers.facility()
    Facility.objects.filter(pk=first.pk).update(merged_into=second, registration="cancelled")
    rows = [{"facility": first.code.lower()}, {"facility": first.uscc}, {"facility": second.uscc}]
    content = make.order_list([make.order(**row) for row in rows])
    found = queries.checked(orders.read(content), AT.date())
    assert [entry.values["facility"] for entry in found.good] == [second, second]
    assert list(found.faults) == [3]


def test_every_fault_has_its_words() -> None:
    codes = {"missing", "twice", "category", "facility", "community", "due", "past", "short",
             "long", "too_long", "digits_lost"}  # fmt: skip
    assert set(KINDS) == codes
