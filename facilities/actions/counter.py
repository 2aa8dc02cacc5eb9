"""A filing brought on paper: a clerk types it in, another one reviews it (prod:B19)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from facilities.models import CounterReceipt, Filing
from facilities.models.choices import FilingSource
from portal.core import attachments
from portal.core.actors import Actor
from portal.core.files import Accepted
from portal.core.models import Attachment
from portal.core.workflow import action, lock, record

from .filing import start_filing, submit_filing

SCAN, DECLARATION = "counter_scan", "signed_declaration"


@action
def start_counter_filing(
    token: uuid.UUID,
    brought_by: str,
    received_on: dt.date,
    scans: Sequence[Accepted],
    *,
    by: Actor,
    at: dt.datetime,
) -> Filing:
    """Begin a filing for somebody who came with paper; the answer is due from `received_on` on.

    The same token sent again answers with the filing it made before.
    """
    filing: Filing = start_filing(token, by=by, at=at)
    if CounterReceipt.objects.filter(filing=filing).exists():
        return filing
    filing = lock(filing)
    filing.source, filing.received_on = FilingSource.COUNTER, received_on
    filing.save(update_fields=["source", "received_on"])
    receipt = CounterReceipt.objects.create(
        filing=filing,
        brought_by=brought_by,
        received_on=received_on,
        entered_by=by.somebody,
        entered_at=at,
    )
    for scan in scans:
        attachments.attach(receipt, scan, slot=SCAN, by=by, at=at)
    record(filing, "filing.counter", by=by, at=at, brought_by=brought_by, received=received_on)
    return filing


@action
def submit_counter_filing(
    filing: Filing,
    signed_by: str,
    declaration: str,
    scan: Accepted,
    *,
    by: Actor,
    at: dt.datetime,
) -> Filing:
    """Send what was typed in; the declaration is the signed paper, kept as a scan, not a tick.

    Raises Incomplete when a section is not whole.
    """
    receipt = lock(filing.counter)
    twin = Attachment.objects.of(receipt).present().filter(sha256_received=scan.sha256_received)
    if not twin.filter(slot=DECLARATION).exists():
        attachments.attach(receipt, scan, slot=DECLARATION, by=by, at=at)
    return submit_filing(filing, signed_by, declaration, by=by, at=at)
