"""The official papers of supervision: what a visit and its findings give, and the draw's record."""

from .approval import issue_notice, issue_sheet, notice_of
from .drawing import issue_draw_record
from .visits import (
    SOURCE,
    issue_for_visit,
    issue_recheck,
    issue_taken_back,
    issue_transfer,
    transfer_blocks,
)

__all__ = [
    "SOURCE",
    "issue_draw_record",
    "issue_for_visit",
    "issue_notice",
    "issue_recheck",
    "issue_sheet",
    "issue_taken_back",
    "issue_transfer",
    "notice_of",
    "transfer_blocks",
]
