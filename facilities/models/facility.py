"""A registered facility, its classes, certificates, members, and the mirrored statutory filing."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from facilities.workflow import (
    EDITOR_MAY,
    STATUTORY,
    OperatingStatus,
    RegistrationStatus,
    StatutoryFilingStatus,
)
from portal.core.crypto import SealedJSONField
from portal.core.identifiers import EAST, NORTH, SOUTH, WEST
from portal.core.models import Community, Job, Noun, User
from portal.core.roles import Role

from .choices import (
    ClassType,
    FacilityType,
    FeeUnit,
    LegalForm,
    MealSource,
    MemberRole,
    OperatingModel,
    ServiceForm,
    Tenure,
)

OFFICE_READERS = (
    Role.CLERK,
    Role.APPROVER,
    Role.INSPECTOR,
    Role.HANDLER,
    Role.LEADER,
    Role.AUDITOR,
)

# What residents may find: registered with the street, not closed, not merged into another.
PUBLIC = Q(registration=RegistrationStatus.REGISTERED, merged_into__isnull=True) & ~Q(
    operating=OperatingStatus.CLOSED
)


def _public_index(name: str, fields: list[str], also: Q | None = None) -> models.Index:
    """An index of the public rows only: for one order, or one condition in the usual order."""
    condition = PUBLIC & also if also else PUBLIC
    return models.Index(fields=fields, condition=condition, name=f"facility_public_{name}")


class FacilityQuerySet(models.QuerySet["Facility"]):
    def visible_to(self, user: User) -> FacilityQuerySet:
        """Office readers see all, a community its own, an operator those he is a member of."""
        communities = user.reach(*OFFICE_READERS, Role.COMMUNITY)
        if communities is None:
            return self.all()
        within = Q(pk__in=Membership.objects.filter(user=user, left_on=None).values("facility"))
        return self.filter(within | Q(community__in=communities))

    def public(self) -> FacilityQuerySet:
        """What residents may find: registered with the street, not closed, not merged."""
        return self.filter(PUBLIC)


class Facility(Noun):
    """A childcare facility for children under three, as the street has registered it."""

    code = models.CharField(_("街道登记号"), max_length=20, unique=True)
    name = models.CharField(_("机构名称"), max_length=100)
    short_name = models.CharField(_("简称"), max_length=30, blank=True)
    uscc = models.CharField(_("统一社会信用代码"), max_length=18, db_index=True)
    facility_type = models.CharField(_("机构类型"), max_length=20, choices=FacilityType)
    legal_form = models.CharField(_("机构性质"), max_length=20, choices=LegalForm)
    operating_model = models.CharField(_("举办方式"), max_length=20, choices=OperatingModel)
    registration_authority = models.CharField(_("登记机关"), max_length=60)
    business_scope = models.TextField(_("业务（经营）范围"))
    established_on = models.DateField(_("成立日期"), null=True)
    legal_representative = models.CharField(_("法定代表人"), max_length=40)
    manager = models.CharField(_("机构负责人"), max_length=40)
    contact = SealedJSONField(null=True)
    public_phone = models.CharField(_("公开电话"), max_length=20)
    chain_name = models.CharField(_("所属连锁品牌"), max_length=60, blank=True)
    is_affordable = models.BooleanField(_("普惠"), default=False)
    community = models.ForeignKey(Community, verbose_name=_("社区（村）"), on_delete=models.PROTECT)
    address = models.CharField(_("地址"), max_length=200)
    floor_lowest = models.SmallIntegerField(_("最低楼层"), null=True)
    floor_highest = models.SmallIntegerField(_("最高楼层"), null=True)
    building_area = models.DecimalField(_("建筑面积"), max_digits=9, decimal_places=2, null=True)
    indoor_area = models.DecimalField(_("室内使用面积"), max_digits=9, decimal_places=2, null=True)
    outdoor_area = models.DecimalField(
        _("室外活动场地面积"), max_digits=9, decimal_places=2, null=True
    )
    # Where the door is: degrees of WGS-84 as phones give them, not the shifted GCJ-02 of the maps
    # that are sold here; told by the facility itself, so that residents find what is near.
    latitude = models.DecimalField(_("纬度"), max_digits=8, decimal_places=5, null=True)
    longitude = models.DecimalField(_("经度"), max_digits=8, decimal_places=5, null=True)
    tenure = models.CharField(_("场所性质"), max_length=10, choices=Tenure)
    lease_end = models.DateField(_("租期截止"), null=True)
    serves_meals = models.BooleanField(_("供餐"), default=False)
    # What parents ask first; empty until a filing with the section "services" is registered.
    service_forms = ArrayField(
        models.CharField(max_length=12, choices=ServiceForm), default=list, blank=True
    )
    age_from = models.PositiveSmallIntegerField(_("最小月龄"), null=True)
    age_to = models.PositiveSmallIntegerField(_("最大月龄"), null=True)
    opens_at = models.TimeField(_("开始时间"), null=True)
    closes_at = models.TimeField(_("结束时间"), null=True)
    extended_until = models.TimeField(_("延时至"), null=True)
    open_days = models.CharField(_("开放日"), max_length=60, blank=True)
    meal_source = models.CharField(_("餐食来源"), max_length=12, choices=MealSource, blank=True)
    refund_rule = models.TextField(_("退费办法"), blank=True)
    monthly_fee_from = models.DecimalField(
        _("全日托月收费"), max_digits=8, decimal_places=2, null=True
    )
    is_accessible = models.BooleanField(_("无障碍"), default=False)
    introduction = models.TextField(_("机构介绍"), blank=True)
    # Kept from the classes by whoever writes them, so that filters and cards need no sums.
    places = models.PositiveIntegerField(_("托位"), default=0)
    vacancies = models.PositiveIntegerField(_("空余托位"), default=0)
    closes_on = models.DateField(_("停办日期"), null=True)
    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="merged_from"
    )
    registration = models.CharField(
        _("街道登记"),
        max_length=12,
        choices=RegistrationStatus,
        default=RegistrationStatus.REGISTERED,
    )
    registered_on = models.DateField(_("登记日期"), null=True)
    operating = models.CharField(
        _("运营状态"), max_length=12, choices=OperatingStatus, default=OperatingStatus.OPEN
    )
    facts_on = models.DateField(_("信息更新日期"))
    # The newest grade the street has published; empty: not evaluated yet.
    quality_grade = models.CharField(_("质量评估等级"), max_length=1, blank=True)
    graded_on = models.DateField(_("等级公布日期"), null=True)
    grade_version = models.PositiveSmallIntegerField(_("等级版次"), null=True)
    # The import that brought the row from the national list; empty for what was filed.
    imported_by = models.ForeignKey(
        Job, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    search_grams = ArrayField(models.TextField(), default=list)
    sort_key = models.CharField(max_length=200, blank=True)

    objects = FacilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("托育机构")
        verbose_name_plural = _("托育机构")
        ordering = ["sort_key", "code"]
        indexes = [
            GinIndex(fields=["search_grams"], name="facility_grams"),
            models.Index(fields=["community", "sort_key", "code"], name="facility_community"),
            models.Index(fields=["sort_key", "code"], name="facility_sort"),
            models.Index(fields=["facility_type", "sort_key"], name="facility_type_sort"),
            models.Index(fields=["-registered_on", "code"], name="facility_newest"),
            GinIndex(fields=["service_forms"], condition=PUBLIC, name="facility_public_services"),
            _public_index("name", ["sort_key", "code"]),
            _public_index("newest", ["-registered_on", "code"]),
            _public_index("fee", ["monthly_fee_from", "code"]),
            _public_index("vacancies", ["-vacancies", "code"]),
            _public_index("age", ["age_from", "age_to"]),
            _public_index("place", ["latitude", "longitude"], Q(latitude__isnull=False)),
            _public_index("vacant", ["sort_key", "code"], Q(vacancies__gt=0)),
            _public_index("affordable", ["sort_key", "code"], Q(is_affordable=True)),
            _public_index("extended", ["sort_key", "code"], Q(extended_until__isnull=False)),
            _public_index("meals", ["sort_key", "code"], Q(serves_meals=True)),
            _public_index("accessible", ["sort_key", "code"], Q(is_accessible=True)),
        ]
        constraints = [
            # Whoever has closed may open again, here or elsewhere: a new record, the old one stays.
            models.UniqueConstraint(
                fields=["uscc"],
                condition=~Q(registration=RegistrationStatus.CANCELLED),
                name="facility_uscc_once",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(SOUTH, NORTH),
                    longitude__range=(WEST, EAST),
                ),
                name="facility_place_in_china",
            ),
            models.CheckConstraint(
                condition=Q(floor_highest__gte=models.F("floor_lowest")), name="facility_floors"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def party(self) -> str:
        """The key under which the ground tables list this facility's papers and messages."""
        return self.code

    def url_for(self, user: User) -> str:
        """The page on which this person works with the facility."""
        if user.is_authenticated and user.is_office:
            return reverse("desk:facility", args=[self.code])
        return reverse("public:facility", args=[self.code])


class StatutoryFilingQuerySet(models.QuerySet["StatutoryFiling"]):
    def visible_to(self, user: User) -> StatutoryFilingQuerySet:
        """Whoever sees the facility's file sees its mirror."""
        return self.filter(facility__in=Facility.objects.visible_to(user).order_by().values("pk"))


class StatutoryFiling(Noun):
    """The health department's filing, mirrored with its number and the day it was checked.

    Its state stands in `status`; each look into the county's system is a StatutoryCheck.
    """

    machine = STATUTORY
    state_field = "status"

    facility = models.OneToOneField(
        Facility, on_delete=models.PROTECT, related_name="statutory_filing"
    )
    status = models.CharField(
        _("备案情况"),
        max_length=15,
        choices=StatutoryFilingStatus,
        default=StatutoryFilingStatus.UNKNOWN,
    )
    number = models.CharField(_("备案编号"), max_length=40, blank=True)
    filed_on = models.DateField(_("备案日期"), null=True, blank=True)
    reason = models.CharField(_("不符合的理由"), max_length=300, blank=True)
    public_link = models.URLField(_("公开链接"), max_length=300, blank=True)
    checked_on = models.DateField(_("核对日期"), null=True)
    # What the office did about a missing filing: told the facility, told the county.
    reminded_on = models.DateField(_("提醒机构日期"), null=True)
    county_told_on = models.DateField(_("告知卫健部门日期"), null=True)

    objects = StatutoryFilingQuerySet.as_manager()

    class Meta:
        verbose_name = _("卫健部门备案")
        verbose_name_plural = _("卫健部门备案")
        indexes = [models.Index(fields=["status"], name="statutory_status")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=StatutoryFilingStatus.FILED)
                | (~Q(number="") & Q(filed_on__isnull=False)),
                name="statutory_filed_has_number",
            )
        ]

    def __str__(self) -> str:
        return f"{self.facility}: {self.get_status_display()}"

    @property
    def state(self) -> str:
        """The state under the name every table of transitions uses."""
        return self.status


class ClassGroup(Noun):
    """A class of children: places and how many are taken; counts only, never names (D12)."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="classes")
    class_type = models.CharField(_("班型"), max_length=10, choices=ClassType)
    name = models.CharField(_("班名"), max_length=30)
    capacity = models.PositiveSmallIntegerField(_("托位"))
    enrolled = models.PositiveSmallIntegerField(_("在托人数"), default=0)
    updated_on = models.DateField(_("更新日期"))

    class Meta:
        verbose_name = _("班级")
        verbose_name_plural = _("班级")
        ordering = ["class_type", "name"]
        indexes = [models.Index(fields=["-updated_on"], name="class_newest")]
        constraints = [
            models.UniqueConstraint(fields=["facility", "name"], name="class_name_once"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def vacancies(self) -> int:
        """Free places, never below zero."""
        return max(self.capacity - self.enrolled, 0)


class FeeItem(Noun):
    """One published price: for what, how much, per what."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="fees")
    service_form = models.CharField(_("服务形式"), max_length=12, choices=ServiceForm, blank=True)
    name = models.CharField(_("收费项目"), max_length=40)
    amount = models.DecimalField(_("金额（元）"), max_digits=8, decimal_places=2)
    unit = models.CharField(_("计费单位"), max_length=12, choices=FeeUnit)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("收费项目")
        verbose_name_plural = _("收费项目")
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name


class Certificate(Noun):
    """A paper the facility must hold, as accepted with a filing; older ones stay (prod:C4)."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="certificates")
    material = models.CharField(_("材料"), max_length=40)
    number = models.CharField(_("编号"), max_length=60, blank=True)
    issuer = models.CharField(_("发证机关"), max_length=100, blank=True)
    issued_on = models.DateField(_("发证日期"), null=True)
    valid_until = models.DateField(_("有效期至"), null=True)
    source = models.ForeignKey(
        "facilities.FilingCertificate", on_delete=models.PROTECT, related_name="+"
    )
    is_current = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("证照")
        verbose_name_plural = _("证照")
        ordering = ["material"]
        indexes = [
            models.Index(
                fields=["valid_until"], condition=Q(is_current=True), name="certificate_expiry"
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "material"],
                condition=Q(is_current=True),
                name="certificate_one_current",
            )
        ]

    def __str__(self) -> str:
        return f"{self.facility}: {self.material}"


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, user: User) -> MembershipQuerySet:
        """The members of one's own facilities; a clerk sees those of his ground."""
        communities = user.reach(Role.CLERK)
        if communities is None:
            return self.all()
        mine = Membership.objects.filter(user=user, left_on=None).values("facility")
        return self.filter(Q(facility__in=mine) | Q(facility__community__in=communities))


def withheld_from(user: User, facility: uuid.UUID | None, right: str) -> bool:
    """Whether this person's part in the facility keeps the right from him (EDITOR_MAY).

    Who has no part in it, or has left, may less than an editor, not more.
    """
    return right in withheld_of(user, facility, [right])


def withheld_of(user: User, facility: uuid.UUID | None, rights: Iterable[str]) -> frozenset[str]:
    """Which of these rights his part keeps from him, in one question for all of them."""
    asked = frozenset(rights) - EDITOR_MAY
    if facility is None or not asked:
        return frozenset()
    parts = Membership.objects.filter(user=user, facility=facility, left_on=None)
    is_editor = set(parts.values_list("role", flat=True)) <= {MemberRole.EDITOR}
    return asked if is_editor else frozenset()


class Membership(Noun):
    """A person's place in a facility."""

    facility = models.ForeignKey(Facility, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=MemberRole, default=MemberRole.MANAGER)
    since = models.DateField()
    left_on = models.DateField(null=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("机构成员")
        verbose_name_plural = _("机构成员")
        indexes = [models.Index(fields=["user"], condition=Q(left_on=None), name="member_of")]
        constraints = [
            models.UniqueConstraint(
                fields=["facility", "user"], condition=Q(left_on=None), name="member_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.facility}"

    @property
    def party(self) -> str:
        """The facility's code."""
        return self.facility.code

    def url_for(self, user: User) -> str:
        """The page on which this person looks after the facility's members."""
        if user.is_office:
            return reverse("desk:members", args=[self.facility.code])
        return reverse("my:members")
