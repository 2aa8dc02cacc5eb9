"""Three workers make the same round of the calendar, are killed in it, and all is done once.

Real processes on a broker of their own. Each dies by SIGKILL right after a statement that writes
or locks, in the middle of its transaction; the day is then finished by three others at once.
"""

from __future__ import annotations

import datetime as dt
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from inspections.models import Finding, FindingStep, Inspection
from portal.core.calendar import SHANGHAI
from portal.core.models import AuditEvent, Notification, Outbox, User
from portal.embedded import valkey
from tests import makers
from tests.house.lives import Broker
from tests.inspections import makers as make

FACILITIES, WORKERS, PATIENCE = 4, 3, 120
NOBODY = (-1,) * WORKERS
# What is found on 23 November is due on the 30th. Beside each day: after how many writes each of
# the three workers dies.
DAYS: tuple[tuple[dt.date, tuple[int, ...]], ...] = (
    (dt.date(2026, 11, 23), (4, 17, 45)),  # the first visit of each new facility
    (dt.date(2026, 11, 29), NOBODY),  # due tomorrow
    (dt.date(2026, 12, 2), (2, 9, 30)),  # late: facility and leader are told
    (dt.date(2026, 12, 4), NOBODY),  # a visit to look again
    (dt.date(2026, 12, 11), NOBODY),  # time to hand it over
)
WORKER = """
import os, re, signal, sys, datetime as dt, django
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
django.setup()
from pathlib import Path
from django.db import connections
from django.db.backends.signals import connection_created
from celery.signals import task_postrun, task_prerun, worker_ready
from portal.celery import app
from portal.core import clock
for alias in connections:
    connections[alias].settings_dict["NAME"] = sys.argv[1]
told, number, left = Path(sys.argv[2]), int(sys.argv[3]), [-1]
clock.now = lambda: dt.datetime.fromisoformat(told.read_text().split()[0])
app.conf.worker_redirect_stdouts = False
WRITES = re.compile("^(INSERT|UPDATE|DELETE)|FOR (NO KEY )?UPDATE")
def die():
    os.kill(os.getpid(), signal.SIGKILL)
def count(execute, sql, params, many, context):
    done = execute(sql, params, many, context)
    # How the round stands is noted beside the work: what kills is a write of the work itself.
    if left[0] >= 0 and WRITES.search(str(sql)) and "core_heartbeat" not in str(sql):
        left[0] -= 1
        if left[0] < 0:
            die()
    return done
@connection_created.connect
def watch(connection, **_kwargs):
    if count not in connection.execute_wrappers:
        connection.execute_wrappers.append(count)
@worker_ready.connect
def ready(**_kwargs):
    print("ready", flush=True)
@task_prerun.connect
def begin(task, **_kwargs):
    if task.name.endswith("calendar_round"):
        left[0] = int(told.read_text().split()[1 + number])
@task_postrun.connect
def end(task, task_id, **_kwargs):
    if left[0] >= 0:
        die()
    if task.name.endswith("calendar_round"):
        print("done", task_id, flush=True)
app.worker_main(["worker", "--pool=solo", "--prefetch-multiplier=1", "--without-gossip",
                 "--without-mingle", "--without-heartbeat", "--loglevel=ERROR"])
"""


class Crew:
    """Three workers on one queue; `told` is the file that says to them when it is and who dies."""

    def __init__(self, folder: Path) -> None:
        self.broker, self.told = Broker(folder), folder / "now"
        self.said: queue.Queue[str] = queue.Queue()
        self.workers: list[subprocess.Popen[str]] = []
        self.killed = 0

    def hire(self) -> None:
        """Three new ones."""
        for number in range(WORKERS):
            worker = subprocess.Popen(
                [sys.executable, "-c", WORKER, connection.settings_dict["NAME"], str(self.told),
                 str(number)],
                env=os.environ | {"REDIS_URL": valkey.url(self.broker.path)},
                stdout=subprocess.PIPE,
                text=True,
            )  # fmt: skip
            self.workers.append(worker)
            threading.Thread(target=self._listen, args=(worker,), daemon=True).start()
        self.hear("ready")

    def _listen(self, worker: subprocess.Popen[str]) -> None:
        assert worker.stdout
        with worker.stdout as lines:
            for line in lines:
                word = line.strip()
                if word == "ready" or word.startswith("done "):  # not the banner
                    self.said.put(word)
        self.said.put("killed" if worker.wait() == -signal.SIGKILL else "failed")

    def hear(self, word: str) -> None:
        """Until each of them has said it; anything else is wrong."""
        for _ in range(WORKERS):
            assert self.said.get(timeout=PATIENCE) == word

    def hear_all(self, wanted: set[str]) -> None:
        """Until these rounds are done; another one may be done twice (see tests.house.lives)."""
        while wanted:
            word = self.said.get(timeout=PATIENCE)
            assert word.startswith("done "), word
            wanted.discard(word)

    def work(self, at: dt.datetime, lives: tuple[int, ...]) -> None:
        """A round by each of them at the same moment."""
        self.told.write_text(" ".join([at.isoformat(), *map(str, lives)]))
        sent = {f"done {self.broker.send()}" for _ in range(WORKERS)}
        if lives == NOBODY:
            self.hear_all(sent)
            return
        self.hear("killed")
        self.workers.clear()
        self.killed += WORKERS
        self.hire()

    def leave(self) -> None:
        """Everybody goes home."""
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.broker.stop()


def people() -> None:
    """A finding in each facility; of the officials four are left."""
    for _ in range(FACILITIES):
        make.finding()
    User.objects.filter(memberships=None).update(is_active=False)
    makers.clerk()
    makers.clerk()
    makers.approver()
    makers.user("leader")
    Outbox.objects.all().delete()
    Notification.objects.all().delete()


def expected() -> Counter[str]:
    """How many messages of each kind: counted by hand, not by the acts."""
    clerks, above, member = 2, 2, 1
    return Counter(
        {
            "finding.due_soon": FACILITIES * member,
            "finding.overdue": FACILITIES * member,
            "finding.escalated": FACILITIES * above,
            "finding.transfer_due": FACILITIES * clerks,
            # Opened for the new facility, and again to look at what is late.
            "inspection.opened": 2 * FACILITIES * clerks,
            "inspection.overdue": FACILITIES * clerks,
            "selfcheck.due": 0,
        }
    )


@pytest.mark.proves("prod:G7", "sec:F1")
@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_the_calendar_of_supervision_once_under_three_killed_workers(tmp_path: Path) -> None:
    people()
    crew = Crew(tmp_path)
    try:
        crew.hire()
        for day, lives in DAYS:
            morning = dt.datetime.combine(day, dt.time(9, 30), SHANGHAI)
            if lives != NOBODY:
                crew.work(morning, lives)
            crew.work(morning + dt.timedelta(minutes=10), NOBODY)
    finally:
        crew.leave()
    assert crew.killed == WORKERS * sum(lives != NOBODY for _day, lives in DAYS)
    told = Counter(Notification.objects.values_list("kind", flat=True))
    assert {kind: told[kind] for kind in expected()} == expected()
    assert not Outbox.objects.filter(done_at=None, kind="notify").exists()
    each_once()


def each_once() -> None:
    """Every step of every finding, every visit and every line of the trail."""
    findings = Finding.objects.issued()
    steps = FindingStep.objects.filter(act="escalate").values_list("finding", "text")
    assert Counter(steps) == Counter((f.pk, step) for f in findings for step in "123")
    visits = Inspection.objects.exclude(trigger_key="")
    assert Counter(visits.values_list("facility", "selection")) == Counter(
        (f.facility_id, selection) for f in findings for selection in ("opening", "recheck")
    )
    numbers = sorted(Inspection.objects.values_list("number", flat=True))
    assert numbers == [f"JC-2026-{n:04}" for n in range(1, len(numbers) + 1)]
    acts = Counter(AuditEvent.objects.values_list("act", flat=True))
    assert acts["finding.escalate"] == 3 * FACILITIES
    assert acts["inspection.open"] == 3 * FACILITIES
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, why FROM audit_verify()")
        assert cursor.fetchall() == []
