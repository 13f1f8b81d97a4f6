"""The demo as `make run` starts it, in a folder of its own, for the walks through it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests

from infra.local.stack.process import PROJECT, free_ports, until

_PATIENCE_S = 420


@dataclass(frozen=True)
class Running:
    """`make run` in a folder of its own: its address and a token per role."""

    base_url: str
    tokens: dict[str, str]

    def call(self, method: str, path: str, *, role: str = "PROCUREMENT", **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} | options.pop("headers", {})
        response = requests.request(method, f"{self.base_url}{path}", headers=headers, timeout=60, **options)
        assert response.ok, f"{method} {path}: {response.status_code} {response.text}"
        return response

    def get(self, path: str, **options: Any) -> Any:
        return json.loads(self.call("GET", path, **options).text, parse_float=Decimal, parse_int=Decimal)

    def send(self, method: str, path: str, body: Any, **options: Any) -> Any:
        text = self.call(method, path, json=body, **options).text
        return json.loads(text, parse_float=Decimal, parse_int=Decimal) if text else None

    def row(self, item_id: str) -> dict[str, Any]:
        """The item's row in the product list."""
        found = self.get("/products", params={"search": item_id, "page_size": 200})["items"]
        (row,) = [one for one in found if one["item_id"] == item_id]
        return dict(row)

    def every(self, path: str, role: str = "PROCUREMENT") -> Iterator[dict[str, Any]]:
        """The items of all pages."""
        number = total = 0
        while number == 0 or number * 200 < total:
            number += 1
            page = self.get(f"{path}{'&' if '?' in path else '?'}page_size=200&page={number}", role=role)
            total = page["total"]
            yield from page["items"]


@contextmanager
def running_demo(folder: Path) -> Iterator[Running]:
    """Loads the demo, which takes a minute or two."""
    (port,) = free_ports(1)
    env = {name: value for name, value in os.environ.items() if not name.endswith("_EMULATOR_HOST")}
    env.pop("STOCKCAST_DATASET", None)
    output = (folder / "output").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "infra.local", f"--port={port}", f"--folder={folder}"],
        cwd=PROJECT,
        env=env,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    description: Path = folder / "stack.json"
    try:
        assert until(lambda: description.exists() or process.poll() is not None, _PATIENCE_S)
        assert process.poll() is None, (folder / "output").read_text()
        told = json.loads(description.read_text())
        yield Running(told["base_url"], told["tokens"])
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
        output.close()
