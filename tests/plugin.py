"""Pytest plugin of the portal, loaded with `-p` (see pyproject.toml).

pytest-django reads the settings before any conftest is imported, and the settings read the
environment: so the database server must stand, and its addresses be set, earlier than that.
Each run has a state folder and a cluster of its own, so runs side by side do not meet.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from itertools import islice
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import settings as hypothesis_settings

from portal.embedded.logins import APP, OWNER, prepare_database
from portal.embedded.pg import EmbeddedPostgres

DATABASE = "portal"
GIVEN = ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SUPERUSER_URL")
# What would make the tests depend on the shell they were started from.
FOREIGN = ("PORTAL_PRODUCTION", "PUBLIC_ORIGIN", "FORCE_SCRIPT_NAME", "ALLOWED_HOSTS", "DEMO")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Set the environment before the settings are read."""
    state = _make_state_folder()
    if not all(os.environ.get(name) for name in GIVEN):
        _start_cluster(state)
    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ["PORTAL_STATE"] = str(state)
    os.environ["REDIS_URL"] = ""
    # Playwright's loop runs in the test's thread; Django would take each query there for a fault.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--full`."""
    parser.addoption("--full", action="store_true", help="run the slow tests too")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker and choose how long Hypothesis searches."""
    config.addinivalue_line("markers", "full: slow; runs only with --full")
    config.addinivalue_line("markers", "lasting(minutes): begins early, or all wait for it")
    # Found examples are not kept: runs must not depend on the machine's history.
    hypothesis_settings.register_profile("default", max_examples=50, deadline=None, database=None)
    hypothesis_settings.register_profile("full", max_examples=200, deadline=None, database=None)
    hypothesis_settings.load_profile("full" if config.getoption("--full") else "default")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the slow tests unless they were asked for, and begin with what takes minutes."""
    if config.getoption("--full"):
        items[:] = _lasting_first(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))
        return
    skip = pytest.mark.skip(reason="slow: ./test --full")
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(skip)


def _lasting_first(items: list[pytest.Item], workers: int) -> list[pytest.Item]:
    """The same tests; each worker's share begins with its part of the lasting ones.

    The shares are those that xdist deals out at first: one after the other, as even as may be.
    """
    marks = {item: item.get_closest_marker("lasting") for item in items}
    lasting = [item for item in items if marks[item]]
    lasting.sort(key=lambda item: -marks[item].args[0])  # type: ignore[union-attr]
    others = iter([item for item in items if not marks[item]])
    ordered: list[pytest.Item] = []
    for number in range(workers):
        size = (len(items) - len(ordered)) // (workers - number)
        share = lasting[number::workers]
        ordered += share
        ordered += islice(others, max(size - len(share), 0))
    return [*ordered, *others]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Write down which lines a worker has seen before it says that it is done.

    It is given ten seconds to end after that; on a busy machine coverage would not find them at
    exit, and a green run would be told that nothing was watched.
    """
    watching = Coverage.current() if "PYTEST_XDIST_WORKER" in os.environ else None
    if watching is not None:
        watching.stop()
        watching.save()


def _make_state_folder() -> Path:
    state = Path(tempfile.mkdtemp(prefix="portal-test-"))
    # The cluster's own account must pass through; the folder's list stays closed.
    state.chmod(0o711)
    atexit.register(shutil.rmtree, state, ignore_errors=True)
    return state


def _start_cluster(state: Path) -> None:
    cluster = EmbeddedPostgres(state, durable=False)
    cluster.start()
    # At exit, not in a pytest hook: those are left out when the command line is wrong.
    atexit.register(_remove_cluster, cluster)
    prepare_database(cluster.url(), DATABASE)
    os.environ["DATABASE_URL"] = cluster.url(APP, DATABASE)
    os.environ["DATABASE_OWNER_URL"] = cluster.url(OWNER, DATABASE)
    os.environ["DATABASE_SUPERUSER_URL"] = cluster.url()


def _remove_cluster(cluster: EmbeddedPostgres) -> None:
    cluster.stop()
    shutil.rmtree(cluster.home, ignore_errors=True)
