"""What the office publishes: one frozen content a row, two persons, and a trace when it goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.core.roles import Role
from portal.core.statemachine import StateMachine, Transition, register

from .attachments import PointingQuerySet
from .base import Noun
from .office import office_words
from .people import User


class PublicationStatus(models.TextChoices):
    """Where a text stands on its way to the public and back."""

    PROPOSED = "proposed", _("待公示")
    HANDED_BACK = "handed_back", _("已退回")
    PUBLISHED = "published", _("公示中")
    REPLACED = "replaced", _("已更新")
    WITHDRAWN = "withdrawn", _("已撤下")


S = PublicationStatus
_CLERK, _APPROVER = frozenset({Role.CLERK}), frozenset({Role.APPROVER})
_OPEN = frozenset({S.PROPOSED, S.HANDED_BACK})
PUBLICATION = register(
    StateMachine(
        "publication",
        PublicationStatus,
        initial=S.PROPOSED,
        transitions=(
            # An act of an app that brings another text takes the place of the open one by itself.
            Transition("revise", _OPEN, S.PROPOSED, _CLERK, calendar=True),
            # Nobody waves away the hints in his own text: they are what the second person reads.
            Transition(
                "set_aside",
                frozenset({S.PROPOSED}),
                "",
                _CLERK | _APPROVER,
                needs=("reason",),
                other_than=("proposed_by",),
            ),
            Transition(
                "publish",
                frozenset({S.PROPOSED}),
                S.PUBLISHED,
                _APPROVER,
                other_than=("proposed_by",),
            ),
            Transition(
                "hand_back",
                frozenset({S.PROPOSED}),
                S.HANDED_BACK,
                _APPROVER,
                needs=("reason",),
                other_than=("proposed_by",),
            ),
            # The next version is public: what stood before it goes by itself.
            Transition("replace", frozenset({S.PUBLISHED}), S.REPLACED, frozenset(), calendar=True),
            Transition(
                "withdraw",
                frozenset({S.PROPOSED, S.HANDED_BACK, S.PUBLISHED}),
                S.WITHDRAWN,
                _CLERK | _APPROVER,
                needs=("reason",),
                calendar=True,
            ),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of publication: its words, and the public list it stands in (a name of a route).

    `holds` says whether what it tells of its noun still holds; asked when it is made public.
    `is_revised` says whether the text may be changed at the gate.
    """

    label: Any
    list_name: str = ""
    holds: Callable[[Any], bool] | None = None
    is_revised: bool = True


_KINDS: dict[str, Kind] = {}


def register_kind(
    code: str,
    label: Any,
    *,
    list_name: str = "",
    holds: Callable[[Any], bool] | None = None,
    is_revised: bool = True,
) -> None:
    """Make a kind known; the apps do it where their nouns are."""
    _KINDS[code] = Kind(label, list_name, holds, is_revised)


def kinds() -> dict[str, Kind]:
    """Every kind by its code."""
    return dict(_KINDS)


class PublicationQuerySet(PointingQuerySet):
    """Publications."""

    def standing(self, day: dt.date) -> PublicationQuerySet:
        """What the public sees on `day`: published, not withdrawn, its period not over."""
        return self.filter(Q(until=None) | Q(until__gte=day), state=S.PUBLISHED)

    def ever_public(self) -> PublicationQuerySet:
        """What was public once; its address says what became of it."""
        return self.filter(published_on__isnull=False)


class Publication(Noun):
    """One version of a text about a noun, as the public sees it.

    `body` holds blocks of the shapes of `portal.core.papers.content`. Once published, title and
    body never change (a trigger of the database sees to that); a change is the next version.
    """

    machine = PUBLICATION

    noun_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    noun_id = models.UUIDField()
    noun = GenericForeignKey("noun_type", "noun_id")
    party = models.CharField(max_length=40, blank=True, db_index=True)
    kind = models.SlugField(_("种类"), max_length=40)
    version = models.PositiveSmallIntegerField(_("版次"), default=1)
    title = models.CharField(_("标题"), max_length=120)
    body = models.JSONField()
    public_numbers = models.JSONField(default=list)
    content_sha256 = models.CharField(max_length=64)
    findings = models.JSONField(default=list)
    put_aside = models.JSONField(default=list)
    state = models.CharField(
        _("状态"), max_length=12, choices=PublicationStatus, default=S.PROPOSED
    )
    display_days = models.PositiveSmallIntegerField(_("公示天数"), null=True)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(_("提请时间"))
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("决定时间"), null=True)
    decision_reason = models.CharField(_("退回理由"), max_length=300, blank=True)
    published_on = models.DateField(_("公示日期"), null=True)
    until = models.DateField(_("公示至"), null=True)
    withdrawn_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(_("撤下时间"), null=True)
    withdrawn_on = models.DateField(_("撤下日期"), null=True)
    withdrawal_reason = models.CharField(_("撤下原因"), max_length=300, blank=True)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        app_label = "core"
        ordering = ["-proposed_at", "-id"]
        verbose_name = _("公示")
        verbose_name_plural = _("公示")
        indexes = [
            models.Index(fields=["noun_type", "noun_id"], name="publication_of_noun"),
            models.Index(fields=["state", "-proposed_at"], name="publication_queue"),
            models.Index(fields=["kind", "state", "-published_on"], name="publication_list"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["noun_type", "noun_id", "kind", "version"], name="publication_version_once"
            ),
            models.UniqueConstraint(
                fields=["noun_type", "noun_id", "kind"],
                condition=Q(state=S.PUBLISHED),
                name="publication_one_standing",
            ),
            models.UniqueConstraint(
                fields=["noun_type", "noun_id", "kind"],
                condition=Q(state__in=[S.PROPOSED, S.HANDED_BACK]),
                name="publication_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state__in=PublicationStatus.values), name="publication_state_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="publication_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[S.PUBLISHED, S.REPLACED])
                | Q(decided_by__isnull=False, published_on__isnull=False),
                name="publication_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.HANDED_BACK) | ~Q(decision_reason=""),
                name="publication_handed_back_why",
            ),
            models.CheckConstraint(
                condition=~Q(state=S.WITHDRAWN)
                | (Q(withdrawn_on__isnull=False) & ~Q(withdrawal_reason="")),
                name="publication_withdrawn_why",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def kind_label(self) -> Any:
        """The kind in words."""
        known = _KINDS.get(self.kind)
        return known.label if known else self.kind

    @property
    def is_revised(self) -> bool:
        """Whether its text may be changed here; else it is proposed anew where it comes from."""
        known = _KINDS.get(self.kind)
        return known is None or known.is_revised

    @property
    def allowed_numbers(self) -> list[str]:
        """Telephone numbers that are public anyway: the facility's own and the office's."""
        return [*self.public_numbers, office_words()["phone"]]

    @property
    def standing_findings(self) -> list[dict[str, Any]]:
        """What the scan found and nobody has put aside for this very content."""
        aside = {e["key"] for e in self.put_aside if e["content"] == self.content_sha256}
        return [found for found in self.findings if found["certain"] or found["key"] not in aside]

    @property
    def is_over(self) -> bool:
        """Whether it was public and is so no more."""
        return self.published_on is not None and self.state != S.PUBLISHED

    def url_for(self, user: User) -> str:
        """The page on which officials work with it."""
        return reverse("desk:publication", args=[self.pk])


def texts_of(title: str, body: list[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Every text of a content with the name of its place: title, or block and line, from 1."""
    yield "title", title
    for number, block in enumerate(body, start=1):
        if "text" in block:
            yield f"{number}", block["text"]
        for line, row in enumerate(block.get("rows", ()), start=1):
            yield f"{number}.{line}", f"{row[0]}：{row[1]}"
        for key in ("entries", "lines"):
            for line, entry in enumerate(block.get(key, ()), start=1):
                yield f"{number}.{line}", entry
