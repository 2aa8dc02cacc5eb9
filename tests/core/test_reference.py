"""What every installation starts with, and that loading it again takes nothing back."""

import pytest

from portal.core.models import Community, Grant, Holiday, Office, RegulationPack
from portal.core.reference import load_reference
from tests import makers as make

pytestmark = pytest.mark.django_db


@pytest.mark.proves("clause:附件1")
def test_the_communities_and_offices_of_the_annex_are_there():
    names = set(Community.objects.values_list("name", flat=True))
    assert len(names) == 10
    assert {"寺坡村", "龙泉社区", "湖滨社区"} <= names
    assert Community.objects.filter(is_village=True).count() == 1
    offices = set(Office.objects.values_list("name", flat=True))
    assert len(offices) == 12
    assert {"卫健办", "纪工委", "应急所"} <= offices


def test_loading_again_adds_nothing():
    assert not any(load_reference(at=make.AT).values())


def test_a_right_taken_away_stays_away():
    Grant.objects.filter(right="filing.take", role="clerk").delete()
    Grant.objects.create(right="filing.take", role="approver")
    load_reference(at=make.AT)
    assert not Grant.objects.filter(right="filing.take", role="clerk").exists()


def test_a_day_changed_here_is_left_alone():
    day = Holiday.objects.filter(date__year=make.AT.year).first()
    Holiday.objects.filter(date=day.date).update(name="改过")
    load_reference(at=make.AT)
    assert Holiday.objects.get(date=day.date).name == "改过"


@pytest.mark.proves("diff:8")
def test_a_changed_pack_is_a_new_version_and_an_edited_one_keeps_the_last_word():
    shipped = RegulationPack.objects.get(key="filing")
    RegulationPack.objects.filter(pk=shipped.pk).update(digest="of an older release")
    assert load_reference(at=make.AT)["packs"] == 1
    newest = RegulationPack.objects.filter(key="filing").latest("version")
    assert newest.version == shipped.version + 1

    people = {"proposed_by": make.clerk(), "approved_by": make.approver()}
    RegulationPack.objects.filter(pk=newest.pk).update(source="edited", digest="ours", **people)
    assert load_reference(at=make.AT)["packs"] == 0
