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

from facilities.forms import FORMS, PROOF, SECTION_NAMES
from facilities.forms.misses import Remark
from facilities.forms.sections import written
from facilities.models import CorrectionItem, Filing
from facilities.models.choices import Proposal
from facilities.queries.desk import Dossier
from facilities.queries.life import BASELINE
from facilities.workflow import FilingStatus
from portal.core.models import Attachment, OfficialPaper
from portal.core.regulation import Regulation
from portal.core.templatetags.portal import cn_date, mask_phone

from .judging import PAPERS, Changes, Judgement, Unit, asked_last, is_changed

_PAPER_ROWS = {
    "number": gettext_lazy("编号"),
    "issuer": gettext_lazy("发证机关"),
    "issued_on": gettext_lazy("发证日期"),
    "valid_until": gettext_lazy("有效期至"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One answer; `was` is what stood there before, where it differs; `asked` what was wanted."""

    label: str
    value: str
    target: str = ""
    was: str | None = None
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the answers with the remarks about it."""

    key: str
    title: str
    rows: list[Row]
    remarks: list[Remark]
    proof: str = ""
    unit: Unit | None = None
    asked: tuple[str, ...] = ()
    is_changed: bool = False

    @property
    def changes(self) -> int:
        """How many answers differ from what stood there before."""
        return sum(row.was is not None for row in self.rows) or int(self.is_changed)

    @property
    def changed_rows(self) -> list[Row]:
        """The answers that differ, and those that were asked for and stayed as they were."""
        return [row for row in self.rows if row.was is not None or row.asked]

    @property
    def same_rows(self) -> list[Row]:
        """The others; a second reader need not open them."""
        return [row for row in self.rows if row.was is None and not row.asked]


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper handed in: its facts, its files, the remarks about it."""

    material: str
    name: str
    rows: list[Row]
    files: list[Attachment]
    remarks: list[Remark] = field(default_factory=list)
    files_changed: bool = False
    unit: Unit | None = None
    asked: tuple[str, ...] = ()

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


def sections(
    dossier: Dossier,
    remarks: Sequence[Remark],
    judgement: Judgement,
    changes: Changes | None,
    *,
    masked: bool,
) -> list[Section]:
    """Every part that is a form as rows, the changed ones first; the papers stand beside them."""
    keys = [each for each in dossier.latest.answers if each != PAPERS]
    found = [
        Section(
            key,
            str(SECTION_NAMES.get(key, key)),
            _rows(key, dossier, masked=masked),
            [remark for remark in remarks if remark.section == key],
            PROOF.get(key, ""),
            judgement.of(key),
            tuple(asked_last(dossier, key)),
            is_changed(changes, key),
        )
        for key in keys
    ]
    return sorted(found, key=lambda section: not section.is_changed) if changes else found


def _rows(key: str, dossier: Dossier, *, masked: bool) -> list[Row]:
    """The answers of a part, each with what stood there before where that differs."""
    then = dossier.before.answers.get(key) if dossier.before else None
    fresh = dict(_values(key, dossier.latest.answers[key], dossier, masked=masked))
    old = dict(_values(key, then, dossier, masked=masked)) if then is not None else None
    rows = []
    for (label, target), value in fresh.items():
        asked = tuple(asked_last(dossier, key, target.partition(":")[2]))
        rows.append(Row(label, value, target, _was(old, (label, target), value), asked))
    gone = [each for each in old or {} if each not in fresh]
    rows += [Row(label, _("已删除"), target, (old or {})[label, target]) for label, target in gone]
    return rows


def _was(old: Mapping[Any, str] | None, key: Any, value: str) -> str | None:
    if old is None or old.get(key, "") == value:
        return None
    return old.get(key, "")


def _values(
    key: str, answers: Mapping[str, Any], dossier: Dossier, *, masked: bool
) -> Iterator[tuple[tuple[str, str], str]]:
    form = FORMS.get(key)
    if form is None:
        yield from _unknown(key, answers)
        return
    for name, asked in form.base_fields.items():
        if name not in answers or not form.belongs(name, answers):
            continue
        value = answers[name]
        if masked and name == "manager_phone":
            value = mask_phone(value)
        text = written(form, name, value, dossier.communities)
        yield (str(asked.label), f"{key}:{name}"), str(text)
    for label, text in form.rows_read(answers):
        yield (label, f"{key}:{form.rows_name}"), text


def _unknown(key: str, answers: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    """A part that is no form: its lists by what names their rows, nothing more."""
    for value in answers.values():
        if isinstance(value, list):
            for number, row in enumerate(value, start=1):
                name = row.get("name", "") if isinstance(row, dict) else str(row)
                yield (_("第 %(n)s 项") % {"n": number}, key), str(name)


# --- papers -----------------------------------------------------------------------------------


def papers(
    dossier: Dossier, remarks: Sequence[Remark], judgement: Judgement, changes: Changes | None
) -> list[Paper]:
    """The papers of the list in its order, then those beyond it; the changed ones first."""
    given = _by_material(dossier.latest.answers)
    earlier = _by_material(dossier.before.answers) if dossier.before else {}
    wanted = {*given, *earlier, *(r.material for r in remarks if r.material)}
    found = [
        _paper(dossier, code, remarks, judgement)
        for code in dict.fromkeys([*_material_codes(dossier), *sorted(wanted)])
        if code in wanted
    ]
    return sorted(found, key=lambda paper: not paper.is_changed) if changes else found


def judged_papers(dossier: Dossier) -> list[tuple[str, str]]:
    """Code and name of every paper that was handed in: each wants a verdict."""
    given = _by_material(dossier.latest.answers)
    return [(code, material_name(code, dossier.law)) for code in given]


def _by_material(answers: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    given = answers.get("certificates", {}).get("certificates", ())
    return {paper["material"]: paper for paper in given}


def _paper(dossier: Dossier, code: str, remarks: Sequence[Remark], judgement: Judgement) -> Paper:
    now = _by_material(dossier.latest.answers).get(code, {})
    then = _by_material(dossier.before.answers).get(code) if dossier.before else None
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
        unit=judgement.of(PAPERS, code),
        asked=tuple(asked_last(dossier, PAPERS, code)),
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
    for key, form in FORMS.items():
        if key not in dossier.latest.answers:
            continue
        items = [
            (f"{key}:{name}", str(asked.label))
            for name, asked in form.base_fields.items()
            if name in dossier.latest.answers[key]
        ]
        if form.rows_name:
            items.append((f"{key}:{form.rows_name}", str(form.rows_label)))
        found.append((str(SECTION_NAMES[key]), [(key, _("整个部分")), *items]))
    materials = [
        (f"certificates:{code}", material_name(code, dossier.law))
        for code in _material_codes(dossier)
    ]
    found.append(
        (str(SECTION_NAMES["certificates"]), [("certificates", _("整个部分")), *materials])
    )
    return found


def _material_codes(dossier: Dossier) -> Iterable[str]:
    kind = dossier.latest.answers.get("registration", {}).get("facility_type", "")
    key = f"materials.for_{kind}"
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
        if sent.round == BASELINE:
            continue
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
