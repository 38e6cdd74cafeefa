import pytest
from cryptography.exceptions import InvalidTag

from shanyraq.domains.registry.models import Person
from shanyraq.domains.registry.queries import identity
from shanyraq.domains.registry.tests import builders

IIN = "930327504816"


def test_a_sealed_number_opens_again_and_never_looks_the_same():
    first, second = identity.seal_many((IIN, IIN))
    assert identity.unseal(first.cipher) == identity.unseal(memoryview(second.cipher)) == IIN
    assert first.cipher != second.cipher
    assert first.index == second.index
    assert len(first.index) == 32


def test_many_numbers_are_found_as_one_by_one():
    numbers = [IIN, None, "000000000000"]
    assert identity.indexes(numbers) == [one and identity.blind_indexes(one)[0] for one in numbers]


def test_other_numbers_have_other_indexes():
    assert identity.seal("930327504816").index != identity.seal("100721144505").index


def test_a_changed_cipher_does_not_open():
    cipher = bytearray(identity.seal(IIN).cipher)
    cipher[-1] ^= 1
    with pytest.raises(InvalidTag):
        identity.unseal(bytes(cipher))


def test_after_a_change_of_key_old_numbers_open_and_are_found(settings):
    old = identity.seal(IIN)
    settings.IDENTITY_RETIRED_KEYS = {1: settings.IDENTITY_KEY}
    settings.IDENTITY_KEY, settings.IDENTITY_KEY_NUMBER = "another secret of the operator, long enough", 2
    new = identity.seal(IIN)
    assert (old.cipher[0], new.cipher[0]) == (1, 2)
    assert identity.unseal(old.cipher) == identity.unseal(new.cipher) == IIN
    assert identity.blind_indexes(IIN) == (new.index, old.index)


def test_a_key_that_was_lost_is_named(settings):
    old = identity.seal(IIN)
    settings.IDENTITY_KEY, settings.IDENTITY_KEY_NUMBER = "another secret of the operator, long enough", 2
    with pytest.raises(identity.UnknownKey):
        identity.unseal(old.cipher)


@pytest.mark.usefixtures("country")
def test_the_table_holds_no_number_in_the_clear():
    number = builders.iin(builders.new_person().born_on, builders.new_person().sex)
    builders.person(iin=number)
    row = Person.objects.values().get()
    assert number not in str({key: bytes(v) if isinstance(v, memoryview) else v for key, v in row.items()})
    assert row["iin_cipher"] and identity.unseal(row["iin_cipher"]) == number
