"""Addresses of the receipts of applications, under /family/."""

from django.urls import path

from shanyraq.domains.placement.web import receipts

app_name = "receipt"
RECEIPT = "applications/<uuid:application>/receipt"
urlpatterns = [
    path(f"{RECEIPT}/", receipts.ReceiptPage.as_view(), name="page"),
    path(f"{RECEIPT}.json", receipts.ReceiptJson.as_view(), name="json"),
    path(f"{RECEIPT}.pdf", receipts.ReceiptPaper.as_view(), name="pdf"),
    path(f"{RECEIPT}.svg", receipts.ReceiptCode.as_view(), name="qr"),
]
