"""The facility's pages about its evaluation (O21)."""

from .assessment import assessment, autosave, evidence, evidence_remove, items, submit
from .result import facts, objection, objection_withdraw, plan, plan_again, reply, result
from .rounds import evaluations

__all__ = [
    "assessment",
    "autosave",
    "evaluations",
    "evidence",
    "evidence_remove",
    "facts",
    "items",
    "objection",
    "objection_withdraw",
    "plan",
    "plan_again",
    "reply",
    "result",
    "submit",
]
