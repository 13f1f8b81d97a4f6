"""The scripts between the builds and the programs: what they call, in which order, and where they stop."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
DELIVERY = ROOT / "infra" / "delivery"
_PYTHON = """#!/bin/sh
echo "$*" >>calls
case "$*" in
  "-m infra.migrate --status") echo "$STATUS"; exit "${STATUS_ENDS_WITH:-0}" ;;
  "-m infra.delivery rollout"*) exit "$ROLLOUT_ENDS_WITH" ;;
esac
"""
_ROLLOUT = "-m infra.delivery rollout --release abc1234 --images images.json --watch-seconds 600 --smoke-job "
_UNTIL_TRAFFIC = ["-m infra.migrate --status", "-m infra.migrate", _ROLLOUT]
_GCLOUD = """#!/bin/sh
echo "$*" >>calls
case "$1 $2 $3" in "storage objects describe") [ -n "$IS_KEPT" ] ;; esac
"""


def run(script: Path, folder: Path, program: str, text: str, **environment: str) -> tuple[int, list[str]]:
    """The script's exit status in the folder, and the calls of a program that stands in for the real one."""
    (folder / program).write_text(text)
    (folder / program).chmod(0o755)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", **environment}
    done = subprocess.run(["sh", str(script)], cwd=folder, env=environment, check=False, capture_output=True)
    return done.returncode, (folder / "calls").read_text().splitlines()


@pytest.mark.parametrize("script", sorted(ROOT.glob("infra/**/*.sh")), ids=lambda path: path.name)
def test_a_script_can_be_read_by_a_plain_shell(script: Path) -> None:
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0


def deployed(folder: Path, **settings: str) -> tuple[int, list[str]]:
    (folder / "deployment.env").write_text("WATCH_SECONDS='600'\nSMOKE_JOB=''\n")
    settings = {"RELEASE": "abc1234", "STATUS": "version 4 of 5", "ROLLOUT_ENDS_WITH": "0", **settings}
    return run(DELIVERY / "deploy.sh", folder, "python", _PYTHON, **settings)


@pytest.mark.parametrize("ends_with", ["0", "1"])
def test_data_is_migrated_before_traffic_and_once_more_when_all_has_moved(tmp_path: Path, ends_with: str) -> None:
    status, calls = deployed(tmp_path, ROLLOUT_ENDS_WITH=ends_with)
    assert calls == (_UNTIL_TRAFFIC if ends_with == "1" else [*_UNTIL_TRAFFIC, "-m infra.migrate --again 4"])
    assert str(status) == ends_with


def test_what_no_migration_has_recorded_is_migrated_again_from_its_version(tmp_path: Path) -> None:
    recorded = "version 1 of 5, which no migration has recorded"
    assert deployed(tmp_path, STATUS=recorded) == (0, [*_UNTIL_TRAFFIC, "-m infra.migrate --again 1"])


def test_where_nothing_was_stored_nothing_is_migrated_again(tmp_path: Path) -> None:
    assert deployed(tmp_path, STATUS="nothing is stored yet") == (0, _UNTIL_TRAFFIC)


def test_a_deployment_that_cannot_tell_the_version_ends(tmp_path: Path) -> None:
    assert deployed(tmp_path, STATUS="", STATUS_ENDS_WITH="1") == (1, _UNTIL_TRAFFIC[:1])


@pytest.mark.parametrize("is_kept", ["", "yes"])
def test_a_release_is_written_once_and_is_whole_with_its_digests(tmp_path: Path, is_kept: str) -> None:
    for folder in ("infra/.terraform", "shared", "sbom", "scans"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "infra/.terraform/provider").touch()
    (tmp_path / "cloudbuild.deploy.yaml").touch()
    settings = {"RELEASE": "abc1234", "RELEASES": "gs://p-terraform/releases", "IS_KEPT": is_kept}
    status, calls = run(DELIVERY / "keep.sh", tmp_path, "gcloud", _GCLOUD, **settings)
    assert status == 0
    there = "gs://p-terraform/releases/abc1234"
    if is_kept:
        assert calls[1:] == [f"storage cp {there}/images.json images.json"]
        return
    assert calls[1:] == [
        f"storage cp --recursive source.tgz sbom scans {there}/",
        f"storage cp images.json {there}/images.json",
    ]
    kept = subprocess.run(["tar", "-tzf", tmp_path / "source.tgz"], check=True, capture_output=True, text=True).stdout
    assert kept.split() == ["infra/", "shared/", "cloudbuild.deploy.yaml"]


_AUDIT = """#!/bin/sh
echo "$*" >>calls
case "$*" in *"$VULNERABLE"*) exit 1 ;; esac
"""


def audited(folder: Path, **settings: str) -> tuple[int, list[str]]:
    return run(DELIVERY / "audit.sh", folder, "pip-audit", _AUDIT, PIP_AUDIT="pip-audit", **settings)


def test_every_lock_that_is_installed_is_audited_by_its_hashes(tmp_path: Path) -> None:
    status, calls = audited(tmp_path, VULNERABLE="none of them")
    assert status == 0
    assert {call.rpartition(" ")[0] for call in calls} == {"--strict --disable-pip --require-hashes -r"}
    locks = {f"locks/{path.name}" for path in (ROOT / "locks").glob("*.txt")}
    assert {call.rpartition(" ")[2] for call in calls} == locks - {"locks/audit.txt"}  # with which nothing is shipped


@pytest.mark.parametrize("lock", ["run", "dev", "bigquery"])
def test_a_known_vulnerability_ends_the_build(tmp_path: Path, lock: str) -> None:
    status, calls = audited(tmp_path, VULNERABLE=f"locks/{lock}.txt")
    assert status == 1
    assert calls[-1].endswith(f"locks/{lock}.txt")


def test_what_was_judged_not_to_matter_is_let_through(tmp_path: Path) -> None:
    _, calls = audited(tmp_path, VULNERABLE="none of them", ACCEPTED="CVE-2026-1,GHSA-x")
    assert all(call.endswith(".txt --ignore-vuln CVE-2026-1 --ignore-vuln GHSA-x") for call in calls)
    assert len(calls) == 3
