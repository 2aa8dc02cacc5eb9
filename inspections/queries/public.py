"""What the public reads of supervision: results and findings; never what called for a visit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.utils import translation

from facilities.models import Facility
from inspections.models import Finding, Inspection
from inspections.models.choices import AnswerValue
from inspections.models.finding import OVERDUE_NOTICE
from inspections.models.inspection import RESULT_NOTICE
from inspections.workflow import InspectionResult, InspectionStatus
from portal.core.models import Publication
from portal.core.papers import content
from portal.core.papers.content import chinese_date


def published_visits(facility: Facility, since: dt.date) -> list[Inspection]:
    """The visits of a facility that are public, with their findings, the newest first."""
    found = Inspection.objects.filter(
        facility=facility, state=InspectionStatus.PUBLISHED, completed_on__gte=since
    ).prefetch_related(
        Prefetch(
            "findings",
            Finding.objects.issued().filter(annulled=False).order_by("found_at", "id"),
            to_attr="shown",
        )
    )  # fmt: skip
    return list(found.order_by("-completed_on", "-id"))


def result_notices(day: dt.date) -> QuerySet[Publication]:
    """The results that are public on a day."""
    standing = Publication.objects.standing(day).filter(kind=RESULT_NOTICE)
    return standing.order_by("-published_on", "-id")


def overdue_notices(day: dt.date) -> QuerySet[Publication]:
    """The findings that are named to the public on a day."""
    standing = Publication.objects.standing(day).filter(kind=OVERDUE_NOTICE)
    return standing.order_by("-published_on", "-id")


def result_notice(inspection: Inspection) -> list[dict[str, Any]]:
    """The text of a result: kind, day, outcome, what was found and when it was put right."""
    with translation.override(settings.LANGUAGE_CODE):
        kind = str(inspection.get_kind_display())
        result = str(InspectionResult(inspection.result).label)
    rows = [
        ("机构名称", inspection.facility.name),
        ("类别", kind),
        ("检查日期", chinese_date(inspection.completed_on or inspection.planned_on)),
        ("检查结果", result),
    ]
    if inspection.lead_department:
        rows.insert(2, ("牵头部门", inspection.lead_department))
    if unseen := inspection.answers.filter(value=AnswerValue.UNSEEN).count():
        rows.append(("未查项目", f"{unseen}项（共{inspection.answers.count()}项）"))
    findings = inspection.findings.filter(annulled=False).order_by("found_at", "id")
    entries = [public_line(finding) for finding in findings]
    blocks = [content.facts(rows)]
    return blocks + ([content.items(entries)] if entries else [])


def public_line(finding: Finding) -> str:
    """A finding as the public reads it: what, how grave, and when it was put right."""
    with translation.override(settings.LANGUAGE_CODE):
        severity = str(finding.get_severity_display())
    if finding.closed_on:
        end = f"已于{chinese_date(finding.closed_on)}整改完成"
    else:
        end = f"整改期限{chinese_date(finding.due_on)}"
    return f"{finding.area or '现场情况'}方面：{finding.text}（{severity}），{end}"


def since_then(notice: Publication) -> list[str]:
    """What became of the findings of a result after its text was frozen: put right, or struck."""
    if notice.kind != RESULT_NOTICE:
        return []
    frozen = [line for block in notice.body for line in block.get("entries", ())]
    ended = Finding.objects.filter(inspection=notice.noun_id, closed_on__isnull=False)
    told = [each for each in ended.order_by("found_at", "id") if _stands_in(frozen, each)]
    lines = [_became(each) for each in told]
    return [line for line in lines if line not in frozen]


def _stands_in(frozen: list[str], finding: Finding) -> bool:
    return any(finding.text in line for line in frozen)


def _became(finding: Finding) -> str:
    if finding.annulled and finding.closed_on:
        return f"{finding.text}：经申诉核实，已于{chinese_date(finding.closed_on)}撤销"
    return public_line(finding)


def overdue_notice(finding: Finding) -> list[dict[str, Any]]:
    """The text that names a finding until it is closed."""
    rows = [
        ("机构名称", finding.facility.name),
        ("问题", finding.text),
        ("告知日期", chinese_date(finding.issued_on or finding.due_on)),
        ("整改期限", chinese_date(finding.due_on)),
        ("目前情况", "尚未整改完成"),
    ]
    return [content.facts(rows)]
