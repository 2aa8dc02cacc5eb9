"""The facility's side: results of visits, findings to put right, its own monthly checks."""

from .checks import self_check, self_check_start, self_check_submit, self_checks
from .findings import (
    finding,
    finding_dispute,
    finding_extension,
    finding_plan,
    finding_report,
    findings,
)
from .visits import inspection, inspection_acknowledge, inspection_object, inspections

__all__ = [
    "finding",
    "finding_dispute",
    "finding_extension",
    "finding_plan",
    "finding_report",
    "findings",
    "inspection",
    "inspection_acknowledge",
    "inspection_object",
    "inspections",
    "self_check",
    "self_check_start",
    "self_check_submit",
    "self_checks",
]
