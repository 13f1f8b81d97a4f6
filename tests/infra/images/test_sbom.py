from __future__ import annotations

import importlib.util
from pathlib import Path

SCRIPT = Path(__file__).parents[3] / "infra" / "images" / "sbom.py"
spec = importlib.util.spec_from_file_location("sbom", SCRIPT)
assert spec is not None
assert spec.loader is not None
sbom = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sbom)

STATUS = """\
Package: libssl3
Status: install ok installed
Architecture: amd64
Version: 3.0.15-1~deb12u1
Description: Secure Sockets Layer toolkit
 with: a colon

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1
"""


def test_it_names_what_is_installed_with_its_version() -> None:
    bill = sbom.bill_of_materials("auth", STATUS)
    names = {part["name"].lower(): part for part in bill["components"]}
    assert names["libssl3"]["purl"] == "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64"
    assert names["flask"]["purl"].startswith("pkg:pypi/flask@")
    assert "gone" not in names
    assert bill["metadata"]["component"] == {"type": "container", "name": "auth"}
