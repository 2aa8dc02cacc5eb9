"""Pytest plugin of the ledgers: the mark `proves`, and `--write-ledgers`, which runs no test."""

from __future__ import annotations

import pytest

from tests import ledgers


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--write-ledgers`."""
    parser.addoption(
        "--write-ledgers",
        action="store_true",
        help="write docs/mission.md, docs/features.md and docs/security.md, run nothing",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark."""
    config.addinivalue_line(
        "markers", "proves(id, ...): clause, feature or point of acceptance this test shows"
    )


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Write and stop, when that is what was asked for."""
    if not config.getoption("--write-ledgers"):
        return None
    strange = ledgers.write()
    if strange:
        raise pytest.UsageError(f"marks name unknown ids: {', '.join(strange)}")
    return 0
