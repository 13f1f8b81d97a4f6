"""Which passwords are refused: what is tried first, what the user is known by, and nothing else."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.access import password as module
from shared.domain.access.password import (
    MIN_PASSWORD_LENGTH,
    PasswordBlank,
    PasswordIsAddress,
    PasswordIsProduct,
    PasswordTooCommon,
    check_password,
)

ADDRESS = "ann.smith@shop.example"
WORDS = Path(module.__file__).with_name("common_words.txt").read_text(encoding="utf-8").split()
_LONG = st.integers(MIN_PASSWORD_LENGTH, 40)


def refused(password: str) -> bool:
    try:
        check_password(password, "q7@z9w.example", "/password")
    except PasswordTooCommon:
        return True
    return False


@given(st.text(alphabet=" \t\u00a0\u3000\n", min_size=MIN_PASSWORD_LENGTH))
def test_nothing_but_white_space(password: str) -> None:
    with pytest.raises(PasswordBlank):
        check_password(password, ADDRESS, "/password")


@given(st.text(st.characters(codec="ascii"), min_size=1, max_size=4), _LONG)
def test_the_same_again_and_again(unit: str, length: int) -> None:
    password = (unit * length)[:length]
    with pytest.raises((PasswordBlank, PasswordTooCommon)):
        check_password(password, ADDRESS, "/password")


@given(
    st.sampled_from(["abcdefghijklmnopqrstuvwxyz", "0123456789", "qwertyuiopasdfghjklzxcvbnm"]),
    st.integers(0, 25),
    st.booleans(),
    st.booleans(),
)
def test_a_run_of_the_alphabet_of_figures_or_of_keys(row: str, start: int, backwards: bool, loud: bool) -> None:
    run = ((row[::-1] if backwards else row) * 3)[start : start + MIN_PASSWORD_LENGTH]
    assert refused(run.upper() if loud else run)


def test_a_common_word_however_it_is_written() -> None:
    for word in WORDS[::29]:
        written = word.replace("a", "@").replace("o", "0").replace("e", "3").replace("s", "$")
        tails = ("2024!", "123456789", "1!")
        texts = [text + tail for tail in tails for text in (word, word.capitalize(), word.upper(), written)]
        assert [text for text in texts if not refused(text.ljust(MIN_PASSWORD_LENGTH, "!"))] == []


@given(st.dates(dt.date(1920, 1, 1), dt.date(2090, 12, 31)), st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%m/%d/%Y"]))
def test_a_date_written_twice_or_beside_a_word(day: dt.date, form: str) -> None:
    date = day.strftime(form)
    assert refused(f"{date} {date}")
    assert refused(f"{date}Summer!")


@pytest.mark.parametrize(
    "password",
    [
        "1q2w3e4r5t6y",
        "112233445566",
        "P@ssw0rd!P@ssw0rd!",
        "iloveyou1234",
        "1qaz2wsx3edc",
        "\u0041" * 12,
        "ａ" * 12,
    ],
)
def test_what_lists_of_stolen_passwords_begin_with(password: str) -> None:
    assert refused(password)


@pytest.mark.parametrize(
    "password",
    [
        ADDRESS,
        ADDRESS.upper(),
        "ann.smith1234",
        "Smith.Ann.2024",
        "smithsmithsmith",
        "shop.example1",
        ADDRESS[::-1],
        "ＡＮＮ.smith@shop.example",
    ],
)
def test_ones_own_address(password: str) -> None:
    with pytest.raises(PasswordIsAddress):
        check_password(password, ADDRESS, "/password")
    check_password("a horse that Ann Smith once sold", ADDRESS, "/password")


@pytest.mark.parametrize("password", ["stockcast2024", "Stockcast!!!!", "Stock-Cast 123", "stockcaststockcast"])
def test_the_name_of_the_product(password: str) -> None:
    with pytest.raises(PasswordIsProduct):
        check_password(password, ADDRESS, "/password")


@given(st.integers(0, 10**9))
def test_what_nobody_would_guess_is_taken(seed: int) -> None:
    """Twelve characters of chance, and five words of a list of two thousand with spaces between them."""
    chance = hashlib.sha256(str(seed).encode()).digest()
    letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789#%+?"
    check_password("".join(letters[byte % len(letters)] for byte in chance[:12]), ADDRESS, "/password")
    words = [WORDS[int.from_bytes(chance[place : place + 4]) % len(WORDS)] for place in range(0, 20, 4)]
    if len(set(words)) == len(words):
        check_password(" ".join(words), ADDRESS, "/password")


@pytest.mark.parametrize(
    "password", ["correct horse battery staple", "Xk9#mQ2$vL7p", "café au lait, s'il te plaît", "x9" * 8]
)
def test_what_is_taken(password: str) -> None:
    assert refused(password) is (password == "x9" * 8)


def test_a_long_one_is_looked_at_in_a_moment() -> None:
    assert refused("0" * 1000)
    check_password(hashlib.sha512(b"seed").hexdigest() * 7, ADDRESS, "/password")
