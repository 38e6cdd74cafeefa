"""Snapshots: the datasets of a day as Parquet files by region, with a manifest that says where every file came from."""
