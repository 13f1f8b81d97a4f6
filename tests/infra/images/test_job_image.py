"""The job's image starts the job, also with the arguments of a single execution."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
DOCKERFILE = (ROOT / "infra" / "images" / "forecast_job.Dockerfile").read_text()


def test_the_arguments_of_an_execution_follow_the_command() -> None:
    """Cloud Run puts them in the place of CMD: a command that stood there would be gone."""
    assert not re.findall(r"^CMD ", DOCKERFILE, re.MULTILINE)
    (entrypoint,) = re.findall(r"^ENTRYPOINT (.+)$", DOCKERFILE, re.MULTILINE)
    program, *arguments = json.loads(entrypoint)
    assert program == "python"
    done = subprocess.run([sys.executable, *arguments, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "--run-id" in done.stdout
