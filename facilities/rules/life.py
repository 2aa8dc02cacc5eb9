"""Life after registration: what changes how, and the days of pauses, closures and re-checks.

Pure functions on values. A figure that is not in force raises KeyError naming figure and day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from portal.core.regulation import Regulation

from .clocks import closure_earliest
from .duplicates import address_key
from .facts import Material, Miss
from .materials import required_materials

CLOSURE = "closure"


def change_tiles(regulation: Regulation) -> tuple[str, ...]:
    """What can be reported as changed, in the order of the page (article 10; house list)."""
    return tuple(regulation.table("life.change_sections"))


def sections_of_tiles(tiles: Iterable[str], regulation: Regulation) -> tuple[str, ...]:
    """The parts to fill in again for these tiles, each once; KeyError for an unknown tile."""
    wanted = [regulation.text("life.change_sections", tile) for tile in tiles]
    return tuple(dict.fromkeys(wanted))


def papers_of_tiles(tiles: Iterable[str], regulation: Regulation) -> tuple[str, ...]:
    """The papers that must come anew with a change of these tiles, each once (house list)."""
    wanted = [code for tile in tiles for code in regulation.texts("life.change_materials", tile)]
    return tuple(dict.fromkeys(wanted))


def tasks_of_tiles(tiles: Iterable[str], regulation: Regulation) -> tuple[str, ...]:
    """The parts that become tasks; the papers are one as soon as a tile asks for one."""
    chosen = tuple(tiles)
    sections = list(sections_of_tiles(chosen, regulation))
    if papers_of_tiles(chosen, regulation) and "certificates" not in sections:
        sections.append("certificates")
    return tuple(sections)


def materials_of_change(
    needed: Sequence[Material], tiles: Iterable[str], regulation: Regulation
) -> list[Material]:
    """The papers a change deals with: those its tiles ask for, now required; all for the papers.

    The others are in force already and are not asked for again. A closure (no tile of the list)
    asks for none.
    """
    known = [tile for tile in tiles if tile in change_tiles(regulation)]
    asked = papers_of_tiles(known, regulation)
    is_about_papers = "certificates" in sections_of_tiles(known, regulation)
    return [
        replace(material, required=material.required or material.code in asked)
        for material in needed
        if is_about_papers or material.code in asked
    ]


def materials_of_closure(regulation: Regulation) -> list[Material]:
    """What may be handed in with a closure, such as where the children go (house list)."""
    return required_materials(CLOSURE, None, None, regulation)


def takes_effect_at_once(what: str, regulation: Regulation) -> bool:
    """Whether this needs no review (house list)."""
    return what in regulation.texts("life.at_once")


def needs_new_filing(what: str, regulation: Regulation) -> bool:
    """Whether this is another facility, to be registered anew: a move, a branch (house list)."""
    return what in regulation.texts("life.new_filing")


def is_another_place(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether two premises read as two places; spaces, brackets and 河南省舞钢市 do not count.

    Another place is another facility, to be registered anew (house list, `life.new_filing`).
    """
    if before.get("community") != after.get("community"):
        return True
    return address_key(before.get("address", "")) != address_key(after.get("address", ""))


def check_closure(
    plan: Mapping[str, Any], reported_on: dt.date, regulation: Regulation
) -> list[Miss]:
    """What a plan for closing leaves open (management code, article 7).

    A closing day nearer than the notice is remarked, never refused: children may have to go at
    once. Parents told after the closing day are a contradiction. The notice is counted from the
    day written in the plan, else from `reported_on`.
    """
    if "children_plan" not in plan:  # the office cancels: there is no plan of the facility's
        return []
    closing, told = _day(plan.get("closing_on")), _day(plan.get("parents_told_on"))
    reported_on = _day(plan.get("reported_on")) or reported_on
    found = [
        Miss("required", CLOSURE, name, {}, "life.closure_plan", blocking=True)
        for name in regulation.texts("life.closure_plan")
        if plan.get(name) in {None, ""}
    ]
    earliest = closure_earliest(reported_on, regulation)
    if closing and closing < earliest:
        params = {"earliest": earliest, "days": (closing - reported_on).days}
        found.append(
            Miss("closure_early", CLOSURE, "closing_on", params, "filing.closure_notice_days")
        )
    if closing and told and told > closing:
        found.append(Miss("parents_told_late", CLOSURE, "parents_told_on", {}, None))
    return found


def recheck_on(checked_on: dt.date, regulation: Regulation) -> dt.date:
    """The day on which the county's system is looked into again, calendar days (house rule)."""
    return checked_on + dt.timedelta(days=regulation.integer("life.statutory_recheck_days"))


def _day(value: Any) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) and value else value or None
