"""Fixtures of every test: the database with its two logins, and the browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from django.utils import translation
from pytest_django.plugin import DjangoDbBlocker

from tests.database import NAME, SeededDatabase

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """Make the test database as the owner and let the tests work in it as the application."""
    database = SeededDatabase(os.environ["DATABASE_SUPERUSER_URL"])
    with django_db_blocker.unblock():
        database.create(_fill)
        _use_database(NAME)
        database.snapshot()
    TransactionTestCase._fixture_teardown = lambda _self: database.restore()
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    database.drop()


def pytest_runtest_setup() -> None:
    """A request leaves its language to the thread; the next test's addresses start afresh."""
    translation.activate(django_settings.LANGUAGE_CODE)


def _fill() -> None:
    """Bring tables and reference data into the new database."""
    _use_database(NAME)
    call_command("migrate", database="owner", verbosity=0)
    call_command("load_reference", verbosity=0)
    connections.close_all()


def _use_database(name: str) -> None:
    """Point both logins at the database; new connections of any thread follow the settings."""
    for alias in ("default", "owner"):
        connections[alias].close()
        django_settings.DATABASES[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords(django_test_environment: None) -> None:
    """Argon2 is slow on purpose; what it guards is not at stake in a test."""
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session", autouse=True)
def _static_files_when_asked(django_test_environment: None) -> None:
    """Every client of a test would read the list of all static files; few ask for one."""
    django_settings.WHITENOISE_AUTOREFRESH = True


def _find_browser() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the system's Chromium: Playwright's own download is not part of the locks."""
    path = _find_browser()
    if path is None:
        problem = "没有 Chromium，浏览器测试未运行 / no Chromium, browser tests did not run"
        if os.environ.get("PORTAL_REQUIRE_BROWSER"):
            pytest.fail(problem)
        pytest.skip(problem)
    return {**browser_type_launch_args, "executable_path": path, "args": list(BROWSER_ARGUMENTS)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Browse as people here do."""
    return {
        **browser_context_args,
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
        "viewport": {"width": 1280, "height": 800},
    }
