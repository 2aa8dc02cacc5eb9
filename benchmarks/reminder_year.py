"""How long a year of reminders takes a real worker: each day a round, and every message delivered.

    ./test benchmarks/reminder_year.py -s                        # 200 facilities
    YEAR_FACILITIES=40 ./test benchmarks/reminder_year.py -s

The year is that of tests/house/test_reminder_year.py: real days, a real broker, five workers killed
in the middle of their deliveries, the broker emptied twice. A certificate, the lease and a staff
paper of each facility end in it. A goal that is missed ends the run with an error:

- every reminder arrives once, on its day, to each person who is to be told;
- a facility has more than fifty of them in the year, so that something was measured.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.house import test_reminder_year as year

COUNT = int(os.environ.get("YEAR_FACILITIES", "200"))
FEWEST = 50


@pytest.mark.django_db(transaction=True)
def test_a_year_of_reminders(tmp_path: Path) -> None:
    """Print the seconds of the year, of a day and of a reminder; making the street is no part."""
    year.street(COUNT)
    began = time.perf_counter()
    arrived = year.lived(tmp_path)
    took = time.perf_counter() - began
    print(  # ruff: ignore[print]
        f"{COUNT} facilities, {year.DAYS} days: {arrived} reminders in {took:.0f} s,"
        f" {took / year.DAYS:.2f} s a day, {1000 * took / arrived:.1f} ms a reminder"
    )
    if arrived <= FEWEST * COUNT:
        raise RuntimeError(f"only {arrived} reminders for {COUNT} facilities")
