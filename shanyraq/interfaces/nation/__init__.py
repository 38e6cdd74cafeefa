"""The nation in numbers: target indicators counted from the record, published by version, beside their targets."""
