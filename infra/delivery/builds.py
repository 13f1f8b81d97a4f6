"""`python -m infra.delivery.builds`: writes cloudbuild.yaml and cloudbuild.deploy.yaml anew.

The first tests, builds and scans a commit, keeps it as a release and deploys it to its own project; the second deploys
a release that another project has built. Both deploy by the same steps, so they are written here once, and the steps
that build an image follow functions.json. A test fails while the files are not current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
BUILD, DEPLOY = ROOT / "cloudbuild.yaml", ROOT / "cloudbuild.deploy.yaml"
FUNCTIONS: tuple[str, ...] = tuple(json.loads((ROOT / "infra" / "terraform" / "functions.json").read_text()))

_DOCKER = "gcr.io/cloud-builders/docker"
_GCLOUD = "gcr.io/google.com/cloudsdktool/google-cloud-cli"
_PYTHON = "python:3.11-slim-bookworm"
_TERRAFORM = "hashicorp/terraform:1.11.4"
_DELIVERY = "${_IMAGE_ROOT}/delivery:${_RELEASE}"  # tags are immutable
_ACCOUNT = "projects/${PROJECT_ID}/serviceAccounts/stockcast-deploy@${PROJECT_ID}.iam.gserviceaccount.com"

Step = dict[str, Any]

_BUILD_HEADER = """\
# Test, build, scan and keep a commit as a release, and deploy it to this project. infra/delivery/builds.py writes this.
#   gcloud builds submit --substitutions=SHORT_SHA=$(git rev-parse --short HEAD)
# Tests and builds run together; nothing is deployed unless all of them are well. docs/operations.md has the rest.
"""
_DEPLOY_HEADER = """\
# Deploy a release that was built before, here or in another project. infra/delivery/builds.py writes this.
#   gcloud builds submit --no-source --config=cloudbuild.deploy.yaml --substitutions=_RELEASE=...
# Terraform makes a trigger of it (infra/terraform/delivery.tf), which in production waits for an approval.
"""
_SUBSTITUTIONS = {
    "_REGION": "europe-west1",
    "_ENVIRONMENT": "production",  # infra/terraform/environments/production.tfvars
    "_IMAGE_ROOT": "${_REGION}-docker.pkg.dev/${PROJECT_ID}/stockcast",
    "_RELEASES": "gs://${PROJECT_ID}-terraform/releases",
}
_COMMENTS = {
    "_RELEASE: ${SHORT_SHA}": "the name of the release, and the tag of its images",
    "_ENVIRONMENT: production": "infra/terraform/environments/production.tfvars",
    "_NEXT_PROJECT: ''": "the project of production, where this one is staging",
    "_TORCH_INDEX: ''": "an index with torch for CUDA 12: see infra/images/forecast_job.Dockerfile",
    "_CHRONOS_WEIGHTS: ''": "gs://bucket/folder to put into the job's image; empty: none there",
    "_ACCEPTED_CVES: ''": "CVE-...,CVE-...: known, and judged not to matter here",
    "_SEVERITY: HIGH": "vulnerabilities as severe as this, with a fix, stop the build",
}

_AUDITED = "check-locks"  # `audit` is a function
_NODE = "mkdir .node && cp -a /usr/local/bin /usr/local/lib .node/"
_TEST = """\
apt-get update -qq
apt-get install -qq -y --no-install-recommends make python3-venv postgresql
PATH="/workspace/.node/bin:$$PATH" make test
"""
_AUDIT = """\
python -m venv /tmp/audit
/tmp/audit/bin/pip install --quiet --require-hashes --no-deps -r locks/audit.txt
PIP_AUDIT=/tmp/audit/bin/pip-audit sh infra/delivery/audit.sh
"""
_WEIGHTS = """\
if [ -n "$$WEIGHTS" ]; then
  mkdir -p weights
  gcloud storage cp "$$WEIGHTS/config.json" "$$WEIGHTS/model.safetensors" weights/
fi
"""
_FETCH = """\
case "$$RELEASE" in
  "" | *[!A-Za-z0-9_.-]*) echo "_RELEASE must be the name of a release"; exit 1 ;;
esac
gcloud storage cp "$$RELEASES/$$RELEASE/images.json" "$$RELEASES/$$RELEASE/source.tgz" .
tar -xzf source.tgz
"""
_KEYS = 'gcloud storage cp "gs://$$STATE_BUCKET/keys.tfvars.json" .'
_PROPOSE = """\
if [ -n "$$NEXT_PROJECT" ]; then
  gcloud pubsub topics publish "projects/$$NEXT_PROJECT/topics/stockcast-release" --attribute="release=$$RELEASE"
fi
"""


def build() -> dict[str, Any]:
    """cloudbuild.yaml. What is pinned is audited here, where images are made of it: a release that is deployed again,
    perhaps because a newer one is worse, is not stopped by what has become known since."""
    audit: Step = {
        "id": _AUDITED,
        "name": _PYTHON,
        "entrypoint": "sh",
        "args": ["-ec", _AUDIT],
        "env": ["ACCEPTED=${_ACCEPTED_CVES}"],
        "waitFor": ["-"],
    }
    images = [_image(name, _AUDITED) for name in (*FUNCTIONS, "delivery")] + [
        {"id": "weights", **_shell(_WEIGHTS, "WEIGHTS=${_CHRONOS_WEIGHTS}"), "waitFor": ["-"]},
        _image("forecast-job", _AUDITED, "weights") | {"env": ["TORCH_INDEX=${_TORCH_INDEX}"]},
    ]
    checks: list[Step] = [
        # The TypeScript client's tests need a newer one than Debian has.
        {"id": "node", "name": "node:22-bookworm-slim", "entrypoint": "sh", "args": ["-ec", _NODE], "waitFor": ["-"]},
        # Has gcloud, Java and the Firestore emulator.
        {
            "id": "test",
            "name": f"{_GCLOUD}:emulators",
            "entrypoint": "bash",
            "args": ["-ec", _TEST],
            "waitFor": ["node"],
        },
        {"id": "check-terraform", **_script(_TERRAFORM, "infra/terraform/check.sh"), "waitFor": ["-"]},
    ]
    built = [step["id"] for step in images]
    gate = ["gate", "scans", "--severity=${_SEVERITY}", "--accepted=${_ACCEPTED_CVES}"]
    release: list[Step] = [
        {
            "id": "digests",
            "name": _DOCKER,
            "entrypoint": "sh",
            "args": ["-c", "sh infra/images/digests.sh >images.json"],
            "waitFor": built,
        },
        {
            "id": "scan",
            **_script(f"{_GCLOUD}:slim", "infra/delivery/scan.sh", "REGION=${_REGION}"),
            "waitFor": ["digests"],
        },
        {"id": "gate", "name": _DELIVERY, "args": gate, "waitFor": ["scan"]},
        {
            "id": "keep",
            **_script(f"{_GCLOUD}:slim", "infra/delivery/keep.sh", "RELEASE=${_RELEASE}", "RELEASES=${_RELEASES}"),
            "waitFor": ["gate", *(step["id"] for step in checks)],
        },
    ]
    proposal = {
        "id": "propose",
        **_shell(_PROPOSE, "RELEASE=${_RELEASE}", "NEXT_PROJECT=${_NEXT_PROJECT}"),
        "waitFor": ["roll-out"],
    }
    options = {"machineType": "E2_HIGHCPU_8", "env": ["IMAGE_ROOT=${_IMAGE_ROOT}", "IMAGE_TAG=${_RELEASE}"]}
    substitutions = {
        "_RELEASE": "${SHORT_SHA}",
        **_SUBSTITUTIONS,
        "_NEXT_PROJECT": "",
        "_SEVERITY": "HIGH",
        "_ACCEPTED_CVES": "",
        "_TORCH_INDEX": "",
        "_CHRONOS_WEIGHTS": "",
    }
    return _document(substitutions, options, [audit, *checks, *images, *release, *_deployment("keep"), proposal])


def deploy() -> dict[str, Any]:
    """cloudbuild.deploy.yaml."""
    fetch = {"id": "fetch", **_shell(_FETCH, "RELEASE=${_RELEASE}", "RELEASES=${_RELEASES}"), "waitFor": ["-"]}
    return _document({"_RELEASE": "", **_SUBSTITUTIONS}, {}, [fetch, *_deployment("fetch")])


def _deployment(after: str) -> list[Step]:
    return [
        # Public keys, and which versions of the secrets hold the private ones: of the installation, not of the code.
        {"id": "keys", **_shell(_KEYS, "STATE_BUCKET=${PROJECT_ID}-terraform"), "waitFor": [after]},
        {
            "id": "apply",
            **_script(
                _TERRAFORM,
                "infra/terraform/apply.sh",
                "ENVIRONMENT=${_ENVIRONMENT}",
                "STATE_BUCKET=${PROJECT_ID}-terraform",
                "TF_VAR_project_id=${PROJECT_ID}",
                "TF_VAR_region=${_REGION}",
            ),
            "waitFor": ["keys"],
        },
        {
            "id": "roll-out",
            **_script(_DELIVERY, "infra/delivery/deploy.sh", "RELEASE=${_RELEASE}", "SHORT_SHA=${_RELEASE}"),
            "waitFor": ["apply"],
        },
    ]


def _document(substitutions: dict[str, str], options: dict[str, Any], steps: list[Step]) -> dict[str, Any]:
    return {
        "substitutions": substitutions,
        "serviceAccount": _ACCOUNT,
        "timeout": "14400s",  # tests, images, and three steps of traffic that are each watched for up to half an hour
        "options": {"logging": "CLOUD_LOGGING_ONLY", "dynamicSubstitutions": True, **options},
        "steps": steps,
    }


def _image(name: str, *after: str) -> Step:
    script = "infra/images/build.sh"
    return {"id": name, "name": _DOCKER, "entrypoint": "sh", "args": [script, name], "waitFor": list(after)}


def _script(image: str, path: str, *environment: str) -> Step:
    return {"name": image, "entrypoint": "sh", "args": [path]} | ({"env": list(environment)} if environment else {})


def _shell(commands: str, *environment: str) -> Step:
    return {"name": f"{_GCLOUD}:slim", "entrypoint": "bash", "args": ["-ec", commands], "env": list(environment)}


class _Writer(yaml.SafeDumper):  # type: ignore[misc] # PyYAML has no types
    """Several lines as a block, lists indented."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Writer.add_representer(str, _text)


def text_of(header: str, document: dict[str, Any]) -> str:
    """The file's text."""
    lines = yaml.dump(document, Dumper=_Writer, sort_keys=False, width=200).splitlines()
    commented = [
        f"{line} # {_COMMENTS[line.strip()]}" if line.strip() in _COMMENTS else line.replace("  - id:", "\n  - id:")
        for line in lines
    ]
    return f"{header}\n" + "\n".join(commented) + "\n"


def files() -> dict[Path, str]:
    """What each file must be."""
    return {BUILD: text_of(_BUILD_HEADER, build()), DEPLOY: text_of(_DEPLOY_HEADER, deploy())}


if __name__ == "__main__":
    for path, text in files().items():
        path.write_text(text)
