"""Everything that can enter the log has words on its pages, and on the receipt of the family that it is about."""

import importlib
import pkgutil

from shanyraq.domains.contingent import events as contingent
from shanyraq.domains.placement import events as placement
from shanyraq.domains.placement.events import Event
from shanyraq.domains.registry import events as registry
from shanyraq.foundation.text import known

NOT_OF_APPLICATIONS = ("Seed", "Swap", "PlacesAllocated", "RoundPublished", "EnrolmentDisputed", "Comparison")


def below(base):
    for one in base.__subclasses__():
        yield one
        yield from below(one)


def kinds():
    for found in pkgutil.iter_modules(placement.__path__, f"{placement.__name__}."):
        importlib.import_module(found.name)
    bases = {one.__name__ for one in below(Event) if one.__subclasses__()}
    yield from (f"placement.{one.__name__}" for one in below(Event) if one.__name__ not in bases)
    own = (one for one in vars(registry).values() if isinstance(one, type) and one.__module__ == registry.__name__)
    yield from (f"registry.{one.__name__}" for one in own if hasattr(one, "__dataclass_fields__"))
    yield from (f"contingent.{one.__name__}" for one in contingent.Event.__subclasses__())
    yield from ("ledger.KeyAdded", "ledger.KeyRetired")


def test_every_kind_has_words():
    assert len(set(kinds())) > 40
    assert [kind for kind in kinds() if not known(f"proof.kind.{kind}")] == []


def test_every_kind_of_an_application_has_words_on_its_receipt():
    own = [kind.removeprefix("placement.") for kind in kinds() if kind.startswith("placement.")]
    wanted = [name for name in own if not name.startswith(NOT_OF_APPLICATIONS)]
    assert [name for name in wanted if not known(f"family.event.{name}") and not known(f"receipt.event.{name}")] == []
