"""The officials' pages about the register."""

from .bulk import bulk
from .counter import counter_new, slip
from .decisions import decided, decline, hand_back, propose, refusal_publish, register
from .departments import (
    department,
    department_end,
    department_matter,
    department_new,
    departments,
)
from .expiries import expiries
from .files import facilities, facility
from .importing import (
    compare,
    compare_job,
    compare_leads,
    compare_take,
    import_errors,
    import_job,
    import_list,
    import_template,
    import_undo,
)
from .leads import (
    lead,
    lead_close,
    lead_guide,
    lead_link,
    lead_new,
    lead_publish,
    lead_reopen,
    lead_transfer,
    lead_verify,
    leads,
    transfer_acknowledge,
    transfer_answer,
)
from .life import (
    cancellation,
    pause,
    pause_note,
    statutory,
    statutory_remind,
    statutory_told,
)
from .lists import filings
from .members import join_answer, member_change, members
from .merging import merge, merge_decide, merge_new, merge_withdraw
from .phrases import phrase, phrase_new, phrases
from .review import correction_add, correction_remove, corrections_send, filing, take
from .staff import staff_reveal
from .verdicts import verdict

__all__ = [
    "bulk",
    "cancellation",
    "compare",
    "compare_job",
    "compare_leads",
    "compare_take",
    "correction_add",
    "correction_remove",
    "corrections_send",
    "counter_new",
    "decided",
    "decline",
    "department",
    "department_end",
    "department_matter",
    "department_new",
    "departments",
    "expiries",
    "facilities",
    "facility",
    "filing",
    "filings",
    "hand_back",
    "import_errors",
    "import_job",
    "import_list",
    "import_template",
    "import_undo",
    "join_answer",
    "lead",
    "lead_close",
    "lead_guide",
    "lead_link",
    "lead_new",
    "lead_publish",
    "lead_reopen",
    "lead_transfer",
    "lead_verify",
    "leads",
    "member_change",
    "members",
    "merge",
    "merge_decide",
    "merge_new",
    "merge_withdraw",
    "pause",
    "pause_note",
    "phrase",
    "phrase_new",
    "phrases",
    "propose",
    "refusal_publish",
    "register",
    "slip",
    "staff_reveal",
    "statutory",
    "statutory_remind",
    "statutory_told",
    "take",
    "transfer_acknowledge",
    "transfer_answer",
    "verdict",
]
