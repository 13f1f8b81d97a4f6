from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from google.cloud import firestore

from infra.local.stack.firestore import Firestore
from infra.local.stack.process import ComponentError
from shared.config import Config
from shared.firestore.driver import database

pytestmark = pytest.mark.integration

FIELDS = {
    "whole": 2**62,
    "double": 1.0,
    "text": "ü" * 3000,
    "bytes": b"\0\xff" * 400_000,
    "nothing": None,
    "list": [1, 2.5, {"a/b": True}],
    "time": dt.datetime(2011, 10, 13, 1, 2, 3, 456789, tzinfo=dt.UTC),
}


def client(component: Firestore) -> firestore.Client:
    env = {
        "GOOGLE_CLOUD_PROJECT": "stockcast-test",
        "STOCKCAST_FUNCTION_URL": "http://127.0.0.1:9/{function}",
    }
    return database(Config.from_env(env | component.env))


def test_documents_survive_a_restart_and_those_that_are_saved_a_crash(tmp_path: Path) -> None:
    component = Firestore(tmp_path / "firestore.log", "stockcast-test", tmp_path / "data")
    assert not component.has_saved_data
    with component:
        database = client(component)
        kept = database.document("clients/demo/products/ü %2F a")
        kept.set({**FIELDS, "written": firestore.SERVER_TIMESTAMP})
        written = kept.get().get("written")
    assert component.has_saved_data
    with component:
        found = kept.get(retry=None, timeout=30).to_dict()
        assert found == {**FIELDS, "written": written}
        assert [type(found["double"]), type(found["whole"])] == [float, int]
        assert component.lost_since is None
        database.document("clients/demo/products/saved").set({"a": 1})
        asked_at = dt.datetime.now(dt.UTC)
        assert component.save_if_used()
        assert not component.save_if_used(), "nobody has asked for anything"
        saved_by = dt.datetime.now(dt.UTC)
        database.document("clients/demo/products/late").set({"a": 1})
        component.kill()
        (tmp_path / "data" / "new-of-an-interrupted-save").mkdir()
        component.start()
        assert component.lost_since is not None
        assert asked_at <= component.lost_since <= saved_by
        assert {product.id for product in database.collection("clients/demo/products").stream()} == {kept.id, "saved"}
        assert component.save_if_used()
    assert sorted(folder.name for folder in (tmp_path / "data").iterdir()) == ["current", "old"]


@pytest.mark.parametrize(("missing", "how"), [("java", "apt-get install openjdk"), ("gcloud", "cloud.google.com/sdk")])
def test_a_missing_prerequisite_is_named_with_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str, how: str
) -> None:
    present = tmp_path / "bin"
    present.mkdir()
    for name in {"java", "gcloud"} - {missing}:
        program = present / name
        program.write_text("#!/bin/sh\necho 'openjdk version \"17.0.1\"' >&2\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{present}{os.pathsep}/nowhere")
    with pytest.raises(ComponentError, match=rf"{missing} was not found.*{how}"):
        Firestore(tmp_path / "log", "p").start()


def test_a_java_that_is_too_old_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "java"
    program.write_text("#!/bin/sh\necho 'java version \"1.8.0_292\"' >&2\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    with pytest.raises(ComponentError, match="java 8 is too old"):
        Firestore(tmp_path / "log", "p").start()
