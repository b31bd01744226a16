import copy
import json
import subprocess
import sys

import pytest

from pilothouse.contracts.errors import Conflict, NotFound
from pilothouse.kernel.ledger import offline_verifier
from pilothouse.kernel.ledger.actions import checkpoint_make, entry_erase
from pilothouse.kernel.ledger.proof import proof_of


@pytest.fixture
def bundle(cast, write, machine):
    entry = write(7)[3]
    checkpoint_make(actor=machine)
    return proof_of(cast.actor("auditor"), entry)


def run(bundle, tmp_path, *arguments):
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(bundle))
    return subprocess.run(
        [sys.executable, "-I", offline_verifier.__file__, str(path), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_works_without_pilothouse(bundle, tmp_path):
    done = run(bundle, tmp_path)
    assert done.returncode == 0, done.stdout
    assert "Entry 3 of pilothouse/" in done.stdout
    assert "The key came with the proof" in done.stdout


def test_with_a_key_from_elsewhere(bundle, tmp_path):
    done = run(bundle, tmp_path, "--key", bundle["keys"][0])
    assert done.returncode == 0
    assert "The key came with the proof" not in done.stdout
    assert run(bundle, tmp_path, "--key", bundle["keys"][0].replace("+", "x+", 1)).returncode == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b["entry"].update(envelope=b["entry"]["envelope"].replace("test.written", "test.deleted")),
        lambda b: b["entry"].update(envelope=b["entry"]["envelope"].replace('"seq":3', '"seq":2')),
        lambda b: b["entry"].update(path=b["entry"]["path"][:-1]),
        lambda b: b["content"].update(body=b["content"]["body"].replace("Alice", "Bob")),
        lambda b: b.update(checkpoint=b["checkpoint"].replace("\n7\n", "\n8\n")),
        lambda b: b.update(keys=[]),
        lambda b: b.update(format="other"),
        lambda b: b.pop("content"),
    ],
)
def test_a_changed_proof_is_refused(bundle, tmp_path, change):
    changed = copy.deepcopy(bundle)
    change(changed)
    assert changed != bundle
    done = run(changed, tmp_path)
    assert (done.returncode, done.stdout[:10]) == (1, "NOT PROVEN")


def test_the_proof_of_an_erased_entry_says_when(cast, write, machine, tmp_path):
    entry = write(3)[1]
    erasure = entry_erase(actor=cast.actor("legal"), entry=entry, reason="Article 17")
    checkpoint_make(actor=machine)
    done = run(proof_of(cast.actor("auditor"), entry), tmp_path)
    assert done.returncode == 0
    assert f"erased on {erasure.at.strftime('%Y-%m-%d')}" in done.stdout


def test_no_proof_before_a_checkpoint(cast, write):
    with pytest.raises(Conflict):
        proof_of(cast.actor("auditor"), write(1)[0])


def test_no_proof_for_who_may_not_see_the_ledger(cast, write):
    with pytest.raises(NotFound):
        proof_of(cast.actor("bob"), write(1)[0])
