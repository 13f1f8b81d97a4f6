"""Addresses that look the same are one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.access.email_address import normal_address


@pytest.mark.parametrize(
    "text", ["josé@example.org", " JOSE\u0301@Example.ORG ", "Jos\u00c9@example.org", "ｊosé＠example.org"]
)
def test_case_spaces_and_unicode_form_make_no_difference(text: str) -> None:
    assert normal_address(text) == "jos\u00e9@example.org"


@given(st.text())
def test_the_normal_form_is_its_own(text: str) -> None:
    assert normal_address(normal_address(text)) == normal_address(text)
