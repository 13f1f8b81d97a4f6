"""The tool that makes and changes the keys of access tokens."""

from __future__ import annotations

import io
import json
import sys

import pytest

from infra.jwt_keys import main, thumbprint
from shared.domain.access.token_keys import key_set, private_keys


def _run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, ring: str) -> str:
    monkeypatch.setattr(sys, "argv", ["jwt_keys", command])
    monkeypatch.setattr(sys, "stdin", io.StringIO(ring))
    assert main() == 0
    return capsys.readouterr().out


def test_a_ring_goes_through_the_steps_of_a_change(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(command: str, ring: str) -> str:
        return _run(monkeypatch, capsys, command, ring)

    first = run("add", "")
    both = run("add", first)
    (old, new), turned = private_keys(both), run("promote", both)
    assert list(private_keys(first)) == [old]
    assert list(private_keys(turned)) == [new, old]
    assert [key.key_id for key in key_set(run("jwks", turned))] == [new, old]
    assert list(private_keys(run("drop", turned))) == [new]


def test_the_set_has_nothing_private_and_its_ids_are_thumbprints(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (key,) = json.loads(_run(monkeypatch, capsys, "jwks", _run(monkeypatch, capsys, "add", "")))["keys"]
    assert set(key) == {"kid", "kty", "crv", "x", "y", "alg", "use"}
    assert key["kid"] == thumbprint({name: key[name] for name in ("kty", "crv", "x", "y")})


@pytest.mark.parametrize("ring", ["", "{}", '{"k": "secret"}', '{"k": "-----BEGIN PRIVATE KEY-----"}'])
def test_what_is_no_ring_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], ring: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["jwt_keys", "jwks"])
    monkeypatch.setattr(sys, "stdin", io.StringIO(ring))
    assert main() == 1
    assert "PRIVATE KEY" not in capsys.readouterr().err
