"""infra/images/build.sh gives the forecast job the torch that fits the GPU of the environments."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

_ROOT = Path(__file__).parents[3]
_DOCKER = """#!/bin/sh
case $1 in
  manifest) exit 1 ;;
  inspect) for image; do :; done; echo "${image%:*}@sha256:0" ;;
  *) echo "$@" ;;
esac
"""
_GPU_TYPES = json.loads((_ROOT / "infra/terraform/gpu_types.json").read_text())


def _build(folder: Path, name: str, *gpu_types: str | None, index: str = "") -> subprocess.CompletedProcess[str]:
    """What the script says, with a docker that prints what it is asked and knows no image."""
    environments = folder / "infra" / "terraform" / "environments"
    environments.mkdir(parents=True)
    for number, gpu_type in enumerate(gpu_types):
        line = '# gpu_type = "commented"\n' + (f'gpu_type = "{gpu_type}" # why\n' if gpu_type else "")
        (environments / f"{number}.tfvars").write_text(line)
    (folder / "infra" / "images").mkdir()
    (folder / "infra" / "images" / "sbom.py").touch()
    (folder / "docker").write_text(_DOCKER)
    (folder / "docker").chmod(0o755)
    env = {"PATH": f"{folder}:/usr/bin:/bin", "IMAGE_ROOT": "images", "IMAGE_TAG": "tag", "TORCH_INDEX": index}
    command = ["sh", str(_ROOT / "infra/images/build.sh"), name]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("gpu_type", _GPU_TYPES)
def test_the_torch_is_that_of_the_gpus_driver(tmp_path: Path, gpu_type: str) -> None:
    built = _build(tmp_path, "forecast-job", gpu_type, gpu_type, index="https://index.example/12")
    assert built.returncode == 0, built.stderr
    other_torch = "TORCH_INDEX=https://index.example/12 " in built.stdout
    assert other_torch == (_GPU_TYPES[gpu_type]["torch_for_cuda"] == "12")


def test_an_image_whose_engine_would_refuse_the_gpu_is_not_built(tmp_path: Path) -> None:
    built = _build(tmp_path, "forecast-job", "nvidia-l4")
    assert (built.returncode, built.stdout.count("build --pull")) == (1, 0)
    assert "needs _TORCH_INDEX" in built.stderr


def test_one_image_serves_one_gpu(tmp_path: Path) -> None:
    built = _build(tmp_path, "forecast-job", *_GPU_TYPES, index="https://index.example/12")
    assert built.returncode == 1
    assert "the same gpu_type" in built.stderr


def test_without_a_gpu_and_for_functions_it_is_the_usual_torch(tmp_path: Path) -> None:
    for name, gpu_type in (("forecast-job", None), ("products", "nvidia-l4")):
        built = _build(tmp_path / name, name, gpu_type, index="https://index.example/12")
        assert built.returncode == 0, built.stderr
        assert "TORCH_INDEX= " in built.stdout
