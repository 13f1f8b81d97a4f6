"""The catalogue of errors: unique codes, each said in words, and a page that lists them."""

from __future__ import annotations

import inspect
import re
from collections import Counter

import pytest

from infra.error_catalogue import DOCUMENT, document, error_types
from shared.domain.errors import StockcastError

TYPES = error_types()


def test_a_code_belongs_to_one_error() -> None:
    codes = Counter(kind.code for kind in TYPES)
    assert [code for code, times in codes.items() if times > 1] == []


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.code)
def test_an_error_is_named_and_explained(kind: type[StockcastError]) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", kind.code)
    assert (inspect.getdoc(kind) or "").partition("\n")[0].endswith(".")
    assert 400 <= kind.status <= 503


def test_the_page_is_up_to_date() -> None:
    assert DOCUMENT.read_text() == document(TYPES), "run `python -m infra.error_catalogue`"
