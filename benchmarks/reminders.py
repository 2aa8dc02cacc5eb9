"""How long the reminders of papers that end take, against one INSERT … SELECT of as many rows.

    ./test benchmarks/reminders.py            # 200 facilities
    BENCH_FACILITIES=100000 ./test benchmarks/reminders.py

Run through pytest for the sake of its database. Every facility gets four certificates and a lease;
a fifth of them is at some step on the day. Goals: the first run at least half as fast a row as a
bare INSERT … SELECT, a second run within 0.1 s and without a new row.
"""

from __future__ import annotations

import os
import time
import uuid

import pytest
from django.db import connection

from facilities import actions
from facilities.models import Certificate, Facility
from portal.core.models import Outbox
from tests import makers as make

COUNT = int(os.environ.get("BENCH_FACILITIES", "200"))
PAPERS = ("business_licence", "premises_proof", "hygiene_report", "fire_certificate")


def street() -> None:
    """One facility made as people make it, the others copied from it inside the database."""
    model = make.facility()
    Certificate.objects.filter(facility=model).update(valid_until=None)
    source = Certificate.objects.filter(facility=model).first()
    if source is None:
        raise RuntimeError("the made facility has no certificate")
    own = {"id", "code", "uscc", "lease_end"}
    names = [f.column for f in Facility._meta.concrete_fields if f.column not in own]
    columns = ", ".join(names)
    with connection.cursor() as cursor:
        # The names are the model's own.
        copy = f"""INSERT INTO facilities_facility (id, code, uscc, lease_end, {columns})
            SELECT gen_random_uuid(), 'B' || n, 'B' || n, %s::date + n %% 400, {columns}
              FROM facilities_facility, generate_series(1, %s) AS n
             WHERE id = %s"""  # ruff: ignore[hardcoded-sql-expression]
        cursor.execute(
            copy,
            [make.AT.date(), COUNT, model.pk],
        )
        cursor.execute(
            """INSERT INTO facilities_certificate
                   (id, facility_id, material, number, issuer, valid_until, source_id, is_current)
               SELECT gen_random_uuid(), f.id, m, '', '', %s::date + (random() * 150)::int, %s, true
                 FROM facilities_facility f, unnest(%s::text[]) AS m WHERE f.code LIKE 'B%%'""",
            [make.AT.date(), source.source_id, list(PAPERS)],
        )
        cursor.execute(
            """INSERT INTO facilities_membership (id, facility_id, user_id, role, since)
               SELECT gen_random_uuid(), id, %s, 'manager', %s
                 FROM facilities_facility WHERE code LIKE 'B%%'""",
            [model.memberships.get().user_id, make.AT.date()],
        )


def bare(rows: int) -> float:
    """Seconds for one INSERT … SELECT of as many rows of the same shape."""
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO core_outbox (dedup_key, kind, payload, due_at, attempts, last_error)
               SELECT %s || n || ':' || gen_random_uuid(), 'notify', payload, due_at, 0, ''
                 FROM (SELECT payload, due_at FROM core_outbox WHERE kind = 'notify'
                        ORDER BY id DESC LIMIT 1) AS one, generate_series(1, %s) AS n""",
            [str(uuid.uuid4()), rows],
        )
    return time.perf_counter() - began


@pytest.mark.django_db
def test_reminders_in_bulk() -> None:
    """Print both times; the rows of the second run must be none."""
    street()
    Outbox.objects.all().delete()
    began = time.perf_counter()
    rows = actions.remind_of_expiry(at=make.AT)
    first = time.perf_counter() - began
    began = time.perf_counter()
    if actions.remind_of_expiry(at=make.AT):
        raise RuntimeError("the second run promised something again")
    second = time.perf_counter() - began
    plain = bare(rows)
    print(  # ruff: ignore[print]
        f"\n{COUNT} facilities, {rows} reminders: {first:.3f} s; again {second:.3f} s; "
        f"bare INSERT … SELECT {plain:.3f} s; ratio {plain / first:.2f}"
    )
