"""How dear our reading and writing of tables is beside the bare libraries (P8, P9).

python benchmarks/import_export.py [rows]
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from portal.core.sheets import Column, read_table, write_csv, write_table

TITLES = [f"列{n}" for n in range(12)]
COLUMNS = [Column(title, title) for title in TITLES]


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """Twelve texts a row."""
    for number in range(count):
        yield tuple(f"第{number}行第{place}格" for place in range(12))


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the better of two runs, and what the last returned."""
    best = 0.0
    for _ in range(2):
        began = time.perf_counter()
        result = work()
        took = time.perf_counter() - began
        best = min(best or took, took)
    return best, result


def bare_write(file: Path, count: int) -> None:
    """The library alone."""
    book = xlsxwriter.Workbook(str(file), {"constant_memory": True})
    sheet = book.add_worksheet()
    for at, row in enumerate(rows(count)):
        for place, value in enumerate(row):
            sheet.write_string(at, place, value)
    book.close()


def peak(work: Callable[[], Any]) -> float:
    """The most memory Python held, in MiB."""
    tracemalloc.start()
    work()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 2**20


def main(count: int) -> None:
    """Print times, ratios and memory."""
    with tempfile.TemporaryDirectory() as folder:
        file, csv = Path(folder) / "t.xlsx", Path(folder) / "t.csv"
        alone, _ = timed(lambda: bare_write(file, count))
        ours, _ = timed(lambda: write_table(file, "表", COLUMNS, rows(count)))
        with csv.open("wb") as target:
            plain, _ = timed(lambda: write_csv(target, COLUMNS, rows(count)))
        content = file.read_bytes()
        library, _ = timed(
            lambda: (
                CalamineWorkbook.from_filelike(io.BytesIO(content))
                .get_sheet_by_index(0)
                .to_python()
            )
        )
        reading, table = timed(
            lambda: read_table(io.BytesIO(content), COLUMNS, max_rows=count, max_bytes=len(content))
        )
        small = peak(lambda: write_table(file, "表", COLUMNS, rows(count // 10)))
        large = peak(lambda: write_table(file, "表", COLUMNS, rows(count)))
    print(f"rows                 {count}, read back {len(table.rows)}")  # ruff: ignore[print]
    print(f"xlsx written         {ours:.2f} s, library {alone:.2f} s, speed {alone / ours:.2f}")  # ruff: ignore[print]
    print(f"csv written          {plain:.2f} s")  # ruff: ignore[print]
    times = reading / library
    print(f"xlsx read, checked   {reading:.2f} s, library {library:.2f} s, {times:.1f} x")  # ruff: ignore[print]
    print(f"peak memory writing  {large:.1f} MiB, a tenth of the rows {small:.1f} MiB")  # ruff: ignore[print]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
