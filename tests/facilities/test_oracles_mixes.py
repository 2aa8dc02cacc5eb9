"""Every mix of one to four classes with the figures as they are shipped, counted out by hand.

The properties beside this file draw classes and vary the figures; here nothing is drawn and the
figures do not come from the packs: they are those of the articles, so a pack that says something
else is found as well.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import combinations_with_replacement, product

import pytest

from facilities import rules
from facilities.rules import ClassFacts, PersonFacts, StaffFacts
from tests.facilities.oracles import BESIDE, PREMISES, begun_groups, law_with, of_code

# 托育机构设置标准（试行）, 国卫人口发〔2019〕58号, article 19 (domain.md 2.1), JGJ 39-2016, 1.0.3
# (domain.md 3): so many children at most in a class of that kind, whatever else is in the house.
MOST = {"infant": 10, "toddler": 15, "older": 20, "mixed": 18}
# The same, article 20: so many children at most to one carer. It is silent on mixed classes; five
# is the street's own figure, the strictest of those that other places use (domain.md 2.1).
PER_CARER = {"infant": 3, "toddler": 5, "older": 7, "mixed": 5}
# 家庭托育点管理办法（试行）, 国卫人口发〔2023〕28号 (domain.md 1.6): not by class but by house.
FAMILY_MOST, FAMILY_PER_CARER = 5, 3

MIXES = [mix for size in range(1, 5) for mix in combinations_with_replacement(MOST, size)]
# Where the rounding of carers turns, and where the class is full.
EDGES = {"full": MOST, "carers": {kind: 2 * few for kind, few in PER_CARER.items()}}
LAW = law_with()


def sizes(mix: tuple[str, ...], edge: str) -> Iterator[tuple[int, ...]]:
    """Each class one child below its edge, on it and one above, each with each other's."""
    return product(*([EDGES[edge][kind] + n for n in BESIDE] for kind in mix))


def rows(mix: tuple[str, ...], children: tuple[int, ...]) -> tuple[ClassFacts, ...]:
    """As many children as there are places, so that only the kind of the class limits them."""
    return tuple(ClassFacts(kind, "示例班", n, n) for kind, n in zip(mix, children, strict=True))


def carers(count: int) -> tuple[PersonFacts, ...]:
    return (PersonFacts("示例甲", "carer"),) * count


def test_the_mixes_are_all_there_are() -> None:
    """Four kinds: 4 single classes, 10 pairs, 20 threes, 35 fours."""
    assert [sum(len(mix) == size for mix in MIXES) for size in range(1, 5)] == [4, 10, 20, 35]
    assert len(set(MIXES)) == 69


@pytest.mark.proves("clause:二(四)1", "prod:D3")
@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("mix", MIXES, ids="+".join)
def test_each_class_of_a_mix_is_rounded_up_by_itself(mix: tuple[str, ...], edge: str) -> None:
    for children in sizes(mix, edge):
        classes = rows(mix, children)
        each = [begun_groups(n, PER_CARER[kind]) for kind, n in zip(mix, children, strict=True)]
        needed = sum(each)
        found = rules.staffing(StaffFacts("independent", classes=classes), LAW)
        line = found.of("carer")
        assert [row.needed for row in found.classes] == each
        assert line
        assert (line.needed, line.present, line.short) == (needed, 0, needed)
        for there in (needed - 1, needed):
            facts = StaffFacts("independent", classes=classes, people=carers(there))
            misses = of_code(rules.check_staff(facts, LAW), "staff_carers_short")
            told = [(m.params["needed"], m.params["present"], m.params["short"]) for m in misses]
            assert told == ([(needed, there, 1)] if there < needed else [])


@pytest.mark.proves("clause:二(四)1", "prod:D3")
@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("mix", MIXES, ids="+".join)
def test_each_class_of_a_mix_holds_what_its_kind_may(mix: tuple[str, ...], edge: str) -> None:
    for children in sizes(mix, edge):
        facts = dataclasses.replace(PREMISES, classes=rows(mix, children))
        found = rules.check_premises(facts, LAW)
        over = [(n, count, MOST[kind])
                for n, (kind, count) in enumerate(zip(mix, children, strict=True))
                if count > MOST[kind]]  # fmt: skip
        for name in ("capacity", "enrolled"):
            told = [(miss.field, miss.params["children"], miss.params["limit"])
                    for miss in of_code(found, f"class_{name}_over_limit")]  # fmt: skip
            assert told == [(f"classes.{n}.{name}", count, limit) for n, count, limit in over]
        assert of_code(found, "class_overfull") == of_code(found, "total_overfull") == []


@pytest.mark.proves("clause:二(四)1", "prod:B4")
@pytest.mark.parametrize("mix", MIXES, ids="+".join)
def test_a_family_point_is_counted_as_a_whole_whatever_its_classes(mix: tuple[str, ...]) -> None:
    """Up to two children in each class: from none in the house to eight."""
    for children in product(range(3), repeat=len(mix)):
        classes, whole = rows(mix, children), sum(children)
        premises = dataclasses.replace(PREMISES, facility_type="family", classes=classes)
        misses = of_code(rules.check_premises(premises, LAW), "family_over_limit")
        assert [(m.params["children"], m.params["limit"]) for m in misses] == (
            [(whole, FAMILY_MOST)] if whole > FAMILY_MOST else []
        )
        line = rules.staffing(StaffFacts("family", classes=classes), LAW).of("carer")
        assert (line.needed if line else 0) == begun_groups(whole, FAMILY_PER_CARER)
