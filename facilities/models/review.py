"""What the office adds to a filing: verdicts, the phrases they are said in, paper at the desk."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from portal.core.models import Noun, User
from portal.core.roles import Role

from .filing import Filing


class Verdict(models.TextChoices):
    """What a clerk says of one section or one paper."""

    PASS = "pass", _("通过")
    CORRECT = "correct", _("需补正")
    VISIT = "visit", _("需现场核实")


class ReviewVerdict(Noun):
    """The verdict on a section, or on one paper (`item` is its material); one a round."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="verdicts")
    round = models.PositiveSmallIntegerField()
    section = models.CharField(max_length=20)
    item = models.CharField(max_length=60, blank=True)
    verdict = models.CharField(_("核对结论"), max_length=8, choices=Verdict)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("核对结论")
        verbose_name_plural = _("核对结论")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["filing", "round", "section", "item"], name="verdict_once"
            ),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="verdict_known"),
        ]

    def __str__(self) -> str:
        return f"{self.section} {self.item}: {self.get_verdict_display()}"


class PhraseUse(models.TextChoices):
    """Where a phrase is offered."""

    ANY = "any", _("各部分补正")
    REGISTRATION = "registration", _("登记信息补正")
    PREMISES = "premises", _("场所与托位补正")
    SERVICES = "services", _("服务与收费补正")
    STAFF = "staff", _("人员补正")
    SAFETY = "safety", _("安全补正")
    CERTIFICATES = "certificates", _("证照材料补正")
    DECLINE = "decline", _("不予登记的理由")
    HAND_BACK = "hand_back", _("退回经办人的理由")
    REPLY = "reply", _("投诉的答复")
    REJECTION = "rejection", _("投诉不予受理的说明")


# What is offered to those who deal with complaints; a filing has other words.
ABOUT_COMPLAINTS = (PhraseUse.REPLY, PhraseUse.REJECTION)


class CannedTextQuerySet(models.QuerySet["CannedText"]):
    def visible_to(self, user: User) -> CannedTextQuerySet:
        """The office's phrases for whoever reviews or decides, and everybody's own."""
        shared = self.filter(Q(owner=None) | Q(owner=user))
        if user.has_role(Role.CLERK, Role.APPROVER):
            return shared
        if user.has_role(Role.HANDLER, Role.RED_LANE):
            return shared.filter(section__in=ABOUT_COMPLAINTS)
        return self.none()


class CannedText(Noun):
    """A sentence used again and again (常用语): the office's, or one person's own."""

    text = models.CharField(_("常用语"), max_length=200)
    section = models.CharField(_("用在哪里"), max_length=12, choices=PhraseUse)
    owner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(_("使用中"), default=True)
    order = models.PositiveSmallIntegerField(_("排序"), default=0)
    # Names a phrase that came with the portal, so that it is never loaded a second time.
    shipped = models.CharField(max_length=30, blank=True)

    objects = CannedTextQuerySet.as_manager()

    class Meta:
        verbose_name = _("常用语")
        verbose_name_plural = _("常用语")
        ordering = ["section", "order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["shipped"], condition=~Q(shipped=""), name="phrase_shipped_once"
            ),
            models.UniqueConstraint(
                fields=["section", "text", "owner"], nulls_distinct=False, name="phrase_once"
            ),
            models.CheckConstraint(
                condition=Q(section__in=PhraseUse.values), name="phrase_use_known"
            ),
        ]

    def __str__(self) -> str:
        return self.text


class FilingTrace(Noun):
    """Name and address of a filing as they are compared with others (prod:B18)."""

    filing = models.OneToOneField(Filing, on_delete=models.CASCADE, related_name="trace")
    name_key = models.CharField(max_length=100)
    address_key = models.CharField(max_length=200)

    class Meta:
        indexes = [
            models.Index(fields=["name_key"], name="trace_name"),
            models.Index(fields=["address_key"], name="trace_address"),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.name_key}"


class CounterVisitor(models.TextChoices):
    """Who brought the papers to the counter."""

    LEGAL = "legal", _("法定代表人")
    MANAGER = "manager", _("机构负责人")
    AGENT = "agent", _("受委托的经办人")
    POST = "post", _("邮寄送达")


class CounterReceiptQuerySet(models.QuerySet["CounterReceipt"]):
    def visible_to(self, user: User) -> CounterReceiptQuerySet:
        """Whoever sees the filing sees how it came in."""
        return self.filter(filing__in=Filing.objects.visible_to(user).order_by().values("pk"))


class CounterReceipt(Noun):
    """A filing on paper: who brought it and when; the scans hang on it."""

    filing = models.OneToOneField(Filing, on_delete=models.PROTECT, related_name="counter")
    brought_by = models.CharField(_("送交人"), max_length=8, choices=CounterVisitor)
    received_on = models.DateField(_("收到日期"))
    entered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(_("录入时间"))

    objects = CounterReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = _("窗口收件")
        verbose_name_plural = _("窗口收件")

    def __str__(self) -> str:
        return f"{self.filing_id} {self.get_brought_by_display()}"

    @property
    def party(self) -> str:
        """The facility's code, through the filing."""
        return self.filing.party
