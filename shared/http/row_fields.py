"""`fields=a,b` of a list: each row with these fields alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args, get_origin, get_type_hints

from flask import Response
from pydantic import BaseModel, RootModel
from typing_extensions import is_typeddict

from shared.domain.errors import FieldError, UnknownField
from shared.http.json import json_fields
from shared.http.reply import Reply
from shared.http.routes import Answer, ModelOrFile

if TYPE_CHECKING:
    from shared.http.paging import NumberedItems

_POINTER = "query/fields"


def fields_of_rows(answers: Mapping[int, Answer]) -> tuple[str, ...]:
    """The JSON names of a row's fields, of the list that an endpoint declares for 200; empty when it is no list."""
    page = answers.get(200)
    page = page.model if isinstance(page, ModelOrFile) else page
    if not (
        isinstance(page, type) and issubclass(page, BaseModel) and {"items", "page_size"} <= page.model_fields.keys()
    ):
        return ()
    (row,) = get_args(page.model_fields["items"].annotation)
    return _names(row)


def _names(row: Any) -> tuple[str, ...]:
    """The JSON names of a row's fields; of rows of several kinds those of any of them."""
    if is_typeddict(row):
        return tuple(get_type_hints(row))
    if isinstance(row, type) and issubclass(row, RootModel):
        return _names(row.model_fields["root"].annotation)
    if isinstance(row, type) and issubclass(row, BaseModel):
        return tuple(field.alias or name for name, field in row.model_fields.items())
    kinds = get_args(get_args(row)[0] if get_origin(row) is Annotated else row)
    return tuple(dict.fromkeys(name for kind in kinds for name in _names(kind)))


def chosen_fields(names: str, allowed: Sequence[str]) -> tuple[str, ...]:
    """Comma-separated names, each once; raises UnknownField."""
    chosen = tuple(dict.fromkeys(name.strip() for name in names.split(",") if name.strip()))
    unknown = [name for name in chosen if name not in allowed]
    if unknown:
        detail = f"unknown {', '.join(map(repr, unknown))}; allowed: {', '.join(allowed)}"
        raise UnknownField(detail, errors=[FieldError(_POINTER, UnknownField.code, detail)])
    return chosen


def narrowing(names: str, allowed: Sequence[str]) -> Callable[[object], object]:
    """What leaves these comma-separated fields of each row of an answer; raises UnknownField."""
    chosen = chosen_fields(names, allowed)

    def narrow(answer: object) -> object:
        if isinstance(answer, Response):  # a file
            return answer
        if isinstance(answer, Reply):
            return replace(answer, body=narrow(answer.body))
        page = cast("NumberedItems[object]", answer)
        rows = [row if isinstance(row, dict) else json_fields(row) for row in page.items]
        items = [{name: row[name] for name in chosen if name in row} for row in rows]
        if isinstance(answer, BaseModel):
            return answer.model_copy(update={"items": items})
        return replace(page, items=items)

    return narrow
