"""The TypeScript client is what the document generates; a program that uses it does what a frontend does."""

from __future__ import annotations

import filecmp
import os
import subprocess
from pathlib import Path

import pytest

from infra.local.stack.process import PROJECT
from shared.domain.access.principal import Role
from tests.support.running import Running
from tests.support.shops import fill
from tests.support.users import PASSWORD, sign_up

pytestmark = pytest.mark.integration

CLIENT = PROJECT / "clients" / "typescript"
PROGRAM = PROJECT / "tests" / "e2e" / "typescript"
TOOLS = CLIENT / "node_modules" / ".bin"


def run(*command: str | Path, **env: str) -> str:
    """What the command prints; fails the test with it where the command fails."""
    assert TOOLS.is_dir(), "install the client's tools first: make client"
    done = subprocess.run(command, cwd=CLIENT, env=os.environ | env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_checked_in_client_is_what_the_document_generates(tmp_path: Path) -> None:
    run(TOOLS / "openapi-ts", CLIENT_FOLDER=str(tmp_path / "src"))
    generated, kept = (
        {path.relative_to(folder): path for path in folder.rglob("*.ts")}
        for folder in (tmp_path / "src", CLIENT / "src")
    )
    assert generated.keys() == kept.keys()
    stale = [str(path) for path in generated if not filecmp.cmp(generated[path], kept[path], shallow=False)]
    assert stale == [], "run `make client` and check in what it changes"


@pytest.mark.stack
def test_a_frontend_works_with_it(running: Running, tmp_path: Path) -> None:
    client = fill(running.new_client())
    client.post("/suppliers", json={"supplier_id": "acme", "name": "Acme"})
    client.post("/locations", json={"location_id": "LONDON", "name": "London"})
    user = sign_up(client, role=Role.ADMIN)
    run(TOOLS / "tsc", "-p", PROGRAM, "--outDir", tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    program = tmp_path / PROGRAM.relative_to(PROJECT) / "frontend.mjs"
    told = run("node", program, BASE_URL=running.base_url, EMAIL=user.user.email, PASSWORD=PASSWORD)
    assert told.splitlines() == [
        "signed in",
        "refreshed on 401",
        "filtered list",
        "product with its forecast",
        "cart",
        "order",
        "receipt",
        "operation",
        "422 of a field",
    ]
