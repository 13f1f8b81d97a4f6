"""The encoding of a file is found from its words, or asked for."""

from __future__ import annotations

import io

import pytest

from shared.domain.imports.import_errors import AmbiguousEncoding
from shared.imports.readers.encoding import detect_encoding, is_odd


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Café crème; Théière à thé; Garçon; Œuf; façade", "cp1252"),
        ("Tür grün; Größe für Füße; ÄÖÜ; Übertopf „weiß“ 20 × 30 cm ½; m³; 5 °C", "cp1252"),
        ("Niño pequeño; ¿Qué?; Jamón ibérico 3ª", "cp1252"),
        ("Children’s mug – £5; Café “Paris” €5; Nestlé®", "cp1252"),
        ("Żółta łyżka; Łódź; śliczny; Żółw", "cp1250"),
        ("Чайник; Посуда; Чашка синяя", "cp1251"),
        ("Φλιτζάνι μπλε", "cp1253"),
        ("Příbor 日本語", "utf-8"),
        ("plain", "utf-8"),
    ],
)
def test_it_is_found_from_the_words(text: str, encoding: str) -> None:
    content = "\n".join(text.split("; ")).encode(encoding)
    found = detect_encoding(lambda: io.BytesIO(content))
    assert content.decode(found.name) == content.decode(encoding)
    assert (found.name, found.damaged) == (encoding, False)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Hrnek žlutý\nPříbor", "cp1250"),
        ("Bögre\nőszi", "cp1250"),
        ("Fincan çiçekli\nŞeker", "cp1254"),
        ("Café crème", "mac-roman"),
        ("botões", "cp1252"),
    ],
)
def test_it_is_asked_for_where_another_reading_is_as_likely(text: str, encoding: str) -> None:
    content = text.encode(encoding)
    with pytest.raises(AmbiguousEncoding, match="say `encoding`"):
        detect_encoding(lambda: io.BytesIO(content))


@pytest.mark.parametrize("word", ["¿ó³ty", "Cafй", "×àøêà", "ñèíÿÿ", "£ódŸ", "CafŽ"])
def test_words_that_no_language_has(word: str) -> None:
    assert is_odd(word)
