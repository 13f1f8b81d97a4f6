"""Secrets of clients by their names."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from google.api_core.exceptions import NotFound, PermissionDenied, ServiceUnavailable

from shared import secrets
from shared.config import Config
from shared.secrets import SecretNotFound, SecretsUnavailable, is_secret_name, secret_id, secret_value

ENV = {"GOOGLE_CLOUD_PROJECT": "p", "STOCKCAST_FUNCTION_URL": "u"}
CLOUD = Config.from_env(ENV)


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a_b", "../a", "a/b", "a.b", "a" * 64, "ü", "a\n"])
def test_what_is_no_name_is_never_looked_up(name: str, tmp_path: Path) -> None:
    assert not is_secret_name(name)
    local = Config.from_env(ENV | {"SECRET_MANAGER_EMULATOR_FOLDER": str(tmp_path)})
    for config in (local, CLOUD):
        with pytest.raises(SecretNotFound):
            secret_value(config, "c", name)


def test_a_local_secret_is_a_file_or_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    local = Config.from_env(ENV | {"SECRET_MANAGER_EMULATOR_FOLDER": str(tmp_path)})
    with pytest.raises(SecretNotFound, match=r"\.local/secrets/erp-password or set STOCKCAST_SECRET_ERP_PASSWORD"):
        secret_value(local, "c", "erp-password")
    (tmp_path / "erp-password").write_text(" of the file \n")
    assert secret_value(local, "c", "erp-password") == " of the file "
    monkeypatch.setenv("STOCKCAST_SECRET_ERP_PASSWORD", "of the variable")
    assert secret_value(local, "c", "erp-password") == "of the variable"


class Manager:
    """What Secret Manager's client does."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[str] = []

    def access_secret_version(self, name: str, timeout: float) -> SimpleNamespace:
        assert timeout > 0
        self.asked.append(name)
        if self.error is not None:
            raise self.error
        return SimpleNamespace(payload=SimpleNamespace(data=b"hidden"))


def test_in_the_cloud_a_name_is_within_its_client(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = Manager()
    monkeypatch.setattr(secrets, "_client", lambda: manager)
    assert secret_value(CLOUD, "shop_1", "erp-password") == "hidden"
    assert manager.asked == ["projects/p/secrets/client_shop_1_erp-password/versions/latest"]
    # Whatever the ids of clients are, two secrets have two names: the last underscore ends the client's.
    assert secret_id("a_b", "c") != secret_id("a", "b-c")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NotFound("x"), SecretNotFound),
        (PermissionDenied("x"), SecretNotFound),
        (ServiceUnavailable("x"), SecretsUnavailable),
    ],
)
def test_what_is_worth_another_try_is_told_apart(
    monkeypatch: pytest.MonkeyPatch, error: Exception, told: type[Exception]
) -> None:
    monkeypatch.setattr(secrets, "_client", lambda: Manager(error))
    with pytest.raises(told):
        secret_value(CLOUD, "c", "erp-password")
