"""The operator's side: my facilities, the filing in three sections, its progress."""

from .certificates import (
    certificate,
    certificate_autosave,
    certificate_file_remove,
    certificates,
)
from .filing import check, declaration, done, filing, withdraw
from .home import documents, home, start
from .sections import autosave, premises, registration

__all__ = [
    "autosave",
    "certificate",
    "certificate_autosave",
    "certificate_file_remove",
    "certificates",
    "check",
    "declaration",
    "documents",
    "done",
    "filing",
    "home",
    "premises",
    "registration",
    "start",
    "withdraw",
]
