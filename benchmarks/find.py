"""How finding a facility grows from 1,000 to 100,000 of them.

    .venv/bin/python benchmarks/find.py [--rows 100000] [--rounds 30] [--plans]

Makes a cluster of its own, fills it, asks each page through Django's client, and prints queries,
p50 and p95 for both sizes with the ratio of the p95. Limits: 8 queries, 3 times. Sizes are measured
in turns (A B A B), so that a busy machine disturbs both alike. `--plans` prints which index serves
each list. Nothing outside the temporary folder is touched.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
SMALL, MOST_QUERIES, MOST_RATIO = 1_000, 8, 3.0
FRAME = ("BEGIN", "COMMIT", "SET TRANSACTION", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK")
NAMES = [
    "小太阳",
    "彩虹",
    "晨曦",
    "暖阳",
    "小脚丫",
    "宝贝屋",
    "幸福",
    "月亮船",
    "向日葵",
    "小蜗牛",
    "小星星",
    "蒲公英",
]
ROADS = ["龙泉路", "湖滨大道", "祥和街", "中兴路", "奋飞路", "大石门街", "羊角山路"]
PAGES = {
    "list": "/facilities/",
    "two characters": "/facilities/?q=太阳",
    "rare name": "/facilities/?q=稀有",
    "pinyin": "/facilities/?q=xty",
    "house number": "/facilities/?q=龙泉路18号",
    "absent": "/facilities/?q=没有这家",
    "community": "/facilities/?community=hubin",
    "service": "/facilities/?service=hourly",
    "age": "/facilities/?age=6-12",
    "fee": "/facilities/?fee=1000-2000",
    "vacancy": "/facilities/?has=vacancy",
    "affordable": "/facilities/?has=affordable",
    "extended": "/facilities/?has=extended",
    "meals": "/facilities/?has=meals",
    "accessible": "/facilities/?has=accessible",
    "type": "/facilities/?facility_type=family",
    "statutory": "/facilities/?statutory=filed",
    "sort fee": "/facilities/?sort=fee",
    "sort vacancy": "/facilities/?sort=vacancy",
    "sort newest": "/facilities/?sort=newest",
    "all at once": "/facilities/?q=太阳&community=hubin&service=full_day&age=12-24&sort=fee",
    "nothing here": "/facilities/?community=hubin&q=没有这家",
    "last page": "/facilities/?page=9999",
    "facility": "/facilities/SP-TY-0500/",
}


def cluster_of(state: Path) -> Any:
    """A server of our own, named to Django as its own."""
    from portal.embedded.logins import APP, OWNER
    from portal.embedded.pg import EmbeddedPostgres

    state.chmod(0o711)
    cluster = EmbeddedPostgres(state, durable=False)
    cluster.start()
    os.environ |= {
        "PORTAL_STATE": str(state),
        "REDIS_URL": "",
        "DATABASE_URL": cluster.url(APP, database_of(SMALL)),
        "DATABASE_OWNER_URL": cluster.url(OWNER, database_of(SMALL)),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    return cluster


def database_of(size: int) -> str:
    """The name of the database of a size."""
    return f"find_{size}"


def use(size: int) -> None:
    """Point both logins at the database of a size."""
    from django.db import connections

    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = database_of(size)


def fill(rows: int) -> None:
    """Migrate, load the regulation, and write that many facilities with classes and mirrors."""
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", database="owner", verbosity=0)
    call_command("load_reference", verbosity=0)
    for start in range(1, rows + 1, 5000):
        write_facilities(range(start, min(start + 5000, rows + 1)))
    with connections["owner"].cursor() as cursor:
        cursor.execute("ANALYZE")


def store(rows: Any) -> None:
    """COPY the rows of one model: a hundred thousand INSERTs would be most of the run."""
    from django.db import connections, models
    from psycopg import sql

    rows = list(rows)
    model = type(rows[0])
    fields = [f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField)]
    columns = sql.SQL(", ").join(sql.Identifier(f.column) for f in fields)
    words = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(model._meta.db_table), columns)
    connection = connections["default"]
    connection.ensure_connection()
    sealed = [f for f in fields if "JSON" in type(f).__name__]  # the driver writes all others
    with connection.connection.cursor() as cursor, cursor.copy(words) as lines:
        for row in rows:
            values = {f.attname: getattr(row, f.attname) for f in fields}
            for f in sealed:
                values[f.attname] = f.get_db_prep_save(values[f.attname], connection)
            lines.write_row(list(values.values()))


def write_facilities(numbers: range) -> None:
    from facilities.models import ClassGroup, Facility, FeeItem, StatutoryFiling
    from portal.core.models import Community

    communities = list(Community.objects.all())
    made = [Facility(**_columns(number, communities)) for number in numbers]
    store(made)
    today = dt.date(2026, 11, 1)
    store(
        ClassGroup(facility=each, class_type=kind, name=kind, capacity=15, enrolled=11,
                   updated_on=today)
        for each in made for kind in ("toddler", "older")
    )  # fmt: skip
    store(FeeItem(facility=each, name="保育费", amount=980, unit="月", order=0) for each in made)
    store(
        StatutoryFiling(facility=each, status="filed", number="示例", filed_on=today)
        if number % 3
        else StatutoryFiling(facility=each)
        for number, each in zip(numbers, made, strict=True)
    )


def _columns(number: int, communities: list[Any]) -> dict[str, Any]:
    """A facility that differs from the next as facilities do; everything about it is invented."""
    from portal.core import search
    from portal.core.identifiers import facility_code

    community = communities[number * 7 % len(communities)]
    word = "稀有" if number % 997 == 0 else NAMES[number % len(NAMES)]
    name, address = f"{word}托育园{number}", f"{ROADS[number % len(ROADS)]}{number % 300 + 1}号"
    day = dt.date(2020, 1, 1) + dt.timedelta(days=number % 2000)
    forms = [["full_day"], ["full_day", "temporary"], ["half_day"], ["hourly"]]
    return {
        "code": facility_code(number, "SP-TY-{n:04d}"), "name": name, "short_name": word,
        "uscc": f"{number:018d}", "facility_type": "family" if number % 9 == 0 else "independent",
        "legal_form": "for_profit", "operating_model": "private", "registration_authority": "示例",
        "business_scope": "托育服务", "established_on": day, "legal_representative": "示例",
        "manager": "示例", "public_phone": "0375-0000000", "community": community,
        "address": address, "floor_lowest": 1, "floor_highest": 1, "building_area": 300,
        "indoor_area": 200, "outdoor_area": 100, "tenure": "owned", "registered_on": day,
        "facts_on": day, "service_forms": forms[number % 4 if number % 20 == 3 else number % 3],
        "age_from": 6 if number % 5 == 0 else 12, "age_to": 36, "places": 30,
        "vacancies": number % 8, "monthly_fee_from": 800 + number % 1600,
        "is_affordable": number % 10 == 0, "serves_meals": number % 2 == 0,
        "is_accessible": number % 50 == 0,
        "extended_until": dt.time(19) if number % 12 == 0 else None,
        "operating": "closed" if number % 40 == 1 else "open",
        "search_grams": search.grams(name, word, address, community.name, spoken=(name, word)),
        "sort_key": search.sort_key(name),
    }  # fmt: skip


def timed(client: Any, address: str) -> float:
    """Milliseconds until the page is there."""
    began = time.perf_counter()
    response = client.get(address)
    took = (time.perf_counter() - began) * 1000
    if response.status_code != 200:
        raise SystemExit(f"{address}: {response.status_code}")
    return took


def queries_of(client: Any, address: str) -> int:
    """What the page asks, without the frame of its transaction."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return sum(not query["sql"].startswith(FRAME) for query in asked.captured_queries)


def measure(
    sizes: tuple[int, int],
    rounds: int,
    pages: dict[str, str] = PAGES,
    sign_in: Callable[[], Any] | None = None,
) -> Iterator[Any]:
    """Each page at both sizes in turns: name, queries, times of the small, times of the large."""
    from django.test import Client

    times: dict[tuple[str, int], list[float]] = {(n, s): [] for n in pages for s in sizes}
    asked: dict[str, int] = {}
    for turn in range(4):
        size = sizes[turn % 2]
        use(size)
        client = sign_in() if sign_in else Client()
        for name, address in pages.items():
            timed(client, address)
            asked[name] = max(asked.get(name, 0), queries_of(client, address))
            times[name, size] += [timed(client, address) for _ in range(rounds // 2)]
    for name in pages:
        yield name, asked[name], times[name, sizes[0]], times[name, sizes[1]]


def p95(times: list[float]) -> float:
    """The time that 19 of 20 stay below."""
    return statistics.quantiles(times, n=20)[-1]


def report(lines: Iterator[Any], most_queries: int = MOST_QUERIES) -> bool:
    """Print a line a page; true when all stay within the limits."""
    is_well = True
    heads = "".join(f"{word:>8}" for word in ("queries", "p50", "p95", "p50", "p95", "ratio"))
    sys.stdout.write(f"{'page':16}{heads}\n")
    for name, asked, small, large in lines:
        ratio = p95(large) / p95(small)
        fine = asked <= most_queries and ratio <= MOST_RATIO
        is_well &= fine
        values = (statistics.median(small), p95(small), statistics.median(large), p95(large))
        numbers = "".join(f"{value:8.1f}" for value in values)
        sys.stdout.write(f"{name:16}{asked:8}{numbers}{ratio:8.2f}{'' if fine else '  too much'}\n")
        sys.stdout.flush()
    return is_well


def plans() -> None:
    """Which index serves each list, with the statistics of the large register."""
    from django.db.models import QuerySet
    from django.http import QueryDict

    from portal.core import clock
    from portal.core.queries import in_force
    from portal.site.filters import PublicFacilityFilter

    law = in_force(clock.today())
    for name, address in PAGES.items():
        if name not in {"facility", "last page"}:
            query = QueryDict(address.partition("?")[2])
            rows = PublicFacilityFilter.understood(query, law).rows
            if not isinstance(rows, QuerySet):  # found by their keys: one look-up a page
                continue
            for what, asked in (
                ("rows", rows[:12]),
                ("count", rows.order_by().values("pk")[:1201]),
            ):
                words = asked.explain(analyze=True)
                used = [w.partition(" on ")[0] for w in words.split("\n") if "Scan" in w]
                took = words.rpartition("Execution Time: ")[2]
                sys.stdout.write(f"{name} {what}: {took}: {'; '.join(s.strip() for s in used)}\n")


def main() -> None:
    """Fill two databases, measure, say whether the limits hold."""
    options = options_of(__doc__)
    options.add_argument("--plans", action="store_true")
    asked = options.parse_args()

    def run() -> bool:
        if asked.plans:
            plans()
        return report(measure((SMALL, asked.rows), asked.rounds))

    in_own_databases("facilities", fill, asked.rows, run)


def options_of(words: str | None) -> argparse.ArgumentParser:
    """What every benchmark with two databases is told."""
    options = argparse.ArgumentParser(description=words)
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=30)
    return options


def in_own_databases(
    what: str, fill: Callable[[int], None], rows: int, run: Callable[[], bool]
) -> None:
    """Fill one database small and one large, and ask `run` whether the limits hold; then go."""
    # Told to stop, it stops its cluster as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    state = Path(tempfile.mkdtemp(prefix="portal-find-"))
    cluster = cluster_of(state)
    try:
        _fill_both(cluster, what, fill, (SMALL, rows))
        is_well = run()
    finally:
        cluster.stop()
        shutil.rmtree(cluster.home, ignore_errors=True)
        shutil.rmtree(state, ignore_errors=True)
    raise SystemExit(0 if is_well else 1)


def _fill_both(
    cluster: Any, what: str, fill: Callable[[int], None], sizes: tuple[int, int]
) -> None:
    import django

    from portal.embedded.logins import prepare_database

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    for size in sizes:
        prepare_database(cluster.url(), database_of(size))
        use(size)
        began = time.monotonic()
        fill(size)
        sys.stdout.write(f"{size} {what} in {time.monotonic() - began:.0f} s\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
