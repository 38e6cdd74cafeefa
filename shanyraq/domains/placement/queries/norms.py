"""The norms of placement that are in force for a district on a day, and the model by which it places children."""

from datetime import date
from typing import Any

from django.db.models import Q

from shanyraq.domains.placement.models import DistrictModel
from shanyraq.domains.placement.rules import norms as rules
from shanyraq.domains.placement.rules.claim import Model
from shanyraq.domains.placement.rules.norms import Norms
from shanyraq.foundation import norms

NAMES = tuple(f"placement/{name}" for name in rules.NAMES)


def placement_norms(on: date, territory: str = "") -> Norms:
    """All norms of placement on a day in a territory (KATO; "" is the country). No query."""
    return rules.from_values({name: norms.in_force(name, on, territory).value for name in NAMES})


def norm_editions(on: date, territory: str = "") -> dict[str, Any]:
    """The same norms as JSON with act, edition and first day: what is kept with a decision. No query."""
    return dict(norms.editions(NAMES, on, territory))


def model_in_force(district: str, on: date) -> Model:
    """The model of a district on a day; the queue where no order says otherwise. 1 query."""
    open_then = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    rows = DistrictModel.objects.filter(open_then, district=district, valid_from__lte=on)
    found = rows.values_list("model", flat=True).first()
    return Model.QUEUE if found is None else Model(found)
