"""A folder every account may pass through, as a checkout usually is.

pytest's own temporary folders are closed to others, and a run beside this one closes them again.
"""

import shutil
import tempfile
from pathlib import Path

import pytest

from portal.embedded.logins import prepare_database
from portal.embedded.pg import EmbeddedPostgres


def make_open_folder():
    folder = Path(tempfile.mkdtemp(prefix="portal-test-"))
    folder.chmod(0o711)
    return folder


@pytest.fixture(scope="module")
def open_folder():
    folder = make_open_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def own_folder():
    folder = make_open_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def cluster(open_folder):
    server = EmbeddedPostgres(open_folder / "shared", durable=False).start()
    prepare_database(server.url(), "portal")
    yield server
    server.stop()
