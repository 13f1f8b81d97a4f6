"""Cloud Run and Cloud Monitoring as far as a rollout uses them: servers of ours for the real clients."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import grpc
from google.cloud import run_v2
from google.cloud.run_v2.services.jobs.transports import JobsGrpcTransport
from google.cloud.run_v2.services.services.transports import ServicesGrpcTransport
from google.longrunning import operations_pb2
from google.protobuf import any_pb2

from infra.delivery.cloud_run import CloudRun
from infra.delivery.decision import Counts
from infra.local.emulators.grpc_service import Refused, service
from shared.grpc_channel import insecure_channel

PARENT = "projects/stockcast-test/locations/europe-west1"
_LATEST = run_v2.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST


@dataclass
class FakeCloudRun:
    """Services and jobs by their names; `before_update` may raise Refused to fail an update."""

    address: str = "http://127.0.0.1:1"  # what every revision answers at
    services: dict[str, run_v2.Service] = field(default_factory=dict)
    jobs: dict[str, run_v2.Job] = field(default_factory=dict)
    before_update: Callable[[str], None] = lambda _: None
    updates: int = 0

    def deploy(self, name: str, *, starts: bool = True) -> None:
        """What Terraform does: another revision, and the traffic as it was; at first all to the latest."""
        path = f"{PARENT}/services/{name}"
        message = self.services.setdefault(
            path, run_v2.Service(name=path, traffic=[{"type_": _LATEST, "percent": 100}])
        )
        number = int(message.latest_created_revision.rpartition("-")[2] or 0) + 1
        message.latest_created_revision = f"{path}/revisions/{name}-{number}"
        if starts:
            message.latest_ready_revision = message.latest_created_revision
        self._settle(message)

    def deploy_job(self, name: str, image: str) -> None:
        path = f"{PARENT}/jobs/{name}"
        template = {"template": {"containers": [{"image": image}]}}
        self.jobs[path] = run_v2.Job(name=path, template=template, etag="1")

    def traffic(self, name: str) -> dict[str, int]:
        """Number of a revision -> its percent, of those that have some."""
        message = self.services[f"{PARENT}/services/{name}"]
        return {
            (target.revision or message.latest_ready_revision).rpartition("-")[2]: target.percent
            for target in message.traffic
            if target.percent
        }

    def handlers(self) -> tuple[grpc.GenericRpcHandler, ...]:
        return (
            service(
                "google.cloud.run.v2.Services",
                {
                    "GetService": (run_v2.GetServiceRequest, lambda request: _of(self.services, request.name)),
                    "UpdateService": (run_v2.UpdateServiceRequest, self._update_service),
                },
            ),
            service(
                "google.cloud.run.v2.Jobs",
                {
                    "GetJob": (run_v2.GetJobRequest, lambda request: _of(self.jobs, request.name)),
                    "UpdateJob": (run_v2.UpdateJobRequest, self._update_job),
                },
            ),
        )

    def _update_service(self, request: run_v2.UpdateServiceRequest) -> operations_pb2.Operation:
        stored, sent = _of(self.services, request.service.name), request.service
        self._check(stored, sent)
        assert sorted(request.update_mask.paths) == ["annotations", "traffic"]
        if sum(target.percent for target in sent.traffic) != 100:
            raise Refused(grpc.StatusCode.INVALID_ARGUMENT, "traffic must sum to 100")
        stored.traffic, stored.annotations = sent.traffic, sent.annotations
        self._settle(stored)
        return _done(stored)

    def _update_job(self, request: run_v2.UpdateJobRequest) -> operations_pb2.Operation:
        self._check(_of(self.jobs, request.job.name), request.job)
        request.job.etag = str(int(request.job.etag) + 1)
        self.jobs[request.job.name] = request.job
        return _done(request.job)

    def _check(self, stored: Any, sent: Any) -> None:
        self.before_update(sent.name)
        if sent.etag != stored.etag:
            raise Refused(grpc.StatusCode.ABORTED, f"{sent.name} was changed meanwhile")
        self.updates += 1

    def _settle(self, message: run_v2.Service) -> None:
        message.etag = str(int(message.etag or 0) + 1)
        message.uri = self.address
        message.traffic_statuses = [
            run_v2.TrafficTargetStatus(tag=target.tag, uri=self.address) for target in message.traffic
        ]


@contextmanager
def clients_of(fake: FakeCloudRun) -> Iterator[CloudRun]:
    """The code under test, with Google's clients, before this server."""
    server = grpc.server(futures.ThreadPoolExecutor(4), handlers=fake.handlers())
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    channel = insecure_channel(f"127.0.0.1:{port}")
    yield CloudRun(
        PARENT,
        run_v2.ServicesClient(transport=ServicesGrpcTransport(channel=channel)),
        run_v2.JobsClient(transport=JobsGrpcTransport(channel=channel)),
    )
    channel.close()
    server.stop(None)


@dataclass
class FakeMonitoring:
    """Answers with the counts of each revision; with a status other than 200 where `status` says so."""

    counts: Callable[[str], Counts]
    status: int = 200
    root: str = ""
    asked: list[dict[str, list[str]]] = field(default_factory=list)

    @contextmanager
    def served(self) -> Iterator[FakeMonitoring]:
        monitoring = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # head and body go in one packet

            def do_GET(self) -> None:
                body = json.dumps(monitoring.answer(parse_qs(urlsplit(self.path).query))).encode()
                self.send_response(monitoring.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """A failed test shows what it asked."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.root = f"http://127.0.0.1:{server.server_port}"
        yield self
        server.shutdown()
        thread.join()
        server.server_close()

    def answer(self, query: dict[str, list[str]]) -> dict[str, Any]:
        """Two pages, as the service may do it."""
        self.asked.append(query)
        (asked,) = query["filter"]
        revisions = asked.partition("one_of(")[2].rstrip(")").replace('"', "").split(", ")
        is_last = "pageToken" in query
        series = [row for name in (revisions[1:] if is_last else revisions[:1]) for row in self._series(asked, name)]
        return {"timeSeries": series, "nextPageToken": "" if is_last else "2"}

    def _series(self, asked: str, revision: str) -> list[dict[str, Any]]:
        counts = self.counts(revision)
        values: list[tuple[dict[str, str], dict[str, Any]]]
        if "request_latencies" in asked:
            values = [] if counts.p95_ms is None else [({}, {"doubleValue": counts.p95_ms})]
        else:
            good = {"int64Value": str(counts.requests - counts.errors)}
            values = [
                ({"response_code_class": "2xx"}, good),
                ({"response_code_class": "5xx"}, {"int64Value": str(counts.errors)}),
            ]
        return [
            {
                "resource": {"labels": {"revision_name": revision}},
                "metric": {"labels": labels},
                "points": [{"value": value}],
            }
            for labels, value in values
        ]


def _of(stored: dict[str, Any], name: str) -> Any:
    if name not in stored:
        raise Refused(grpc.StatusCode.NOT_FOUND, f"no {name}")
    return stored[name]


def _done(message: Any) -> operations_pb2.Operation:
    packed = any_pb2.Any()
    packed.Pack(type(message).pb(message))
    return operations_pb2.Operation(name=f"{PARENT}/operations/1", done=True, response=packed, metadata=packed)
