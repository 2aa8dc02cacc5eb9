"""The portal behind a real server, with the time of the test, and browsers that are watched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from portal.core import clock
from tests import makers
from tests.browser.browsing import Portal, Wall


@pytest.fixture(scope="session")
def base_url() -> None:
    """No address before the server stands (the plugin's own fixture warns under this pytest)."""


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """Monday 23 November 2026, 9:00 in Shanghai; it stands still until the test moves it."""
    made = Wall(makers.AT)
    monkeypatch.setattr(clock, "now", lambda: made.at)
    return made


@pytest.fixture
def portal(
    live_server: Any, wall: Wall, settings: Any, browser: Browser, browser_context_args: Any
) -> Iterator[Portal]:
    """The portal on its own address, which its papers name; nothing odd may be seen in it."""
    settings.PUBLIC_ORIGIN = live_server.url
    made = Portal(browser, browser_context_args, live_server.url)
    yield made
    made.close()
    assert made.faults == []
