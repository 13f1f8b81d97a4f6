"""The builds are what Cloud Build accepts, build every image, and deploy only what was tested, scanned and kept."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from google.cloud.devtools.cloudbuild_v1 import Build
from google.protobuf import json_format

from infra.delivery.__main__ import IMAGES
from infra.delivery.builds import BUILD, DEPLOY, files

ROOT = Path(__file__).parents[2]
FUNCTIONS = set(json.loads((ROOT / "infra" / "terraform" / "functions.json").read_text()))
_BUILT_IN = {"PROJECT_ID", "SHORT_SHA"}


def read(path: Path) -> Build:
    """The file as Cloud Build's own message; a field or enumeration value that it does not know raises."""
    message = Build.pb()()
    json_format.ParseDict(yaml.safe_load(path.read_text()), message)
    return Build.wrap(message)


@pytest.fixture(scope="module")
def build() -> Build:
    return read(BUILD)


@pytest.fixture(scope="module")
def deploy() -> Build:
    return read(DEPLOY)


def waits(build: Build) -> dict[str, set[str]]:
    """Step -> every step that must have ended before it starts."""
    before: dict[str, set[str]] = {}
    for step in build.steps:
        direct = set(step.wait_for) - {"-"}
        assert direct <= set(before), f"{step.id} waits for what comes later"
        before[step.id] = direct.union(*(before[name] for name in direct))
    return before


def test_the_files_are_current() -> None:
    for path, text in files().items():
        assert path.read_text() == text, f"{path.name}: run python -m infra.delivery.builds"


def test_every_image_is_built_and_has_a_digest(build: Build) -> None:
    built = {step.args[1] for step in build.steps if step.args and step.args[0] == "infra/images/build.sh"}
    assert built == FUNCTIONS | {"forecast-job", "delivery"} == set(IMAGES)
    assert built <= waits(build)["digests"]


def test_tests_and_images_are_made_in_parallel(build: Build) -> None:
    alone = {name for name, before in waits(build).items() if not before}
    assert alone == {"check-locks", "weights", "node", "check-terraform"}
    assert waits(build)["test"] == {"node"}


def test_what_is_pinned_is_audited_before_images_are_made_of_it(build: Build) -> None:
    before = waits(build)
    assert all(before[name] == {"check-locks"} for name in (*FUNCTIONS, "delivery"))
    assert before["forecast-job"] == {"check-locks", "weights"}  # its image holds them, where there are any
    (audit,) = (step for step in build.steps if step.id == "check-locks")
    assert "--require-hashes --no-deps -r locks/audit.txt" in audit.args[1]
    assert "infra/delivery/audit.sh" in audit.args[1]
    assert list(audit.env) == ["ACCEPTED=${_ACCEPTED_CVES}"]


def test_nothing_is_deployed_before_all_else_is_well(build: Build) -> None:
    ids = [step.id for step in build.steps]
    assert len(set(ids)) == len(ids)
    assert waits(build)["apply"] == set(ids) - {"apply", "roll-out", "propose"}
    assert waits(build)["roll-out"] == set(ids) - {"roll-out", "propose"}
    assert waits(build)["propose"] == set(ids) - {"propose"}


def test_the_gate_is_before_the_release_is_kept(build: Build) -> None:
    assert {"scan", "gate", "test", "check-terraform"} <= waits(build)["keep"]


def test_both_builds_deploy_by_the_same_steps(build: Build, deploy: Build) -> None:
    for name in ("keys", "apply", "roll-out"):
        (ours,) = (step for step in build.steps if step.id == name)
        (theirs,) = (step for step in deploy.steps if step.id == name)
        assert (ours.name, ours.args, ours.env) == (theirs.name, theirs.args, theirs.env)
    assert [(step.id, list(step.wait_for)) for step in deploy.steps] == [
        ("fetch", ["-"]),
        ("keys", ["fetch"]),
        ("apply", ["keys"]),
        ("roll-out", ["apply"]),
    ]


@pytest.mark.parametrize("path", [BUILD, DEPLOY], ids=lambda path: path.name)
def test_substitutions_are_defined_and_used(path: Path) -> None:
    """Cloud Build refuses a build otherwise."""
    build, text = read(path), path.read_text()
    used = set(re.findall(r"\$\{(\w+)\}", text))
    assert used - _BUILT_IN == set(build.substitutions)


@pytest.mark.parametrize("path", [BUILD, DEPLOY], ids=lambda path: path.name)
def test_shell_variables_are_not_taken_for_substitutions(path: Path) -> None:
    for step in read(path).steps:
        for argument in step.args:
            assert not re.search(r"(?<!\$)\$[A-Za-z(]", argument), f"{step.id}: write $$ for a variable of the shell"


@pytest.mark.parametrize("path", [BUILD, DEPLOY], ids=lambda path: path.name)
def test_variables_that_inline_scripts_read_are_given(path: Path) -> None:
    for step in read(path).steps:
        given = {variable.partition("=")[0] for variable in step.env}
        for argument in step.args:
            assert set(re.findall(r"\$\$(\w+)", argument)) <= {*given, "PATH"}, step.id


@pytest.mark.parametrize("path", [BUILD, DEPLOY], ids=lambda path: path.name)
def test_variables_that_scripts_read_are_given(path: Path) -> None:
    build = read(path)
    common = {variable.partition("=")[0] for variable in build.options.env}
    from_apply = {"WATCH_SECONDS", "SMOKE_JOB"}  # by deployment.env, which output.tf writes
    for step in build.steps:
        for argument in step.args:
            if not argument.endswith(".sh") or argument.endswith("check.sh"):
                continue
            script = (ROOT / argument).read_text()
            read_ = set(re.findall(r"\$\{?([A-Z][A-Z_]+)\}?", script)) - set(re.findall(r"\b([A-Z_]+)=", script))
            optional = set(re.findall(r"\$\{([A-Z_]+):-", script))
            given = {variable.partition("=")[0] for variable in step.env} | common | from_apply
            assert read_ - optional <= given, f"{step.id}: {argument}"


def test_terraform_runs_in_one_version(build: Build, deploy: Build) -> None:
    images = {step.name for path in (build, deploy) for step in path.steps if "terraform" in step.name}
    assert len(images) == 1


def test_files_that_steps_run_exist(build: Build, deploy: Build) -> None:
    scripts = [argument for path in (build, deploy) for step in path.steps for argument in step.args]
    scripts = [argument for argument in scripts if argument.endswith(".sh")]
    assert scripts
    assert all((ROOT / script).is_file() for script in scripts)
    assert (ROOT / f"infra/terraform/environments/{build.substitutions['_ENVIRONMENT']}.tfvars").is_file()


@pytest.mark.integration
def test_digests_become_one_json_object(tmp_path: Path) -> None:
    (tmp_path / "digests").mkdir()
    images = {name: f"europe-west1-docker.pkg.dev/p/stockcast/{name}@sha256:{'0' * 64}" for name in IMAGES}
    for name, image in images.items():
        (tmp_path / "digests" / name).write_text(f"{image}\n")
    script = ROOT / "infra" / "images" / "digests.sh"
    written = subprocess.run(["sh", script], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert json.loads(written) == images
