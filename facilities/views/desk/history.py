"""What happened to a facility as one timeline: filings, decisions, papers, acts.

What its record said before is the tab beside it (变更记录).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from facilities.models import Facility, Filing
from facilities.queries import desk as desk_queries
from facilities.queries import happenings as queries
from facilities.workflow import FilingStatus
from portal.core.models import OfficialPaper
from portal.core.pages import Request

from .lists import READERS
from .reading import Entry

DECIDED = {
    FilingStatus.REGISTERED: ("ok", "check-circle-fill"),
    FilingStatus.SUPERSEDED: ("ok", "check-circle-fill"),
    FilingStatus.DECLINED: ("danger", "x-octagon-fill"),
}


def history(request: Request, facility: Facility) -> dict[str, Any]:
    """The tab 动态 of a facility's file, the newest first."""
    found: list[Entry] = []
    if request.user.has_role(*READERS):
        for filing in queries.filings_of(facility, request.user):
            found += _filing(filing)
    found += [_paper(p) for p in desk_queries.papers_of_facility(facility, request.user)]
    acts = queries.acts_on(facility, request.user)
    found += [Entry(a.at, a.act, a.actor_label, icon="journal-check") for a in acts]
    found.sort(key=lambda entry: entry.at.timestamp() if entry.at else 0, reverse=True)
    return {"timeline": found}


def _filing(filing: Filing) -> Iterator[Entry]:
    facts = {"kind": filing.get_kind_display(), "number": filing.number}
    yield Entry(filing.submitted_at, _("%(kind)s %(number)s 提交") % facts, icon="send")
    if filing.decided_at and filing.state in DECIDED:
        family, icon = DECIDED[FilingStatus(filing.state)]
        declined = filing.state == FilingStatus.DECLINED
        text = _("%(kind)s %(number)s 不予登记") if declined else _("%(kind)s %(number)s 准予登记")
        who = filing.decided_by.signature_label if filing.decided_by else ""
        yield Entry(filing.decided_at, text % facts, who, filing.decision_reason, family, icon)
    if filing.ended_at and filing.state == FilingStatus.WITHDRAWN:
        text = _("%(kind)s %(number)s 撤回")
        yield Entry(filing.ended_at, text % facts, family="closed", icon="slash-circle")


def _paper(paper: OfficialPaper) -> Entry:
    facts = {"title": paper.title, "number": paper.number}
    text = _("发出《%(title)s》%(number)s") % facts
    return Entry(paper.issued_at, text, paper.issued_label, icon="file-earmark-text")
