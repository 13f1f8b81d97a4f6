"""Which texts are printable, and which a spreadsheet would run."""

from __future__ import annotations

import pytest

from shared.domain.plain_text import is_formula, is_printable


@pytest.mark.parametrize("text", ["=1", "+1", "-x", "@x", "＝1"])
def test_formulas(text: str) -> None:
    assert is_formula(text)


@pytest.mark.parametrize("text", ["", "a=1", "1+1", " x", "'=1"])
def test_other_texts(text: str) -> None:
    assert not is_formula(text)


def test_printable() -> None:
    assert is_printable("Ünï 漢字 😀")
    assert not is_printable("a\nb")
    assert is_printable("a\r\nb", lines=True)
    for character in "\0\x1b\u200b\u202e\ud800\t":
        assert not is_printable(f"a{character}", lines=True)
