"""Is the process alive, is the house ready: for supervisors, without personal data."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse, JsonResponse

from portal.core import maintenance
from portal.core.administration import watch
from portal.core.pages import Request, public


@public()
def healthz(request: Request) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@public()
def readyz(request: Request) -> HttpResponse:
    """Database, room, migrations, what should go on by itself; 503 names what is not ready."""
    room = maintenance.has_room(request.at)
    checks = {"database": _database(), "storage": room, "migrations": False, "outbox": False}
    if checks["database"]:
        checks["migrations"] = _migrated()
    if checks["migrations"]:
        checks |= {each.name: each.is_well for each in watch.machinery(request.at)}
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
