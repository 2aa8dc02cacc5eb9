"""PostgreSQL on a disk that is full: said plainly, nothing half stored, and on it goes (sec:F4).

The trail, which every act writes to, stands on a small file system that a file of ours fills to
the last block. Where the database's own log is on a full disk, PostgreSQL stops: what happens then
is shown by the kills.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from psycopg import sql
from psycopg.conninfo import make_conninfo

from facilities.models import Lead
from portal.core import audit
from portal.core.models import AuditEvent
from tests import makers
from tests.database import NAME
from tests.house.standing import in_letters

pytestmark = [pytest.mark.full, pytest.mark.django_db(transaction=True)]
SIZE = "4m"
MOST = 300  # more hints than the pages hold that were there before


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small file system with the trail on it; the server must run on this machine."""
    place = Path(tempfile.mkdtemp(prefix="small-"))
    place.chmod(0o711)
    mount = shutil.which("mount")
    if os.geteuid() or not mount:
        pytest.skip("a full disk is not shown here: only root can mount a small file system")
    command = [mount, "-t", "tmpfs", "-o", f"size={SIZE},mode=711", "tmpfs", str(place)]
    if subprocess.run(command, check=False).returncode:
        pytest.skip("a full disk is not shown here: this machine lets nobody mount a file system")
    name = sql.Identifier(f"small_{os.getpid()}")
    address = make_conninfo(os.environ["DATABASE_SUPERUSER_URL"], dbname=NAME)
    with psycopg.connect(address, autocommit=True) as server:
        _move_the_trail(server, place / "data", name)
        yield place
        (place / "ballast").unlink(missing_ok=True)
        server.execute("ALTER TABLE audit_event SET TABLESPACE pg_default")
        server.execute(sql.SQL("DROP TABLESPACE {}").format(name))
    # Lazily: a process of the server may still hold a file it has dropped.
    subprocess.run(["umount", "-l", str(place)], check=True)
    place.rmdir()


def _move_the_trail(server: psycopg.Connection, data: Path, name: sql.Identifier) -> None:
    row = server.execute("SHOW data_directory").fetchone()
    assert row
    owner = Path(row[0]).stat()
    data.mkdir(mode=0o700)
    os.chown(data, owner.st_uid, owner.st_gid)
    made = sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(name, sql.Literal(str(data)))
    server.execute(made)
    server.execute(sql.SQL("ALTER TABLE audit_event SET TABLESPACE {}").format(name))


def fill(place: Path) -> Path:
    """A file that takes all the room there is."""
    ballast = place / "ballast"
    with ballast.open("wb", buffering=0) as out:
        try:
            while out.write(bytes(4096)):
                pass
        except OSError:
            return ballast


def send(client: Client, token: uuid.UUID) -> tuple[int, str]:
    """Note a hint: the status, and the page."""
    answer = client.post(
        reverse("desk:lead_new"),
        {"token": str(token), "source": "phone", "name": f"示例{in_letters(token)}",
         "community": "longquan", "address": "龙泉路40号", "description": "两个班"},
    )  # fmt: skip
    return answer.status_code, answer.content.decode()


def ready() -> tuple[int, bool]:
    """What /readyz says of the whole, and of the room."""
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()["storage"]


def unwritten() -> int:
    """Hints without a line in the trail."""
    known = set(AuditEvent.objects.values_list("object_id", flat=True))
    return sum(str(key) not in known for key in Lead.objects.values_list("pk", flat=True))


@pytest.mark.proves("sec:F4")
def test_a_full_disk_is_said_and_nothing_is_half_stored(
    disk: Path, settings: pytest.FixtureRequest, tmp_path: Path
) -> None:
    settings.STATE_DIR = tmp_path  # type: ignore[attr-defined]
    client = Client(raise_request_exception=False)
    client.force_login(makers.clerk(), backend="portal.core.accounts.SignedIn")
    assert send(client, uuid.uuid4())[0] in {302, 303}
    assert ready() == (200, True)
    ballast = fill(disk)
    noted, status, page = 1, 0, ""
    for _turn in range(MOST):  # until the last page that was there is full as well
        status, page = send(client, uuid.uuid4())
        if status not in {302, 303}:
            break
        noted += 1
    assert status == 503
    assert "存储空间满了，刚才提交的内容没有保存，也没有保存一半" in page
    assert ready() == (503, False)
    assert client.get("/").status_code == 200  # what can be read is read
    again = uuid.uuid4()
    assert send(client, again)[0] == 503
    assert (Lead.objects.count(), unwritten()) == (noted, 0)
    assert not connection.in_atomic_block

    ballast.unlink()
    assert send(client, again)[0] in {302, 303}
    assert (Lead.objects.count(), unwritten()) == (noted + 1, 0)
    assert ready() == (200, True)
    assert audit.first_fault() is None
