"""A school year as one signed, sealed file that another installation takes without loss: docs/guides/exchange.md."""
