"""How long changing the key takes while people read and write.

    .venv/bin/python -m pytest benchmarks/rotation.py -s
    BENCH_ROWS=100000 .venv/bin/python -m pytest benchmarks/rotation.py -s

Goals over 10,000 rows (two sealed columns each): somebody worked meanwhile and without an error,
none left on the old key, old key out of the file.
"""

from __future__ import annotations

import os
import time

import pytest

from portal.core import keyring
from tests.conftest import django_db_setup
from tests.core.test_rotation import Serving, key_file, rotate, sections, versions

__all__ = ["django_db_setup", "key_file"]  # fixtures
ROWS = int(os.environ.get("BENCH_ROWS", "10000"))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_rotation_while_serving() -> None:
    """Print the time and what was done meanwhile."""
    rows = sections(ROWS)
    began = time.perf_counter()
    with Serving(rows) as serving:
        rotate("--new-key", "--retire")
    took = time.perf_counter() - began
    left = versions() - {2}
    print(f"\nvalues sealed anew   {2 * ROWS} in {took:.1f} s, {2 * ROWS / took:.0f} a second")  # ruff: ignore[print]
    print(f"acts meanwhile       {serving.acts}, errors {len(serving.faults)}")  # ruff: ignore[print]
    print(f"left on the old key  {len(left)}; keys in the file {sorted(keyring.keyring().keys)}")  # ruff: ignore[print]
    served = serving.acts > 0 and not serving.faults
    if not served or left or list(keyring.keyring().keys) != [2]:
        raise SystemExit("the goals are missed")
