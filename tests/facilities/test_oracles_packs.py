"""Every key of every pack of the register is answered for: by a property, a test, or a reason.

Beside it the lists that are read by a computed name, so that no rule's source holds their key: the
parts and the papers of each kind of facility, and what a paper is asked to show.
"""

from __future__ import annotations

import functools
import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from facilities import rules
from facilities.rules import life
from tests.facilities.oracles import ROOT, figure, law_with
from tests.facilities.test_oracles import answered, spoken
from tests.house import test_law

HERE = "tests/facilities/test_oracles_packs.py"
FIGURES = "tests/facilities/test_oracles_figures.py"
CLOCKS = "tests/facilities/test_oracles_clocks.py"

KINDS = ("independent", "kindergarten", "workplace", "community", "family")
SECTION_LISTS = (
    "sections.for_independent", "sections.for_kindergarten", "sections.for_workplace",
    "sections.for_community", "sections.for_family",
)  # fmt: skip
PAPER_LISTS = (
    "materials.for_independent", "materials.for_kindergarten", "materials.for_workplace",
    "materials.for_community", "materials.for_family",
)  # fmt: skip
PAPERS = (
    "materials.business_licence", "materials.premises_proof", "materials.hygiene_report",
    "materials.fire_certificate", "materials.food_licence", "materials.staff_proof",
)  # fmt: skip
CODES = [each.partition(".")[2] for each in PAPERS]
CLOSURE_PAPERS = ("materials.placement_agreement", "materials.refund_record")

# What no module of the rules names is answered for by a test that changes it and looks at both
# sides: key → test, in which the key stands.
ELSEWHERE = {
    "expiry.from_hour": f"{FIGURES}::test_nothing_is_delivered_before_the_hour",
    "imports.undo_days": f"{FIGURES}::test_an_import_is_taken_back_within_its_days",
    "leads.publication_days": f"{FIGURES}::test_a_place_stands_named_to_the_end_of_its_last_day",
    "leads.reminder_working_days": f"{FIGURES}::test_a_hint_is_reminded_of_so_many_days_before",
    "life.pause_reminder_days":
        f"{CLOCKS}::test_a_pause_is_reminded_of_so_many_days_before_its_last",
    "materials.for_closure": f"{CLOCKS}::TestTiles::test_papers_of_a_closure",
    "members.invitation_days": f"{FIGURES}::test_a_code_works_to_the_end_of_its_last_day",
    "members.open_invitations": f"{FIGURES}::test_so_many_codes_stand_open_and_no_more",
    "review.alike_percent": f"{FIGURES}::test_names_are_alike_from_the_figure_on",
    "review.counter_days": f"{FIGURES}::test_papers_came_to_the_counter_so_many_days_ago_at_most",
    "review.open_cases": f"{FIGURES}::test_a_clerk_holds_so_many_open_cases_and_no_more",
    "services.usual_fee": f"{FIGURES}::test_the_usual_price_is_the_one_of_the_law",
    "staff.rows_max": f"{FIGURES}::test_so_many_people_come_in_at_once_and_no_more",
    **dict.fromkeys(
        SECTION_LISTS, f"{HERE}::test_each_kind_of_facility_has_the_parts_of_its_own_list"
    ),
    **dict.fromkeys(PAPER_LISTS, f"{HERE}::test_each_kind_is_asked_for_the_papers_of_its_own_list"),
    **dict.fromkeys(PAPERS, f"{HERE}::test_what_a_paper_shows_is_asked_by_its_own_line"),
    **dict.fromkeys(CLOSURE_PAPERS, f"{HERE}::test_papers_of_a_closure_are_named_as_in_the_pack"),
}  # fmt: skip

# What is printed or shown as it stands: nothing is held against it.
AS_THEY_ARE = {
    "filing.filing_number_template": "how a number is written",
    "filing.facility_code_template": "how a number is written",
    "leads.number_template": "how a number is written",
    "filing.nonconformity_notice_working_days": "laid down for readers; no clock of ours",
    "filing.statutory_receipt_working_days": "the county's clock, shown to readers",
    "filing.statutory_notice_working_days": "the county's clock, shown to readers",
    "registration.authority": "the names of the article, shown to readers",
}


# --- every key ----------------------------------------------------------------------------------


@functools.cache
def keys() -> dict[str, Any]:
    """Each key of the packs of the register, and its newest value."""
    found = {}
    for path in sorted((ROOT / "facilities" / "packs").glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for name, entry in content["entries"].items():
            found[f"{content['pack']}.{name}"] = entry["values"][-1]["value"]
    return found


def unanswered(every: set[str]) -> set[str]:
    """The keys nobody answers for."""
    return every - set(answered()) - set(ELSEWHERE) - set(AS_THEY_ARE)


def silent(key: str, where: str) -> bool:
    """Whether the test does not hold the key, or a word that begins or ends otherwise."""
    path, _, test = where.partition("::")
    return not re.search(rf"(?<![\w.]){re.escape(key)}(?![\w.])", spoken(ROOT / path, test))


def test_every_key_of_every_pack_is_answered_for() -> None:
    every = set(keys())
    assert len(every) > 100
    assert unanswered(every) == set()
    assert unanswered(every | {"review.planted_days"}) == {"review.planted_days"}


def test_each_key_is_answered_for_once_and_none_that_is_gone() -> None:
    """A key of the rules belongs in their own table, where it is held against their source."""
    tables = [{word for word in answered() if word in keys()}, set(ELSEWHERE), set(AS_THEY_ARE)]
    assert set(ELSEWHERE) | set(AS_THEY_ARE) <= set(keys())
    assert sum(map(len, tables)) == len(set().union(*tables)) == len(keys())


@pytest.mark.parametrize("key", ELSEWHERE)
def test_the_test_that_answers_for_a_key_names_it(key: str) -> None:
    assert not silent(key, ELSEWHERE[key])


def test_a_test_of_another_key_does_not_answer_for_this_one() -> None:
    """Planted: two keys of which each stands in the other's file, and one that begins alike."""
    clocks = ELSEWHERE["life.pause_reminder_days"]
    assert silent("life.statutory_recheck_days", clocks)
    assert silent("life.pause_reminder", clocks)
    with pytest.raises(ValueError, match="unpack"):
        silent("life.pause_reminder_days", f"{CLOCKS}::test_that_is_not_there")


def test_what_is_shown_as_it_stands_is_no_number_that_code_reckons_with() -> None:
    """Only a text may be read by code without a test that changes it."""
    read = {key for key in AS_THEY_ARE for text in test_law.sources() if f'"{key}"' in text}
    texts = {key for key in AS_THEY_ARE if isinstance(keys()[key], str)}
    assert read == texts
    assert all("{n" in keys()[key] for key in texts)


# --- lists that are read by a computed name -----------------------------------------------------


@pytest.mark.parametrize(("key", "kind"), [*zip(SECTION_LISTS, KINDS, strict=True)])
@given(listed=st.lists(st.sampled_from(figure("sections.every")), min_size=1, unique=True))
def test_each_kind_of_facility_has_the_parts_of_its_own_list(
    key: str, kind: str, listed: list[str]
) -> None:
    """As shipped, with another list, and with all its parts where the kind has no list."""
    every = figure("sections.every")
    assert rules.sections_for(kind, law_with()) == tuple(figure(key))
    assert rules.sections_for(kind, law_with({key: listed})) == tuple(listed)
    assert rules.sections_for(kind, law_with({"sections.every": listed})) == tuple(figure(key))
    assert rules.sections_for(kind, law_with(without=[key])) == tuple(every)


conditions = st.sampled_from(["always", "leased", "serves_meals", "never"])
tenures = st.sampled_from(["leased", "owned", "free_use", None])


def holds(condition: str, tenure: str | None, meals: bool | None) -> bool:
    """What the conditions of the pack mean, said once more."""
    if condition == "leased":
        return tenure == "leased"
    if condition == "serves_meals":
        return meals is True
    return condition == "always"


@pytest.mark.parametrize(("key", "kind"), [*zip(PAPER_LISTS, KINDS, strict=True)])
@given(
    listed=st.dictionaries(st.sampled_from(CODES), conditions),
    tenure=tenures, meals=st.sampled_from([True, False, None]),
)  # fmt: skip
def test_each_kind_is_asked_for_the_papers_of_its_own_list(
    key: str, kind: str, listed: dict[str, str], tenure: str | None, meals: bool | None
) -> None:
    for table in (listed, figure(key)):
        law = law_with({key: table})
        found = rules.required_materials(kind, tenure, meals, law)
        assert [(each.code, each.required) for each in found] == [
            (code, condition != "never")
            for code, condition in table.items()
            if condition == "never" or holds(condition, tenure, meals)
        ]
        assert {each.figure_key for each in found} <= {key}
    others = [each for each in KINDS if each != kind]
    for other in others:  # the list of one kind is nobody else's
        assert rules.required_materials(other, tenure, meals, law_with({key: listed})) == (
            rules.required_materials(other, tenure, meals, law_with())
        )


@pytest.mark.parametrize("key", PAPERS)
@given(number=conditions, validity=conditions, tenure=tenures,
       meals=st.sampled_from([True, False, None]))  # fmt: skip
def test_what_a_paper_shows_is_asked_by_its_own_line(
    key: str, number: str, validity: str, tenure: str | None, meals: bool | None
) -> None:
    other = {"name": "另一种证明", "issuer": "另一个部门", "number": number, "validity": validity}
    for line in (other, figure(key)):
        listed = dict.fromkeys(CODES, "always")
        law = law_with({key: line, "materials.for_independent": listed})
        found = {each.code: each for each in rules.required_materials(
            "independent", tenure, meals, law)}  # fmt: skip
        for paper in PAPERS:
            says = line if paper == key else figure(paper)
            shown = found[paper.partition(".")[2]]
            assert (shown.name, shown.issuer) == (says["name"], says["issuer"])
            assert shown.number_expected is holds(says["number"], tenure, meals)
            assert shown.validity_expected is holds(says["validity"], tenure, meals)


@pytest.mark.parametrize("key", CLOSURE_PAPERS)
@given(number=conditions, validity=conditions)
def test_papers_of_a_closure_are_named_as_in_the_pack(key: str, number: str, validity: str) -> None:
    """Asked of everybody alike, so only what is always asked for is asked for."""
    other = {"name": "另一种证明", "issuer": "另一个部门", "number": number, "validity": validity}
    for line in (other, figure(key)):
        found = {m.code: m for m in life.materials_of_closure(law_with({key: line}))}
        for paper in CLOSURE_PAPERS:
            says = line if paper == key else figure(paper)
            shown = found[paper.partition(".")[2]]
            assert (shown.name, shown.issuer) == (says["name"], says["issuer"])
            assert shown.number_expected is (says["number"] == "always")
            assert shown.validity_expected is (says["validity"] == "always")
