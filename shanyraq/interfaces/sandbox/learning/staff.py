"""Who works where: teachers by the published numbers, and a head for each organisation. Pure; region by region."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np

from shanyraq.interfaces.sandbox import names
from shanyraq.interfaces.sandbox.learning.strangers import Strangers, draw
from shanyraq.interfaces.sandbox.shares import Ints

SUBJECTS: Final = (
    "kazakh", "russian", "english", "mathematics", "informatics", "physics", "chemistry", "biology", "geography",
    "history", "music", "art", "technology", "physical_education", "primary",
)  # fmt: skip
SUBJECT_SHARES: Final = (0.13, 0.09, 0.09, 0.11, 0.05, 0.05, 0.04, 0.04, 0.04, 0.06, 0.03, 0.03, 0.04, 0.07, 0.13)
HEAD, TEACHER, EDUCATOR, MASTER = "head", "teacher", "educator", "master"
CATEGORIES: Final = ("", "teacher", "moderator", "expert", "researcher", "master")
QUALIFICATIONS: Final = ("vocational", "bachelor", "master", "doctor")
LOADS: Final = (0.5, 0.75, 1.0, 1.25, 1.5)


@dataclass(slots=True)
class Staff:
    """One entry an employment; `house` counts the organisations that were given."""

    house: Ints
    post: Ints  # of POSTS
    subject: Ints  # of SUBJECTS, -1 for none
    load: Ints  # of LOADS
    category: Ints  # of CATEGORIES
    until: Ints  # ordinal of the day on which the category ends, 0 for none
    qualification: Ints
    since: Ints  # ordinal
    people: Strangers
    profile: Ints  # 1: educated for the post
    industry: Ints  # 1: came from production


POSTS: Final = (HEAD, TEACHER, EDUCATOR, MASTER)


def make(
    teachers: Ints, post: Ints, subjects: Ints, qualified: Any, kazakh: Any, opened: Ints, facts: Mapping[str, Any],
    as_of: date, rng: np.random.Generator,
) -> Staff:  # fmt: skip
    """Staff of some organisations: `teachers` by organisation with their `post`, and a head each.

    `subjects`: whether those teachers have a subject; `qualified`: the share with a category; `kazakh`: of the region.
    """
    count = len(teachers)
    house = np.concatenate([np.arange(count), np.repeat(np.arange(count), teachers)])
    is_head = np.arange(len(house)) < count
    size, today = len(house), as_of.toordinal()
    subject = rng.choice(len(SUBJECTS), size, p=np.array(SUBJECT_SHARES) / sum(SUBJECT_SHARES))
    subject = np.where(is_head | (subjects[house] == 0), -1, subject)
    age = np.clip(rng.normal(42, 11, size), 22, 68)
    age = np.where(is_head, np.clip(age + 6, 35, 66), age)
    with_category = rng.random(size) < np.asarray(qualified)[house]
    category = np.where(
        with_category, rng.choice([2, 3, 4, 5], size, p=[0.45, 0.33, 0.19, 0.03]), rng.integers(0, 2, size)
    )
    until = today + rng.integers(30, 5 * 365, size)
    run_out = rng.random(size) < facts["staff"]["expired_share"]
    until = np.where(run_out, today - rng.integers(10, 500, size), until)
    began = np.array([date(int(year), 9, 1).toordinal() for year in opened])[house]
    since = np.maximum(began, today - (rng.beta(1.1, 2.4, size) * (age - 21) * 365).astype(np.int64) - 15)
    women = (rng.random(size) < np.where(is_head, 0.6, 0.8)).astype(np.int64)
    tradition = np.where(rng.random(size) < np.asarray(kazakh)[house], names.KAZAKH, names.RUSSIAN)
    people = draw(tradition, women, today - (age * 365.25).astype(np.int64), rng)

    def chance(share: float) -> Ints:
        return (rng.random(size) < share).astype(np.int64)

    return Staff(
        house, np.where(is_head, 0, post[house]), subject,
        np.where(is_head, 2, rng.choice(len(LOADS), size, p=[0.05, 0.07, 0.58, 0.18, 0.12])), category,
        np.where(category >= 2, until, 0), rng.choice(len(QUALIFICATIONS), size, p=[0.13, 0.74, 0.125, 0.005]),
        since, people, chance(facts["staff"]["profile_share"]),
        chance(facts["staff"]["industry_share"]) * (post[house] == POSTS.index(MASTER)) * ~is_head,
    )  # fmt: skip
