"""The tree of RFC 9162: published vectors, every proof of every small size, and proofs that must fail."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.foundation.ledger import nodes, tiles, tree

# The leaves and roots by which implementations of RFC 6962 and 9162 are tested (certificate-transparency).
LEAVES = [bytes.fromhex(one) for one in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
FIRST_OF_EIGHT = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
SIX_TO_EIGHT = [
    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
MANY = 70


def hashes(count):
    return [tree.leaf_hash(n.to_bytes(4, "big")) for n in range(count)]


def node_over(leaves):
    return lambda height, index: tree.root(leaves[index << height : (index + 1) << height])


def peaks_of(leaves):
    growing = tree.Growing()
    growing.append(leaves)
    return growing.peaks


def test_the_published_roots():
    published = [tree.leaf_hash(leaf) for leaf in LEAVES]
    assert [tree.root(published[:size]).hex() for size in range(1, 9)] == ROOTS
    assert tree.EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree.root([]) == tree.EMPTY == tree.Growing().root()


def test_the_published_proofs():
    published = [tree.leaf_hash(leaf) for leaf in LEAVES]
    node, peaks = node_over(published), peaks_of(published)
    assert [step.hex() for step in tree.inclusion_proof(0, 8, node, peaks)] == FIRST_OF_EIGHT
    assert [step.hex() for step in tree.consistency_proof(6, 8, node, peaks)] == SIX_TO_EIGHT


class TestEverySmallSize:
    """Brute force: all sizes up to 70, all leaves, all pairs of sizes."""

    def test_roots_proofs_and_peaks(self):
        leaves = hashes(MANY)
        node, roots = node_over(leaves), [tree.root(leaves[:size]) for size in range(MANY + 1)]
        for size in range(1, MANY + 1):
            peaks = peaks_of(leaves[:size])
            assert tree.fold(peaks) == roots[size]
            for index in range(size):
                path = tree.inclusion_proof(index, size, node, peaks)
                tree.verify_inclusion(leaves[index], index, size, path, roots[size])
            for first in range(1, size + 1):
                path = tree.consistency_proof(first, size, node, peaks)
                tree.verify_consistency(first, size, roots[first], roots[size], path)

    def test_a_proof_holds_for_its_own_leaf_place_size_and_root_only(self):
        leaves = hashes(20)
        node, roots = node_over(leaves), [tree.root(leaves[:size]) for size in range(21)]
        path = tree.inclusion_proof(5, 20, node, peaks_of(leaves))
        accepted = [
            (leaf, index, size)
            for leaf in range(20)
            for index in range(21)
            for size in range(1, 21)
            if passes(tree.verify_inclusion, leaves[leaf], index, size, path, roots[size])
        ]
        assert accepted == [(5, 5, 20)]

    def test_a_consistency_proof_holds_for_its_own_sizes_and_roots_only(self):
        leaves = hashes(20)
        node, roots = node_over(leaves), [tree.root(leaves[:size]) for size in range(21)]
        path = tree.consistency_proof(7, 20, node, peaks_of(leaves))
        accepted = [
            (first, second)
            for first in range(1, 21)
            for second in range(first, 21)
            if passes(tree.verify_consistency, first, second, roots[first], roots[second], path)
        ]
        assert accepted == [(7, 20)]


def passes(verify, *arguments):
    try:
        verify(*arguments)
    except tree.BadProof:
        return False
    return True


class TestBrokenProofs:
    @pytest.mark.parametrize("at", range(5))
    def test_a_changed_step(self, at):
        leaves = hashes(20)
        path = tree.inclusion_proof(5, 20, node_over(leaves), peaks_of(leaves))
        path[at] = sha256(path[at]).digest()
        assert not passes(tree.verify_inclusion, leaves[5], 5, 20, path, tree.root(leaves))

    @pytest.mark.parametrize("broken", [lambda path: path[:-1], lambda path: [*path, path[0]], lambda path: path[::-1]])
    def test_a_proof_too_short_too_long_or_turned_round(self, broken):
        leaves = hashes(20)
        node, peaks, root = node_over(leaves), peaks_of(leaves), tree.root(leaves)
        path = broken(tree.inclusion_proof(5, 20, node, peaks))
        assert not passes(tree.verify_inclusion, leaves[5], 5, 20, path, root)
        path = broken(tree.consistency_proof(7, 20, node, peaks))
        assert not passes(tree.verify_consistency, 7, 20, tree.root(leaves[:7]), root, path)

    def test_places_and_sizes_that_there_are_not(self):
        assert not passes(tree.verify_inclusion, b"", 3, 3, [], b"")
        assert not passes(tree.verify_inclusion, b"", -1, 3, [], b"")
        assert not passes(tree.verify_consistency, 0, 3, b"", b"", [])
        assert not passes(tree.verify_consistency, 3, 3, b"x", b"y", [])
        assert passes(tree.verify_consistency, 3, 3, b"x", b"x", [])
        with pytest.raises(ValueError, match="no leaf"):
            tree.inclusion_proof(3, 3, node_over([]), [])
        with pytest.raises(ValueError, match="no consistency"):
            tree.consistency_ranges(4, 3)


@pytest.mark.parametrize("second", range(1, 40))
def test_what_a_consistency_proof_reads_beside_the_peaks_is_enough(second):
    """From any size to any later one, also where the earlier ends inside the last peak, as from seven to eight."""
    leaves = hashes(second)
    over = node_over(leaves)
    for first in range(1, second + 1):
        wanted = {one: over(*one) for one in tree.consistency_nodes(first, second)}
        path = tree.consistency_proof(first, second, lambda *at, held=wanted: held[at], peaks_of(leaves))
        tree.verify_consistency(first, second, tree.root(leaves[:first]), tree.root(leaves), path)


@given(st.integers(1, 5_000), st.data())
def test_proofs_from_tiles_of_any_size(size, data):
    """Built by the code that grows the log, in pieces of any length; read from tiles only, at most four of them."""
    leaves, edge = hashes(size), tiles.Edge(0)
    kept: dict[tuple[int, int], bytes] = {}
    while edge.size < size:
        step = data.draw(st.integers(1, size - edge.size))
        edge = tiles.Edge.of(edge.size, kept)
        edge.append(b"".join(leaves[edge.size : edge.size + step]))
        kept |= edge.changed
    growing = tree.Growing()
    growing.append(leaves)
    assert edge.peaks() == growing.peaks == nodes.peaks(size, lambda places: kept)
    asked = []

    def read(places):
        asked.extend(places)
        return {place: kept[place] for place in places}

    index = data.draw(st.integers(0, size - 1))
    node = nodes.answering(tree.inclusion_nodes(index, size), read)
    path = tree.inclusion_proof(index, size, node, growing.peaks)
    tree.verify_inclusion(leaves[index], index, size, path, growing.root())
    assert len(asked) <= 4
    first = data.draw(st.integers(1, size))
    node = nodes.answering(tree.consistency_nodes(first, size), read)
    path = tree.consistency_proof(first, size, node, growing.peaks)
    old = tree.Growing()
    old.append(leaves[:first])
    tree.verify_consistency(first, size, old.root(), growing.root(), path)


@given(st.integers(1, 600), st.data())
def test_one_proof_for_many_leaves(size, data):
    leaves = hashes(size)
    wanted = sorted(data.draw(st.sets(st.integers(0, size - 1), max_size=12)))
    ranges = tree.subtrees(wanted, size)
    given_hashes = {(start, end): tree.root(leaves[start:end]) for start, end in ranges}

    def root(start, end):
        if (start, end) in given_hashes:
            return given_hashes[start, end]
        if end - start == 1:
            assert start in wanted
            return leaves[start]
        middle = start + tree.split(end - start)
        return tree.node_hash(root(start, middle), root(middle, end))

    assert root(0, size) == tree.root(leaves)
    assert not any(start <= index < end for start, end in ranges for index in wanted)


class TestTiles:
    def test_the_number_of_a_tile_is_its_path(self):
        assert tiles.number(1234067) == "x001/x234/067"
        assert tiles.path(0, 5) == "tile/0/005" and tiles.path("entries", 0, 7) == "tile/entries/000.p/7"

    @given(st.sampled_from(("entries", "0", "1", "5")), st.integers(0, 10**9), st.integers(1, 256))
    def test_a_path_is_read_back(self, level, index, width):
        assert tiles.parse(tiles.path(level, index, width)) == (level, index, width)

    @pytest.mark.parametrize(
        "wrong",
        ["tile/0/00", "tile/0/x000/001", "tile/0/000.p/256", "tile/0/000.p/0", "tile/0/000.p/07", "tile/00/000",
         "tile/x/000", "tile/0", "tile/0/", "tile/0/../000", "tile/0/x00/000", "tile/0/٠٠٠", "til/0/000",
         "tile/0/x001/x001/x001/x001/000"],
    )  # fmt: skip
    def test_what_is_no_path_of_a_tile(self, wrong):
        assert tiles.parse(wrong) is None

    @given(st.lists(st.binary(max_size=300), max_size=20))
    def test_a_bundle_is_read_back(self, leaves):
        assert tiles.unbundle(tiles.bundle(leaves)) == leaves

    def test_a_bundle_that_is_cut_off(self):
        with pytest.raises(ValueError, match="cut off"):
            tiles.unbundle(tiles.bundle([b"abc"])[:-1])
