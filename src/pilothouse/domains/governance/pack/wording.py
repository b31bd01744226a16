"""What a pack says of itself in plain words. Pure."""

from __future__ import annotations

from pilothouse.domains.governance.pack.material import Material

README = """\
Audit pack of {ref} {name}
{organisation}
As of {as_of}. Profile: {profile}. {complete}

What is in it
  index.json         what it is of, how each section came out, by which version of the table
  gaps.json          what is missing, stale or due, with who mends it
  sections/          one file a section: items, their state, why, and from which sources
  documents/         every sealed version; the canonical JSON (RFC 8785) of "document" gives its "hash"
  evidence/          the files, and index.json with their hashes and dates
  series/            findings and use over time
  ledger/            every entry about the system, the signed checkpoint, and one proof for all of them
  reports/           what is made for reading, and formats of others
  manifest.json      every file with its SHA-256; the Merkle root over them
  seal/              the ledger's entry of this sealing with its proof, and the signature over all of it
{redacted}
How to verify it, without us
  1. pip install cryptography
  2. Take verify_pack.py from somewhere else than this pack, and the key from the organisation's checkpoints page.
  3. python verify_pack.py PACK.zip --key KEY --witness NOTES

What it proves
  Nothing in the pack was changed, taken out, added or put in another order since it was sealed.
  The sealing stands in the organisation's log, and every entry shown stands in the log at its place.
  With a witness's notes: the log is the one that the witness saw, and no newer one was hidden.

What it does not prove
  That what people wrote is true, or that an entry about the system was not left out by whoever made the pack.
  Without a witness: that there is no other log. Whoever holds the installation's key could have written one.
  When it was sealed, except by the installation's own clock, unless there is an RFC 3161 token over the checkpoint.

The token, if there is one (seal/timestamp.tsr), is over the text in "checkpoint" of seal/entry.json:
  openssl ts -verify -in seal/timestamp.tsr -token_in -data CHECKPOINT.txt -CAfile THE_AUTHORITY.pem

This is an aid to judgement and no legal advice. What is asked of whom, from when, is data with its own version
({version}); a person answers for it.
"""

WITHHELD = """
What was removed
  Personal data and trade secrets. manifest.json lists under "withheld" every file of the full pack that is not in this
  one, or not whole, with a salted hash: whoever holds the full pack can show that it is the same; nothing can be
  guessed from it. Of documents, days and choices stay; words and figures are “removed”. People are numbered.
"""


def readme(material: Material, is_complete: bool, version: str) -> str:
    """The text beside the files."""
    return README.format(
        ref=material.system.ref,
        name=material.system.name,
        organisation=material.house.name,
        as_of=f"{material.as_of:%Y-%m-%d %H:%M:%S} UTC",
        profile=material.profile,
        complete="Complete." if is_complete else "Not complete: see gaps.json.",
        redacted=WITHHELD if material.profile == "redacted" else "",
        version=version,
    )
