"""The command line: what it needs, what it gives back, and that a rollback needs nothing but Cloud Run."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.delivery import google
from infra.delivery.__main__ import FUNCTIONS, IMAGES, JOB, main
from tests.infra.delivery.fake_cloud import FakeCloudRun, clients_of


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    """The signal handler of the tests' process, which the command replaces."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_the_gate_wants_every_image_scanned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in IMAGES[1:]:
        (tmp_path / f"{name}.json").write_text("[]")
    assert main(["gate", str(tmp_path)]) == 1
    assert f"REFUSED: {IMAGES[0]} was not scanned" in capsys.readouterr().out
    (tmp_path / f"{IMAGES[0]}.json").write_text("[]")
    assert main(["gate", str(tmp_path), "--severity", "LOW"]) == 0


def test_a_rollback_says_what_it_changes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    fake = FakeCloudRun()
    fake.deploy_job(JOB, "job@sha256:1")
    for name in FUNCTIONS:
        fake.deploy(name)
    monkeypatch.setattr(google, "authorized_session", lambda: None)
    monkeypatch.setenv("STOCKCAST_REGION", "europe-west1")
    monkeypatch.delenv("GOOGLE_CLOUD_PROJECT", raising=False)
    assert main(["rollback"]) == 1
    assert "GOOGLE_CLOUD_PROJECT is not set" in capsys.readouterr().err
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "stockcast-test")
    with clients_of(fake) as clients:
        monkeypatch.setattr(google, "cloud_run_of", lambda project, region: clients)
        assert main(["rollback"]) == 0
    assert "nothing to change" in capsys.readouterr().out


def test_the_end_of_a_build_ends_the_rollout_as_an_error_does() -> None:
    main(["gate", "nowhere"])
    with pytest.raises(SystemExit):
        signal.raise_signal(signal.SIGTERM)
