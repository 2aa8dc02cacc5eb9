"""Sealing old values anew under the current key, in small batches, while the portal serves.

Works as the owner of the tables: what was frozen stays closed to the application, and only its
seal changes here. A row that somebody holds is passed over and waited for at the end. Interrupted
at any place, it goes on where values under an old key are left.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import connections, models, transaction
from django.db.models import F, Func, IntegerField, QuerySet
from django.db.models.functions import Length

from .crypto import (
    FACTOR_BINDING,
    SealBroken,
    SealedJSONField,
    Token,
    WrappedKeyField,
    seal_text,
    text_version,
    unseal_text,
)
from .keyring import keyring

Sealed = SealedJSONField | WrappedKeyField
BATCH = 100
OWNER = "owner"


@dataclass(slots=True)
class Progress:
    """How far one column is."""

    where: str
    sealed: int = 0
    broken: list[str] = field(default_factory=list)


class _KeyVersion(Func):
    """The second byte of a sealed value."""

    function = "get_byte"
    output_field = IntegerField()


def sealed_fields() -> list[Sealed]:
    """Every sealed column of every app, wrapped keys of rows included."""
    return [
        column
        for model in apps.get_models()
        if not model._meta.proxy
        for column in model._meta.local_fields
        if isinstance(column, SealedJSONField | WrappedKeyField)
    ]


def reseal(batch: int = BATCH) -> Iterator[Progress]:
    """Seal everything anew; tells after each batch how far its column is."""
    for column in sealed_fields():
        yield from _reseal_column(column, batch)
    yield _reseal_factors()


def left_on_old_keys() -> int:
    """How many values still need an old key, counted while nobody can write one.

    A transaction that has written under an old key and is not over yet is waited for.
    """
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        tables = {column.model._meta.db_table for column in sealed_fields()}
        names = ", ".join(connections[OWNER].ops.quote_name(name) for name in sorted(tables))
        cursor.execute(f"LOCK TABLE {names} IN SHARE MODE")
        found = sum(_old(column).count() for column in sealed_fields())
    return found + len(_old_factors())


def _old(column: Sealed) -> QuerySet[Any]:
    """Rows whose value was not sealed with the current key; what is too short is none of ours."""
    manager: models.Manager[Any] = column.model._base_manager
    rows = manager.using(OWNER).annotate(octets=Length(column.name))
    whole = rows.filter(octets__gt=1).annotate(key_version=_KeyVersion(F(column.name), 1))
    old: QuerySet[Any] = whole.exclude(key_version=keyring().current)
    return old


def _reseal_column(column: Sealed, batch: int) -> Iterator[Progress]:
    """Once passing over what is held, once waiting for it."""
    progress = Progress(f"{column.model._meta.label}.{column.name}")
    for waits in (False, True):
        after = None
        while keys := _one_batch(column, batch, after, waits=waits, progress=progress):
            after = keys[-1]
            yield progress
    yield progress


def _one_batch(
    column: Sealed, size: int, after: Any, *, waits: bool, progress: Progress
) -> list[Any]:
    with transaction.atomic(using=OWNER):
        rows = _old(column).order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        held = rows.select_for_update(skip_locked=not waits, no_key=True, of=("self",))
        found = list(held.values_list("pk", column.name)[:size])
        for pk, token in found:
            _reseal_row(column, pk, token, progress)
    return [pk for pk, _token in found]


def _reseal_row(column: Sealed, pk: Any, token: Token, progress: Progress) -> None:
    try:
        fresh = column.anew(pk, token)
    except SealBroken:
        if str(pk) not in progress.broken:
            progress.broken.append(str(pk))
        return
    rows: models.Manager[Any] = column.model._base_manager
    rows.using(OWNER).filter(pk=pk).update(**{column.name: fresh})
    progress.sealed += 1


def _old_factors() -> list[Any]:
    """The keys of second factors with a text under an old key, or under none yet."""
    rows = Authenticator.objects.using(OWNER).values_list("pk", "data")
    return [pk for pk, data in rows if _has_old_text(data)]


def _texts(data: dict[str, Any]) -> Iterator[str]:
    yield from (data[name] for name in ("secret", "seed") if name in data)
    yield from data.get("migrated_codes", ())


def _has_old_text(data: dict[str, Any]) -> bool:
    return any(text_version(text) != keyring().current for text in _texts(data))


def _reseal_factors() -> Progress:
    """Second factors are few: one at a time, each under its own lock."""
    progress = Progress("mfa.Authenticator.data")
    for pk in _old_factors():
        with transaction.atomic(using=OWNER):
            rows = Authenticator.objects.using(OWNER).select_for_update(no_key=True)
            factor = rows.filter(pk=pk).first()
            if factor is None:
                continue
            try:
                factor.data = _anew(factor.data)
            except SealBroken:
                progress.broken.append(str(pk))
                continue
            rows.filter(pk=pk).update(data=factor.data)
            progress.sealed += 1
    return progress


def _anew(data: dict[str, Any]) -> dict[str, Any]:
    def again(text: str) -> str:
        return seal_text(unseal_text(text, FACTOR_BINDING), FACTOR_BINDING)

    fresh: dict[str, Any] = {name: again(data[name]) for name in ("secret", "seed") if name in data}
    if "migrated_codes" in data:
        fresh["migrated_codes"] = [again(code) for code in data["migrated_codes"]]
    return {**data, **fresh}
