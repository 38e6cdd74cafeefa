"""Open data: dated editions of public tables as CSV and JSON with a data package, on pages and over the API."""
