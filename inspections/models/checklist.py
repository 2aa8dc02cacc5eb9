"""Checklists in versions: a published one never changes, old visits keep theirs (prod:F13)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from inspections.workflow import CHECKLIST, ChecklistStatus, Severity
from portal.core.models import Noun, User

from .choices import OFFICE_READERS, Audience

S = ChecklistStatus


class Checklist(Noun):
    """A list under its lasting name; what it asks stands in its versions."""

    slug = models.SlugField(_("代号"), unique=True)
    name = models.CharField(_("名称"), max_length=60)
    prefix = models.CharField(_("编号前缀"), max_length=4, unique=True)
    audience = models.CharField(
        _("使用人"), max_length=10, choices=Audience, default=Audience.OFFICE
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "slug"]
        verbose_name = _("检查表")
        verbose_name_plural = _("检查表")

    def __str__(self) -> str:
        return self.name


class ChecklistVersionQuerySet(models.QuerySet["ChecklistVersion"]):
    def visible_to(self, user: User) -> ChecklistVersionQuerySet:
        """The office's own people, those of the communities among them."""
        return self if user.is_office else self.none()

    def in_use(self, audience: str = Audience.OFFICE) -> ChecklistVersionQuerySet:
        """The one published version of each list."""
        return self.filter(state=S.PUBLISHED, checklist__audience=audience)


class ChecklistVersion(Noun):
    """One version of a checklist; two persons publish it."""

    machine = CHECKLIST

    checklist = models.ForeignKey(Checklist, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveSmallIntegerField(_("版次"))
    state = models.CharField(_("状态"), max_length=12, choices=ChecklistStatus, default=S.DRAFT)
    note = models.CharField(_("修改说明"), max_length=300, blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    published_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    published_on = models.DateField(_("启用日期"), null=True)
    decision_reason = models.CharField(_("退回理由"), max_length=300, blank=True)

    objects = ChecklistVersionQuerySet.as_manager()

    class Meta:
        ordering = ["checklist__position", "-version"]
        verbose_name = _("检查表版本")
        verbose_name_plural = _("检查表版本")
        constraints = [
            models.UniqueConstraint(fields=["checklist", "version"], name="checklist_version_once"),
            models.UniqueConstraint(
                fields=["checklist"],
                condition=Q(state=S.PUBLISHED),
                name="checklist_one_published",
            ),
            models.UniqueConstraint(
                fields=["checklist"],
                condition=Q(state__in=[S.DRAFT, S.PROPOSED]),
                name="checklist_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ChecklistStatus.values), name="checklist_state_known"
            ),
            models.CheckConstraint(
                condition=Q(published_by=None) | ~Q(published_by=F("proposed_by")),
                name="checklist_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return str(_("%(name)s 第%(version)s版")) % {
            "name": self.checklist.name, "version": self.version,
        }  # fmt: skip

    def url_for(self, user: User) -> str:
        """Its page at the desk."""
        return reverse("desk:checklist", args=[self.pk])


class ChecklistItemQuerySet(models.QuerySet["ChecklistItem"]):
    def visible_to(self, user: User) -> ChecklistItemQuerySet:
        """As its version."""
        return self if user.has_role(*OFFICE_READERS) else self.none()


class ChecklistItem(Noun):
    """One question. `basis` is for the office; it is printed once two persons checked it (R30)."""

    version = models.ForeignKey(ChecklistVersion, on_delete=models.CASCADE, related_name="items")
    code = models.CharField(_("编号"), max_length=10)
    position = models.PositiveSmallIntegerField()
    section = models.CharField(_("部分"), max_length=40)
    text = models.CharField(_("检查内容"), max_length=200)
    severity = models.CharField(_("不符合时的严重程度"), max_length=10, choices=Severity)
    basis = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    basis_verified = models.BooleanField(_("依据已核对"), default=False)
    # Codes of the departments that answer for the matter; "street" is the office itself.
    departments = ArrayField(models.SlugField(), default=list, blank=True)
    delegated = models.SlugField(_("赋权事项"), blank=True)
    expands = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    measure_label = models.CharField(_("记录的数值"), max_length=30, blank=True)
    measure_unit = models.CharField(_("单位"), max_length=10, blank=True)
    measure_min = models.PositiveIntegerField(_("不低于"), null=True, blank=True)
    wants_photo = models.BooleanField(_("须拍照"), default=False)

    objects = ChecklistItemQuerySet.as_manager()

    class Meta:
        ordering = ["version", "position"]
        verbose_name = _("检查项目")
        verbose_name_plural = _("检查项目")
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="checklist_code_once"),
            models.UniqueConstraint(fields=["version", "position"], name="checklist_place_once"),
            models.CheckConstraint(
                condition=Q(severity__in=Severity.values), name="checklist_severity_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"

    @property
    def asks(self) -> list[str]:
        """What it asks for besides yes or no, in words."""
        found = [str(_("须拍照"))] if self.wants_photo else []
        if self.measure_label:
            least = str(_("不低于 %(n)s")) % {"n": self.measure_min} if self.measure_min else ""
            found.append(f"{self.measure_label} {least}{self.measure_unit}".strip())
        if self.expands:
            found.append(str(_("不符合时增加 %(codes)s")) % {"codes": "、".join(self.expands)})
        return found
