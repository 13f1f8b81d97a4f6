"""Pages by number and by token."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.domain.errors import Invalid
from shared.firestore.page import PageRequest
from shared.http.paging import MAX_PAGE_SIZE, NumberedPage, TokenPage, next_token, numbered, sliced


@given(st.integers(-5, 300), st.integers(-5, 2_000_000))
def test_pages_count_from_one_and_have_a_size_limit(size: int, page: int) -> None:
    valid = 1 <= size <= MAX_PAGE_SIZE and 1 <= page <= 1_000_000
    try:
        asked = NumberedPage(page=page, page_size=size)
    except ValidationError:
        assert not valid
    else:
        assert valid
        assert asked.offset == (page - 1) * size
        assert vars(numbered(asked, 7, ["a"])) == {"items": ["a"], "page": page, "page_size": size, "total": 7}
        assert sliced(asked, range(7)) == numbered(asked, 7, range(7)[asked.offset : asked.offset + size])


@given(st.integers(1, 999_999), st.text(min_size=1, max_size=500))
def test_a_token_leads_to_where_the_page_before_ended(number: int, position: str) -> None:
    assert TokenPage(page_token=next_token(number, position)).request() == PageRequest(50, number, position)


_FOREIGN = [b"\xff\xfe", b"1", b"1\n", b"0\nx", b"-1\nx", b"12345678\nx", "١\nx".encode()]


@pytest.mark.parametrize(
    "token", ["a", "=", "ä", "\x00", "/w==", *(base64.b64encode(one).decode() for one in _FOREIGN)]
)
def test_a_token_that_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(Invalid, match="invalid_page_token") as refused:
        TokenPage(page_token=token).request()
    assert refused.value.errors[0].pointer == "query/page_token"


def test_without_a_token_a_list_starts_at_its_beginning() -> None:
    assert TokenPage(page=3).request() == PageRequest(50, 3)


def test_a_page_is_named_in_one_way() -> None:
    with pytest.raises(ValidationError, match="page or page_token, not both"):
        TokenPage(page=1, page_token=next_token(2, "a"))
