"""The base of every endpoint: problem details with stable codes, paging by cursor, idempotency keys. See README.md."""
