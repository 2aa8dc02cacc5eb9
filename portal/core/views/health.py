"""Is the process alive, is the house ready: for supervisors, without personal data."""

from __future__ import annotations

import datetime as dt

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse

from portal.core import outbox
from portal.core.pages import Request, public

STANDS_STILL_AFTER = dt.timedelta(minutes=10)


@public()
def healthz(request: Request) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@public()
def readyz(request: Request) -> HttpResponse:
    """Database, migrations and outbox; 503 names what is not ready."""
    checks = {"database": _database(), "migrations": False, "outbox": False}
    if checks["database"]:
        checks["migrations"] = _migrated()
        checks["outbox"] = outbox.standing_still(request.at, STANDS_STILL_AFTER) == 0
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _migrated() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
