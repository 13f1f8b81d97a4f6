"""The page of the chat lists what it understands."""

from __future__ import annotations

from infra.chat_document import DOCUMENT, page


def test_the_page_is_up_to_date() -> None:
    text = DOCUMENT.read_text()
    assert page(text) == text, "run `python -m infra.chat_document`"
