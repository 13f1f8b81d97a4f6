"""Cloud Run as a rollout sees it: where the traffic of each function goes, and the image of the forecast job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from google.cloud import run_v2

from infra.delivery.traffic import Service, Target

_ROLLOUT = "stockcast-rollout"  # annotations; Terraform leaves alone those that it has not set
_PREVIOUS_IMAGE = "stockcast-previous-image"
_UPDATE_TIMEOUT_S = 300
_REVISION = run_v2.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION


@dataclass(frozen=True)
class Job:
    """The forecast job: its image, and the one before the last rollout."""

    image: str
    previous_image: str | None
    rollout: str


class CloudRun:
    """The functions and the job of one project and region."""

    def __init__(self, parent: str, services: run_v2.ServicesClient, jobs: run_v2.JobsClient) -> None:
        """`parent` is projects/PROJECT/locations/REGION."""
        self._parent = parent
        self._services = services
        self._jobs = jobs

    def service(self, name: str) -> Service:
        """Raises google.api_core.exceptions.NotFound where there is none of this name."""
        return _read(self._services.get_service(name=self._service_path(name)))

    def urls(self, name: str) -> dict[str, str]:
        """Addresses of a service by tag, its main address under ""."""
        message = self._services.get_service(name=self._service_path(name))
        return {"": message.uri} | {status.tag: status.uri for status in message.traffic_statuses if status.tag}

    def set_traffic(self, name: str, targets: Sequence[Target], rollout: str | None = None) -> None:
        """Divide the traffic of a service, and wait until it is. Raises Aborted when somebody else has changed it."""
        message = self._services.get_service(name=self._service_path(name))
        before = _read(message)
        if (before.targets, before.rollout) == (tuple(targets), rollout or before.rollout):
            return
        message.traffic = [
            run_v2.TrafficTarget(type_=_REVISION, revision=target.revision, percent=target.percent, tag=target.tag)
            for target in targets
        ]
        if rollout is not None:
            message.annotations[_ROLLOUT] = rollout
        request = run_v2.UpdateServiceRequest(service=message, update_mask={"paths": ["traffic", "annotations"]})
        self._services.update_service(request=request).result(timeout=_UPDATE_TIMEOUT_S)

    def job(self, name: str) -> Job:
        message = self._jobs.get_job(name=self._job_path(name))
        annotations = message.annotations
        image = message.template.template.containers[0].image
        return Job(image, annotations.get(_PREVIOUS_IMAGE), annotations.get(_ROLLOUT, ""))

    def mark_job(self, name: str, rollout: str) -> None:
        """Note the image that the job has before this rollout, once."""
        job = self.job(name)
        if job.rollout != rollout:
            self._update_job(name, replace(job, previous_image=job.image, rollout=rollout))

    def set_job_image(self, name: str, image: str) -> None:
        """What later executions run; one that is under way goes on as it is."""
        job = self.job(name)
        if job.image != image:
            self._update_job(name, replace(job, image=image))

    def _update_job(self, name: str, job: Job) -> None:
        message = self._jobs.get_job(name=self._job_path(name))
        message.template.template.containers[0].image = job.image
        message.annotations[_ROLLOUT] = job.rollout
        if job.previous_image is not None:
            message.annotations[_PREVIOUS_IMAGE] = job.previous_image
        self._jobs.update_job(job=message).result(timeout=_UPDATE_TIMEOUT_S)

    def _service_path(self, name: str) -> str:
        return f"{self._parent}/services/{name}"

    def _job_path(self, name: str) -> str:
        return f"{self._parent}/jobs/{name}"


def _read(message: run_v2.Service) -> Service:
    newest = _short(message.latest_created_revision)
    return Service(
        name=_short(message.name),
        newest=newest,
        ready=message.latest_created_revision == message.latest_ready_revision,
        targets=tuple(
            Target(_short(target.revision) or _short(message.latest_ready_revision), target.percent, target.tag)
            for target in message.traffic
        ),
        rollout=message.annotations.get(_ROLLOUT, ""),
    )


def _short(name: str) -> str:
    return name.rpartition("/")[2]
