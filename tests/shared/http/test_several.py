"""Filters of several values: how they are given, and that the document says how many."""

from __future__ import annotations

from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from shared.http.app import QueryModel
from shared.http.several import MAX_VALUES, SEVERAL


class Filter(QueryModel):
    kind: Annotated[list[str] | None, SEVERAL, Field(max_length=MAX_VALUES, description="Kinds.")] = None


@pytest.mark.parametrize(
    ("given", "kinds"),
    [(["a"], ["a"]), (["a,b"], ["a", "b"]), (["a", "b,a"], ["a", "b"]), ([" a , ,"], ["a"]), ([""], [""])],
)
def test_repeated_and_with_commas_they_say_the_same(given: list[str], kinds: list[str]) -> None:
    assert Filter.model_validate({"kind": given}).kind == kinds


def test_there_are_so_many_at_most_and_the_document_says_so() -> None:
    values = [str(number) for number in range(MAX_VALUES)]
    assert Filter(kind=values).kind == values
    for too_many in ([*values, "more"], ["same"] * (MAX_VALUES + 1), [",".join([*values, "more"])]):
        with pytest.raises(ValidationError, match="at most 50 items"):
            Filter(kind=too_many)
    listed, none = Filter.model_json_schema()["properties"]["kind"]["anyOf"]
    assert (listed["maxItems"], none) == (MAX_VALUES, {"type": "null"})
