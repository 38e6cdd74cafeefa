"""Section h: all indicators of people over 6.6 million children by 880 groups, beside polars; and the same cells on Spark.

    python -m bench.indicators [--children 6600000] [--spark /path/to/python/with/pyspark]

cold    from Parquet to the counts of all groups: our cells (Ibis on DuckDB) and our flags, beside polars streaming
warm    a full recount from flags in memory, beside polars over a frame in memory
change  one changed child in the counts, as a share of a recount
"""
