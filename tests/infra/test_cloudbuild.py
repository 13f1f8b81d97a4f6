"""cloudbuild.yaml is a build that Cloud Build accepts, builds every image and deploys only what was tested."""

import json
from pathlib import Path

import pytest
import yaml
from google.cloud.devtools.cloudbuild_v1 import Build
from google.protobuf import json_format

ROOT = Path(__file__).parents[2]
FUNCTIONS = set(json.loads((ROOT / "infra" / "terraform" / "functions.json").read_text()))


@pytest.fixture(scope="module")
def build() -> Build:
    """The file as Cloud Build's own message; a field or enumeration value that it does not know raises."""
    message = Build.pb()()
    json_format.ParseDict(yaml.safe_load((ROOT / "cloudbuild.yaml").read_text()), message)
    return Build.wrap(message)


def test_every_image_is_built(build: Build) -> None:
    built = {step.args[1] for step in build.steps if step.args and step.args[0] == "infra/images/build.sh"}
    assert built == FUNCTIONS | {"forecast-job"}


def test_everything_before_the_deployment_runs_in_parallel(build: Build) -> None:
    waiting = {step.id: list(step.wait_for) for step in build.steps if list(step.wait_for) != ["-"]}
    assert waiting.pop("deploy")
    assert waiting == {"forecast-job": ["weights"]}  # its image holds them, where there are any


def test_nothing_is_deployed_before_all_else_is_well(build: Build) -> None:
    deploy = build.steps[-1]
    assert deploy.id == "deploy"
    assert set(deploy.wait_for) == {step.id for step in build.steps} - {"deploy"}


def test_terraform_runs_in_one_version(build: Build) -> None:
    assert len({step.name for step in build.steps if "terraform" in step.name}) == 1


def test_files_that_steps_run_exist(build: Build) -> None:
    scripts = [argument for step in build.steps for argument in step.args if argument.endswith(".sh")]
    assert scripts
    assert all((ROOT / script).is_file() for script in scripts)
    assert (ROOT / f"infra/terraform/environments/{build.substitutions['_ENVIRONMENT']}.tfvars").is_file()


def test_the_deployment_is_given_the_commit_that_was_built(build: Build) -> None:
    assert "TF_VAR_image_tag=${SHORT_SHA}" in build.steps[-1].env
    assert "IMAGE_TAG=${SHORT_SHA}" in build.options.env
