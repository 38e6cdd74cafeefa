"""The base of every endpoint: who may ask, limits, problem details with stable codes, paging by cursor, fields,
conditions, idempotency keys, and the OpenAPI document. See README.md."""
