"""The peer of the search for duplicates: splink 5 on DuckDB, with its own comparisons, rules and training."""

import json
import sys
import time
from pathlib import Path

import pyarrow.parquet as parquet
import splink
import splink.comparison_library as library
from splink import Linker, SettingsCreator, block_on
from splink.internals.duckdb.database_api import DuckDBAPI

LISTED = 0.5


def main(folder: str) -> None:
    table = parquet.read_table(Path(folder, "people.parquet"))
    truth = {tuple(pair) for pair in json.loads(Path(folder, "truth.json").read_text("utf-8"))}
    begun = time.perf_counter()
    names = [library.NameComparison(name).configure(term_frequency_adjustments=True) for name in
             ("surname", "given", "patronymic")]  # fmt: skip
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[*names, library.DateOfBirthComparison("born_on", input_is_string=False),
                     library.ExactMatch("male")],
        blocking_rules_to_generate_predictions=[
            block_on("born_on", "given"), block_on("born_on", "surname"), block_on("born_on", "patronymic"),
            block_on("given", "patronymic", "surname"),
        ],
        retain_matching_columns=False,
    )  # fmt: skip
    database = DuckDBAPI()
    linker = Linker(database.register(table), settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("born_on", "given", "surname", "patronymic")], recall=0.3
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6)
    for rule in (block_on("born_on", "given"), block_on("surname", "patronymic"), block_on("born_on", "surname")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predicted = linker.inference.predict(threshold_match_probability=LISTED)
    rows = predicted.as_record_list()
    seconds = time.perf_counter() - begun
    found = {tuple(sorted((row["unique_id_l"], row["unique_id_r"]))) for row in rows}
    hit = len(found & truth)
    print(json.dumps({
        "version": splink.__version__, "seconds": seconds, "precision": hit / max(len(found), 1),
        "recall": hit / len(truth),
    }))  # fmt: skip


main(sys.argv[1])
