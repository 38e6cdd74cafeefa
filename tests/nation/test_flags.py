"""Flags: the kernel, its readable twin and polars agree; one change is one change."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shanyraq.analytics import flags


def people(size, seed):
    rng = np.random.default_rng(seed)
    table = {"district": rng.integers(0, 7, size), "rural": rng.integers(0, 2, size)}
    return pl.DataFrame(table | {f"c{at}": rng.random(size) < rng.random() for at in range(12)})


def made(size, seed, indicators=29):
    rows = people(size, seed)
    known = {f"i{at}": pl.col(f"c{at % 12}") | pl.col(f"c{(at + 5) % 12}") for at in range(indicators)}
    counted = {f"i{at}": pl.col(f"c{(at + 3) % 12}") for at in range(indicators)}
    return rows, known, counted, flags.packed(rows, ("district", "rural"), known, counted)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 3000), st.integers(0, 99))
def test_the_kernel_counts_what_its_twin_counts(size, seed):
    packed = made(size, seed)[3]
    assert np.array_equal(packed.recounted(), flags.recounted_plainly(packed))


def test_counts_are_those_of_a_group_by():
    rows, known, counted, packed = made(5_000, 3)
    parts = [known[name].sum().alias(f"{name}k") for name in known]
    parts += [(known[name] & counted[name]).sum().alias(f"{name}c") for name in known]
    table = rows.group_by("district", "rural").agg(parts).sort("district", "rural")
    counts = packed.recounted()
    assert packed.groups.equals(table.select("district", "rural"))
    for at, name in enumerate(packed.names):
        assert counts[:, 2 * at].tolist() == table[f"{name}k"].to_list()
        assert counts[:, 2 * at + 1].tolist() == table[f"{name}c"].to_list()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 499), st.integers(0, 2**58 - 1))
def test_one_changed_row_is_in_the_counts_at_once(row, word):
    packed = made(500, 8)[3]
    writable = flags.Flags(packed.words.copy(), packed.starts, packed.groups, packed.names)
    counts = writable.recounted()
    flags.changed(counts, writable, np.array([row]), np.array([word], dtype=np.uint64))
    assert np.array_equal(counts, writable.recounted())


def test_a_word_holds_no_more_than_it_can():
    with pytest.raises(ValueError, match="33 indicators: a word holds 32"):
        made(10, 1, indicators=33)
