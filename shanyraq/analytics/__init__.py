"""From the record to a number: tables in, tables out.

    snapshot/     datasets of a day as Parquet, with schema, lineage and fingerprint
    engine        one Ibis connection: DuckDB here, Apache Spark where a machine is not enough
    cards         the 29 indicators as files in indicators/: what is counted, targets, source
    indicators/   one function an indicator: an expression over one dataset
    cells         all indicators counted by district and cut, in one query a dataset
    territories   cells added up to districts, regions and the country; small numbers hidden

Nothing here imports Django: the snapshot brings rows of the record as tables, and everything after reads only those.
"""
