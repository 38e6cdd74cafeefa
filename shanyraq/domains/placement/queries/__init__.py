"""Rows of placement as plain values: claims and rounds for the services, one module per reader for the pages."""
