"""Which sections a filing has, and how each is written into the register."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest

from facilities import actions, queries, rules
from facilities.actions import entering
from facilities.forms import FORMS, GROUPS, SECTION_NAMES, SafetyForm, ServicesForm
from facilities.models import Facility, FilingSection, SafetyProfile
from facilities.models.choices import FacilityType, SectionKey
from facilities.workflow import SectionStatus
from portal.core.actors import Actor
from portal.core.queries import in_force
from tests import makers as make

AT = make.AT
TODAY = AT.date()
LATER = dt.date(2027, 3, 1)


@pytest.fixture
def law(db):
    return in_force(TODAY)


def keep(filing, key, answers, draft=None):
    section = FilingSection.objects.get(filing=filing, key=key)
    by = Actor.person(filing.created_by)
    return actions.save_section(
        filing, key, draft or answers or {}, answers, version=section.version, by=by, at=AT
    )


def without(law, kind, key):
    """The regulation in which a kind of facility is not asked for a section."""
    name = f"sections.for_{kind}"
    figure = law[name]
    left = [each for each in figure.value if each != key]
    figures = {**law.figures, name: dataclasses.replace(figure, value=left)}
    return dataclasses.replace(law, figures=figures)


# --- which sections -----------------------------------------------------------------------------


@pytest.mark.proves("prod:B4")
def test_every_list_names_sections_in_their_one_order(law):
    order = [str(key) for key in SectionKey]
    for kind in [None, *(kind.value for kind in FacilityType)]:
        keys = rules.sections_for(kind, law)
        assert list(keys) == sorted(keys, key=order.index)
        assert set(keys) <= set(order)
        assert {"registration", "premises", "services", "certificates", "safety"} <= set(keys)
    assert rules.sections_for("no such kind", law) == rules.sections_for(None, law)


def test_every_section_that_is_asked_for_has_a_name_a_place_and_a_writer(law):
    placed = [str(key) for _label, keys in GROUPS for key in keys]
    for key in rules.sections_for(None, law):
        assert SECTION_NAMES[key]
        assert placed.count(key) == 1
        assert key in entering.WRITERS
        assert key in FORMS or key == "certificates"


@pytest.mark.proves("prod:B4")
def test_what_a_kind_is_not_asked_for_is_not_needed_and_not_forgotten(law):
    filing = make.filing()
    words = {"service_forms": ["full_day"]}
    keep(filing, "services", None, draft=words)
    shorter = without(law, "family", "services")
    assert "services" in queries.asked_sections(filing, shorter)
    keep(filing, "registration", make.registration_answers(facility_type="family"))
    assert "services" not in queries.asked_sections(filing, shorter)
    assert filing.sections.get(key="services").draft == words
    keep(filing, "registration", make.registration_answers())
    assert queries.asked_sections(filing, shorter)["services"].draft == words


@pytest.mark.django_db
def test_a_section_that_came_into_the_list_later_is_there_and_can_be_filled():
    filing = make.filing()
    filing.sections.filter(key="safety").delete()
    blank = queries.asked_sections(filing, in_force(TODAY))["safety"]
    assert (blank.status, blank.draft) == (SectionStatus.NOT_STARTED, None)
    answers, by = make.safety_answers(), Actor.person(filing.created_by)
    kept = actions.save_section(filing, "safety", answers, answers, version=0, by=by, at=AT)
    assert kept.status == SectionStatus.COMPLETE
    assert filing.sections.filter(key="safety").count() == 1


@pytest.mark.proves("prod:B2")
@pytest.mark.django_db
def test_the_snapshot_holds_what_was_asked():
    filing = make.submitted_filing()
    asked = rules.sections_for("independent", in_force(TODAY))
    assert tuple(filing.submissions.get().answers) == asked


# --- writing into the register --------------------------------------------------------------------


@pytest.mark.proves("clause:二(三)5", "prod:B2")
@pytest.mark.django_db
def test_services_and_fees_stand_in_the_register():
    facility = make.facility()
    assert facility.service_forms == ["full_day", "half_day"]
    assert (facility.age_from, facility.age_to) == (12, 36)
    assert (facility.opens_at, facility.closes_at) == (dt.time(7, 30), dt.time(17, 30))
    assert facility.extended_until == dt.time(18, 30)
    assert facility.open_days == "周一至周五"
    assert facility.meal_source == "none"
    assert facility.monthly_fee_from == Decimal(1680)
    assert facility.is_accessible
    fees = [(fee.service_form, fee.name, fee.amount, fee.unit) for fee in facility.fees.all()]
    assert fees == [
        ("full_day", "保育费", Decimal("1680.00"), "月"),
        ("half_day", "保育费", Decimal("980.00"), "月"),
    ]


@pytest.mark.django_db
def test_meals_are_told_once_and_their_source_beside_it():
    facility = make.facility()
    facility.serves_meals = True
    entering.write_services(facility, make.services_answers(meal_source="catered"), LATER)
    assert facility.meal_source == "catered"
    facility.serves_meals = False
    entering.write_services(facility, make.services_answers(meal_source="catered"), LATER)
    assert Facility.objects.get(pk=facility.pk).meal_source == "none"


@pytest.mark.proves("clause:二(四)3c", "clause:二(四)3b")
@pytest.mark.django_db
def test_safety_stands_in_the_register():
    profile = make.facility().safety
    assert (profile.cameras, profile.retention_days, profile.guards) == (12, 90, 1)
    assert profile.covers_entrance
    assert profile.alarm_armed
    assert len(profile.plans) == 6
    assert profile.last_drill_on == dt.date(2026, 10, 15)
    assert profile.updated_on == TODAY


@pytest.mark.django_db
def test_what_was_not_asked_stays_empty():
    facility = make.facility()
    said = {"cameras": 2, "covers_activity": True, "in_private_rooms": False,
            "retention_days": 90, "smoke_detectors": True, "extinguishers": True}  # fmt: skip
    entering.write_safety(facility, said, LATER)
    profile = SafetyProfile.objects.get(facility=facility)
    assert (profile.guards, profile.alarm_armed, profile.last_drill_on) == (None, None, None)
    assert (profile.guard_company, profile.fire_manager, profile.plans) == ("", "", [])
    assert (profile.cameras, profile.updated_on) == (2, LATER)


def stand(facility):
    """Everything about a facility that the writers write."""
    fresh = Facility.objects.get(pk=facility.pk)
    columns = {f.name: getattr(fresh, f.name) for f in Facility._meta.concrete_fields}
    columns.pop("facts_on")
    classes = fresh.classes.order_by("name").values_list("pk", "name", "capacity", "enrolled")
    papers = fresh.certificates.order_by("pk").values_list("pk", "material", "is_current")
    fees = fresh.fees.values_list("service_form", "name", "amount", "unit")
    safety = SafetyProfile.objects.filter(facility=fresh).values_list("pk", "cameras", "plans")
    return columns, list(classes), list(papers), list(fees), list(safety)


@pytest.mark.proves("sec:W11")
@pytest.mark.django_db
def test_written_twice_reads_as_written_once():
    filing = make.registered_filing()
    facility, answers = filing.facility, filing.submissions.get().answers
    before = stand(facility)
    entering.write_sections(facility, answers, LATER)
    assert stand(facility) == before
    assert Facility.objects.get(pk=facility.pk).facts_on == LATER


@pytest.mark.django_db
def test_classes_are_told_apart_by_name_and_sums_follow():
    facility = make.facility()
    kept = facility.classes.get(name="托小一班")
    rows = [
        {"class_type": "toddler", "name": "托小一班", "capacity": 15, "enrolled": 15},
        {"class_type": "infant", "name": "乳儿班", "capacity": 10, "enrolled": 3},
    ]
    entering.write_premises(facility, make.premises_answers(classes=rows), LATER)
    facility.refresh_from_db()
    assert {group.name for group in facility.classes.all()} == {"托小一班", "乳儿班"}
    assert facility.classes.get(name="托小一班").pk == kept.pk
    assert (facility.places, facility.vacancies) == (25, 7)


@pytest.mark.django_db
def test_a_new_name_and_address_can_be_found():
    facility = make.facility()
    entering.write_registration(facility, make.registration_answers(facility_name="晨光园"), LATER)
    entering.write_premises(facility, make.premises_answers(address="湖滨路7号"), LATER)
    facility.refresh_from_db()
    assert {"晨光", "湖滨"} <= set(facility.search_grams)
    assert "小太" in facility.search_grams  # the short name stays
    assert facility.sort_key


@pytest.mark.proves("prod:C4")
@pytest.mark.django_db
def test_an_older_paper_stays_as_no_longer_current():
    filing = make.registered_filing()
    facility, answers = filing.facility, filing.submissions.get().answers["certificates"]
    old = facility.certificates.get(material="fire_certificate")
    papers = [
        {**paper, "number": "新-1", "valid_until": "2031-01-01"}
        for paper in answers["certificates"]
        if paper["material"] == "fire_certificate"
    ]
    entering.write_certificates(facility, {"certificates": papers}, LATER)
    entering.write_certificates(facility, {"certificates": papers}, LATER)
    both = facility.certificates.filter(material="fire_certificate").order_by("pk")
    assert [(paper.number, paper.is_current) for paper in both] == [
        (old.number, False), ("新-1", True),
    ]  # fmt: skip
    assert facility.certificates.filter(is_current=True).count() == 4


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (["mon", "tue", "wed", "thu", "fri"], "周一至周五"),
        (["sat", "mon", "fri"], "周一、周五、周六"),
        (["mon", "tue"], "周一、周二"),
        (["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "周一至周日"),
    ],
)
def test_days_in_words(days, words):
    assert entering.days_in_words(days) == words


def test_the_lowest_monthly_price_of_full_days():
    fees = make.services_answers()["fees"]
    cheaper = {"service_form": "full_day", "name": "延时", "amount": "20", "unit": "天"}
    assert entering.monthly_fee_from([*fees, cheaper]) == Decimal("1680.00")
    assert entering.monthly_fee_from([cheaper]) is None


# --- the forms ------------------------------------------------------------------------------------


def services(serves_meals=None, **changes):
    data = make.typed(make.services_answers(**changes), rows="fees")
    about = {"serves_meals": serves_meals, "usual": {}}
    return ServicesForm(_multi(data), stored={}, version=0, **about)


def safety(law, kind="independent", **changes):
    data = make.typed(make.safety_answers(**changes))
    return SafetyForm(_multi(data), stored={}, version=0, **about(law, kind))


def about(law, kind="independent"):
    return {"facility_type": kind, "law": law, "guards_listed": {}}


def _multi(data):
    from django.http import QueryDict  # ruff: ignore[import-outside-top-level]

    sent = QueryDict(mutable=True)
    for name, value in data.items():
        sent.setlist(name, value if isinstance(value, list) else [value])
    return sent


def test_answers_come_back_as_the_rules_read_them(law):
    form = services()
    assert form.is_valid(), form.errors
    assert form.answers == make.services_answers()
    form = safety(law)
    assert form.is_valid(), form.errors
    assert form.answers == make.safety_answers()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"age_to": 12}, "age_to", "应大于开始收的月龄"),
        ({"closes_at": "07:00"}, "closes_at", "结束时间应晚于开始时间"),
        ({"extended_until": "17:00"}, "extended_until", "延时照护应晚于平时的结束时间"),
        ({"service_forms": []}, "service_forms", "请选择服务形式"),
    ],
)
def test_slips_in_the_services_are_said_at_their_field(changes, field, words):
    form = services(**changes)
    assert not form.is_valid()
    assert form.errors[field] == [words]


def test_one_thing_has_one_price():
    row = {"service_form": "full_day", "name": "保育费", "amount": "1", "unit": "月"}
    form = services(fees=[row, row])
    assert not form.is_valid()
    assert "收费项目“保育费”填了两次" in str(form.rows.non_form_errors())
    assert "请至少填写一项收费" in str(services(fees=[{}]).rows.non_form_errors())


def test_a_price_without_a_form_is_for_the_only_one():
    row = {"service_form": "", "name": "保育费", "amount": "1", "unit": "月"}
    form = services(fees=[row, {}], service_forms=["full_day"])
    assert form.is_valid(), form.rows.errors
    assert form.answers["fees"] == [row | {"service_form": "full_day"}]
    twice = services(fees=[row, row | {"service_form": "full_day"}], service_forms=["full_day"])
    assert "填了两次" in str(twice.rows.non_form_errors())
    form = services(fees=[row], service_forms=["full_day", "half_day"])
    assert not form.is_valid()
    assert form.rows.errors == [{"service_form": ["请选择服务形式"]}]


@pytest.mark.django_db
def test_what_is_usual_stands_there_to_be_corrected(law):
    filing = make.filing()
    usual = queries.usual_services(filing, law)
    assert usual == {"fees": [{"name": "保育费", "unit": "月"}]}
    usual = queries.usual_services(make.complete_filing(), law)
    assert (usual["age_from"], usual["age_to"]) == (12, 36)
    stored = {"age_to": "30", "is_accessible": "False"}
    form = ServicesForm(stored=stored, version=0, serves_meals=None, usual=usual)
    assert " checked" not in str(form["is_accessible"])
    assert (form["age_from"].value(), form["age_to"].value()) == (12, "30")
    assert form.rows.forms[0]["name"].value() == "保育费"


@pytest.mark.django_db
def test_guards_on_the_list_of_people_are_counted_beforehand(law):
    assert queries.guards_listed(make.filing(), law) == {}
    people = make.staff_answers()["staff"]
    people.append(people[2] | {"qualification": "", "id": "another"})
    filing = make.complete_filing(staff={"staff": people})
    found = queries.guards_listed(filing, law)
    assert found == {"guards": 2, "guards_certified": 1}
    form = SafetyForm(stored={"guards": "3"}, version=0, **about(law) | {"guards_listed": found})
    assert (form["guards"].value(), form["guards_certified"].value()) == ("3", 1)


def test_what_is_not_ticked_is_not_so(law):
    said = make.safety_answers()
    for name in ("covers_living", "alarm_armed", "extinguishers"):
        del said[name]
    form = SafetyForm(_multi(make.typed(said)), stored={}, version=0, **about(law))
    assert form.is_valid(), form.errors
    assert not form.answers["covers_living"]
    assert form.answers["covers_activity"]
    old = SafetyForm(
        stored={"covers_living": "False", "covers_activity": "True"}, version=0, **about(law)
    )
    assert " checked" not in str(old["covers_living"])
    assert " checked" in str(old["covers_activity"])
    groups = [[f.name for f in fields] for words, fields in old.parts() if words]
    assert groups == [
        ["covers_entrance", "covers_living", "covers_activity", "records_all_day", "alarm_armed"],
        ["smoke_detectors", "extinguishers"],
    ]


def test_meals_are_asked_about_where_they_are_served():
    assert "meal_source" not in services(serves_meals=False).fields
    assert services(serves_meals=True).errors["meal_source"] == ["请选择餐食从哪里来"]
    assert services(serves_meals=None).is_valid()


def test_what_stands_beside_a_number_is_asked_with_it(law):
    form = safety(law, guards=2, guards_certified=None, guard_company="")
    assert set(form.errors) == {"guards_certified", "guard_company"}
    form = safety(law, guards=0, drills=0)
    assert form.is_valid(), form.errors
    assert not form.answers["guard_company"]
    assert form.answers["last_drill_on"] is None
    none_yet = safety(law, drills=None, last_drill_on=None)
    assert none_yet.is_valid(), none_yet.errors
    assert none_yet.answers["drills"] == 0
    half = safety(law, drills=None, last_drill_on="2026-10-15")
    assert half.errors == {"drills": ["请填写最近 12 个月演练几次"]}
    assert half["last_drill_on"].value() == "2026-10-15"
    assert set(safety(law, drills="many", last_drill_on=None).errors) == {"drills"}
    assert safety(law, guards=1, guards_certified=2).errors["guards_certified"] == [
        "持证的不能多于在岗的 1 人"
    ]
    assert "last_drill_on" in safety(law, last_drill_on="2026-11-25").errors


@pytest.mark.proves("prod:B4")
def test_a_family_point_fills_the_short_form(law):
    form = safety(law, kind="family")
    assert form.is_valid(), form.errors
    assert set(form.answers) == set(rules.safety_questions("family", law))
    shown = SafetyForm.shown(form.answers, {})
    assert set(shown) == set(form.answers)


@pytest.mark.django_db
def test_a_snapshot_without_a_part_leaves_that_part_of_the_register_alone():
    """What was sent while fewer parts were asked for says nothing about the others."""
    facility = make.facility()
    people, fees = facility.staff.count(), list(facility.fees.values_list("name", "amount"))
    entering.write_sections(
        facility, {"premises": make.premises_answers(address="祥和街9号")}, LATER
    )
    facility.refresh_from_db()
    assert (facility.address, facility.facts_on) == ("祥和街9号", LATER)
    assert (
        facility.staff.present().count(),
        list(facility.fees.values_list("name", "amount")),
    ) == (
        people,
        fees,
    )
