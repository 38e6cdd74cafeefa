"""Studies with plausible values: results that others have published, and what a broken file is told."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from shanyraq.analytics import pisa
from shanyraq.analytics.pisa import BadStudy
from shanyraq.domains.placement.tests.builders import NOW, OPERATOR, refused, staff
from shanyraq.foundation.access import Role
from shanyraq.foundation.refusal import NotAllowed
from shanyraq.interfaces.nation import studies
from shanyraq.interfaces.sandbox import study

SURVEYS = Path(__file__).resolve().parents[3] / "shared" / "data" / "surveys"
NETHERLANDS = SURVEYS / "pisa2003_nld_students.csv.gz"
published = pytest.mark.skipif(not NETHERLANDS.exists(), reason="published studies are not beside the checkout")


@pytest.fixture(scope="module")
def netherlands():
    return pl.read_csv(NETHERLANDS)


@published
class TestPublished:
    """PISA 2003, the Netherlands, against R's BIFIEsurvey."""

    def expected(self, name):
        return json.loads((SURVEYS / "pisa2003_nld_expected.json").read_text("utf-8"))[name]

    @pytest.mark.parametrize(("subject", "name"), [("mathematics", "MATH"), ("reading", "READ"), ("science", "SCIE")])
    def test_means(self, netherlands, subject, name):
        found, known = pisa.mean(pisa.study(netherlands), subject), self.expected(f"mean_{name}")
        assert found.value == pytest.approx(known["mean"], abs=1e-4)
        assert found.error == pytest.approx(known["se"], abs=2e-3)
        assert found.pupils == 3992

    @pytest.mark.parametrize("sex", [1, 2])
    def test_means_of_a_group(self, netherlands, sex):
        sample, group = pisa.study(netherlands), netherlands["ST03Q01"].to_numpy() == sex
        found, known = pisa.mean(sample, "mathematics", group), self.expected(f"mean_MATH_gender_{sex}")
        assert (found.value, found.error) == pytest.approx((known["mean"], known["se"]), abs=5e-3)

    def test_a_gap_is_estimated_within_each_replicate(self, netherlands):
        sample, sex = pisa.study(netherlands), netherlands["ST03Q01"].to_numpy()
        found, known = (
            pisa.gap(sample, "mathematics", sex == 2, sex == 1),
            self.expected("diff_MATH_gender2_minus_gender1"),
        )
        assert (found.value, found.error) == pytest.approx((known["est"], known["se"]), abs=5e-3)
        apart = [pisa.mean(sample, "mathematics", sex == one).error for one in (1, 2)]
        assert found.error < np.hypot(*apart)

    def test_share_at_level_two(self, netherlands):
        found, known = pisa.share(pisa.study(netherlands), "mathematics"), self.expected("share_MATH_level2_and_above")
        assert (found.value, found.error) == pytest.approx((100 * known["est"], 100 * known["se"]), abs=5e-3)


def sample(pupils=400, seed=1):
    rng = np.random.default_rng(seed)
    region = np.array(["110000000", "710000000"])[rng.integers(0, 2, pupils)]
    rural = (rng.random(pupils) < 0.4).astype(int)
    able = 430 + 30 * (region == "710000000") - 20 * rural + rng.normal(0, 80, pupils)
    table = {"region": region, "rural": rural, "weight": rng.uniform(5, 15, pupils)}
    table |= {f"replicate_{at + 1}": table["weight"] * rng.choice([0.5, 1.5], pupils) for at in range(80)}
    for subject in pisa.SUBJECTS:
        table |= {f"{subject}_{at + 1}": able + rng.normal(0, 25, pupils) for at in range(10)}
    return pl.DataFrame(table)


def test_every_component_by_territory_and_cut():
    found = pisa.everything(pisa.study(sample()))
    assert {series for series, place, cut in found if place == cut == ""} == {
        *(f"{number}.{subject}" for number in (4, 6) for subject in pisa.SUBJECTS),
        *(f"5.{gap}.{subject}" for gap in ("regions", "urban_rural") for subject in pisa.SUBJECTS),
    }
    best, worst = found["4.reading", "710000000", ""], found["4.reading", "110000000", ""]
    assert found["5.regions.reading", "", ""].value == pytest.approx(best.value - worst.value)
    assert all(one.error > 0 for one in found.values())


def test_the_error_covers_the_truth_as_often_as_it_says():
    inside = 0
    for seed in range(60):
        one = pisa.urban_rural(pisa.study(sample(seed=seed)), "mathematics")
        inside += abs(one.value - 20) < 1.96 * one.error
    assert 50 <= inside <= 60


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda one: one.drop("weight"), "no weight"),
        (lambda one: one.select(pl.exclude("^replicate_.*$")), "no replicates"),
        (lambda one: one.select("region", "rural", "weight", "^replicate_.*$"), "no scores"),
        (lambda one: one.with_columns(pl.lit(None, dtype=pl.Float64).alias("reading_3")), "a score is empty"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used(change, sentence):
    with pytest.raises(BadStudy, match=sentence):
        pisa.study(change(sample()))


def test_a_study_without_regions_has_no_gap_between_them():
    assert pisa.regions(pisa.study(sample().drop("region")), "reading") is None


class TestStudies:
    @pytest.fixture(autouse=True)
    def place(self, settings, tmp_path):
        settings.VAR_DIR = tmp_path
        self.file = tmp_path / "pisa.csv"
        sample().write_csv(self.file)

    @pytest.mark.django_db
    def test_a_study_becomes_numbers_with_their_errors(self):
        assert studies.load(actor=OPERATOR, file=self.file, cycle=2025, now=NOW) == 400
        found = {(one.series, one.territory, one.cut): one for one in studies.numbers(2026)}
        whole = pisa.mean(pisa.study(sample()), "reading")
        assert found["4.reading", "", ""].value == pytest.approx(whole.value, abs=1e-6)
        assert found["4.reading", "", ""].error == pytest.approx(whole.error, abs=1e-6)
        assert studies.numbers(2024) == []  # the cycle is still to come

    @pytest.mark.django_db
    def test_what_is_refused_changes_nothing(self, tmp_path):
        with refused("nation.cycle"):
            studies.load(actor=OPERATOR, file=self.file, cycle=2026, now=NOW)
        self.file.write_bytes(b"\x7fELF\x00\xff")
        with refused("nation.study"):
            studies.load(actor=OPERATOR, file=self.file, cycle=2025, now=NOW)
        with pytest.raises(NotAllowed):
            studies.load(actor=staff(Role.REGION, "71"), file=self.file, cycle=2025, now=NOW)
        assert not (tmp_path / "numbers").exists()

    def test_the_made_up_sample_can_be_estimated(self, tmp_path):
        made = tmp_path / "made.parquet"
        assert study.write(made, seed=1) == 20 * study.SCHOOLS * study.PUPILS
        found = pisa.everything(pisa.study(pl.read_parquet(made)))
        assert 5 < found["5.urban_rural.reading", "", ""].value < 60 and found["4.mathematics", "", ""].error < 10
