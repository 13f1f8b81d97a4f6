"""The gate behind the vulnerability scan of the images: what would be deployed knowingly with a hole that has a fix."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SEVERITIES = ("MINIMAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")


@dataclass(frozen=True)
class Vulnerability:
    """A known hole in a package of an image."""

    image: str
    name: str  # CVE-...
    severity: str
    packages: tuple[str, ...]
    has_fix: bool

    def __str__(self) -> str:
        fix = "a fix is available" if self.has_fix else "no fix yet"
        return f"{self.image}: {self.name} {self.severity} in {', '.join(self.packages)} ({fix})"


def vulnerabilities(image: str, occurrences: Sequence[Mapping[str, Any]]) -> Iterator[Vulnerability]:
    """Of what `gcloud artifacts docker images list-vulnerabilities --format=json` prints.

    Raises ValueError for a severity that it does not know: a gate that misunderstands its input must not open.
    """
    for occurrence in occurrences:
        hole = occurrence["vulnerability"]
        severity = hole.get("effectiveSeverity") or hole.get("severity") or "SEVERITY_UNSPECIFIED"
        if severity == "SEVERITY_UNSPECIFIED":  # nobody has rated it yet
            severity = "MINIMAL"
        if severity not in SEVERITIES:
            raise ValueError(f"{image}: unknown severity {severity!r}; known are {', '.join(SEVERITIES)}")
        issues = hole.get("packageIssue", [])
        packages = tuple(sorted({issue.get("affectedPackage", "?") for issue in issues}))
        name = str(occurrence.get("noteName", "?")).rpartition("/")[2]
        yield Vulnerability(image, name, severity, packages, _has_fix(hole, issues))


def _has_fix(hole: Mapping[str, Any], issues: Sequence[Mapping[str, Any]]) -> bool:
    return bool(hole.get("fixAvailable")) or any(
        issue.get("fixAvailable") or issue.get("fixedVersion", {}).get("kind") == "NORMAL" for issue in issues
    )


def refused(found: Sequence[Vulnerability], gate: str, accepted: frozenset[str]) -> list[Vulnerability]:
    """Those as severe as `gate` that have a fix and that nobody has accepted."""
    least = SEVERITIES.index(gate)
    return [
        hole
        for hole in found
        if SEVERITIES.index(hole.severity) >= least and hole.has_fix and hole.name not in accepted
    ]


def check(folder: Path, images: Sequence[str], gate: str, accepted: frozenset[str] = frozenset()) -> int:
    """Read FOLDER/IMAGE.json of every image and print what was found; the exit status.

    An image without a file was not scanned, which fails as well.
    """
    missing = [image for image in images if not (folder / f"{image}.json").is_file()]
    found = [
        hole
        for image in images
        if image not in missing
        for hole in vulnerabilities(image, json.loads((folder / f"{image}.json").read_text()))
    ]
    bad = refused(found, gate, accepted)
    for hole in found:
        print(f"{'REFUSED' if hole in bad else 'known'}: {hole}")
    for image in missing:
        print(f"REFUSED: {image} was not scanned")
    scanned = len(images) - len(missing)
    print(f"{scanned} images, {len(found)} known vulnerabilities, {len(bad)} refused ({gate} with a fix)")
    return 1 if bad or missing else 0
