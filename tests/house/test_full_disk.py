"""PostgreSQL on a disk that is full: said plainly, nothing half stored, and on it goes (sec:F4).

The lines of the trail stand on a small file system, which a file of ours fills to the last block.
Where the log of the database itself is on a full disk, PostgreSQL stops; that is what
docs/operations.md says about kills.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.house.standing import DATABASE, Standing

pytestmark = [pytest.mark.full, pytest.mark.lasting(1)]
SMALL = "8m"
MOST = 200  # more lines than fit into the pages that were there before


@pytest.fixture
def portal() -> Iterator[Standing]:
    made = Standing()
    try:
        made.prepare()
        yield made
    finally:
        made.close()


@pytest.fixture
def disk(portal: Standing) -> Iterator[Path]:
    """A small file system with the trail on it."""
    place = portal.cluster.home / "small"
    place.mkdir()
    mount = shutil.which("mount")
    if os.geteuid() or not mount:
        pytest.skip("only root can mount a small file system")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", str(place)], check=False
    )
    if done.returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        data = place / "data"
        data.mkdir(mode=0o700)
        owner = portal.cluster.data.stat()
        os.chown(data, owner.st_uid, owner.st_gid)
        with psycopg.connect(portal.cluster.url(database=DATABASE), autocommit=True) as database:
            database.execute(f"CREATE TABLESPACE small LOCATION '{data}'")
            database.execute("ALTER TABLE audit_event SET TABLESPACE small")
        yield place
    finally:
        portal.cluster.stop()
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(place: Path) -> Path:
    """A file that takes all the room there is."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as out:
        try:
            while out.write(bytes(4096)):
                pass
        except OSError:
            return ballast


def lead(portal: Standing, token: uuid.UUID) -> tuple[int, str]:
    """Note a hint: the status, and the page."""
    status, _where, page = portal.post(
        "/desk/leads/new/", f"session={portal.keys[0]}",
        {"token": str(token), "source": "phone", "name": f"示例{token.hex}",
         "community": "longquan", "address": "龙泉路40号", "description": "两个班"},
    )  # fmt: skip
    return status, page


def ready(portal: Standing) -> tuple[int, dict[str, bool]]:
    """What /readyz says."""
    line = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=15)
    line.request("GET", "/readyz")
    answer = line.getresponse()
    return answer.status, json.loads(answer.read())


@pytest.mark.proves("sec:F4")
def test_a_full_disk_is_said_and_nothing_is_half_stored(portal: Standing, disk: Path) -> None:
    portal.start("web")
    portal.wait_for_web()
    assert lead(portal, uuid.uuid4())[0] in {302, 303}
    assert ready(portal)[1]["storage"]
    ballast = fill(disk)
    noted, status, page = 1, 0, ""
    for _turn in range(MOST):  # until the last page that was there is full as well
        status, page = lead(portal, uuid.uuid4())
        if status not in {302, 303}:
            break
        noted += 1
    assert status == 503
    assert "存储空间满了，刚才提交的内容没有保存，也没有保存一半" in page
    assert ready(portal) == (503, ready(portal)[1] | {"database": True, "storage": False})
    assert portal.get("/") == 200  # what can be read is read
    again = uuid.uuid4()
    assert lead(portal, again)[0] == 503
    whole = """SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (
                 SELECT FROM audit_event a WHERE a.object_id = l.id::text))
               FROM facilities_lead l"""
    assert portal.rows(whole) == [(noted, 0)]

    ballast.unlink()
    assert lead(portal, again)[0] in {302, 303}
    assert portal.rows(whole) == [(noted + 1, 0)]
    assert ready(portal)[1]["storage"]
    assert portal.rows("SELECT count(*) FROM audit_verify()") == [(0,)]
