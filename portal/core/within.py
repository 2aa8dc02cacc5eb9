"""Rows of another table read within a row: one question where a prefetch would be one more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models.functions import JSONObject

M = TypeVar("M", bound=models.Model)


def rows_within(rows: models.QuerySet[Any]) -> ArraySubquery:
    """An annotation: the rows, in their order, every column; narrow them with OuterRef before."""
    names = [field.attname for field in rows.model._meta.concrete_fields]
    return ArraySubquery(rows.values(one=JSONObject(**{name: name for name in names})))


def revived(model: type[M], found: Iterable[Mapping[str, Any]]) -> list[M]:
    """What `rows_within` read, as the nouns they are; for showing, not for writing."""
    fields = model._meta.concrete_fields
    return [model(**{f.attname: _value(f, row[f.attname]) for f in fields}) for row in found]


def _value(field: models.Field[Any, Any], value: Any) -> Any:
    if isinstance(field, models.DecimalField) and value is not None:
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-field.decimal_places))
    return field.to_python(value)
