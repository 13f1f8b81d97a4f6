"""Texts that a person or a program may send in a JSON body, hostile ones among them."""

from __future__ import annotations

from hypothesis import strategies as st


def texts(min_size: int = 0, max_size: int = 30) -> st.SearchStrategy[str]:
    """Any characters but halves of surrogate pairs, which are no text; control characters and line breaks too."""
    return st.text(st.characters(exclude_categories=["Cs"]), min_size=min_size, max_size=max_size)
