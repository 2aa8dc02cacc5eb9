"""What a try costs once the budgets are spent: never a refusal, only more work or a wait (R11)."""

from __future__ import annotations

import hashlib

from portal.core.regulation import Regulation


def bits_owed(over: int, law: Regulation) -> int:
    """The difficulty for somebody whose budgets are spent `over` times; 0 within them."""
    if over <= 0:
        return 0
    first, step = (law.integer("complaints.work_bits", name) for name in ("first", "step"))
    return min(first + step * (over - 1), law.integer("complaints.work_bits", "most"))


def wait_owed(over: int, law: Regulation) -> int:
    """The seconds to wait where no script can work: doubling, up to the limit."""
    most = law.integer("complaints.work_wait_seconds")
    return min(2 ** min(over, most), most) if over > 0 else 0


def has_done_work(challenge: str, answer: str, bits: int) -> bool:
    """Whether SHA-256 of challenge and answer begins with so many zero bits."""
    digest = hashlib.sha256(f"{challenge}:{answer}".encode()).digest()
    return int.from_bytes(digest, "big") >> (len(digest) * 8 - bits) == 0
