"""Addresses of the public log, under /log/. Those without a slash at the end are files for programs."""

from django.urls import path

from shanyraq.interfaces.proof import check, files, pages

app_name = "proof"
urlpatterns = [
    path("", pages.Log.as_view(), name="log"),
    path("checkpoints/", pages.Checkpoints.as_view(), name="checkpoints"),
    path("checkpoints/<int:size>/", pages.Checkpoint.as_view(), name="checkpoint_page"),
    path("entries/", pages.Entries.as_view(), name="entries"),
    path("entries/<int:index>/", pages.Entry.as_view(), name="entry"),
    path("consistency/", pages.Consistency.as_view(), name="consistency_page"),
    path("check/", check.Check.as_view(), name="check"),
    path("checkpoint", files.checkpoint, name="checkpoint"),
    path("checkpoints/<int:size>", files.checkpoint_at, name="checkpoint_at"),
    path("tile/<path:tile>", files.tile, name="tile"),
    path("entries/<int:index>.json", files.proof, name="proof"),
    path("consistency.json", files.consistency, name="consistency"),
    path("keys.json", files.keys, name="keys"),
    path("witnesses.json", files.witnesses, name="witnesses"),
    path("verify_receipt.py", files.verifier, name="verifier"),
    path("cosignatures", files.cosignatures, name="cosignatures"),
]
