"""What is kept of the secret in a calendar's address: enough to know it again, not to read it."""

from __future__ import annotations

import hashlib


def fingerprint(secret: str) -> str:
    """64 hexadecimal characters; the secret is random, so nothing slower is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()
