"""How many audit lines a second several writers get through, and how long checking them takes.

    .venv/bin/python -m pytest benchmarks/audit.py -s

Each line is a transaction of its own on a durable cluster of the benchmark's own, as the reading of
protected data writes it. Goal: 1,000 lines a second with 8 writers; the chain stays whole.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections

from portal.core import audit
from portal.core.actors import Actor
from portal.embedded.logins import APP, OWNER, prepare_database
from portal.embedded.pg import EmbeddedPostgres
from portal.embedded.urls import parse_database_url
from tests import makers as make

WRITERS, SECONDS = 8, float(os.environ.get("BENCH_SECONDS", "5"))
GOAL = 1_000


@pytest.fixture
def durable(django_db_blocker: object) -> object:
    """A cluster that waits for the disk, with the portal's tables."""
    folder = Path(tempfile.mkdtemp(prefix="audit-"))
    folder.chmod(0o711)
    cluster = EmbeddedPostgres(folder, durable=True).start()
    prepare_database(cluster.url(), "portal")
    for alias, login in (("default", APP), ("owner", OWNER)):
        connections[alias].close()
        connections[alias].settings_dict.update(parse_database_url(cluster.url(login, "portal")))
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        call_command("migrate", database="owner", verbosity=0)
        yield cluster
        connections.close_all()
    cluster.stop()
    shutil.rmtree(folder, ignore_errors=True)


def write_until(stop: threading.Event, counts: list[int], place: int) -> None:
    """One writer."""
    by = Actor.calendar()
    while not stop.is_set():
        audit.write_alone(audit.line("benchmark.read", None, by=by, at=make.AT, place=place))
        counts[place] += 1
    connections.close_all()


def processor(cluster: EmbeddedPostgres) -> float:
    """Seconds of processor time this process and the cluster have used so far."""
    server, ticks = int((cluster.data / "postmaster.pid").read_text().split()[0]), 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            told = stat.read_text().rpartition(")")[2].split()
            if int(stat.parent.name) == server:  # and those of its processes that have ended
                ticks += sum(map(int, told[11:15]))
            elif int(told[1]) == server:
                ticks += sum(map(int, told[11:13]))
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def test_lines_a_second(durable: EmbeddedPostgres) -> None:
    """Print the figures; too few lines, or a broken chain, is a failure.

    By the clock on the wall, and by processor time of this process and the database together, which
    tells how much is work where a machine is shared.
    """
    stop, counts = threading.Event(), [0] * WRITERS
    threads = [threading.Thread(target=write_until, args=(stop, counts, n)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    began, used = time.perf_counter(), processor(durable)
    time.sleep(SECONDS)
    stop.set()
    for thread in threads:
        thread.join()
    took, used = time.perf_counter() - began, processor(durable) - used
    began, checking = time.perf_counter(), processor(durable)
    fault = audit.first_fault()
    checked, checking = time.perf_counter() - began, processor(durable) - checking
    with psycopg.connect(durable.url(database="portal")) as database:
        row = database.execute("SELECT count(*) FROM audit_event").fetchone()
    lines = row[0] if row else 0
    print(f"\n{WRITERS} writers        {sum(counts) / took:.0f} lines a second, goal {GOAL}")  # ruff: ignore[print]
    print(f"                 {sum(counts) / used:.0f} lines a second of processor time")  # ruff: ignore[print]
    print(f"checking         {lines} lines in {checked:.2f} s, first fault {fault}")  # ruff: ignore[print]
    print(f"                 {lines / checking:.0f} lines a second of processor time")  # ruff: ignore[print]
    if fault or lines < sum(counts) or sum(counts) / took < GOAL:
        raise SystemExit("the goals are missed")
