"""The nouns of supervision."""

from .checklist import Checklist, ChecklistItem, ChecklistVersion
from .finding import Finding, FindingStep
from .inspection import (
    HeadCount,
    Inspection,
    InspectionAnswer,
    InspectionApproval,
    InspectionMember,
    InspectionSignature,
    StaffSample,
)
from .people import CalendarAddress, DelegatedItem, EnforcementCertificate, InspectorTie
from .plan import DrawReplacement, InspectionPlan, RandomDraw
from .risk import FacilityRisk, RiskExplanation, RiskFact
from .selfcheck import SelfCheck, SelfCheckAnswer

__all__ = [
    "CalendarAddress",
    "Checklist",
    "ChecklistItem",
    "ChecklistVersion",
    "DelegatedItem",
    "DrawReplacement",
    "EnforcementCertificate",
    "FacilityRisk",
    "Finding",
    "FindingStep",
    "HeadCount",
    "Inspection",
    "InspectionAnswer",
    "InspectionApproval",
    "InspectionMember",
    "InspectionPlan",
    "InspectionSignature",
    "InspectorTie",
    "RandomDraw",
    "RiskExplanation",
    "RiskFact",
    "SelfCheck",
    "SelfCheckAnswer",
    "StaffSample",
]
