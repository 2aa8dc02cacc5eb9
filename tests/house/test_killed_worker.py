"""A worker that is killed loses nothing and doubles nothing: real processes, real signals."""

import os
import subprocess
import sys

import pytest
from django.db import connection

from portal.core import outbox
from portal.core.models import Notification, Outbox
from tests import makers as make

AT = make.AT
OWED = 60
# Deliver a few, then die by SIGKILL in the middle of the next one, after its effect.
DYING_WORKER = """
import os, signal, sys, datetime as dt, django
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
django.setup()
from django.db import connections
for alias in connections:
    connections[alias].settings_dict["NAME"] = sys.argv[1]
from portal.core import outbox
deliver, left = outbox._handlers["notify"], [int(sys.argv[3])]
def dying(payload, at):
    deliver(payload, at)
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
outbox._handlers["notify"] = dying
outbox.drain(dt.datetime.fromisoformat(sys.argv[2]))
"""


@pytest.mark.proves("sec:F1")
@pytest.mark.full
@pytest.mark.django_db(transaction=True)
def test_five_killed_workers_lose_and_double_nothing():
    people = [make.clerk() for _ in range(OWED)]
    filing = make.filing()
    for person in people:
        outbox.notify([person], "filing.lapsed", filing, at=AT, once="x")
    at = AT
    for life in range(5):
        worker = subprocess.run(
            [
                sys.executable,
                "-c",
                DYING_WORKER,
                connection.settings_dict["NAME"],
                at.isoformat(),
                str(life * 3),
            ],
            env=os.environ,
            check=False,
            capture_output=True,
        )
        assert worker.returncode == -9, worker.stderr.decode()
        at += outbox.LEASE
    outbox.drain(at)
    told = Notification.objects.filter(kind="filing.lapsed")
    assert told.count() == OWED
    assert set(told.values_list("to", flat=True)) == {person.pk for person in people}
    assert not Outbox.objects.filter(kind="notify", done_at=None).exists()
