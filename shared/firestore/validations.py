"""Reports of validations: `validations/{run_id}`, times as text."""

from __future__ import annotations

import datetime as dt
from typing import Any

from shared.domain.imports.validation import Finding, Report, Severity, rule_of
from shared.firestore.codec import Codec
from shared.firestore.repository import Documents
from shared.firestore.tenant import Tenant


class Validations(Documents[Report]):
    """The reports of one tenant."""

    def __init__(self, tenant: Tenant) -> None:
        super().__init__(tenant.database, tenant.collection("validations"), _CODEC)

    def latest(self, but: str | None = None) -> Report | None:
        """The newest report, not counting that of the run `but`; at most two reads."""
        newest = self.found_by(self.collection.order_by("created_at", direction="DESCENDING").limit(2))
        return next((report for report in newest if report.run_id != but), None)


def _encode(report: Report) -> dict[str, Any]:
    return {
        "run_id": report.run_id,
        "as_of": report.as_of.isoformat(),
        "created_at": report.created_at.isoformat(),
        "findings": [
            {
                "code": finding.rule.code,
                "severity": finding.severity.value,
                "count": finding.count,
                "previous_count": finding.previous_count,
                "examples": [*finding.examples],
            }
            for finding in report.findings
        ],
    }


def _decode(fields: Any) -> Report:
    return Report(
        run_id=fields["run_id"],
        as_of=dt.date.fromisoformat(fields["as_of"]),
        created_at=dt.datetime.fromisoformat(fields["created_at"]),
        findings=tuple(
            Finding(
                rule_of(finding["code"]),
                Severity(finding["severity"]),
                finding["count"],
                finding["previous_count"],
                tuple(finding["examples"]),
            )
            for finding in fields["findings"]
        ),
    )


_CODEC = Codec[Report](lambda report: report.run_id, _encode, _decode)
