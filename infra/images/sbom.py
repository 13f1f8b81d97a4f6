"""What an image consists of, as CycloneDX 1.5: its Debian packages and its Python distributions.

`docker run --entrypoint python IMAGE - NAME < infra/images/sbom.py`: it runs in the image, on the standard library.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import quote

_DPKG = Path("/var/lib/dpkg/status")


def debian_packages(status: str) -> Iterator[dict[str, str]]:
    """Of the text of dpkg's status file: those that are installed."""
    for paragraph in status.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and line[0] != " ")
        if fields.get("Status", "").endswith(" installed"):
            name, version, architecture = fields["Package"], fields["Version"], fields["Architecture"]
            purl = f"pkg:deb/debian/{quote(name)}@{quote(version, safe='')}?arch={architecture}"
            yield {"type": "library", "name": name, "version": version, "purl": purl}


def python_distributions() -> Iterator[dict[str, str]]:
    """Those on this interpreter's path."""
    for distribution in metadata.distributions():
        name, version = distribution.metadata["Name"], distribution.version
        yield {"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{quote(name.lower())}@{version}"}


def bill_of_materials(image: str, dpkg_status: str) -> dict[str, Any]:
    components = {part["purl"]: part for part in (*debian_packages(dpkg_status), *python_distributions())}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "container", "name": image}},
        "components": [components[purl] for purl in sorted(components)],
    }


if __name__ == "__main__":
    json.dump(bill_of_materials(sys.argv[1], _DPKG.read_text()), sys.stdout, indent=1)
