"""Demand profiles in buckets: each item's is found in one chunk."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.catalog.codec import CHUNK_BYTES, decode
from shared.catalog.demand_profiles import bucketed, chunk_of
from tests.benchmarks import synthetic
from tests.support.catalogs import profile, profile_frame


def test_every_item_is_found_in_the_chunk_that_its_id_says() -> None:
    profiles = synthetic.demand_profiles(synthetic.catalog_rows(1_500))
    chunks = dict(bucketed(profiles))
    ids = tuple(chunk_id for chunk_id, _ in bucketed(profiles))
    assert len(ids) > 2
    assert all(len(data) <= CHUNK_BYTES for data in chunks.values())
    for item in ("10000", "10250A", "10499B"):
        found = decode(chunks[chunk_of(item, ids)]).filter(item_id=item)
        expected = profiles.filter(item_id=item)
        assert found.sort("location_id").to_dicts() == expected.sort("location_id").to_dicts()


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=20, unique=True), st.randoms())
@settings(max_examples=30)
def test_equal_profiles_have_equal_chunks_in_any_order(items: list[str], random: object) -> None:
    profiles = [profile(item, recent_mean=1.0, recent_variance=2.0) for item in items]
    shuffled = list(profiles)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert list(bucketed(profile_frame(*profiles))) == list(bucketed(profile_frame(*shuffled)))


def test_no_profiles_are_one_empty_chunk() -> None:
    ((chunk_id, data),) = bucketed(profile_frame())
    assert chunk_of("anything", [chunk_id]) == chunk_id
    assert decode(data).is_empty()
