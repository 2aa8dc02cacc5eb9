"""The evaluators' pages (E1-E6)."""

from .evidence import evidence_new, evidence_remove
from .home import home, pledge, recuse, skip_answer
from .moderation import agree, discuss, moderation, objection, reopen
from .scoring import autosave, check, dimension, dossier, evidence, skip

__all__ = [
    "agree",
    "autosave",
    "check",
    "dimension",
    "discuss",
    "dossier",
    "evidence",
    "evidence_new",
    "evidence_remove",
    "home",
    "moderation",
    "objection",
    "pledge",
    "recuse",
    "reopen",
    "skip",
    "skip_answer",
]
