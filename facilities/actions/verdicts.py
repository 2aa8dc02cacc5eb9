"""What the clerk says of each section and paper: passed, to correct, to be seen on the spot."""

from __future__ import annotations

import datetime as dt

from facilities.models import CorrectionItem, Filing, ReviewVerdict
from facilities.models.review import Verdict
from portal.core import clock, outbox
from portal.core.actors import Actor
from portal.core.workflow import FactMissing, action, apply

PAPERS = "certificates"


class StillAsked(FactMissing):
    """A correction of this very item stands on the list: it cannot pass at the same time."""


@action
def give_verdict(
    filing: Filing,
    section: str,
    item: str,
    verdict: str,
    note: str = "",
    *,
    by: Actor,
    at: dt.datetime,
) -> ReviewVerdict:
    """Keep the verdict on a section, or on one paper; 需补正 puts its reason on the list as well.

    `item` is the material of a paper, or "" for the whole section. Said twice it is kept once.
    Raises StillAsked for a pass while a correction of the item waits to be sent, FactMissing for a
    correction without a reason.
    """
    filing = apply(filing, "note", by=by, at=at, section=section, item=item, verdict=verdict)
    if verdict == Verdict.CORRECT:
        if not note:
            raise FactMissing("a correction needs a reason")
        ask_for(filing, section, item, note, by=by, at=at)
    elif verdict == Verdict.PASS and waiting(filing, section, item):
        raise StillAsked(section)
    tell_handler(filing, by=by, at=at)
    return keep_verdict(filing, section, item, verdict, note, by=by, at=at)


def keep_verdict(
    filing: Filing, section: str, item: str, verdict: str, note: str, *, by: Actor, at: dt.datetime
) -> ReviewVerdict:
    """The one verdict of this round on the item; `filing` is locked by the act around."""
    kept, _ = ReviewVerdict.objects.update_or_create(
        filing=filing,
        round=filing.round,
        section=section,
        item=item,
        defaults={"verdict": verdict, "note": note[:300], "by": by.somebody, "at": at},
    )
    return kept


def ask_for(
    filing: Filing, section: str, item: str, reason: str, *, by: Actor, at: dt.datetime
) -> CorrectionItem:
    """One line on the list of corrections of this round; the same line counts once."""
    made, _ = CorrectionItem.objects.get_or_create(
        filing=filing,
        round=filing.round,
        section=section,
        item=item,
        reason=reason,
        defaults={"made_by": by.somebody, "made_at": at},
    )
    return made


def waiting(filing: Filing, section: str, item: str) -> bool:
    """Whether a correction of the item is on the list of this round."""
    asked = filing.corrections.filter(round=filing.round, section=section, is_sent=False)
    return asked.filter(item=item).exists() if section == PAPERS else asked.exists()


def settle(
    filing: Filing, section: str, item: str, reason: str, *, by: Actor, at: dt.datetime
) -> None:
    """The verdict that follows from the list: to correct while a line stands, else none yet."""
    unit = item if section == PAPERS else ""
    if section == PAPERS and not item:
        return  # the whole list of papers is no item of its own
    if waiting(filing, section, unit):
        keep_verdict(filing, section, unit, Verdict.CORRECT, reason, by=by, at=at)
        return
    said = filing.verdicts.filter(round=filing.round, section=section, item=unit)
    said.filter(verdict=Verdict.CORRECT).delete()


def tell_handler(filing: Filing, *, by: Actor, at: dt.datetime) -> None:
    """Somebody else works on the handler's filing: he is told, once a day and person."""
    if filing.handler is not None and filing.handler != by.somebody:
        once = f"{clock.day_of(at)}:{by.somebody.pk}"
        outbox.notify([filing.handler], "filing.noted", filing, at=at, once=once)
