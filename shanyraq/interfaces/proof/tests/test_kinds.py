"""Everything that can enter the log has words on its pages, and on the receipt of the family that it is about."""

from shanyraq.foundation.text import known
from tests.happenings import events

NOT_OF_APPLICATIONS = ("Seed", "Swap", "PlacesAllocated", "RoundPublished", "EnrolmentDisputed", "Comparison")


def test_every_kind_has_words():
    kinds = [*(event.KIND for event in events()), "ledger.KeyAdded", "ledger.KeyRetired"]
    assert [kind for kind in kinds if not known(f"proof.kind.{kind}")] == []


def test_every_kind_of_an_application_has_words_on_its_receipt():
    own = [event.__name__ for event in events() if event.KIND.startswith("placement.")]
    wanted = [name for name in own if not name.startswith(NOT_OF_APPLICATIONS)]
    assert [name for name in wanted if not known(f"family.event.{name}") and not known(f"receipt.event.{name}")] == []
