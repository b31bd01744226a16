"""The tree against a naive one written straight from RFC 6962, section 2.1."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts import merkle

LEAVES = st.lists(st.binary(max_size=4), min_size=1, max_size=70)


def naive_root(data):
    if not data:
        return hashlib.sha256(b"").digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    k = naive_split(len(data))
    return hashlib.sha256(b"\x01" + naive_root(data[:k]) + naive_root(data[k:])).digest()


def naive_path(m, data):
    if len(data) == 1:
        return []
    k = naive_split(len(data))
    if m < k:
        return [*naive_path(m, data[:k]), naive_root(data[k:])]
    return [*naive_path(m - k, data[k:]), naive_root(data[:k])]


def naive_subproof(m, data, whole):
    if m == len(data):
        return [] if whole else [naive_root(data)]
    k = naive_split(len(data))
    if m <= k:
        return [*naive_subproof(m, data[:k], whole), naive_root(data[k:])]
    return [*naive_subproof(m - k, data[k:], False), naive_root(data[:k])]


def naive_split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def hashed(data):
    return [merkle.leaf_hash(leaf) for leaf in data]


@given(LEAVES)
def test_the_root_is_the_naive_root(data):
    assert merkle.tree_root(hashed(data)) == naive_root(data)


def test_the_empty_tree():
    assert merkle.tree_root([]) == naive_root([])


@given(LEAVES, st.data())
def test_an_inclusion_proof_is_the_naive_path_and_leads_to_the_root(data, draw):
    index = draw.draw(st.integers(0, len(data) - 1))
    leaves = hashed(data)
    path = merkle.inclusion_proof(leaves, index)
    assert path == naive_path(index, data)
    assert merkle.root_from_inclusion(leaves[index], index, len(data), path) == naive_root(data)


@given(LEAVES, st.data())
def test_a_wrong_inclusion_proof_does_not(data, draw):
    index = draw.draw(st.integers(0, len(data) - 1))
    leaves = hashed(data)
    path = merkle.inclusion_proof(leaves, index)
    root = naive_root(data)
    assert merkle.root_from_inclusion(merkle.leaf_hash(b"other leaf"), index, len(data), path) != root
    assert merkle.root_from_inclusion(leaves[index], index, len(data), [*path, root]) != root
    assert merkle.root_from_inclusion(leaves[index], len(data), len(data), path) is None
    if path:
        broken = [bytes(32), *path[1:]]
        assert merkle.root_from_inclusion(leaves[index], index, len(data), broken) != root
        assert merkle.root_from_inclusion(leaves[index], index, len(data), path[:-1]) != root


@given(LEAVES, st.data())
def test_a_consistency_proof_is_the_naive_one_and_holds(data, draw):
    old = draw.draw(st.integers(1, len(data)))
    proof = merkle.consistency_proof(hashed(data), old)
    assert proof == naive_subproof(old, data, True)
    assert merkle.consistent(old, len(data), naive_root(data[:old]), naive_root(data), proof)


@given(LEAVES, st.data())
def test_a_rewritten_past_is_not_consistent(data, draw):
    old = draw.draw(st.integers(1, len(data)))
    changed = draw.draw(st.integers(0, old - 1))
    past = [*data[:changed], data[changed] + b"rewritten", *data[changed + 1 :]]
    proof = merkle.consistency_proof(hashed(past), old)
    assert not merkle.consistent(old, len(data), naive_root(data[:old]), naive_root(past), proof)


@given(st.integers(1, 40), st.integers(1, 40), st.lists(st.binary(min_size=32, max_size=32), max_size=8))
def test_invented_proofs_never_hold(old, new, proof):
    roots = naive_root([b"a"] * old), naive_root([b"b"] * new)
    assert not merkle.consistent(old, new, *roots, proof)


def test_there_is_no_proof_outside_the_tree():
    leaves = hashed([b"a", b"b"])
    with pytest.raises(IndexError):
        merkle.inclusion_proof(leaves, 2)
    with pytest.raises(IndexError):
        merkle.consistency_proof(leaves, 3)
    assert not merkle.consistent(0, 2, b"", merkle.tree_root(leaves), [])
