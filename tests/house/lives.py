"""Days lived by real workers on a real broker, both misused: for tests of what is said and when.

A worker lives in simulated days that it reads from a file. Each round that is sent has a name, and
the worker says which one it has done: on a slow machine a broker hands a message out twice, and
what a second run of yesterday's round says must not be taken for today's.
"""

import datetime as dt
import itertools
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

from celery import Celery
from django.db import connection

from portal.celery import app
from portal.core.calendar import SHANGHAI
from portal.embedded import valkey
from tests import makers as make

LATER = dt.timedelta(minutes=10)  # longer than a lease: what a dead worker held is free again
WORKER = """
import os, signal, sys, datetime as dt, django
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
django.setup()
from pathlib import Path
from django.db import connections
from celery.signals import task_postrun, worker_ready
from portal.celery import app
from portal.core import clock, outbox
for alias in connections:
    connections[alias].settings_dict["NAME"] = sys.argv[1]
told = Path(sys.argv[2])
def read():
    moment, left = told.read_text().split()
    return dt.datetime.fromisoformat(moment), int(left)
clock.now = lambda: read()[0]
app.conf.worker_redirect_stdouts = False
deliver, done = outbox._handlers["notify"], [0]
def maybe_die(payload, at):
    deliver(payload, at)
    done[0] += 1
    if 0 <= read()[1] < done[0]:
        os.kill(os.getpid(), signal.SIGKILL)
outbox._handlers["notify"] = maybe_die
@worker_ready.connect
def ready(**_kwargs):
    print("ready", flush=True)
@task_postrun.connect
def finished(task_id=None, task=None, **_kwargs):
    if task.name.endswith("calendar_round"):
        print("done", task_id, flush=True)
app.worker_main(["worker", "--pool=solo", "--without-gossip", "--without-mingle",
                 "--without-heartbeat", "--loglevel=ERROR"])
"""


@contextmanager
def calling_through(address):
    """The portal's own calls of a worker go there; a producer made before keeps its address."""
    before = app.conf.broker_url
    try:
        app.conf.broker_url = app.conf.broker_write_url = address
        app.amqp._producer_pool = None
        yield
    finally:
        app.conf.broker_url = app.conf.broker_write_url = before
        app.amqp._producer_pool = None


class Broker:
    """A Valkey of its own on a socket."""

    def __init__(self, folder):
        self.path = folder / "valkey.sock"
        self.process = subprocess.Popen(valkey.command(self.path))
        valkey.wait_until_it_answers(self.path, self.process)
        self.beat = Celery("beat", broker=valkey.url(self.path), set_as_current=False)
        self.numbers = itertools.count(1)

    def flush(self):
        assert self.says("FLUSHALL").startswith(b"+OK")

    def lose(self):
        """A round that was sent is lost before a worker sees it, even one that waits for it."""
        self.send(queue="held")
        answer = self.says("MULTI", "RENAME held celery", "FLUSHALL", "EXEC")
        assert answer.endswith(b"*2\r\n+OK\r\n+OK\r\n"), answer

    def says(self, *lines):
        """What the broker answers to these commands."""
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.path))
            client.sendall("".join(f"{line}\r\n" for line in (*lines, "QUIT")).encode())
            answer = b"".join(iter(lambda: client.recv(4096), b""))
        return answer.removesuffix(b"+OK\r\n")

    def send(self, **where):
        """As beat does, with a producer of its own; the name of the round."""
        name = f"round-{next(self.numbers)}"
        task = "portal.core.tasks.calendar_round"
        self.beat.send_task(task, ignore_result=True, task_id=name, **where)
        return name

    def stop(self):
        self.beat.close()
        self.process.kill()
        self.process.wait()


class Worker:
    """One life of a worker."""

    def __init__(self, broker, told):
        self.broker = broker
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORKER, connection.settings_dict["NAME"], str(told)],
            env=os.environ | {"REDIS_URL": valkey.url(broker.path)},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.until("ready")

    def until(self, wanted):
        """Read on until the worker says it; False when it died before."""
        for line in self.process.stdout:
            if line.strip() == wanted:
                return True
        assert self.process.wait() == -signal.SIGKILL
        return False

    def does_a_round(self):
        """False when it died of it."""
        return self.until(f"done {self.broker.send()}")

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def live(folder, days, *, killed=(), flushed=(), before=lambda day, moment: None):
    """Those days in turn at eight o'clock; how many workers it took.

    `before` is what people do in the morning. On a day of `killed` the worker dies after its next
    delivery; on one of `flushed` the broker is emptied with a round in it.
    """
    broker, told = Broker(folder), folder / "now"
    _tell(told, make.AT)
    worker, lives = Worker(broker, told), 1
    try:
        for day in days:
            moment = dt.datetime.combine(day, dt.time(8), SHANGHAI)
            before(day, moment)
            if day in flushed:
                broker.lose()
                moment += LATER
            _tell(told, moment, 0 if day in killed else -1)
            if not worker.does_a_round():
                lives += 1
                _tell(told, moment + LATER)
                worker.end()
                worker = Worker(broker, told)
                assert worker.does_a_round()
    finally:
        worker.end()
        broker.stop()
    return lives


def _tell(told, moment, deliveries=-1):
    """The worker's clock, and after how many deliveries it dies; read whole or not at all."""
    fresh = told.with_suffix(".fresh")
    fresh.write_text(f"{moment.isoformat()} {deliveries}")
    fresh.replace(told)
