"""The regulation applied to the facts of a filing: clocks, pre-check, materials.

Pure functions on values. Every limit, list and threshold comes from the regulation of the day
(packs `filing`, `setting`, `materials`, `registration`); a check whose figure is not in force says
nothing, a clock whose figure is not in force raises KeyError. A miss is a remark with the figure
behind it; only one that makes the filing unusable is `blocking`.
"""

from .clocks import (
    answer_due,
    change_report_due,
    closure_earliest,
    correction_due,
    draft_expires_on,
    escalation_due,
    is_escalated,
    reminder_due,
    resume_due,
)
from .comparison import Change, changed_sections, compare
from .duplicates import address_key, likeness, name_key
from .expiry import OVERDUE, Step, days_left, steps_on
from .facts import (
    CertificateFacts,
    ClassFacts,
    Material,
    Miss,
    PremisesFacts,
    RegistrationFacts,
    SafetyFacts,
    ServicesFacts,
)
from .materials import check_certificates, required_materials
from .offering import ages_for, check_services
from .premises import carers_needed, check_premises
from .registration import check_registration, registered_as, registered_by
from .safety import check_safety, safety_questions
from .sections import sections_for
from .staff import (
    PersonFacts,
    PostNeed,
    StaffFacts,
    Staffing,
    check_staff,
    comes_of_age,
    paper_end,
    paper_state,
    staffing,
)

__all__ = [
    "OVERDUE",
    "CertificateFacts",
    "Change",
    "ClassFacts",
    "Material",
    "Miss",
    "PersonFacts",
    "PostNeed",
    "PremisesFacts",
    "RegistrationFacts",
    "SafetyFacts",
    "ServicesFacts",
    "StaffFacts",
    "Staffing",
    "Step",
    "address_key",
    "ages_for",
    "answer_due",
    "carers_needed",
    "change_report_due",
    "changed_sections",
    "check_certificates",
    "check_premises",
    "check_registration",
    "check_safety",
    "check_services",
    "check_staff",
    "closure_earliest",
    "comes_of_age",
    "compare",
    "correction_due",
    "days_left",
    "draft_expires_on",
    "escalation_due",
    "is_escalated",
    "likeness",
    "name_key",
    "paper_end",
    "paper_state",
    "registered_as",
    "registered_by",
    "reminder_due",
    "required_materials",
    "resume_due",
    "safety_questions",
    "sections_for",
    "staffing",
    "steps_on",
]
