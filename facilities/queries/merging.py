"""What making one record of two would do, and what stands against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, TextChoices
from django.utils.translation import gettext_lazy as _

from facilities.models import (
    Certificate,
    Facility,
    FacilityMerge,
    Membership,
    StaffMember,
)
from facilities.workflow import MergeStatus, OperatingStatus, RegistrationStatus
from facilities.workflow import StatutoryFilingStatus as Mirror
from portal.core.models import OfficialPaper, User

from . import life
from .desk import how_many

RECEIPTS = ("registration_receipt", "change_receipt")
_SIDES = ("source", "target")
NOTHING_SEEN = (Mirror.NONE, Mirror.UNKNOWN)


class Obstacle(TextChoices):
    """Why two records are not merged now."""

    SAME = "same", _("不能把机构并入它自己，请填写另一家的街道登记号")
    SOURCE_MERGED = "source_merged", _("这份档案已经并入别的机构")
    TARGET_MERGED = "target_merged", _("要保留的档案已经并入别的机构，请填写它并入的那一家")
    CHAIN = "chain", _("已有别的档案并入这一家，请保留这一家，把另一家并入")
    SOURCE_ENDED = "source_ended", _("这家机构已注销，不用合并")
    TARGET_ENDED = "target_ended", _("要保留的机构已注销或停办，请选择还在登记的那一家")
    TARGET_LESSER = "target_lesser", _("要保留的机构还没有登记，请保留已登记的那一家")
    CLOSING = "closing", _("两家中有一家已审定停办，请等停办办完")
    OPEN_FILING = "open_filing", _("两家中有一家的变更或停办报送还没有办完，请先办完")
    JOINING = "joining", _("有人申请加入这家机构，还没有答复，请先答复")
    PROPOSED = "proposed", _("这家机构已有一项合并在等审定")


def obstacle(source: Facility, target: Facility) -> Obstacle | None:
    """The first thing that stands against merging `source` into `target`; None if nothing does."""
    ended = RegistrationStatus.CANCELLED
    is_lesser = target.registration == RegistrationStatus.NONE != source.registration
    closed = target.registration == ended or target.operating == OperatingStatus.CLOSED
    plain = (
        (source.pk == target.pk, Obstacle.SAME),
        (source.merged_into_id is not None, Obstacle.SOURCE_MERGED),
        (target.merged_into_id is not None, Obstacle.TARGET_MERGED),
        (source.registration == ended, Obstacle.SOURCE_ENDED),
        (closed, Obstacle.TARGET_ENDED),
        (is_lesser, Obstacle.TARGET_LESSER),
        (bool(source.closes_on or target.closes_on), Obstacle.CLOSING),
    )
    found = next((why for stands, why in plain if stands), None)
    return found or _under_way(source, target)


def _under_way(source: Facility, target: Facility) -> Obstacle | None:
    if source.merged_from.exists():
        return Obstacle.CHAIN
    if life.open_filing(source) or life.open_filing(target):
        return Obstacle.OPEN_FILING
    return Obstacle.JOINING if source.join_requests.waiting().exists() else None


def open_merge(source: Facility) -> FacilityMerge | None:
    """The proposal about this record that waits for its decision."""
    return FacilityMerge.objects.filter(source=source, state=MergeStatus.PROPOSED).first()


def moving_members(source: Facility, target: Facility) -> QuerySet[Membership]:
    """Who comes over: those who do not work for the other record already."""
    there = Membership.objects.filter(facility=target, left_on=None).values("user")
    return source.memberships.filter(left_on=None).exclude(user__in=there)


def moving_staff(source: Facility, target: Facility) -> QuerySet[StaffMember]:
    """Who comes over: the people the other record does not list."""
    there = target.staff.present().values("identity_key")
    return source.staff.present().exclude(identity_key__in=there)


def certificates_in_force(source: Facility, target: Facility) -> QuerySet[Certificate]:
    """The papers that stay in force: of these the other record has none."""
    there = target.certificates.filter(is_current=True).values("material")
    return source.certificates.filter(is_current=True).exclude(material__in=there)


def takes_mirror(source: Facility, target: Facility) -> bool:
    """Whether what was seen of the source in the county's system is the better knowledge."""
    ours, theirs = target.statutory_filing.status, source.statutory_filing.status
    return ours in NOTHING_SEEN and theirs not in NOTHING_SEEN


def standing_receipts(source: Facility) -> QuerySet[OfficialPaper]:
    """The receipts that end with the record."""
    return OfficialPaper.objects.valid().filter(party=source.code, kind__in=RECEIPTS)


@dataclass(frozen=True, slots=True)
class Effects:
    """What comes over and what ends, in numbers."""

    members: int
    members_there: int
    filings: int
    papers_in_force: int
    papers_as_history: int
    staff: int
    staff_there: int
    leads: int
    receipts: int
    takes_mirror: bool
    ends_pause: bool


def effects(source: Facility, target: Facility) -> Effects:
    """The numbers the person who proposes and the one who decides both read; one query."""
    (members, here, filings, in_force, papers, staff, staff_here, leads, receipts, pauses) = (
        Facility.objects.filter(pk=source.pk)
        .values_list(
            how_many(moving_members(source, target)),
            how_many(source.memberships.filter(left_on=None)),
            how_many(source.filings.all()),
            how_many(certificates_in_force(source, target)),
            how_many(source.certificates.all()),
            how_many(moving_staff(source, target)),
            how_many(source.staff.present()),
            how_many(source.leads.all()),
            how_many(standing_receipts(source)),
            how_many(source.pauses.open()),
        )
        .get()
    )
    return Effects(
        members=members,
        members_there=here - members,
        filings=filings,
        papers_in_force=in_force,
        papers_as_history=papers - in_force,
        staff=staff,
        staff_there=staff_here - staff,
        leads=leads,
        receipts=receipts,
        takes_mirror=takes_mirror(source, target),
        ends_pause=pauses > 0,
    )


def facility_named(text: str, user: User) -> Facility | None:
    """The record of a register number or a credit code, within reach."""
    wanted = "".join(text.split()).upper()
    rows = Facility.objects.visible_to(user).select_related("community", "statutory_filing")
    found = rows.filter(Q(code=wanted) | Q(uscc=wanted)).order_by("registration", "code")
    return found.exclude(registration=RegistrationStatus.CANCELLED).first() or found.first()


def whole(merge: FacilityMerge) -> FacilityMerge:
    """The proposal with both records and its people, in one query."""
    sides = [f"{side}__{what}" for side in _SIDES for what in ("community", "statutory_filing")]
    return FacilityMerge.objects.select_related("proposed_by", "decided_by", *sides).get(
        pk=merge.pk
    )


def merges_to_decide(user: User) -> QuerySet[FacilityMerge]:
    """Proposals that wait for this person's decision, the oldest first."""
    if "facilitymerge.merge" not in user.rights:
        return FacilityMerge.objects.none()
    waiting = FacilityMerge.objects.visible_to(user).filter(state=MergeStatus.PROPOSED)
    rows: Any = waiting.exclude(proposed_by=user).select_related("source", "target")
    return rows.order_by("proposed_at")  # type: ignore[no-any-return]
