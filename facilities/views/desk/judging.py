"""What is to be judged in a filing, what was said of it, and what is different since last time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from facilities import rules
from facilities.forms import SECTION_NAMES
from facilities.models.choices import FilingKind
from facilities.models.review import Verdict
from facilities.queries.desk import Dossier, Said
from facilities.rules import Change
from facilities.rules import life as life_rules
from portal.core.badges import Badge

PAPERS = "certificates"
_LOOKS = {
    Verdict.PASS: ("ok", "check-circle-fill"),
    Verdict.CORRECT: ("warn", "arrow-repeat"),
    Verdict.VISIT: ("progress", "eye"),
}
Changes = Mapping[str, Sequence[Change]]


@dataclass(frozen=True, slots=True)
class Unit:
    """One section, or one paper, and the verdict on it.

    `carried`: the verdict is of the round before, and nothing has changed since (it stands).
    """

    section: str
    item: str
    name: str
    said: Said | None
    carried: bool = False

    @property
    def target(self) -> str:
        """How forms name it."""
        return f"{self.section}:{self.item}" if self.item else self.section

    @property
    def badge(self) -> Badge | None:
        """The verdict as a word with a colour and a sign."""
        if self.said is None:
            return None
        word = str(Verdict(self.said.verdict).label)
        if self.carried:
            word = _("上次%(verdict)s，未变更") % {"verdict": word}
        return Badge(*_LOOKS[Verdict(self.said.verdict)], word)


@dataclass(frozen=True, slots=True)
class Judgement:
    """All units, by section and by paper, and how many have a verdict (已核对 5/7)."""

    units: tuple[Unit, ...]

    @property
    def done(self) -> int:
        """How many units have a verdict that stands."""
        return sum(unit.said is not None for unit in self.units)

    @property
    def unread(self) -> list[str]:
        """The names of those without one."""
        return [unit.name for unit in self.units if unit.said is None]

    @property
    def visits(self) -> list[Unit]:
        """What somebody has to look at on the spot."""
        return [u for u in self.units if u.said and u.said.verdict == Verdict.VISIT]

    def of(self, section: str, item: str = "") -> Unit | None:
        """The unit of a section or paper."""
        return next((u for u in self.units if (u.section, u.item) == (section, item)), None)


def differences(dossier: Dossier) -> Changes | None:
    """What differs from the round before, or from the register; None where nothing was before."""
    if dossier.before is None:
        return None
    return rules.changed_sections(dossier.before.answers, dossier.latest.answers)


def judge(
    dossier: Dossier, materials: Iterable[tuple[str, str]], changes: Changes | None
) -> Judgement:
    """Every section of the snapshot and every paper of `materials` (code, name) with its verdict.

    A verdict of the round before holds on for what has not changed since, unless it asked for a
    correction: then somebody must look whether it still should.
    """
    wanted = [
        (key, "", str(SECTION_NAMES.get(key, key)))
        for key in dossier.latest.answers
        if key != PAPERS
    ]
    wanted += [(PAPERS, code, name) for code, name in materials]
    asked = (each for each in wanted if _is_asked(dossier, each, changes))
    return Judgement(tuple(_unit(dossier, each, changes) for each in asked))


def _is_asked(dossier: Dossier, wanted: tuple[str, str, str], changes: Changes | None) -> bool:
    """Whether it wants a verdict: all of a first report, of the others only what they are about.

    What a change or closure carries over was judged when it was registered.
    """
    section, item, _name = wanted
    filing, law = dossier.filing, dossier.law
    if filing.kind == FilingKind.INITIAL:
        return True
    if any((said.section, said.item) == (section, item) for said in dossier.verdicts):
        return True
    if filing.kind == FilingKind.CLOSURE:
        about = {paper.code for paper in life_rules.materials_of_closure(law)}
        return item in about if item else section == life_rules.CLOSURE
    if is_changed(changes, section, item):
        return True
    if item:
        return item in life_rules.papers_of_tiles(filing.scope, law)
    return section in life_rules.sections_of_tiles(filing.scope, law)


def _unit(dossier: Dossier, wanted: tuple[str, str, str], changes: Changes | None) -> Unit:
    section, item, _name = wanted
    here = (v for v in dossier.verdicts if (v.section, v.item) == (section, item))
    by_round = {verdict.round: verdict for verdict in here}
    if now := by_round.get(dossier.filing.round):
        return Unit(*wanted, now)
    last = by_round.get(dossier.filing.round - 1)
    stands = last and last.verdict != Verdict.CORRECT and not is_changed(changes, section, item)
    return Unit(*wanted, last, carried=True) if stands else Unit(*wanted, None)


def is_changed(changes: Changes | None, section: str, item: str = "") -> bool:
    """Whether a section, or one paper, differs from what was before."""
    found = (changes or {}).get(section, ())
    return any(change.row == item for change in found) if item else bool(found)


def asked_last(dossier: Dossier, section: str, item: str = "") -> list[str]:
    """What the office asked for in the round before about an item; "" is the whole section."""
    last = dossier.filing.round - 1
    return [c.reason for c in dossier.sent if (c.round, c.section, c.item) == (last, section, item)]
