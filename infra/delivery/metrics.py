"""Requests, errors and latency of revisions, read from Cloud Monitoring."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from infra.delivery.decision import Counts

if TYPE_CHECKING:
    import requests

MONITORING = "https://monitoring.googleapis.com"
_TIMEOUT_S = 30


class MetricsUnavailable(RuntimeError):
    """Cloud Monitoring did not answer; the message says what it said."""


class Metrics:
    """What Cloud Run has counted, up to 3 minutes late."""

    def __init__(self, project: str, session: requests.Session, root: str = MONITORING) -> None:
        """`session` adds the credentials to each request."""
        self._url = f"{root}/v3/projects/{project}/timeSeries"
        self._session = session

    def counts(self, revisions: Collection[str], since: dt.datetime, until: dt.datetime) -> dict[str, Counts]:
        """Counts of each revision between two times. Raises MetricsUnavailable."""
        window_s = max(60, math.ceil((until - since).total_seconds()))
        requests, errors = defaultdict[str, int](int), defaultdict[str, int](int)
        for series in self._series("request_count", "REDUCE_SUM", revisions, until, window_s, "response_code_class"):
            count = sum(int(point["value"]["int64Value"]) for point in series["points"])
            requests[_revision(series)] += count
            if series["metric"]["labels"]["response_code_class"] == "5xx":
                errors[_revision(series)] += count
        slow = {
            _revision(series): max(float(point["value"]["doubleValue"]) for point in series["points"])
            for series in self._series("request_latencies", "REDUCE_PERCENTILE_95", revisions, until, window_s)
        }
        return {name: Counts(requests[name], errors[name], slow.get(name)) for name in revisions}

    def _series(
        self, metric: str, reducer: str, revisions: Collection[str], until: dt.datetime, window_s: int, *labels: str
    ) -> list[dict[str, Any]]:
        names = ", ".join(f'"{name}"' for name in sorted(revisions))
        parameters = {
            "filter": f'metric.type="run.googleapis.com/{metric}" AND resource.type="cloud_run_revision"'
            f" AND resource.labels.revision_name=one_of({names})",
            "interval.startTime": (until - dt.timedelta(seconds=window_s)).isoformat(),
            "interval.endTime": until.isoformat(),
            "aggregation.alignmentPeriod": f"{window_s}s",
            "aggregation.perSeriesAligner": "ALIGN_DELTA",
            "aggregation.crossSeriesReducer": reducer,
            "aggregation.groupByFields": [
                "resource.labels.revision_name",
                *(f"metric.labels.{label}" for label in labels),
            ],
        }
        found: list[dict[str, Any]] = []
        page: dict[str, str] = {}
        while True:
            try:
                response = self._session.get(self._url, params={**parameters, **page}, timeout=_TIMEOUT_S)
            except OSError as error:  # also what requests raises
                raise MetricsUnavailable(f"Cloud Monitoring: {error}") from error
            if response.status_code != 200:
                raise MetricsUnavailable(f"Cloud Monitoring answers {response.status_code}: {response.text[:300]}")
            body = response.json()
            found += body.get("timeSeries", [])
            if not body.get("nextPageToken"):
                return found
            page = {"pageToken": body["nextPageToken"]}


def _revision(series: dict[str, Any]) -> str:
    return str(series["resource"]["labels"]["revision_name"])
