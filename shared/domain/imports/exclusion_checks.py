"""What an import asks its records, so that those which its mapping excludes are rejected."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from shared.domain.imports.exclusions import Condition, Exclusion
from shared.domain.imports.record_checks import Check
from shared.domain.imports.record_fields import Field, FieldType


def excluded_check(exclusion: Exclusion) -> Check:
    """As a check of an import; expects the typed columns of the fields."""
    named = next(iter(exclusion.where))
    conditions = [_holds(condition, pl.col(name)) for name, condition in exclusion.where.items()]
    given = pl.col(named).cast(pl.String).fill_null("").str.slice(0, 80)
    message = pl.format("{} is excluded by the mapping: {}", given, pl.lit(exclusion.reason))
    return Check("excluded", named, pl.all_horizontal(conditions), message)


def _holds(condition: Condition, field: pl.Expr) -> pl.Expr:
    parts = []
    if condition.matches is not None:
        parts.append(field.str.contains(condition.matches))
    if condition.not_matches is not None:
        parts.append(~field.str.contains(condition.not_matches))
    if condition.empty is not None:
        parts.append(field.is_null() if condition.empty else field.is_not_null())
    if condition.equals is not None:
        parts.append(field == condition.equals)
    if condition.below is not None:
        parts.append(field < condition.below)
    return pl.all_horizontal(parts).fill_null(value=False)


def fault_of(exclusion: Exclusion, fields: Sequence[Field]) -> str | None:
    """Why these fields cannot be asked what the exclusion asks; None: they can."""
    types = {field.name: field.type for field in fields}
    for name, condition in exclusion.where.items():
        if name not in types:
            return f"unknown field {name!r}; allowed: {', '.join(types)}"
        if condition.about_numbers and types[name] is not FieldType.DECIMAL:
            return f"{name} is no number: `equals` and `below` compare numbers"
        if condition.about_texts and types[name] is not FieldType.TEXT:
            return f"{name} is no text: `matches` and `not_matches` look at texts"
    return None
