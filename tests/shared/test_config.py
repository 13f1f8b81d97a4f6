"""The configuration of a process, from its environment."""

from __future__ import annotations

import json

import pytest

from shared.config import Config, ConfigurationError
from shared.domain.access.token_keys import VerificationKey
from tests.support.token_keys import RING, key_set_text

SECRET = "s" * 32
_PEPPERS = "STOCKCAST_PASSWORD_PEPPERS"
ENV = {
    "GOOGLE_CLOUD_PROJECT": "project",
    "STOCKCAST_FUNCTION_URL": "https://{function}.example/x",
    "STOCKCAST_JWT_KEYS": json.dumps({"k": SECRET}),
}


def test_what_is_not_set_has_its_default() -> None:
    config = Config.from_env(ENV)
    assert config.url_of("etl") == "https://etl.example/x"
    assert config.queue_path == "projects/project/locations/europe-west1/queues/stockcast"
    assert config.upload_bucket == "project-uploads"
    assert config.oidc_issuer == "https://accounts.google.com"
    assert config.cors_origins == ()
    assert config.firestore_emulator_host is None


def test_the_engine_is_one_that_there_is() -> None:
    assert Config.from_env(ENV).forecast_engine == "statistical"
    assert Config.from_env({**ENV, "STOCKCAST_FORECAST_ENGINE": "chronos2"}).forecast_engine == "chronos2"
    with pytest.raises(ConfigurationError, match=r"one of statistical, chronos2.*given: 'chronos'"):
        Config.from_env({**ENV, "STOCKCAST_FORECAST_ENGINE": "chronos"})


@pytest.mark.parametrize("name", ["GOOGLE_CLOUD_PROJECT", "STOCKCAST_FUNCTION_URL"])
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        Config.from_env({**ENV, name: ""})


@pytest.mark.parametrize(
    "keys", ["nonsense", "[]", "{}", '"text"', json.dumps({"k": "short"}), json.dumps({"k": None})]
)
def test_keys_that_nobody_should_sign_with_are_refused(keys: str) -> None:
    with pytest.raises(ConfigurationError, match="at least 32 characters"):
        Config.from_env({**ENV, "STOCKCAST_JWT_KEYS": keys})


def test_the_job_needs_no_keys_and_whoever_needs_them_is_told_that_they_are_missing() -> None:
    config = Config.from_env({name: value for name, value in ENV.items() if name != "STOCKCAST_JWT_KEYS"})
    assert config.jwt_keys == {}
    with pytest.raises(ConfigurationError, match="STOCKCAST_JWT_KEYS"):
        config.verification_keys  # noqa: B018
    with pytest.raises(ConfigurationError, match="STOCKCAST_DERIVATION_KEYS"):
        config.derivation_secrets  # noqa: B018
    assert Config.from_env(ENV).verification_keys == (VerificationKey("k", "HS256", SECRET),)
    assert Config.from_env(ENV).derivation_secrets == (SECRET,)
    apart = {**ENV, "STOCKCAST_DERIVATION_KEYS": json.dumps({"d2": "e" * 32, "d1": "d" * 32})}
    assert Config.from_env(apart).derivation_secrets == ("e" * 32, "d" * 32)


def test_an_id_names_one_key_and_a_key_that_signs_is_published() -> None:
    (key_id,) = RING
    published = {**ENV, "STOCKCAST_JWKS": key_set_text(RING)}
    assert [key.key_id for key in Config.from_env(published).verification_keys] == [key_id, "k"]
    with pytest.raises(ConfigurationError, match="both"):
        Config.from_env({**published, "STOCKCAST_JWT_KEYS": json.dumps({key_id: SECRET})})
    with pytest.raises(ConfigurationError, match="STOCKCAST_JWKS lacks"):
        Config.from_env({**ENV, "STOCKCAST_JWT_SIGNING_KEYS": json.dumps(RING)})
    assert Config.from_env({**published, "STOCKCAST_JWT_SIGNING_KEYS": json.dumps(RING)}).jwt_signing_keys == RING


def test_a_process_without_peppers_hashes_no_password() -> None:
    with pytest.raises(ConfigurationError, match="STOCKCAST_PASSWORD_PEPPERS"):
        Config.from_env(ENV).peppers  # noqa: B018
    peppers = {"p2": "e" * 32, "p1": "d" * 32}
    assert Config.from_env({**ENV, _PEPPERS: json.dumps(peppers)}).peppers == peppers
    for name in ("a$b", ""):
        with pytest.raises(ConfigurationError, match="letters, digits, - and _"):
            Config.from_env({**ENV, _PEPPERS: json.dumps({name: SECRET})})


@pytest.mark.parametrize(
    "name", ["STOCKCAST_JWKS", "STOCKCAST_JWT_SIGNING_KEYS", "STOCKCAST_DERIVATION_KEYS", _PEPPERS]
)
def test_keys_that_cannot_be_read_name_their_setting(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{name} must be"):
        Config.from_env({**ENV, name: "nonsense"})


def test_secrets_are_not_shown() -> None:
    assert SECRET not in repr(Config.from_env(ENV))


def test_origins_and_emulators_are_read() -> None:
    given = {"STOCKCAST_CORS_ORIGINS": "https://a.example,,https://b.example", "BIGQUERY_EMULATOR_HOST": "127.0.0.1:1"}
    config = Config.from_env(ENV | given)
    assert config.cors_origins == ("https://a.example", "https://b.example")
    assert config.bigquery_emulator_host == "http://127.0.0.1:1"


def test_networks_that_are_none_are_refused() -> None:
    config = Config.from_env({**ENV, "STOCKCAST_ALLOWED_NETWORKS": " 10.8.0.0/16,::1/128, "})
    assert config.allowed_networks == ("10.8.0.0/16", "::1/128")
    with pytest.raises(ConfigurationError, match=r"networks such as 10\.8\.0\.0/16"):
        Config.from_env({**ENV, "STOCKCAST_ALLOWED_NETWORKS": "localhost"})
