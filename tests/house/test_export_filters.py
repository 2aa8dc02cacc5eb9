"""A file is as wide as what was asked for: a condition that means nothing stops it, and is told.

What was asked for stays in the trail as far as it was chosen, and nowhere as far as it was typed.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints import exports as case_exports
from facilities import exports as facility_exports
from facilities.models import Facility
from facilities.queries import name_of
from portal.core import clock, exports, jobs
from portal.core.files import store
from portal.core.models import AuditEvent, Job, RoleAssignment, User
from portal.core.queries import in_force
from portal.core.roles import Role
from portal.core.workflow import one_at_a_time
from tests import exporting, makers
from tests.complaints import makers as cases
from tests.evaluations import makers as rounds

pytestmark = [pytest.mark.django_db, pytest.mark.proves("sec:W17")]
AT = makers.AT
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(autouse=True)
def _house(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PRIVATE_MEDIA_ROOT = tmp_path
    monkeypatch.setattr(clock, "now", lambda: AT)


def worked(job: Job, at: dt.datetime = AT) -> Job:
    jobs.work(at)
    job.refresh_from_db()
    return job


# --- conditions that mean nothing -----------------------------------------------------------------

# Of each list: who asks, a condition that holds, one that does not and its label.
WRONG = (
    ("facilities", Role.CLERK, "registration=registered", ("operating", "gone"), "运营状态"),
    ("national", Role.CLERK, "operating=open", ("community", "atlantis"), "社区（村）"),
    ("filings", Role.CLERK, "state=submitted", ("handler", NOBODY), "经办人"),
    ("leads", Role.CLERK, "state=new", ("source", "x"), "来源"),
    ("expiries", Role.CLERK, "kind=lease", ("month", "2031-13"), "月份"),
    ("inspections", Role.CLERK, "kind=visit", ("person", NOBODY), "检查人员"),
    ("findings", Role.CLERK, "late=yes", ("severity", "x"), "严重程度"),
    ("not_visited", Role.CLERK, "", ("only", "planned"), "种类"),
    ("evaluations", Role.CLERK, "", ("state", "x"), "状态"),
    ("complaints", Role.HANDLER, "state=every", ("category", "C99"), "类别"),
    ("complaints", Role.HANDLER, "state=every", ("lane", "red"), "专线"),
    ("disclosure", Role.CLERK, "state=all", ("kind", "x"), "种类"),
    ("disclosure", Role.CLERK, "", ("state", "x"), "状态"),
    ("trail", Role.AUDITOR, "act=filing.", ("since", "x"), "从哪一天"),
)
wrong = pytest.mark.parametrize(("name", "role", "holds", "bad", "label"), WRONG)


def test_every_list_with_a_filter_is_asked() -> None:
    assert {row[0] for row in WRONG} == set(exports._exports) - {"plans"}


@wrong
def test_at_once_the_list_comes_back_without_it(
    name: str, role: str, holds: str, bad: tuple[str, str], label: str
) -> None:
    client = exporting.client(makers.user(role))
    query = "&".join(filter(None, [holds, urlencode([bad])]))
    answer: Any = client.post(f"{reverse('desk:export', args=[name])}?{query}", {"format": "csv"})
    export = exports.named(name)
    assert export is not None
    assert (answer.status_code, answer.url) == (302, f"{reverse(export.route)}?{holds}")
    assert not AuditEvent.objects.filter(act="export.made").exists()
    page = client.get(answer.url).content.decode()
    assert f"筛选条件已经失效：{label}。请核对列表后再导出。" in page
    # What is shown now is what the next press takes away.
    answer = client.post(f"{reverse('desk:export', args=[name])}?{holds}", {"format": "csv"})
    assert (answer.status_code, len(b"".join(answer.streaming_content)) > 0) == (200, True)


@wrong
def test_as_a_job_it_fails_and_says_which(
    name: str, role: str, holds: str, bad: tuple[str, str], label: str
) -> None:
    job = worked(exporting.queued(makers.user(role), name, f"{holds}&{urlencode([bad])}", at=AT))
    assert (job.state, job.result_key) == ("failed", "")
    assert job.error == f"筛选条件已经失效：{label}"


def test_what_ends_while_a_job_waits_is_not_left_out() -> None:
    """His red rows were asked for; without the lane the file would be all of the others."""
    person = makers.user(Role.HANDLER, Role.RED_LANE)
    cases.complaint("C8")
    job = exporting.queued(person, "complaints", "state=every&lane=red", at=AT)
    RoleAssignment.objects.filter(user=person, role=Role.RED_LANE).delete()
    assert worked(job).error == "筛选条件已经失效：专线"


def test_the_only_lane_a_person_has_may_be_named() -> None:
    cases.complaint("C8")
    assert len(exporting.rows(cases.handler(), "complaints", "lane=normal")) == 1


# --- days -----------------------------------------------------------------------------------------


def test_the_month_is_that_of_the_day_on_which_it_was_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clerk = makers.clerk()
    rounds.facility(name="本月（示例）", lease_end=AT.date())
    later = AT + dt.timedelta(days=20)
    rounds.facility(name="下月（示例）", lease_end=later.date())
    many(201, lease_end=AT.date())
    address = f"{reverse('desk:export', args=['expiries'])}?kind=lease&month="
    exporting.client(clerk).post(address, {"format": "csv"})
    job = Job.objects.get()
    assert job.params["query"] == "kind=lease&month=2026-11"
    monkeypatch.setattr(clock, "now", lambda: later)
    content = store.read(worked(job, later).result_key).decode()
    assert "本月（示例）" in content
    assert "下月（示例）" not in content
    line = AuditEvent.objects.filter(act="job.requested").latest("seq")
    assert line.detail["query"] == "kind=lease&month=2026-11"


def test_overdue_is_of_no_month() -> None:
    clerk = makers.clerk()
    rounds.facility(name="过期（示例）", lease_end=AT.date() - dt.timedelta(days=90))
    assert len(exporting.rows(clerk, "expiries", "state=overdue&kind=lease")) == 1


def test_a_paper_is_called_as_the_law_of_the_moment_calls_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    what = "food_licence"
    name = name_of("certificate", what, in_force(AT.date()))
    assert name != what
    row = {"source_key": "certificate", "what": what, "facility_name": "示例",
           "facility_community": "示例", "until": AT.date()}  # fmt: skip
    before = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: before)
    cells = facility_exports.EXPIRIES.cells
    assert cells(row, at=AT)[1] == name
    assert cells(row, at=before)[1] == what


# --- what is read, and what is kept ---------------------------------------------------------------


def test_what_is_sealed_does_not_leave_the_database_for_a_list() -> None:
    handler = cases.handler()
    parent = cases.accepted(handler)
    assert len(exporting.rows(handler, "complaints", "state=every")) == 1
    with CaptureQueriesContext(
        connection,
    ) as seen:
        rows = case_exports.COMPLAINTS.rows(handler, exporting.query("state=every"), AT)
        [row] = [case_exports.COMPLAINTS.cells(each) for each in rows]
    assert row[2] == parent.number
    [asked_for] = [each["sql"] for each in seen if 'FROM "complaints_complaint"' in each["sql"]]
    read = set(re.findall(r'(?:"complaints_complaint"|\bT\d+)\."(\w+)"', asked_for))
    assert {"title", "state"} <= read
    assert not read & set(case_exports.UNREAD)


@pytest.mark.proves("prod:O7")
@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("month=2031-05&kind=lease", "month=2031-05&kind=lease"),
        ("category=C1&state=every", "category=C1&state=every"),
        ("category=C14&on=2031-05-02", "category=C14&on=2031-05-02"),
        ("month=0375-12&on=1380-00-01", "month=*&on=*"),  # what begins like a telephone
        ("who=0375-7210000&key=13800001111", "who=*&key=*"),
        ("who=Zhang&key=C138&noun=zhang.san&act=%E5%BC%A0%E4%B8%89", "who=*&key=*&noun=*&act=*"),
        ("act=CC1&key=c1&who=%EF%BC%91%EF%BC%92", "act=*&key=*&who=*"),
    ],
)
def test_what_was_chosen_is_told_and_what_was_typed_is_not(query: str, kept: str) -> None:
    params = {"name": "x", "format": "csv", "query": query}
    assert jobs.told(params) == {**params, "query": kept}


def test_what_was_typed_to_search_by_goes_when_the_file_goes() -> None:
    person = cases.handler()
    done = worked(
        exporting.queued(
            person, "complaints", "q=%E5%BC%A0%E4%B8%89&state=every&category=C1", at=AT
        )
    )
    failed = worked(
        exporting.queued(person, "complaints", "q=%E5%BC%A0%E4%B8%89&category=C99", at=AT)
    )
    assert (done.state, failed.state) == ("done", "failed")
    assert jobs.expire(AT + dt.timedelta(days=30)) == 2
    done.refresh_from_db()
    failed.refresh_from_db()
    assert done.params == {"name": "complaints", "format": "csv",
                           "query": "q=*&state=every&category=C1"}  # fmt: skip
    assert failed.params["query"] == "q=*&category=C99"


# --- sent twice -----------------------------------------------------------------------------------


def many(count: int, **columns: Any) -> None:
    """So many facilities that their list is a job; straight into the table."""
    first = rounds.facility(**columns)
    copies = []
    for number in range(count - 1):
        copy = Facility.objects.get(pk=first.pk)
        copy.pk = makers.uuid.uuid4()
        copy.code, copy.uscc, copy.sort_key = f"X-{number}", makers.uscc(), f"z{number:04d}"
        copies.append(copy)
    Facility.objects.bulk_create(copies)


def press(person: User, query: str = "", ending: str = "csv") -> Any:
    address = f"{reverse('desk:export', args=['facilities'])}?{query}"
    return exporting.client(person).post(address, {"format": ending})


def test_a_form_that_is_sent_twice_is_one_job() -> None:
    many(201)
    clerk, other = makers.clerk(), makers.clerk()
    for _ in range(2):
        assert press(clerk).url == reverse("desk:jobs")
    assert Job.objects.count() == 1
    assert AuditEvent.objects.filter(act="job.requested").count() == 1
    press(clerk, ending="xlsx")
    press(clerk, "operating=open")
    press(other)
    assert Job.objects.count() == 4
    jobs.work(AT)
    press(clerk)  # what is done was asked for before: rows may be others by now
    assert Job.objects.count() == 5


def somebody_waits() -> bool:
    """Whether another transaction waits for an act to end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database"
            " = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_the_second_press_waits_for_the_first_and_finds_its_job() -> None:
    """The first has not come to its end: what it wrote is not to be seen yet."""
    many(201)
    clerk = makers.clerk()
    client = exporting.client(clerk)
    params = {"name": "facilities", "format": "csv", "query": ""}

    def late() -> Any:
        try:
            return client.post(reverse("desk:export", args=["facilities"]), {"format": "csv"})
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            one_at_a_time(f"{exports.KIND}:{clerk.pk}")
            Job.objects.create(
                kind=exports.KIND, title="示例", params=params, requested_by=clerk, requested_at=AT
            )
            second, patience = pool.submit(late), time.monotonic() + 60
            while not (second.done() or somebody_waits() or time.monotonic() > patience):
                pass
            assert not second.done()
        assert second.result().url == reverse("desk:jobs")
    assert Job.objects.count() == 1
