"""A filing in words: rows beside their papers, what changed, what happened when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from facilities.forms import PremisesForm, RegistrationForm
from facilities.forms.misses import Remark
from facilities.models import CorrectionItem, Filing
from facilities.models.choices import (
    ClassType,
    FacilityType,
    LegalForm,
    OperatingModel,
    Proposal,
    Tenure,
)
from facilities.queries.desk import Dossier
from facilities.workflow import FilingStatus
from portal.core.models import Attachment, OfficialPaper
from portal.core.regulation import Regulation
from portal.core.templatetags.portal import cn_date, mask_phone

SECTIONS = {
    "registration": gettext_lazy("登记信息"),
    "premises": gettext_lazy("场所与托位"),
    "certificates": gettext_lazy("证照材料"),
}
_CHOICES: dict[str, Any] = {
    "facility_type": FacilityType,
    "legal_form": LegalForm,
    "operating_model": OperatingModel,
    "tenure": Tenure,
}
_DAYS = frozenset({"established_on", "lease_start", "lease_end"})
_AREAS = frozenset({"building_area", "indoor_area", "outdoor_area"})
_FLOORS = frozenset({"floor_lowest", "floor_highest"})
_FORMS: Mapping[str, Any] = {"registration": RegistrationForm, "premises": PremisesForm}
_PAPER_ROWS = {
    "number": gettext_lazy("编号"),
    "issuer": gettext_lazy("发证机关"),
    "issued_on": gettext_lazy("发证日期"),
    "valid_until": gettext_lazy("有效期至"),
}
# The paper an official compares a section with first.
_PROOF = {"registration": "business_licence", "premises": "premises_proof"}


@dataclass(frozen=True, slots=True)
class Row:
    """One answer; `was` is what the round before said, where it differs."""

    label: str
    value: str
    target: str = ""
    was: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the answers with the remarks about it."""

    key: str
    title: str
    rows: list[Row]
    remarks: list[Remark]
    proof: str = ""

    @property
    def changes(self) -> int:
        """How many answers differ from the round before."""
        return sum(row.was is not None for row in self.rows)


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper handed in: its facts, its files, the remarks about it."""

    material: str
    name: str
    rows: list[Row]
    files: list[Attachment]
    remarks: list[Remark] = field(default_factory=list)
    files_changed: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether anything differs from the round before."""
        return self.files_changed or any(row.was is not None for row in self.rows)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the timeline (components/timeline.html)."""

    at: dt.datetime | None
    text: str
    actor: str = ""
    detail: str = ""
    family: str = ""
    icon: str = ""
    style: str = "moment"
    future: bool = False


# --- answers ----------------------------------------------------------------------------------


def sections(dossier: Dossier, remarks: Sequence[Remark], *, masked: bool) -> list[Section]:
    """Registration and premises as rows, the papers stand beside them."""
    now = dossier.latest.answers
    then = dossier.before.answers if dossier.before else None
    found = []
    for key in ("registration", "premises"):
        fresh = dict(_values(key, now[key], dossier, masked=masked))
        old = dict(_values(key, then[key], dossier, masked=masked)) if then else None
        rows = [
            Row(label, value, target, _was(old, (label, target), value))
            for (label, target), value in fresh.items()
        ]
        rows += [
            Row(label, _("已删除"), target, value)
            for (label, target), value in (old or {}).items()
            if (label, target) not in fresh
        ]
        about = [remark for remark in remarks if remark.section == key]
        found.append(Section(key, str(SECTIONS[key]), rows, about, _PROOF[key]))
    return found


def _was(old: Mapping[Any, str] | None, key: Any, value: str) -> str | None:
    if old is None or old.get(key, "") == value:
        return None
    return old.get(key, "")


def _values(
    key: str, answers: Mapping[str, Any], dossier: Dossier, *, masked: bool
) -> Iterator[tuple[tuple[str, str], str]]:
    for name, asked in _FORMS[key].base_fields.items():
        if name == "version" or name not in answers:
            continue
        value = answers[name]
        if masked and name == "manager_phone":
            value = mask_phone(value)
        yield (str(asked.label), f"{key}:{name}"), _written(name, value, dossier.communities)
    for row in answers.get("classes", ()):
        label = _("班级 %(name)s") % {"name": row["name"]}
        yield (label, f"{key}:classes"), _class(row)


def _written(name: str, value: Any, communities: Mapping[str, str]) -> str:
    """An answer as people write it."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if value is None:
        return ""
    if value and name in _CHOICES:
        return str(_CHOICES[name](value).label)
    if name == "community":
        return communities.get(value, value)
    return _measured(name, value)


def _measured(name: str, value: Any) -> str:
    if not value and value != 0:
        return ""
    if name in _DAYS:
        return cn_date(dt.date.fromisoformat(value))
    if name in _AREAS:
        return _("%(area)s 平方米") % {"area": value}
    if name in _FLOORS:
        return _("%(n)s 层") % {"n": value}
    return str(value)


def _class(row: Mapping[str, Any]) -> str:
    facts = {
        "kind": ClassType(row["class_type"]).label,
        "places": row["capacity"],
        "children": row["enrolled"] or 0,
    }
    return _("%(kind)s，托位 %(places)s 个，在托 %(children)s 人") % facts


# --- papers -----------------------------------------------------------------------------------


def papers(dossier: Dossier, remarks: Sequence[Remark]) -> list[Paper]:
    """The papers of the list in its order, then those handed in beyond it."""
    given = _by_material(dossier.latest.answers)
    earlier = _by_material(dossier.before.answers) if dossier.before else {}
    wanted = {*given, *earlier, *(r.material for r in remarks if r.material)}
    return [
        _paper(dossier, code, given.get(code, {}), earlier.get(code), remarks)
        for code in dict.fromkeys([*_material_codes(dossier), *sorted(wanted)])
        if code in wanted
    ]


def _by_material(answers: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {paper["material"]: paper for paper in answers["certificates"]["certificates"]}


def _paper(
    dossier: Dossier,
    code: str,
    now: Mapping[str, Any],
    then: Mapping[str, Any] | None,
    remarks: Sequence[Remark],
) -> Paper:
    old = {name: _paper_value(name, then) for name in _PAPER_ROWS} if then else None
    rows = []
    for name, label in _PAPER_ROWS.items():
        value = _paper_value(name, now)
        rows.append(Row(str(label), value, was=_was(old, name, value)))
    kept = [dossier.files[pk] for pk in now.get("files", ()) if pk in dossier.files]
    return Paper(
        material=code,
        name=material_name(code, dossier.law),
        rows=rows,
        files=kept,
        remarks=[remark for remark in remarks if remark.material == code],
        files_changed=then is not None and set(then["files"]) != set(now.get("files", ())),
    )


def _paper_value(name: str, paper: Mapping[str, Any]) -> str:
    value = paper.get(name) or ""
    is_day = bool(value) and name.endswith(("_on", "_until"))
    return cn_date(dt.date.fromisoformat(value)) if is_day else str(value)


def material_name(code: str, law: Regulation) -> str:
    """The material as the list names it."""
    key = f"materials.{code}"
    return law.text(key, "name") if key in law else code


# The list of corrections is printed on a Chinese notice, whatever language the clerk reads.
@translation.override(settings.LANGUAGE_CODE)
def targets(dossier: Dossier) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a correction may name: a whole section, one of its answers, one of the papers."""
    return _targets(dossier)


def _targets(dossier: Dossier) -> list[tuple[str, list[tuple[str, str]]]]:
    found = []
    for key, form in _FORMS.items():
        items = [
            (f"{key}:{name}", str(asked.label))
            for name, asked in form.base_fields.items()
            if name != "version"
        ]
        if key == "premises":
            items.append((f"{key}:classes", _("班级和托位")))
        found.append((str(SECTIONS[key]), [(key, _("整个部分")), *items]))
    materials = [
        (f"certificates:{code}", material_name(code, dossier.law))
        for code in _material_codes(dossier)
    ]
    found.append((str(SECTIONS["certificates"]), [("certificates", _("整个部分")), *materials]))
    return found


def _material_codes(dossier: Dossier) -> Iterable[str]:
    key = f"materials.for_{dossier.latest.answers['registration']['facility_type']}"
    listed = dossier.law.table(key) if key in dossier.law else ()
    return dict.fromkeys([*listed, *_by_material(dossier.latest.answers)])


# --- what happened ----------------------------------------------------------------------------


def timeline(dossier: Dossier, issued: Sequence[OfficialPaper]) -> list[Entry]:
    """What the stored rows tell, the newest first."""
    filing = dossier.filing
    entries = [*_rounds(dossier), *_notices(dossier, issued), *_decisions(dossier)]
    entries += _ending(filing)
    entries.sort(key=lambda entry: entry.at.timestamp() if entry.at else 0, reverse=True)
    if filing.state == FilingStatus.IN_REVIEW and filing.proposed_at and filing.decision_reason:
        entries.insert(
            0,
            Entry(None, _("审定人退回"), detail=filing.decision_reason, family="warn",
                  icon="arrow-counterclockwise"),
        )  # fmt: skip
    return entries


def _ending(filing: Filing) -> Iterator[Entry]:
    if filing.ended_at:
        yield Entry(filing.ended_at, _("机构撤回"), family="closed", icon="slash-circle")


def _rounds(dossier: Dossier) -> Iterator[Entry]:
    for sent in dossier.submissions:
        text = _("机构提交") if sent.round == 1 else _("机构补正后重新提交")
        yield Entry(sent.submitted_at, text, sent.declared_name, icon="send")


def _notices(dossier: Dossier, issued: Sequence[OfficialPaper]) -> Iterator[Entry]:
    for paper in issued:
        yield Entry(
            paper.issued_at,
            _("发出《%(title)s》%(number)s") % {"title": paper.title, "number": paper.number},
            paper.issued_label,
            icon="file-earmark-text",
        )


def _decisions(dossier: Dossier) -> Iterator[Entry]:
    filing = dossier.filing
    if filing.proposed_at and filing.proposed_by_id:
        text = _("提交审定：%(what)s") % {"what": Proposal(filing.proposal).label}
        yield Entry(
            filing.proposed_at, text, post_of(dossier, filing.proposed_by_id),
            filing.proposal_reason, icon="person-check",
        )  # fmt: skip
    if filing.decided_at and filing.decided_by_id:
        declined = filing.state == FilingStatus.DECLINED
        yield Entry(
            filing.decided_at,
            _("审定：不予登记") if declined else _("审定：准予登记"),
            post_of(dossier, filing.decided_by_id),
            filing.decision_reason,
            "danger" if declined else "ok",
            "x-octagon-fill" if declined else "check-circle-fill",
        )


def post_of(dossier: Dossier, pk: Any) -> str:
    """A person by post; the office reads the post, papers print it."""
    person = dossier.person(pk)
    return person.signature_label if person else ""


def earlier_corrections(dossier: Dossier, issued: Sequence[OfficialPaper]) -> list[dict[str, Any]]:
    """The lists that were sent, the newest round first, with the notice that carried them."""
    rounds: dict[int, list[CorrectionItem]] = {}
    for item in dossier.sent:
        rounds.setdefault(item.round, []).append(item)
    notices = [paper for paper in reversed(issued) if paper.kind == "correction_notice"]
    found = [
        {"round": number, "items": items, "paper": notices[at] if at < len(notices) else None}
        for at, (number, items) in enumerate(sorted(rounds.items()))
    ]
    return found[::-1]


def paper_links(paper: OfficialPaper) -> list[dict[str, str]]:
    """The three ways to read a paper."""
    return [
        {"label": _("网页版"), "url": reverse("core:paper", args=[paper.pk]), "icon": "file-text"},
        {"label": "PDF", "url": reverse("core:paper_pdf", args=[paper.pk]), "icon": "file-pdf"},
        {"label": _("图片"), "url": reverse("core:paper_png", args=[paper.pk]), "icon": "image"},
    ]
