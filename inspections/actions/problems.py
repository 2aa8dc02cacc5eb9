"""Why an act of supervision was refused; the views find the words."""

from __future__ import annotations

from collections.abc import Sequence

from inspections.rules.kinds import Refusal


class TeamRefused(Exception):
    """These people may not go: too few, tied, without certificate."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__(", ".join(refusal.reason for refusal in refusals))
        self.refusals = tuple(refusals)


class CapReached(Exception):
    """The facility has had all administrative inspections of its year."""

    def __init__(self, counted: int, cap: int, year: int) -> None:
        super().__init__(f"{counted} of {cap} in {year}")
        self.counted, self.cap, self.year = counted, cap, year


class NotByLot(Exception):
    """Who goes was drawn: somebody else goes only instead of one who recused himself or is ill."""


class NotDelegated(Exception):
    """There is no delegated matter in force on which an administrative inspection could rest."""


class NoLead(Exception):
    """A joint inspection is led by a department, and none is named."""


class WrongKind(Exception):
    """The act belongs to another kind of visit."""


class Unfinished(Exception):
    """Something is missing before the visit can be finished: (code of the item, what)."""

    def __init__(self, missing: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"{len(missing)} missing")
        self.missing = tuple(missing)


class NotSigned(Exception):
    """Signatures are missing: `inspectors` by post, and the facility's own or its refusal."""

    def __init__(self, inspectors: Sequence[str], *, facility: bool) -> None:
        super().__init__(f"{len(inspectors)} inspectors, facility {facility}")
        self.inspectors, self.facility = tuple(inspectors), facility


class NotYetShown(Exception):
    """The people have not shown who they are: nothing is written down before."""


class NoSuchItem(Exception):
    """The question is not on the list of this visit."""


class DayNotAllowed(Exception):
    """The day lies outside what the rules allow; carries the latest (or earliest) one."""

    def __init__(self, limit: object) -> None:
        super().__init__(str(limit))
        self.limit = limit


class ExtendedBefore(Exception):
    """More time is asked for once."""


class ObjectedBefore(Exception):
    """The facility objects to a result once."""


class NoConflict(Exception):
    """Class and public grade do not say opposite things (any more): there is nothing to explain."""


class NobodyLeft(Exception):
    """No person is left who could be drawn instead."""


class NothingToDraw(Exception):
    """No facility or nobody to go is left after the exclusions."""


class OnSiteOnly(Exception):
    """A grave finding is looked at again on site, not on paper."""


class NumberTaken(Exception):
    """The certificate of that number is another person's."""


class FactStruck(Exception):
    """Just this was noted from this form, and struck since then."""


class Tied(Exception):
    """Whoever has declared a tie to a facility decides nothing about it."""


class OwnTie(Exception):
    """Nobody ends the tie that keeps himself away."""


class NotPutForward(Exception):
    """Nobody here has read the document of a delegated matter yet: a first person is missing."""


class MatterKnown(Exception):
    """Another matter bears this code and first day."""


class NotToBeNamed(Exception):
    """A finding that is neither grave nor late is not put before the public."""


class EmptyChecklist(Exception):
    """A version without questions is not put into use."""
