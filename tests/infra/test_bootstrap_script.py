"""infra/bootstrap.sh before a gcloud that notes its calls: what it grants, in which order, and its repetition."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROLES = (ROOT / "infra" / "delivery" / "roles.txt").read_text()
TERRAFORM = "\n".join(path.read_text() for path in sorted((ROOT / "infra" / "terraform").glob("*.tf")))
ACCOUNT = "stockcast-deploy@my-project.iam.gserviceaccount.com"


def listed(kind: str) -> list[str]:
    return re.findall(rf"^{kind}  (\S+)  +\S", ROLES, re.MULTILINE)


class Project:
    """A project, and what has been made in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "bin").mkdir()
        (folder / "bin" / "gcloud").symlink_to(ROOT / "tests" / "infra" / "fake_gcloud")
        (folder / "roles-serviceAccount_123456789012-compute@developer.gserviceaccount.com").write_text(
            "roles/editor\n"
        )

    def bootstrap(self, *arguments: str, fail_at: str = "nothing") -> tuple[int, list[str]]:
        """The script's exit status and its calls."""
        calls = self._folder / "calls"
        calls.write_text("")
        environment = {
            "PATH": f"{self._folder / 'bin'}:{os.environ['PATH']}",
            "STATE": str(self._folder),
            "PYTHON": sys.executable,
            "FAIL_AT": fail_at,
        }
        command = ["sh", str(ROOT / "infra" / "bootstrap.sh"), "my-project", "europe-west1", *arguments]
        status = subprocess.run(command, env=environment, check=False, capture_output=True).returncode
        return status, calls.read_text().splitlines()

    def stored(self, what: str) -> str:
        return (self._folder / f"made-{what}").read_text()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def position(calls: list[str], start: str) -> int:
    return next(number for number, call in enumerate(calls) if start in call)


@pytest.mark.integration
def test_an_empty_project_gets_what_the_first_build_needs_in_order(project: Project) -> None:
    status, calls = project.bootstrap()
    assert status == 0
    order = ("services enable", "buckets create", "accounts create", "roles create", "add-iam", "repositories create")
    assert sorted(order, key=lambda start: position(calls, start)) == list(order)
    granted = [re.findall(r"--role=(\S+)", call)[0] for call in calls if "projects add-iam-policy-binding" in call]
    wanted = [role.replace("PROJECT", "my-project") for role in listed("role")]
    assert granted == [*wanted, "roles/resourcemanager.projectIamAdmin"]
    assert not {"roles/owner", "roles/editor"}.intersection(granted)
    assert all(f"--member=serviceAccount:{ACCOUNT}" in call for call in calls if "add-iam-policy-binding" in call)
    (condition,) = (call for call in calls if "projectIamAdmin" in call)
    assert all(f"'{role}'" in condition for role in listed("grant"))
    assert any("remove-iam-policy-binding my-project" in call and "compute@developer" in call for call in calls)
    keys = json.loads(project.stored("storage_objects_gs___my_project_terraform_keys_tfvars_json"))
    assert [key["kty"] for key in keys["jwks"]["keys"]] == ["EC"]
    assert "PRIVATE" in project.stored("version_stockcast_jwt_signing_keys")
    keys_tf = (ROOT / "infra" / "terraform" / "keys.tf").read_text()
    for name in re.findall(r'name = "(stockcast-[\w-]+)"', keys_tf):  # all that auth reads, or it does not start
        assert json.loads(project.stored(f"version_{name.replace('-', '_')}")), name


@pytest.mark.integration
def test_it_may_be_stopped_anywhere_and_repeated(project: Project) -> None:
    for call in ("secrets versions add stockcast-jwt-signing-keys", "storage cp"):
        status, calls = project.bootstrap(fail_at=call)
        assert status != 0
        assert calls[-1].startswith(f"my-project {call}")
    keys = project.stored("version_stockcast_jwt_signing_keys")
    assert project.bootstrap()[0] == 0
    status, again = project.bootstrap()
    assert status == 0
    assert not [call for call in again if re.search(r" (create|add|cp|access) ", call)]
    assert project.stored("version_stockcast_jwt_signing_keys") == keys


@pytest.mark.integration
def test_production_may_read_the_releases_of_staging_and_nothing_else_there(project: Project) -> None:
    status, calls = project.bootstrap("my-staging")
    assert status == 0
    there = [call for call in calls if call.startswith("my-staging ")]
    granted = [re.findall(r"--member=serviceAccount:(\S+) --role=(\S+)", call)[0] for call in there]
    pulling = "service-123456789012@serverless-robot-prod.iam.gserviceaccount.com"
    assert granted == [
        (ACCOUNT, "roles/artifactregistry.reader"),
        (pulling, "roles/artifactregistry.reader"),
        (ACCOUNT, "roles/storage.objectViewer"),
    ]
    assert "objects/releases/" in there[-1]


@pytest.mark.integration
def test_without_arguments_it_explains_itself() -> None:
    shown = subprocess.run(["sh", ROOT / "infra" / "bootstrap.sh"], check=False, capture_output=True, text=True)
    assert shown.returncode == 2
    assert "sh infra/bootstrap.sh PROJECT REGION RELEASES_FROM" in shown.stderr


def test_the_deploying_account_may_grant_what_terraform_grants_in_the_project() -> None:
    (kinds,) = re.findall(r"project_roles = \{(.*?)\n  \}", TERRAFORM, re.DOTALL)
    direct = re.findall(r'"google_project_iam_member" "\w+" \{(.*?)\n\}', TERRAFORM, re.DOTALL)
    granted = set(re.findall(r'"(roles/[\w.]+)"', "".join([kinds, *direct])))
    assert granted == set(listed("grant")), "infra/delivery/roles.txt: what is granted must stand under grant"


# The start of a resource's type -> the role that makes it; the longest start counts.
_MAKES = {
    "google_billing": "",  # of the billing account, whose administrator grants it: roles/billing.costsManager
    "google_artifact_registry": "roles/artifactregistry.admin",
    "google_bigquery": "roles/bigquery.dataOwner",
    "google_cloud_run": "roles/run.admin",
    "google_cloud_scheduler": "roles/cloudscheduler.admin",
    "google_cloud_tasks": "roles/cloudtasks.admin",
    "google_cloudbuild": "roles/cloudbuild.builds.editor",
    "google_compute": "roles/compute.loadBalancerAdmin",
    "google_compute_network": "roles/compute.networkAdmin",
    "google_compute_security_policy": "roles/compute.securityAdmin",
    "google_compute_ssl_policy": "roles/compute.securityAdmin",
    "google_compute_subnetwork": "roles/compute.networkAdmin",
    "google_firestore": "roles/datastore.owner",
    "google_logging": "roles/logging.configWriter",
    "google_monitoring": "roles/monitoring.editor",
    "google_project_service": "roles/serviceusage.serviceUsageAdmin",
    "google_pubsub": "roles/pubsub.admin",
    "google_secret_manager": "projects/PROJECT/roles/stockcastSecrets",
    "google_service_account": "roles/iam.serviceAccountAdmin",
    "google_storage": "roles/storage.admin",
}


def test_the_deploying_account_may_make_what_terraform_makes() -> None:
    for kind in set(re.findall(r'^resource "(\w+)"', TERRAFORM, re.MULTILINE)) - {"google_project_iam_member"}:
        start = max((start for start in _MAKES if kind.startswith(start)), key=len, default=None)
        assert start is not None, f"which role makes a {kind}? Add it here and to infra/delivery/roles.txt"
        assert _MAKES[start] in ("", *listed("role")), kind
