"""What a decision brings about, shown before it is taken: the register, the notice, the paper."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities import papers
from facilities.models import ClassGroup, Facility
from facilities.models.choices import FacilityType, FilingKind
from facilities.queries import notices
from facilities.queries.desk import Dossier
from portal.core import publishing
from portal.core.models import Community
from portal.core.views.publications import finding_words

# What granting is called, by the kind of filing.
WORDS = {
    FilingKind.INITIAL: gettext_lazy("准予登记"),
    FilingKind.CHANGE: gettext_lazy("准予变更登记"),
    FilingKind.CLOSURE: gettext_lazy("准予停办登记"),
}
_SAME = ("uscc", "facility_type", "legal_form", "registration_authority", "manager",
         "public_phone", "is_affordable")  # fmt: skip


def after(dossier: Dossier, today: dt.date) -> dict[str, Any]:
    """What the register, residents and the paper say once this is granted; nothing is stored."""
    filing, law = dossier.filing, dossier.law
    if filing.kind == FilingKind.CLOSURE and filing.facility:
        plan = dossier.latest.answers["closure"]
        blocks = papers.closure_blocks(filing, filing.facility, plan, law)
        return {"receipt": {"title": papers.CLOSURE_TITLE, "blocks": blocks}}
    facility, classes = _as_registered(dossier, today)
    is_change = filing.kind == FilingKind.CHANGE
    title = papers.CHANGE_TITLE if is_change else papers.RECEIPT_TITLE
    write = papers.change_blocks if is_change else papers.receipt_blocks
    return {
        "public_rows": _public_rows(facility, classes),
        "publication": _publication(facility),
        "receipt": {"title": title, "blocks": write(filing, facility, classes, law)},
    }


def _as_registered(dossier: Dossier, today: dt.date) -> tuple[Facility, list[ClassGroup]]:
    """The facility as it would stand in the register; a change keeps code and day of its own."""
    registration = dossier.latest.answers["registration"]
    premises = dossier.latest.answers["premises"]
    held = dossier.filing.facility
    facility = copy.copy(held) if held else Facility(code=_("（登记时编号）"), registered_on=today)
    facility.name, facility.address = registration["facility_name"], premises["address"]
    for name in _SAME:
        setattr(facility, name, registration[name])
    facility.community = Community(
        slug=premises["community"], name=dossier.communities.get(premises["community"], "")
    )
    fields = ("class_type", "name", "capacity", "enrolled")
    classes = [ClassGroup(**{name: row[name] for name in fields}) for row in premises["classes"]]
    return facility, classes


def _publication(facility: Facility) -> dict[str, Any]:
    """The notice as residents will read it, and what the scan says of it (R25)."""
    body = notices.registration_notice(facility)
    found = publishing.findings_in(facility.name, body, public_numbers=[facility.public_phone])
    return {
        "title": facility.name,
        "body": body,
        "findings": [finding_words(each) for each in found],
        "certain": [each for each in found if each.certain],
    }


def _public_rows(facility: Facility, classes: Sequence[ClassGroup]) -> list[tuple[str, str]]:
    places = sum(group.capacity for group in classes)
    return [
        (_("机构名称"), facility.name),
        (_("机构类型"), str(FacilityType(facility.facility_type).label)),
        (_("社区（村）"), facility.community.name),
        (_("地址"), facility.address),
        (_("公开电话"), facility.public_phone),
        (_("托位"), _("%(n)s 个") % {"n": places}),
        (_("普惠"), _("是") if facility.is_affordable else _("否")),
        (_("街道登记号"), facility.code),
    ]
