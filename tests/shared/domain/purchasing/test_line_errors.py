"""One refusal for all wrong lines."""

from __future__ import annotations

from shared.domain.errors import FieldError
from shared.domain.purchasing.line_errors import duplicate_errors, invalid_lines


def errors(*codes: str) -> list[FieldError]:
    return [FieldError(f"/items/{number}", code, f"wrong {number}") for number, code in enumerate(codes)]


def test_errors_of_one_kind_give_their_code() -> None:
    refused = invalid_lines(errors("below_moq", "below_moq"))
    assert (refused.code, refused.detail) == ("below_moq", "wrong 0; wrong 1")
    assert [one.pointer for one in refused.errors] == ["/items/0", "/items/1"]


def test_errors_of_several_kinds_are_all_listed_and_the_first_told() -> None:
    refused = invalid_lines(errors("below_moq", "supplier_not_linked", "x", "y", "z"))
    assert (refused.code, refused.detail) == ("invalid_lines", "wrong 0; wrong 1; wrong 2; and 2 more")
    assert len(refused.errors) == 5


def test_an_item_named_again_is_found_wherever_it_is() -> None:
    assert [one.pointer for one in duplicate_errors(["a", "b", "a", "a"], "/items")] == [
        "/items/2/item_id",
        "/items/3/item_id",
    ]
    assert duplicate_errors(["a", "b"], "/items") == []
