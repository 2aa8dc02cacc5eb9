"""Numbers for a monitoring system: counts and ages, nothing about anybody."""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count
from django.http import HttpResponse

from portal.core import audit
from portal.core.administration import watch
from portal.core.models import Backup, Heartbeat, Job, Outbox, UserSession
from portal.core.pages import Request, public

TYPE = "text/plain; version=0.0.4; charset=utf-8"


@public()
def metrics(request: Request) -> HttpResponse:
    """Prometheus' plain text, for whoever sends METRICS_TOKEN as a bearer; off without one."""
    if not settings.METRICS_TOKEN:
        return HttpResponse("metrics are off\n", content_type="text/plain", status=503)
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(sent.encode(), settings.METRICS_TOKEN.encode()):
        return HttpResponse("no\n", content_type="text/plain", status=403)
    return HttpResponse("\n".join([*_lines(request), ""]), content_type=TYPE)


def _lines(request: Request) -> Iterator[str]:
    at = request.at
    yield "# TYPE portal_well gauge"
    for check in [*watch.machinery(at), *watch.upkeep(at)]:
        yield f'portal_well{{part="{check.name}"}} {int(check.is_well)}'
    owed = Outbox.objects.filter(done_at=None)
    numbers = {
        "portal_outbox_owed": owed.filter(failed_at=None).count(),
        "portal_outbox_given_up": owed.exclude(failed_at=None).count(),
        "portal_sessions": UserSession.objects.count(),
        "portal_audit_lines": audit.head()[0],
    }
    copy = Backup.objects.kept().order_by("-made_at").first()
    beat = Heartbeat.objects.filter(name=watch.BEAT).first()
    if copy:
        numbers["portal_backup_age_seconds"] = int((at - copy.made_at).total_seconds())
        numbers["portal_backup_bytes"] = copy.size
    if beat and beat.at:
        numbers["portal_beat_age_seconds"] = int((at - beat.at).total_seconds())
    for name, value in numbers.items():
        kind = "counter" if name == "portal_audit_lines" else "gauge"
        yield f"# TYPE {name} {kind}\n{name} {value}"
    yield "# TYPE portal_jobs gauge"
    counted = Job.objects.order_by("state").values_list("state").annotate(Count("id"))
    for state, count in counted:
        yield f'portal_jobs{{state="{state}"}} {count}'
