"""Which names are one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.unique_name import unique_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme Ltd", "ACME  LTD "),
        ("Café", "Cafe\u0301"),
        ("Straße", "STRASSE"),
        ("ﬁne", "Fine"),
        ("Ａｃｍｅ", "acme"),
        ("a\u00a0b", "a b"),
        ("نامه\u200cها", "نامهها"),
    ],
)
def test_names_that_people_take_for_one(one: str, other: str) -> None:
    assert unique_name(one) == unique_name(other)


@pytest.mark.parametrize(("one", "other"), [("Cafe", "Café"), ("AB", "A B"), ("A-B", "AB"), ("1", "l")])
def test_names_that_differ(one: str, other: str) -> None:
    assert unique_name(one) != unique_name(other)


@given(st.text())
def test_case_and_form_make_no_difference(text: str) -> None:
    folded = unique_name(text)
    assert unique_name(folded) == folded
    assert unique_name(f" {text}\n") == folded
