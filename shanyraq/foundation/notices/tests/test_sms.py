import pytest

from shanyraq.foundation.notices.sms import LONGEST, RecordingGateway, SilentGateway, Sms, gateway
from shanyraq.foundation.refusal import Refusal

GOOD = Sms("+77010000001", "Шаңырақ: сізге жаңа хабарлама келді.", "1")


@pytest.mark.parametrize("make", [SilentGateway, RecordingGateway])
class TestEveryGateway:
    """What each gateway, real or fake, must do."""

    def test_takes_a_good_message_again_and_again(self, make):
        one = make()
        one.send(GOOD)
        one.send(GOOD)

    @pytest.mark.parametrize("phone", ["", "87010000001", "+7701", "+7701000000x", "+996700000000", "+77010000001 "])
    def test_refuses_a_phone_that_is_none(self, make, phone):
        with pytest.raises(Refusal) as refused:
            make().send(Sms(phone, "x", "1"))
        assert refused.value.code == "notices.phone_unusable"

    @pytest.mark.parametrize("body", ["", "x" * (LONGEST + 1)])
    def test_a_text_of_a_wrong_length_is_a_fault_of_ours(self, make, body):
        with pytest.raises(ValueError, match="characters"):
            make().send(Sms("+77010000001", body, "1"))


def test_the_fake_keeps_each_key_once():
    fake = RecordingGateway()
    fake.send(GOOD)
    fake.send(GOOD)
    assert fake.sent == [GOOD]


def test_the_gateway_is_a_setting():
    assert isinstance(gateway(), SilentGateway)
