"""Jobs: one result whoever dies on the way, files for their person only, and not for ever."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from portal.core import jobs
from portal.core.actors import Actor
from portal.core.files import store
from portal.core.models import AuditEvent, Job
from portal.core.workflow import NotAllowed
from tests import makers as make

AT = make.AT
runs: list[str] = []
pytestmark = pytest.mark.django_db


@jobs.runs("test-file")
def _file(job, progress, at):
    runs.append(str(job.pk))
    progress(1, 2)
    file = store.workplace()
    file.write_bytes(b"table")
    return jobs.Outcome(2, file, "表.csv", "text/csv")


@jobs.runs("test-fails")
def _fails(job, progress, at):
    raise jobs.JobFailed("表里没有内容")


@jobs.runs("test-broken")
def _broken(job, progress, at):
    raise ZeroDivisionError


@jobs.runs("test-slow")
def _slow(job, progress, at):
    """While this worker writes, another takes the job after its lease and finishes it."""
    if job.params.get("second") is None and not runs:
        runs.append("first")
        jobs.work(at + jobs.LEASE)
        assert Job.objects.get(pk=job.pk).state == "done"
    file = store.workplace()
    file.write_bytes(b"table")
    return jobs.Outcome(1, file, "表.csv", "text/csv")


@pytest.fixture(autouse=True)
def _empty(settings, tmp_path):
    settings.PRIVATE_MEDIA_ROOT = tmp_path
    runs.clear()


def ask(kind="test-file", person=None, **more):
    return jobs.request(kind, "示例", {}, by=Actor.person(person or make.clerk()), at=AT, **more)


def client(person):
    made = Client()
    made.force_login(person, backend="portal.core.accounts.SignedIn")
    return made


def files(root):
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_job_is_done_once_and_its_file_is_kept_seven_days(tmp_path):
    job = ask()
    assert jobs.work(AT) == 1
    assert jobs.work(AT + jobs.LEASE * 2) == 0
    job.refresh_from_db()
    assert (job.state, job.rows, job.done, job.total) == ("done", 2, 2, 2)
    assert store.read(job.result_key) == b"table"
    assert len(files(tmp_path)) == 1
    assert job.expires_on == dt.date(2026, 11, 30)
    assert jobs.expire(AT + dt.timedelta(days=7)) == 0
    assert jobs.expire(AT + dt.timedelta(days=8)) == 1
    assert jobs.expire(AT + dt.timedelta(days=8)) == 0
    job.refresh_from_db()
    assert (job.state, job.result_key) == ("expired", "")


@pytest.mark.django_db(transaction=True)
def test_the_file_goes_with_its_days(tmp_path):
    ask()
    jobs.work(AT)
    jobs.expire(AT + dt.timedelta(days=8))
    assert files(tmp_path) == []


@pytest.mark.proves("sec:F1")
def test_a_dead_worker_loses_the_job_after_its_lease():
    job = ask()
    assert jobs._claim(AT) is not None  # this worker dies here
    assert jobs.work(AT + jobs.LEASE / 2) == 0
    assert jobs.work(AT + jobs.LEASE) == 1
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)


def test_two_workers_on_one_job_make_one_result(tmp_path):
    job = ask("test-slow")
    jobs.work(AT, limit=1)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)
    assert AuditEvent.objects.filter(act="job.finish").count() == 1
    assert len(files(tmp_path)) == 1


def test_a_job_that_kills_its_worker_is_given_up():
    job = ask()
    for life in range(jobs.MOST_ATTEMPTS):
        assert jobs._claim(AT + jobs.LEASE * life) is not None
    jobs.work(AT + jobs.LEASE * jobs.MOST_ATTEMPTS)
    job.refresh_from_db()
    assert job.state == "failed"
    assert runs == []


def test_a_job_that_fails_says_why_and_may_be_tried_again():
    person = make.clerk()
    job, broken = ask("test-fails", person), ask("test-broken", person)
    jobs.work(AT)
    job.refresh_from_db()
    broken.refresh_from_db()
    assert (job.state, job.error) == ("failed", "表里没有内容")
    assert broken.state == "failed"
    assert "再试一次" in broken.error
    page = client(person)
    assert page.post(reverse("desk:job_retry", args=[job.pk])).status_code == 302
    job.refresh_from_db()
    assert (job.state, job.error, job.attempts) == ("queued", "", 0)


def test_a_cancelled_job_leaves_nothing(tmp_path):
    person = make.clerk()
    job = ask(person=person)
    begun = jobs._claim(AT)
    jobs.cancel(job, by=Actor.person(person), at=AT)
    jobs._run(begun, AT)
    job.refresh_from_db()
    assert (job.state, job.result_key) == ("cancelled", "")
    assert files(tmp_path) == []


def test_nobody_else_stops_or_fetches_a_job():
    owner, other, auditor = make.clerk(), make.clerk(), make.user("auditor")
    job = ask(person=owner)
    with pytest.raises(NotAllowed):
        jobs.cancel(job, by=Actor.person(other), at=AT)
    jobs.work(AT)
    address = reverse("desk:job_file", args=[job.pk])
    assert client(other).post(address).status_code == 404
    assert client(auditor).post(address).status_code == 403
    answer = client(owner).post(address)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == b"table"
    assert answer["Content-Disposition"].startswith("attachment")
    line = AuditEvent.objects.get(act="job.downloaded")
    assert line.detail == {"kind": "test-file", "rows": 2}


def test_the_list_shows_progress_file_expiry_and_who(django_assert_max_num_queries):
    owner, auditor = make.clerk(), make.user("auditor")
    page = client(owner)
    assert "没有任务" in page.get(reverse("desk:jobs")).content.decode()
    ask(person=owner)
    shown = page.get(reverse("desk:jobs")).content.decode()
    assert 'hx-trigger="every 3s"' in shown
    jobs.work(AT)
    for _ in range(12):
        ask("test-fails", owner)
    with django_assert_max_num_queries(12):
        shown = page.get(reverse("desk:jobs")).content.decode()
    assert "下载" in shown
    assert owner.signature_label in shown
    seen = client(auditor).get(reverse("desk:jobs")).content.decode()
    assert owner.signature_label in seen
    assert "下载<" not in seen
    assert "没有任务" in client(make.clerk()).get(reverse("desk:jobs")).content.decode()


def test_a_job_taken_back_keeps_no_file_and_a_report_no_rows():
    keeper = make.clerk()
    back, told = ask(person=keeper, content=b"list"), ask(person=keeper, content=b"list")
    Job.objects.filter(pk=back.pk).update(state="undone", report={"good": [2, 3]})
    rows = [{"name": "示例", "values": {"phone": "13800000000"}}]
    Job.objects.filter(pk=told.pk).update(state="done", report={"different": rows, "same": 4})
    later = AT + dt.timedelta(days=8)
    assert jobs.expire(later) == 2
    assert jobs.expire(later) == 0
    back.refresh_from_db()
    told.refresh_from_db()
    assert (back.state, back.input_key, back.report) == ("undone", "", {"good": [2, 3]})
    assert (told.state, told.input_key, told.report) == ("expired", "", {"same": 4})


def test_a_lease_counts_from_the_jobs_own_beginning():
    first, second = ask(), ask()
    seconds = iter([0.0, 0.0, 600.0])
    assert jobs.work(AT, limit=2, stopwatch=lambda: next(seconds)) == 2
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.finished_at == AT
    assert second.finished_at == AT + dt.timedelta(seconds=600)


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("operating=open&page=2", "operating=open&page=2"),
        ("q=%E5%BC%A0%E4%B8%89&state=submitted", "q=*&state=submitted"),
        ("q=open", "q=*"),
        ("phone=13800000000&on=2026-11-24", "phone=*&on=2026-11-24"),
        ("%E5%BC%A0=1&code=410400200001010015", "code=*"),
    ],
)
def test_what_was_typed_to_search_by_stays_out_of_the_trail(query, kept):
    asked = {"name": "facilities", "format": "csv", "query": query}
    assert jobs.told(asked) == {**asked, "query": kept}


DYING = """
import os, signal, sys, datetime as dt, django
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
django.setup()
from django.conf import settings
settings.PRIVATE_MEDIA_ROOT = __import__("pathlib").Path(sys.argv[3])
from django.db import connections
for alias in connections:
    connections[alias].settings_dict["NAME"] = sys.argv[1]
from portal.core import jobs
@jobs.runs("test-file")
def dying(job, progress, at):
    progress(1, 2)
    os.kill(os.getpid(), signal.SIGKILL)
jobs.work(dt.datetime.fromisoformat(sys.argv[2]))
"""


@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_a_killed_process_loses_nothing(tmp_path):
    job = ask()
    command = [sys.executable, "-c", DYING, connection.settings_dict["NAME"], AT.isoformat(),
               str(tmp_path)]  # fmt: skip
    worker = subprocess.run(command, env=os.environ, check=False, capture_output=True)
    assert worker.returncode == -signal.SIGKILL, worker.stderr.decode()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("running", 1, 2)
    assert jobs.work(AT + jobs.LEASE * 2) == 1
    job.refresh_from_db()
    assert (job.state, job.rows) == ("done", 2)
