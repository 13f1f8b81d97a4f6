"""Refusals that name what they refuse."""

from __future__ import annotations

from shared.domain.errors import FieldError, Invalid, InvalidField, InvalidLines
from shared.domain.purchasing.order_quantity import BelowMoq, NotAPackMultiple
from shared.domain.purchasing.product import ProductNotFound


def test_the_refusal_of_one_field_points_to_it() -> None:
    refused = BelowMoq("/note", "it is bad")
    assert (refused.code, refused.detail, refused.errors) == (
        "below_moq",
        "it is bad",
        (FieldError("/note", "below_moq", "it is bad"),),
    )


def test_an_error_can_be_that_of_a_field() -> None:
    refused = ProductNotFound("A1").at("/items/0/item_id")
    assert isinstance(refused, Invalid)
    assert refused.status == 422
    assert refused.errors == (FieldError("/items/0/item_id", "product_not_found", "no product 'A1'"),)
    assert refused.code == ProductNotFound.code


def wrong(*kinds: type[InvalidField]) -> list[InvalidField]:
    return [kind(f"/items/{number}", f"wrong {number}") for number, kind in enumerate(kinds)]


def test_errors_of_one_kind_give_their_code() -> None:
    refused = InvalidLines(wrong(BelowMoq, BelowMoq))
    assert (refused.code, refused.detail) == ("below_moq", "wrong 0; wrong 1")
    assert [error.pointer for error in refused.errors] == ["/items/0", "/items/1"]


def test_errors_of_several_kinds_are_all_listed_and_the_first_told() -> None:
    refused = InvalidLines(wrong(BelowMoq, NotAPackMultiple, BelowMoq, BelowMoq, BelowMoq))
    assert (refused.code, refused.detail) == ("invalid_lines", "wrong 0; wrong 1; wrong 2; and 2 more")
    assert len(refused.errors) == 5


def test_what_is_wrong_with_several_fields_in_the_same_words_is_said_once() -> None:
    assert InvalidLines([BelowMoq("/a", "too few"), BelowMoq("/b", "too few")]).detail == "too few"
