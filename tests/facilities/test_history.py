"""What a record said before: written by triggers, changed by nobody (prod:B21)."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from facilities.actions.entering import write_services
from facilities.models import ClassGroup, ClassGroupEvent, Facility, FacilityEvent, StatutoryCheck
from facilities.models.choices import ServiceForm
from facilities.queries import history
from tests import makers as make

pytestmark = pytest.mark.django_db


@pytest.mark.proves("prod:B21")
def test_every_change_of_a_facility_leaves_what_it_was():
    facility = make.facility()
    Facility.objects.filter(pk=facility.pk).update(manager="另一位负责人")
    events = FacilityEvent.objects.filter(pgh_obj=facility).order_by("pgh_id")
    assert next(e.pgh_label for e in events) == "insert"
    assert [e.manager for e in events][-2:] == ["示例负责人", "另一位负责人"]


def test_a_class_that_is_taken_out_stays_in_its_history():
    facility = make.facility()
    group = facility.classes.first()
    ClassGroup.objects.filter(pk=group.pk).delete()
    kept = ClassGroupEvent.objects
    assert [e.pgh_label for e in kept.filter(pgh_obj_id=group.pk).order_by("pgh_id")] == [
        "insert",
        "delete",
    ]


def test_nothing_sealed_and_nothing_about_the_request_is_kept():
    names = {field.name for field in FacilityEvent._meta.get_fields()}
    assert not names & {"contact", "search_grams", "pgh_context"}


@pytest.mark.parametrize("act", ["update", "delete"])
def test_history_cannot_be_changed(act):
    make.facility()
    events = FacilityEvent.objects.all()
    with pytest.raises(DatabaseError), transaction.atomic():
        events.update(manager="x") if act == "update" else events._raw_delete("default")
    assert events.exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        StatutoryCheck.objects.update(reason="x")


def test_every_step_reads_as_people_say_it():
    source, target = make.facility(), make.facility()
    Facility.objects.filter(pk=source.pk).update(service_forms=["hourly"], merged_into=target)
    source.refresh_from_db()
    told = {step.field: (step.was, step.now) for step in history.steps(source)}
    assert told["服务形式"][1] == "计时托"
    assert told["并入的机构"] == (None, target.code)
    assert not any(name.isascii() for name in told)


@pytest.mark.django_db(transaction=True)  # what is entered at one time was never changed
@pytest.mark.proves("prod:B21")
def test_a_price_that_was_replaced_reads_as_what_it_was_and_is():
    facility = make.facility()
    (fee, *_others) = make.services_answers()["fees"]
    answers = make.services_answers(fees=[fee | {"amount": "1234.00"}])
    write_services(facility, answers, make.AT.date())
    told = {(step.of, step.kind): step for step in history.steps(facility)}
    name = f"{fee['name']}（{ServiceForm(fee['service_form']).label}）"
    assert told[name, "removed"].was == f"{Decimal(fee['amount'])} 元/{fee['unit']}"
    assert told[name, "added"].now == f"1234.00 元/{fee['unit']}"
