"""The pages of the roof ask what day it is; so do their tests, and midnight may lie between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    """A test has one moment: that at which it began."""
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=False):
        yield
