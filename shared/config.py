"""Where everything is: read once from the environment, decides emulator or cloud, hands out the Google clients.

Nothing below this module asks whether it runs against an emulator. Clients are made on first use and kept for the life
of the process, because importing and connecting them is most of a function's cold start.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.cloud import bigquery, bigquery_storage, firestore, run_v2, tasks_v2
    from google.cloud.storage import Client as StorageClient

# gRPC waits up to two minutes between reconnects by default; a database that came back is to be used within seconds.
_CHANNEL_OPTIONS = (
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
)
_FIRESTORE_CHANNEL_OPTIONS = (
    *_CHANNEL_OPTIONS,
    ("SingleThreadedUnaryStream", 1),  # grpc.experimental.ChannelOptions: a stream is read by the thread that asks
)
_KEEPALIVE = ("grpc.keepalive_time_ms", 30_000)  # as the library has it; an emulator refuses it

_FIRESTORE_CALLS = (
    "get_document",
    "batch_get_documents",
    "run_query",
    "begin_transaction",
    "commit",
    "rollback",
    "run_aggregation_query",
)
_FIRESTORE_TIMEOUT_S = 8.0
_RETRY_FOR_S = 3.0


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
    jwt_keys: Mapping[str, str] = field(repr=False)  # key id -> secret; the first one signs, all verify
    cors_origins: tuple[str, ...] = ()
    firestore_emulator_host: str | None = None
    bigquery_emulator_host: str | None = None
    bigquery_storage_emulator_host: str | None = None
    storage_emulator_host: str | None = None
    tasks_emulator_host: str | None = None
    run_emulator_host: str | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Config:
        """Read the settings; raises ConfigurationError naming every variable that is missing."""
        required = ("GOOGLE_CLOUD_PROJECT", "STOCKCAST_FUNCTION_URL", "STOCKCAST_JWT_KEYS")
        missing = [name for name in required if not env.get(name)]
        if missing:
            raise ConfigurationError(
                f"set {', '.join(missing)} (`make run` sets them for the local stack; infra/terraform for the cloud)"
            )
        project = env["GOOGLE_CLOUD_PROJECT"]
        try:
            keys = json.loads(env["STOCKCAST_JWT_KEYS"])
        except ValueError:
            keys = None
        if not isinstance(keys, dict) or not keys or any(len(str(secret)) < 32 for secret in keys.values()):
            raise ConfigurationError(
                'STOCKCAST_JWT_KEYS must be a JSON object {"key id": "secret of at least 32 characters"}'
            )
        bigquery_host = env.get("BIGQUERY_EMULATOR_HOST")
        if bigquery_host and "://" not in bigquery_host:
            bigquery_host = f"http://{bigquery_host}"
        return cls(
            project_id=project,
            region=env.get("STOCKCAST_REGION", "europe-west1"),
            dataset=env.get("STOCKCAST_DATASET", "inventory"),
            upload_bucket=env.get("STOCKCAST_UPLOAD_BUCKET", f"{project}-uploads"),
            queue=env.get("STOCKCAST_QUEUE", "stockcast"),
            forecast_job=env.get("STOCKCAST_FORECAST_JOB", "forecast-job"),
            function_url=env["STOCKCAST_FUNCTION_URL"],
            task_service_account=env.get(
                "STOCKCAST_TASK_SERVICE_ACCOUNT", f"stockcast-tasks@{project}.iam.gserviceaccount.com"
            ),
            oidc_certs_url=env.get("STOCKCAST_OIDC_CERTS_URL", "https://www.googleapis.com/oauth2/v3/certs"),
            oidc_issuer=env.get("STOCKCAST_OIDC_ISSUER", "https://accounts.google.com"),
            jwt_keys=keys,
            cors_origins=tuple(filter(None, env.get("STOCKCAST_CORS_ORIGINS", "").split(","))),
            firestore_emulator_host=env.get("FIRESTORE_EMULATOR_HOST"),
            bigquery_emulator_host=bigquery_host,
            bigquery_storage_emulator_host=env.get("BIGQUERY_STORAGE_EMULATOR_HOST"),
            storage_emulator_host=env.get("STORAGE_EMULATOR_HOST"),
            tasks_emulator_host=env.get("CLOUD_TASKS_EMULATOR_HOST"),
            run_emulator_host=env.get("CLOUD_RUN_EMULATOR_HOST"),
        )

    def url_of(self, function: str) -> str:
        """The base URL at which Cloud Tasks reaches a function, also the audience of its OIDC token."""
        return self.function_url.format(function=function)

    @property
    def queue_path(self) -> str:
        return f"projects/{self.project_id}/locations/{self.region}/queues/{self.queue}"

    @property
    def forecast_job_path(self) -> str:
        return f"projects/{self.project_id}/locations/{self.region}/jobs/{self.forecast_job}"

    @cached_property
    def firestore(self) -> firestore.Client:
        from google.cloud import firestore
        from google.cloud.firestore_v1.services.firestore import FirestoreClient
        from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcTransport

        # The client's own channel takes a thread for every stream, and two switches of it for every document: 100,000
        # documents take 12 s by it and 7 s by ours (measured). To an emulator it also reconnects slowly.
        if self.firestore_emulator_host is None:
            client = firestore.Client(project=self.project_id)
            channel = FirestoreGrpcTransport.create_channel(
                client._target, credentials=client._credentials, options=(*_FIRESTORE_CHANNEL_OPTIONS, _KEEPALIVE)
            )
        else:
            from google.auth.credentials import AnonymousCredentials

            client = firestore.Client(project=self.project_id, credentials=AnonymousCredentials())
            # With this it names itself the emulator's owner in every call. (As call credentials of the channel that
            # would take a thread for each call, 1 ms.)
            client._emulator_host = self.firestore_emulator_host
            channel = _insecure_channel(self.firestore_emulator_host, _FIRESTORE_CHANNEL_OPTIONS)
        transport = FirestoreGrpcTransport(host=client._target, channel=channel)
        client._firestore_api_internal = FirestoreClient(transport=transport)
        _fail_fast(transport)
        return client

    @cached_property
    def bigquery(self) -> bigquery.Client:
        from google.cloud import bigquery

        if self.bigquery_emulator_host is None:
            return bigquery.Client(project=self.project_id, location=self.region)
        from google.auth.credentials import AnonymousCredentials

        return bigquery.Client(
            project=self.project_id,
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": self.bigquery_emulator_host},
        )

    @cached_property
    def bigquery_storage(self) -> bigquery_storage.BigQueryReadClient:
        """The Arrow read API: the one way to read more than a page of rows from BigQuery."""
        from google.cloud import bigquery_storage

        if self.bigquery_storage_emulator_host is None:
            return bigquery_storage.BigQueryReadClient()
        from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport

        channel = _insecure_channel(self.bigquery_storage_emulator_host)
        return bigquery_storage.BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))

    @cached_property
    def storage(self) -> StorageClient:
        from google.cloud.storage import Client

        if self.storage_emulator_host is None:
            return Client(project=self.project_id)
        from google.auth.credentials import AnonymousCredentials

        return Client(
            project=self.project_id,
            credentials=AnonymousCredentials(),
            client_options={"api_endpoint": self.storage_emulator_host},
        )

    @cached_property
    def tasks(self) -> tasks_v2.CloudTasksClient:
        from google.cloud import tasks_v2

        if self.tasks_emulator_host is None:
            return tasks_v2.CloudTasksClient()
        from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

        return tasks_v2.CloudTasksClient(
            transport=CloudTasksGrpcTransport(channel=_insecure_channel(self.tasks_emulator_host))
        )

    @cached_property
    def jobs(self) -> run_v2.JobsClient:
        from google.cloud import run_v2

        if self.run_emulator_host is None:
            return run_v2.JobsClient()
        from google.cloud.run_v2.services.jobs.transports import JobsGrpcTransport

        return run_v2.JobsClient(transport=JobsGrpcTransport(channel=_insecure_channel(self.run_emulator_host)))

    @cached_property
    def executions(self) -> run_v2.ExecutionsClient:
        from google.cloud import run_v2

        if self.run_emulator_host is None:
            return run_v2.ExecutionsClient()
        from google.cloud.run_v2.services.executions.transports import ExecutionsGrpcTransport

        channel = _insecure_channel(self.run_emulator_host)
        return run_v2.ExecutionsClient(transport=ExecutionsGrpcTransport(channel=channel))


def _fail_fast(transport: Any) -> None:
    """Bound every Firestore call: a request is to get its 503 in seconds, where the library tries for minutes.

    The library takes such bounds call by call only, and not for those that a transaction makes; its table of wrapped
    methods is where the defaults are. Bulk reads pass a longer timeout of their own.
    """
    from google.api_core import gapic_v1
    from google.api_core.exceptions import ServiceUnavailable
    from google.api_core.retry import Retry, if_exception_type

    retry = Retry(predicate=if_exception_type(ServiceUnavailable), initial=0.1, maximum=0.5, timeout=_RETRY_FOR_S)
    for method in _FIRESTORE_CALLS:
        call = getattr(transport, method)
        transport._wrapped_methods[call] = gapic_v1.method.wrap_method(
            call, default_retry=retry, default_timeout=_FIRESTORE_TIMEOUT_S
        )


def _insecure_channel(host: str, options: Sequence[tuple[str, int]] = _CHANNEL_OPTIONS) -> Any:
    import grpc

    return grpc.insecure_channel(host, options=options)


@cache
def config() -> Config:
    """The configuration of this process."""
    return Config.from_env()
