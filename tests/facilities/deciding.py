"""Another figure in the law of the database, as the office decides it: by two persons."""

from __future__ import annotations

import json
from typing import Any

from portal.core.actors import Actor
from portal.core.administration import law as packs
from tests import makers


def decide(key: str, value: Any, since: str = "2027-01-01") -> None:
    """Another value of a figure from a day on, proposed by one and published by another."""
    pack, _, name = key.partition(".")
    row = packs.newest(pack)
    assert row
    content = json.loads(row.content)
    values = content["entries"][name]["values"]
    values.append({**values[-1], "since": since, "value": value})
    text = json.dumps(content, ensure_ascii=False)
    proposal = makers.pack_proposal(pack, Actor.person(makers.clerk()), text)
    packs.publish(proposal, by=Actor.person(makers.approver()), at=makers.AT)
