"""Proofs for many entries at once: they agree with the proofs of single ones, and with the verifier."""

from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from pilothouse.contracts import merkle
from pilothouse.domains.governance.pack import verify_pack
from pilothouse.domains.governance.pack.proofs import Tree


def leaves(count):
    return [sha256(str(number).encode()).digest() for number in range(count)]


sizes = st.integers(1, 70)


@given(sizes, st.data())
def test_single_proofs_are_those_of_the_log(size, data):
    some, tree = leaves(size), Tree(leaves(size))
    part = data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, part - 1))
    assert tree.root(0, part) == merkle.tree_root(some[:part])
    assert tree.inclusion(index, part) == merkle.inclusion_proof(some[:part], index)
    assert tree.consistency(index + 1, part) == merkle.consistency_proof(some[:part], index + 1)
    root = verify_pack.root_from(some[index], index, part, tree.inclusion(index, part))
    assert root == tree.root(0, part) == verify_pack.tree_root(some[:part])
    assert verify_pack.continues(index + 1, tree.root(0, index + 1), part, root, tree.consistency(index + 1, part))


@given(sizes, st.data())
def test_one_proof_for_many(size, data):
    some, tree = leaves(size), Tree(leaves(size))
    part = data.draw(st.integers(1, size))
    known = sorted(data.draw(st.sets(st.integers(0, part - 1), min_size=1)))
    nodes = tree.between(known, part)
    held = {index: some[index] for index in known}
    assert verify_pack.root_of_some(held, nodes, part) == tree.root(0, part)
    assert len(nodes) <= len(known) * part.bit_length()
    if len(known) == part:
        assert nodes == []


@given(st.integers(2, 70), st.data())
def test_a_changed_leaf_is_found(size, data):
    some, tree = leaves(size), Tree(leaves(size))
    known = sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1)))
    held = {index: some[index] for index in known}
    held[known[0]] = sha256(b"other").digest()
    assert verify_pack.root_of_some(held, tree.between(known, size), size) != tree.root()


@given(sizes, st.data())
def test_a_tree_grows(size, data):
    some, grown = leaves(size), Tree([])
    while grown.size < size:
        grown.extend(some[grown.size : data.draw(st.integers(grown.size + 1, size))])
    assert [grown.root(0, part) for part in range(1, size + 1)] == [
        merkle.tree_root(some[:part]) for part in range(1, size + 1)
    ]
