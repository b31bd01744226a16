"""Where the ledger's pages are, under /o/<slug>/."""

from __future__ import annotations

from django.urls import path

from pilothouse.web.ledger import pages

app_name = "ledger"
urlpatterns = [
    path("ledger/", pages.ledger_list, name="list"),
    path("ledger/export.csv", pages.ledger_export, name="export"),
    path("ledger/checkpoints/", pages.checkpoint_list, name="checkpoints"),
    path("ledger/checkpoints/sign/", pages.checkpoint_sign, name="checkpoint_sign"),
    path("ledger/verify/", pages.ledger_verify, name="verify"),
    path("ledger/offline_verifier.py", pages.verifier_download, name="verifier"),
    path("ledger/<uuid:entry_id>/", pages.entry_detail, name="entry"),
    path("ledger/<uuid:entry_id>/proof.json", pages.entry_proof, name="proof"),
    path("ledger/<uuid:entry_id>/erase/", pages.entry_erasure, name="erase"),
]
