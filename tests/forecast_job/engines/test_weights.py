"""Weights: loaded from a folder or a bucket, refused in one line when they are not what they should be."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from forecast_job.engines import EngineUnavailable, weights
from forecast_job.engines.pinning import MANIFEST_FILE, Weights, digest, manifest
from forecast_job.engines.weights import (
    CPU,
    GPU,
    Device,
    best_device,
    clients_folder,
    load_pipeline,
    save,
    weights_for,
)
from shared.config import config
from shared.domain.forecast_engine import FallbackCode
from shared.object_storage import storage_client
from tests.support.chronos import QUANTILES, save_tiny_chronos
from tests.support.running import Running
from tests.support.weights import pinned

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tiny_weights: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return shutil.copytree(tiny_weights, tmp_path / "weights")


def test_a_folder_is_loaded_once_in_the_devices_precision(tiny_weights: Path) -> None:
    pipeline = load_pipeline(pinned(tiny_weights), CPU)
    assert pipeline.quantiles == list(QUANTILES)
    assert {tensor.dtype for tensor in pipeline.model.parameters()} == {torch.float32}
    assert not pipeline.model.training
    assert load_pipeline(pinned(tiny_weights), CPU) is pipeline
    half = load_pipeline(pinned(tiny_weights), Device("cpu", GPU.dtype))
    assert {tensor.dtype for tensor in half.model.parameters()} == {torch.bfloat16}


def test_the_gpu_is_taken_where_there_is_one() -> None:
    assert best_device() == (GPU if torch.cuda.is_available() else CPU)


def test_a_gpu_that_torch_cannot_use_is_no_reason_to_forecast_on_the_cpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(weights, "_DEVICES", tmp_path)
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    assert best_device() == CPU
    (tmp_path / "nvidia0").touch()
    with pytest.raises(EngineUnavailable, match=r"cannot use the GPU here: it needs a driver for CUDA 13\.0"):
        best_device()
    monkeypatch.setattr(torch.version, "cuda", None)
    assert best_device() == CPU


def test_a_client_has_its_own_weights_or_the_base(folder: Path) -> None:
    own = shutil.copytree(folder, folder / "clients" / "shop%2F1")
    base = Weights(f"{folder}/", "pin")
    assert weights_for(base, "shop/1") == Weights(str(own), None)
    assert weights_for(base, "shop") == base
    assert clients_folder("gs://bucket/models/", "..") == "gs://bucket/models/clients/%2E%2E"


def test_a_clients_weights_are_found_in_a_bucket(running: Running, folder: Path) -> None:
    base = Weights(f"gs://{config().upload_bucket}/per-client", "pin")
    own = Weights(clients_folder(base.folder, "shop"), None)
    assert weights_for(base, "shop") == base
    (folder / MANIFEST_FILE).write_text(manifest(folder))
    save(folder, own.folder)
    assert weights_for(base, "shop") == own
    load_pipeline(own, CPU)


def test_weights_are_saved_with_the_file_that_makes_them_a_model_last(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "new"
    (folder / "aaa.json").touch()
    saved: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "replace", lambda part, file: saved.append(file.name))
        save(folder, str(target))
    assert saved == ["aaa.json", "model.safetensors", "config.json"]
    save(folder, str(target))
    assert {file.name: file.read_bytes() for file in target.glob("[!.]*")} == {
        file.name: file.read_bytes() for file in folder.iterdir()
    }


def test_a_bucket_is_copied_first(running: Running, tiny_weights: Path) -> None:
    bucket = storage_client(config()).bucket(config().upload_bucket)
    for file in tiny_weights.iterdir():
        bucket.blob(f"models/tiny/{file.name}").upload_from_filename(str(file))
        bucket.blob(f"models/tiny/older/{file.name}").upload_from_string(b"not these")
    local = load_pipeline(pinned(tiny_weights), CPU)
    bucket.blob("models/tiny/pytorch_model.bin").upload_from_string(b"a pickle")
    copied = load_pipeline(Weights(f"gs://{bucket.name}/models/tiny", digest(tiny_weights)), CPU)
    for one, other in zip(local.model.parameters(), copied.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_bucket_without_the_folder_is_said(running: Running) -> None:
    _refused(f"gs://{config().upload_bucket}/models/none", "there is no config.json in it")


def test_a_bucket_that_does_not_exist_is_said(running: Running) -> None:
    _refused("gs://no-such-bucket/models", "no-such-bucket")


def _refused(
    folder: str, words: str, sha256: str | None = None, why: FallbackCode = FallbackCode.WEIGHTS_MISSING
) -> None:
    with pytest.raises(EngineUnavailable) as caught:
        load_pipeline(Weights(folder, sha256), CPU)
    detail = caught.value.detail
    assert detail.startswith(f"the Chronos-2 weights in {folder} cannot be used: ")
    assert words in detail
    assert "\n" not in detail
    assert (caught.value.code, caught.value.why) == ("engine_unavailable", why)


def _broken(folder: Path, words: str) -> None:
    """Refused although they are the pinned ones."""
    _refused(str(folder), words, digest(folder), FallbackCode.WEIGHTS_INVALID)


def test_weights_that_are_not_the_pinned_ones(folder: Path) -> None:
    pin, invalid = digest(folder), FallbackCode.WEIGHTS_INVALID
    _refused(str(folder), f"the digest of its files is {pin}, and STOCKCAST_CHRONOS_SHA256 is not set", "", invalid)
    (folder / "config.json").write_text((folder / "config.json").read_text() + "\n")
    _refused(str(folder), f"not the pinned {pin}", pin, invalid)


def test_a_clients_weights_are_those_of_their_manifest(folder: Path) -> None:
    invalid = FallbackCode.WEIGHTS_INVALID
    _refused(str(folder), "there is no weights.sha256 in it", None, invalid)
    (folder / MANIFEST_FILE).write_text(manifest(folder))
    tensors = load_file(folder / "model.safetensors")
    next(iter(tensors.values()))[:] = 0
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    _refused(str(folder), "its files are not those of its weights.sha256", None, invalid)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    _refused(str(tmp_path / "none"), "there is no config.json in it")


def test_a_model_that_does_not_fit_the_memory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(weights, "_model", full)
    _refused(str(folder), "CUDA out of memory", digest(folder), FallbackCode.OUT_OF_MEMORY)


def test_a_model_that_forecasts_too_few_days_at_once(tmp_path: Path) -> None:
    _broken(save_tiny_chronos(tmp_path, horizon=128), "they forecast 128 days at once, not 365")


def test_half_a_download(folder: Path) -> None:
    tensors = folder / "model.safetensors"
    tensors.write_bytes(tensors.read_bytes()[:5000])
    _broken(folder, "SafetensorError")


def test_no_tensors(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    _refused(str(folder), "FileNotFoundError", "pin", FallbackCode.WEIGHTS_INVALID)


def test_missing_tensors_are_not_replaced_by_random_ones(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    name = next(one for one in tensors if one.startswith("output_patch_embedding"))
    del tensors[name]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    _broken(folder, f"1 tensors are missing, among them {name}")


def test_tensors_of_another_size(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    name = next(one for one in tensors if one.startswith("output_patch_embedding"))
    tensors[name] = torch.zeros(3, 3)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    _broken(folder, "RuntimeError")


def test_tensors_that_are_no_numbers(folder: Path) -> None:
    tensors = load_file(folder / "model.safetensors")
    name = next(one for one in tensors if one.startswith("input_patch_embedding"))
    tensors[name][:] = torch.nan
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    _broken(folder, f"{name} holds values that are no numbers")


@pytest.mark.parametrize(
    "text", ["{", "{}", '{"model_type": "t5", "architectures": ["T5Model"]}', '{"model_type": "llama"}']
)
def test_the_configuration_of_something_else(folder: Path, text: str) -> None:
    (folder / "config.json").write_text(text)
    _broken(folder, "Error")


def test_a_configuration_that_loads_but_cannot_forecast(folder: Path) -> None:
    written = json.loads((folder / "config.json").read_text())
    written["chronos_config"]["time_encoding_scale"] = None
    (folder / "config.json").write_text(json.dumps(written))
    _broken(folder, "TypeError")
