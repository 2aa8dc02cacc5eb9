"""The operator's side: my facilities, the filing in its sections, its progress."""

from .certificates import (
    certificate,
    certificate_autosave,
    certificate_file_remove,
    certificates,
)
from .expiries import expiries
from .filing import check, declaration, done, filing, supplement, withdraw
from .home import documents, home, start
from .life import change_new, closure_new, closure_revoke, elsewhere_new
from .members import invitation_end, invite, join, join_answer, member_change, members
from .sections import autosave, closure, premises, registration, safety, services
from .staff import (
    staff,
    staff_person,
    staff_person_autosave,
    staff_person_remove,
)
from .staff_ledger import (
    staff_add,
    staff_faults,
    staff_leave,
    staff_ledger,
    staff_ledger_import,
    staff_member,
    staff_paper,
    staff_template,
)
from .today import (
    enrolment,
    pause,
    pause_cancel,
    pause_new,
    pause_prolong,
    pause_resume,
    place,
)

__all__ = [
    "autosave",
    "certificate",
    "certificate_autosave",
    "certificate_file_remove",
    "certificates",
    "change_new",
    "check",
    "closure",
    "closure_new",
    "closure_revoke",
    "declaration",
    "documents",
    "done",
    "elsewhere_new",
    "enrolment",
    "expiries",
    "filing",
    "home",
    "invitation_end",
    "invite",
    "join",
    "join_answer",
    "member_change",
    "members",
    "pause",
    "pause_cancel",
    "pause_new",
    "pause_prolong",
    "pause_resume",
    "place",
    "premises",
    "registration",
    "safety",
    "services",
    "staff",
    "staff_add",
    "staff_faults",
    "staff_leave",
    "staff_ledger",
    "staff_ledger_import",
    "staff_member",
    "staff_paper",
    "staff_person",
    "staff_person_autosave",
    "staff_person_remove",
    "staff_template",
    "start",
    "supplement",
    "withdraw",
]
