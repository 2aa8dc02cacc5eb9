"""Every rule that reads the pack, every remark and every figure has a property with an oracle.

The table is held against the code in both directions: a rule without a property fails here, and so
does a name in the table that the code no longer has.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.core.identifiers import ProblemCode

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "facilities" / "rules"
KEY = re.compile(r"[a-z]+\.[a-z_]*[a-z]")
# Nothing of these is in a pack: two lists, two versions and two names are compared by themselves.
WITHOUT_LAW = {"comparison.py", "duplicates.py", "national.py"}

# A property, and what it answers for: functions, codes of remarks, keys of figures.
SHOWN = {
    "staff::TestPersons::test_all_together": "check_staff",
    "staff::TestPersons::test_nobody_works_with_children_before_the_birthday":
        "staff_under_age comes_of_age staff.majority_years",
    "staff::TestPersons::test_a_health_certificate_is_good_to_the_end_of_its_day":
        "staff_health_missing staff_health_expired",
    "staff::TestPersons::test_a_letter_is_good_for_its_months":
        "staff_letter_missing staff_letter_old staff.letter_months",
    "staff::TestPersons::test_a_manager_has_the_years":
        "staff_experience_short staff.manager_experience_years",
    "staff::TestPersons::test_a_paper_is_asked_of_the_posts_of_the_figure_and_of_no_other":
        "staff_qualification_missing staff.qualified_posts staff_training_missing "
        "staff.trained_posts staff_certificate_missing staff.certified_posts "
        "staff_background_missing staff.background_posts",
    "staff::TestNeeds::test_posts":
        "staff_post_short staff.managers_min staff.children_per_health_worker staff.guards_min "
        "staff.children_per_cook staff.food_safety_managers_min",
    "staff::TestNeeds::test_carers":
        "staff_carers_short staffing carers_needed setting.children_per_carer "
        "setting.children_per_carer_mixed setting.family_children_per_carer",
    "staff::TestPapers::test_months_are_counted_as_the_calendar_counts_them": "months_later",
    "staff::TestPapers::test_what_is_printed_counts_else_the_months_of_the_paper":
        "paper_end staff.health_months",
    "staff::TestPapers::test_the_badge_turns_on_the_day": "paper_state staff.expiry_warning_days",
    "registration::TestCreditCode::test_prefix_and_kind_of_body":
        "check_registration uscc_prefix_mismatch registered_as registration.credit_code_prefixes",
    "registration::TestCreditCode::test_area": "uscc_area_unusual registration.area_prefixes",
    "registration::TestCreditCode::test_who_gives_codes_of_a_place":
        "registered_by registration.area_names registration.authority_names",
    "registration::TestCreditCode::test_what_is_no_code_blocks_and_a_doubtful_inner_check_does_not":
        "uscc_length uscc_check uscc_organisation_check",
    "registration::TestCreditCode::test_letters_that_are_none_of_the_alphabet": "uscc_characters",
    "registration::TestCreditCode::test_a_place_is_written_in_digits": "uscc_area",
    "registration::TestWords::test_authority": "authority_unusual registration.authority_words",
    "registration::TestWords::test_scope":
        "scope_words_missing registration.scope_words registration.family_scope_words",
    "registration::TestWords::test_the_name_of_a_family_point":
        "name_words_missing registration.family_name_words",
    "registration::TestPhones::test_phones": "phone_format",
    "registration::TestEstablished::test_nothing_is_established_tomorrow": "established_in_future",
    "registration::TestRequired::test_what_is_left_out_is_named_and_blocks":
        "required registration.required_fields setting.required_fields "
        "setting.required_fields_leased services.required_fields safety.required_fields "
        "safety.family_fields",
    "registration::TestRequired::test_each_class_is_asked": "setting.required_fields_class",
    "registration::TestBeside::test_where_meals_come_from": "meal_source_missing",
    "registration::TestBeside::test_somebody_answers_for_fire_safety":
        "fire_manager_missing safety.fire_managers",
    "limits::TestLimits::test_the_limit_itself_is_still_good":
        "floor_too_low floor_too_high age_above_limit kindergarten_age_below retention_too_short "
        "too_few_drills setting.floor_lowest setting.floor_highest setting.family_floor_lowest "
        "setting.family_floor_highest services.age_months_below safety.retention_days "
        "services.kindergarten_age_months_from safety.family_retention_days "
        "safety.drills_per_year check_premises check_services check_safety",
    "limits::TestLimits::test_guards_are_asked_of_the_kinds_of_the_table":
        "too_few_guards safety.guards_min",
    "limits::TestLimits::test_a_drill_is_not_older_than_its_days":
        "drill_in_future drill_too_old safety.drill_days",
    "limits::TestClasses::test_each_class_holds_what_its_kind_may":
        "class_capacity_over_limit class_enrolled_over_limit class_overfull total_overfull "
        "setting.class_capacity",
    "limits::TestClasses::test_how_many_classes": "too_many_classes setting.classes_max",
    "limits::TestClasses::test_a_family_point_holds_few":
        "family_over_limit setting.family_children_max",
    "limits::TestGround::test_outdoor_ground_by_the_hundredth":
        "outdoor_area_too_small outdoor_share_below outdoor_share_below_rebuilt "
        "setting.outdoor_area_above setting.outdoor_area_per_child",
    "limits::TestGround::test_rooms_fit_in_the_house": "indoor_exceeds_building",
    "limits::TestGround::test_floors_and_basements": "basement_used floors_reversed",
    "limits::TestGround::test_a_lease_lasts_its_years_with_both_its_days":
        "lease_too_short setting.lease_years setting.family_lease_years",
    "limits::TestGround::test_a_lease_that_ends":
        "lease_expired lease_ending setting.lease_warning_days",
    "limits::TestGround::test_a_lease_does_not_end_before_it_begins": "lease_dates_reversed",
    "limits::TestServices::test_ages_lie_within_those_of_the_classes":
        "age_below_classes age_above_classes ages_for setting.class_age_months",
    "limits::TestServices::test_prices_of_the_forms_that_are_offered":
        "fee_missing fee_not_offered services.priced_forms",
    "limits::TestSafety::test_each_question_of_the_list":
        "area_not_covered not_all_day fire_equipment_missing camera_in_private_room "
        "safety.covered_areas safety.street_covered_areas safety.family_covered_areas "
        "safety.all_day safety.fire_equipment safety.family_fire_equipment "
        "safety.without_cameras",
    "limits::TestSafety::test_plans": "plans_missing safety.plans",
    "limits::TestSafety::test_guards_hold_their_papers":
        "guards_not_certified guard_company_missing safety.guard_papers",
    "limits::TestPapers::test_a_paper_that_ends":
        "certificate_expired certificate_expiring materials.expiring_days required_materials",
    "rules::TestCertificates::test_against_the_oracle":
        "check_certificates certificate_missing certificate_number_missing "
        "certificate_validity_missing certificate_issued_in_future certificate_dates_reversed",
    "clocks::TestClocks::test_each_counts_working_days_and_reads_its_own_figure":
        "answer_due correction_due change_report_due escalation_due reminder_due "
        "filing.answer_working_days filing.correction_working_days "
        "filing.change_report_working_days filing.reminder_working_days",
    "clocks::TestClocks::test_each_counts_calendar_days_and_reads_its_own_figure":
        "draft_expires_on closure_earliest recheck_on filing.draft_days "
        "life.statutory_recheck_days",
    "clocks::TestClocks::test_the_head_is_told_from_that_day_on":
        "is_escalated filing.escalation_working_days",
    "rules::TestPauses::test_the_days_left_run_on": "resume_due",
    "clocks::TestClosure::test_parents_are_told_by_the_closing_day": "parents_told_late",
    "clocks::TestClosure::test_a_closing_day_within_the_notice_is_remarked":
        "closure_early filing.closure_notice_days",
    "clocks::TestClosure::test_the_plan_says_what_the_figure_lists":
        "check_closure life.closure_plan",
    "clocks::TestTiles::test_parts_papers_and_materials_of_a_change":
        "change_tiles sections_of_tiles papers_of_tiles tasks_of_tiles materials_of_change "
        "life.change_sections life.change_materials",
    "clocks::TestTiles::test_what_is_reviewed_and_what_is_another_facility_is_data":
        "takes_effect_at_once needs_new_filing life.at_once life.new_filing",
    "clocks::TestTiles::test_papers_of_a_closure": "materials_of_closure",
    "clocks::TestTiles::test_another_place_is_another_number_or_another_community":
        "is_another_place",
    "clocks::TestSections::test_the_parts_of_a_kind": "sections_for sections.every",
    "clocks::TestSections::test_the_questions_of_safety": "safety_questions",
    "clocks::TestExpiry::test_the_nearest_step_that_has_come":
        "steps_on days_left expiry.remind_days expiry.overdue_repeat_days expiry.overdue_times "
        "expiry.told",
    "leads::test_each_clock_reads_its_own_figure":
        "lead_verify_due lead_decide_due lead_guide_due transfer_due transfer_reminder "
        "leads.verify_working_days leads.complaint_working_days leads.decide_working_days "
        "leads.guide_working_days leads.transfer_feedback_working_days "
        "leads.transfer_reminder_working_days",
}  # fmt: skip
FILES = {"staff": "test_oracles_staff", "registration": "test_oracles_registration",
         "limits": "test_oracles_limits", "clocks": "test_oracles_clocks", "rules": "test_rules",
         "leads": "test_leads"}  # fmt: skip
# What makes a remark of the code it is given first.
SAYING = {"Miss", "_named", "_answered_no"}
# A number that is no identifier of a facility or no telephone is named as identifiers name it.
NOT_OF_A_REPORT = ("identity_", "mobile_", "landline_", "code_")


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def sources() -> list[Path]:
    return [path for path in sorted(RULES.glob("*.py")) if path.name not in WITHOUT_LAW]


def functions() -> set[str]:
    """What a rule's module offers to others; in facts.py are the shapes that all of them share."""
    return {
        node.name
        for path in sources()
        if path.name != "facts.py"
        for node in parsed(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def remarks() -> set[str]:
    """Each code that makes a remark, however it reaches it; and those of identifiers."""
    found = {code.value for code in ProblemCode if not code.value.startswith(NOT_OF_A_REPORT)}
    for path in sources():
        for call in ast.walk(parsed(path)):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in SAYING:
                found |= _codes(call.args[0], path)
    return found


def _codes(told: ast.expr, path: Path) -> set[str]:
    """The texts a first argument may be: written there, chosen before, or with a part put in."""
    if isinstance(told, ast.Constant):
        return {str(told.value)}
    if isinstance(told, ast.JoinedStr):  # the one that is put together says which part it takes
        (put,) = [part for part in told.values if isinstance(part, ast.FormattedValue)]
        assert ast.unparse(put.value) == "name", ast.unparse(told)
        parts = [
            str(part.value) if isinstance(part, ast.Constant) else "{}" for part in told.values
        ]
        return {"".join(parts).format(name) for name in ("capacity", "enrolled")}
    if isinstance(told, ast.Name) and told.id == "code":
        return {
            each.value
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code"
            for each in ast.walk(node.value)
            if isinstance(each, ast.Constant) and isinstance(each.value, str)
        }
    assert ast.unparse(told) == "problem.code.value", f"{path.name}: {ast.unparse(told)}"
    return set()


def figures() -> set[str]:
    """Each key of a figure that the rules name."""
    return {
        node.value
        for path in sources()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and KEY.fullmatch(node.value)
    }


def answered() -> list[str]:
    return [word for words in SHOWN.values() for word in words.split()]


def properties(module: str) -> set[str]:
    """The tests of a module that search: those with @given, by class and name."""
    found = set()
    tree = parsed(ROOT / "tests" / "facilities" / f"{module}.py")
    groups = [("", tree.body)]
    groups += [(f"{c.name}::", c.body) for c in tree.body if isinstance(c, ast.ClassDef)]
    for group, body in groups:
        for node in body:
            if isinstance(node, ast.FunctionDef):
                marks = [ast.unparse(mark) for mark in node.decorator_list]
                if any(mark.startswith("given(") for mark in marks):
                    found.add(group + node.name)
    return found


@pytest.mark.parametrize("held", [functions, remarks, figures], ids=lambda f: f.__name__)
def test_whatever_the_rules_say_has_a_property(held: Callable[[], set[str]]) -> None:
    assert len(held()) > 30
    assert held() - set(answered()) == set()


def test_the_table_names_nothing_that_is_not_there_and_nothing_twice() -> None:
    assert set(answered()) - functions() - remarks() - figures() == set()
    assert sorted(answered()) == sorted(set(answered()))


@pytest.mark.parametrize("name", SHOWN)
def test_each_property_of_the_table_is_one(name: str) -> None:
    module, _, test = name.partition("::")
    assert test in properties(FILES[module])


def spoken(path: Path, test: str) -> str:
    """What a test says itself, and what its module says under the names that it uses.

    Comments are left out, and so is whatever another test of the module says.
    """
    tree = parsed(path)
    *groups, name = test.split("::")
    body: list[ast.stmt] = tree.body
    for group in groups:
        (body,) = [n.body for n in body if isinstance(n, ast.ClassDef) and n.name == group]
    (own,) = [n for n in body if isinstance(n, ast.FunctionDef) and n.name == name]
    used = {node.id for node in ast.walk(own) if isinstance(node, ast.Name)}
    beside = [node for node in tree.body if node is not own and _named(node) & used]
    return "\n".join(ast.unparse(node) for node in [own, *beside])


def _named(node: ast.stmt) -> set[str]:
    """The names that a statement of a module gives: constants, and functions that help."""
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    if isinstance(node, ast.AnnAssign):
        return {ast.unparse(node.target)}
    targets = node.targets if isinstance(node, ast.Assign) else []
    return {
        each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
    }


def silent(name: str, words: str) -> list[str]:
    """Which of the words a property of the table never says."""
    module, _, test = name.partition("::")
    text = spoken(ROOT / "tests" / "facilities" / f"{FILES[module]}.py", test)
    return [word for word in words.split() if not re.search(rf"\b{re.escape(word)}\b", text)]


@pytest.mark.parametrize("name", SHOWN)
def test_a_property_speaks_of_what_it_answers_for(name: str) -> None:
    """It names each code, function and key itself: a table alone shows nothing."""
    assert silent(name, SHOWN[name]) == []


def test_what_another_property_of_the_file_says_is_not_said_by_this_one() -> None:
    """Planted: a code and a key of the test above it, beside a key that it names itself."""
    name = "limits::TestClasses::test_how_many_classes"
    planted = "class_overfull setting.class_capacity setting.classes_max"
    assert silent(name, planted) == ["class_overfull", "setting.class_capacity"]
    whole = (ROOT / "tests" / "facilities" / "test_oracles_limits.py").read_text(encoding="utf-8")
    assert all(word in whole for word in planted.split())
