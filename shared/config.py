"""Where everything is: the settings of a process, read once from its environment.

The Google clients are made of it where they are used: shared/firestore/driver.py, shared/bigquery/client.py and
storage_reader.py, shared/tasks/queue_client.py and run_clients.py, shared/object_storage.py, shared/secrets.py. Nothing
beside these asks whether it runs against an emulator.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

from shared.domain.access.token_keys import (
    KeysInvalid,
    VerificationKey,
    key_set,
    peppers_by_id,
    private_keys,
    secrets_by_id,
)
from shared.domain.forecast_engine import ENGINES, STATISTICAL
from shared.domain.retention import AUDIT_DAYS


class ConfigurationError(RuntimeError):
    """The environment lacks a setting, or holds one that cannot be used; the message says which and how to set it."""


@dataclass(frozen=True)
class Config:
    """Settings of one process. An `*_emulator_host` of None means the Google service itself."""

    project_id: str
    region: str
    dataset: str
    upload_bucket: str
    queue: str
    forecast_job: str
    function_url: str  # "https://{function}-abc.a.run.app" or "http://127.0.0.1:8081/api/v1/{function}"
    task_service_account: str
    oidc_certs_url: str
    oidc_issuer: str
    # Of access tokens. HS256, key id -> secret: all verify, and without private keys the first one signs. ES256, key id
    # -> private key: the first one signs, in the auth function alone. The public keys verify, in every function. The
    # forecast job has none of them.
    jwt_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    jwt_signing_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    public_keys: tuple[VerificationKey, ...] = ()
    # Name -> secret, of what is derived (docs/adr/0013): the first makes, all recognise. Without any, those of HS256.
    derivation_keys: Mapping[str, str] = field(default_factory=dict, repr=False)
    # Id -> secret: what passwords are hashed with, by the first; all verify. In the auth function alone.
    password_peppers: Mapping[str, str] = field(default_factory=dict, repr=False)
    sync_queue: str = "stockcast-syncs"  # of the tasks that wait for clients' databases
    # The host that a load balancer serves the API under; None: without one. What comes for it is from outside.
    api_host: str | None = None
    cors_origins: tuple[str, ...] = ()
    # Beside public addresses, where connections to a client's database or webhook may go.
    allowed_networks: tuple[str, ...] = ()
    requests_per_minute: int = 0  # of each client, over all instances; 0: as many as it likes
    event_streams: int = 100  # that a process holds open at once: each takes a thread
    trusted_proxies: int = 0  # each adds an entry to X-Forwarded-For; without any, who connects is who calls
    forecast_engine: str = STATISTICAL  # of clients whose settings name none
    audit_days: int = AUDIT_DAYS  # that an entry of the audit log is kept
    forecast_wait_s: int = 600  # that a client's forecast waits for those of other clients, to share an execution
    firestore_emulator_host: str | None = None
    bigquery_emulator_host: str | None = None
    bigquery_storage_emulator_host: str | None = None
    storage_emulator_host: str | None = None
    tasks_emulator_host: str | None = None
    run_emulator_host: str | None = None
    secret_manager_emulator_folder: str | None = field(default=None, repr=False)
    sqlite_sources_folder: str | None = None  # where a source may be a file; None: nowhere

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Config:
        """Read the settings; raises ConfigurationError naming every variable that is missing, or what is wrong."""
        required = ("GOOGLE_CLOUD_PROJECT", "STOCKCAST_FUNCTION_URL")
        missing = [name for name in required if not env.get(name)]
        if missing:
            raise ConfigurationError(
                f"set {', '.join(missing)} (`make run` sets them for the local stack; infra/terraform for the cloud)"
            )
        project = env["GOOGLE_CLOUD_PROJECT"]
        bigquery_host = env.get("BIGQUERY_EMULATOR_HOST")
        if bigquery_host and "://" not in bigquery_host:
            bigquery_host = f"http://{bigquery_host}"
        return cls(
            project_id=project,
            region=env.get("STOCKCAST_REGION", "europe-west1"),
            dataset=env.get("STOCKCAST_DATASET", "inventory"),
            upload_bucket=env.get("STOCKCAST_UPLOAD_BUCKET", f"{project}-uploads"),
            queue=env.get("STOCKCAST_QUEUE", "stockcast"),
            sync_queue=env.get("STOCKCAST_SYNC_QUEUE", "stockcast-syncs"),
            forecast_job=env.get("STOCKCAST_FORECAST_JOB", "forecast-job"),
            function_url=env["STOCKCAST_FUNCTION_URL"],
            task_service_account=env.get(
                "STOCKCAST_TASK_SERVICE_ACCOUNT", f"stockcast-tasks@{project}.iam.gserviceaccount.com"
            ),
            oidc_certs_url=env.get("STOCKCAST_OIDC_CERTS_URL", "https://www.googleapis.com/oauth2/v3/certs"),
            oidc_issuer=env.get("STOCKCAST_OIDC_ISSUER", "https://accounts.google.com"),
            **_token_keys(env),
            api_host=env.get("STOCKCAST_API_HOST", "").lower() or None,
            cors_origins=tuple(filter(None, env.get("STOCKCAST_CORS_ORIGINS", "").split(","))),
            allowed_networks=_networks(env.get("STOCKCAST_ALLOWED_NETWORKS", "")),
            requests_per_minute=_count(env, "STOCKCAST_REQUESTS_PER_MINUTE", 0),
            event_streams=_count(env, "STOCKCAST_EVENT_STREAMS", 100),
            trusted_proxies=_count(env, "STOCKCAST_TRUSTED_PROXIES", 0),
            forecast_engine=_engine(env.get("STOCKCAST_FORECAST_ENGINE") or STATISTICAL),
            audit_days=_count(env, "STOCKCAST_AUDIT_DAYS", AUDIT_DAYS),
            forecast_wait_s=_count(env, "STOCKCAST_FORECAST_WAIT_SECONDS", 600),
            firestore_emulator_host=env.get("FIRESTORE_EMULATOR_HOST"),
            bigquery_emulator_host=bigquery_host,
            bigquery_storage_emulator_host=env.get("BIGQUERY_STORAGE_EMULATOR_HOST"),
            storage_emulator_host=env.get("STORAGE_EMULATOR_HOST"),
            tasks_emulator_host=env.get("CLOUD_TASKS_EMULATOR_HOST"),
            run_emulator_host=env.get("CLOUD_RUN_EMULATOR_HOST"),
            secret_manager_emulator_folder=env.get("SECRET_MANAGER_EMULATOR_FOLDER"),
            sqlite_sources_folder=env.get("SQLITE_SOURCES_FOLDER"),
        )

    @cached_property
    def verification_keys(self) -> tuple[VerificationKey, ...]:
        """What an access token may be signed with; raises ConfigurationError in a process that was not given any."""
        secrets = (VerificationKey(key_id, "HS256", secret) for key_id, secret in self.jwt_keys.items())
        keys = (*self.public_keys, *secrets)
        if not keys:
            raise ConfigurationError(
                "set STOCKCAST_JWKS or STOCKCAST_JWT_KEYS: this process verifies access tokens (infra/terraform gives "
                "functions the one, the local stack gives its gateway the other)"
            )
        return keys

    @property
    def derivation_secrets(self) -> tuple[str, ...]:
        """Of what secrets are derived, the first one for new ones; raises ConfigurationError without any."""
        secrets = tuple((self.derivation_keys or self.jwt_keys).values())
        if not secrets:
            raise ConfigurationError(
                "set STOCKCAST_DERIVATION_KEYS (or STOCKCAST_JWT_KEYS): this process makes secrets"
            )
        return secrets

    @property
    def peppers(self) -> Mapping[str, str]:
        """What passwords are hashed with; raises ConfigurationError without any."""
        if not self.password_peppers:
            raise ConfigurationError("set STOCKCAST_PASSWORD_PEPPERS: this process checks or changes passwords")
        return self.password_peppers

    def url_of(self, function: str) -> str:
        """The base URL at which Cloud Tasks reaches a function, also the audience of its OIDC token."""
        return self.function_url.format(function=function)

    @property
    def queue_path(self) -> str:
        return self._path_of_queue(self.queue)

    @property
    def sync_queue_path(self) -> str:
        return self._path_of_queue(self.sync_queue)

    def _path_of_queue(self, name: str) -> str:
        return f"projects/{self.project_id}/locations/{self.region}/queues/{name}"

    @property
    def forecast_job_path(self) -> str:
        return f"projects/{self.project_id}/locations/{self.region}/jobs/{self.forecast_job}"


def _count(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal():
        raise ConfigurationError(f"{name} must be a whole number, 0 or more; given: {text!r}")
    return int(text)


def _engine(name: str) -> str:
    if name not in ENGINES:
        raise ConfigurationError(f"STOCKCAST_FORECAST_ENGINE must be one of {', '.join(ENGINES)}; given: {name!r}")
    return name


def _networks(text: str) -> tuple[str, ...]:
    networks = tuple(part.strip() for part in text.split(",") if part.strip())
    try:
        return tuple(str(ipaddress.ip_network(network)) for network in networks)
    except ValueError as error:
        raise ConfigurationError(
            f"STOCKCAST_ALLOWED_NETWORKS must be networks such as 10.8.0.0/16, with commas between them: {error}"
        ) from error


def _token_keys(env: Mapping[str, str]) -> dict[str, Any]:
    """The settings of keys; raises ConfigurationError saying which is wrong, and how."""
    readers: dict[str, tuple[str, Callable[[str], Any]]] = {
        "jwt_keys": ("STOCKCAST_JWT_KEYS", secrets_by_id),
        "jwt_signing_keys": ("STOCKCAST_JWT_SIGNING_KEYS", private_keys),
        "public_keys": ("STOCKCAST_JWKS", key_set),
        "derivation_keys": ("STOCKCAST_DERIVATION_KEYS", secrets_by_id),
        "password_peppers": ("STOCKCAST_PASSWORD_PEPPERS", peppers_by_id),
    }
    keys: dict[str, Any] = {}
    for name, (variable, read) in readers.items():
        if env.get(variable):
            try:
                keys[name] = read(env[variable])
            except KeysInvalid as error:
                raise ConfigurationError(f"{variable} {error}") from None
    published = {key.key_id for key in keys.get("public_keys", ())}
    if both := published & set(keys.get("jwt_keys", ())):
        raise ConfigurationError(
            f"STOCKCAST_JWKS and STOCKCAST_JWT_KEYS both have a key {min(both)!r}: an id names one key"
        )
    signing = next(iter(keys.get("jwt_signing_keys", ())), None)
    if signing is not None and signing not in published:
        raise ConfigurationError(
            f"STOCKCAST_JWKS lacks {signing!r}, the first of STOCKCAST_JWT_SIGNING_KEYS: nobody could verify its tokens"
        )
    return keys


@cache
def config() -> Config:
    """The configuration of this process."""
    return Config.from_env()
