"""Refusals that name what they refuse."""

from __future__ import annotations

from shared.domain.errors import FieldError, invalid_field


def test_the_refusal_of_one_field_points_to_it() -> None:
    refused = invalid_field("/note", "bad", "it is bad")
    assert (refused.code, refused.detail, refused.errors) == (
        "bad",
        "it is bad",
        (FieldError("/note", "bad", "it is bad"),),
    )
