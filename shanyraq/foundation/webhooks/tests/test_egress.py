"""Where we send and where never; what an attempt does when the receiver misbehaves."""

import socket

import pytest

from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.webhooks import egress
from shanyraq.foundation.webhooks.egress import HttpEgress, Parcel, Undeliverable, require_address
from shanyraq.foundation.webhooks.states import Failure
from shanyraq.foundation.webhooks.tests.receiver import listening

PRIVATE = [
    "https://127.0.0.1/", "https://10.0.0.8/x", "https://192.168.1.1/", "https://172.16.0.1/", "https://169.254.169.254/",
    "https://[::1]/", "https://[fd00::1]/", "https://[fe80::1]/", "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::10.0.0.1]/", "https://[2002:a00:1::]/", "https://0.0.0.0/", "https://224.0.0.1/",
    "https://127.1/", "https://0x7f000001/", "https://2130706433/", "https://0177.0.0.1/",
    "https://localhost/", "https://db.internal/", "https://printer.local/", "https://postgres/", "https://100.64.0.1/",
]  # fmt: skip
WRONG = [
    "http://example.org/", "ftp://example.org/", "https://", "https:///path", "https://user:pass@example.org/",
    "https://example.org/#part", "https://example.org:port/", "https://example.org/ x", "https://exa\nmple.org/",
    "https://пример.қаз/", "//example.org/", "https://[::1", "https://example.org/\\@10.0.0.1/",
    f"https://example.org/{'x' * 300}",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _strict(settings):
    settings.WEBHOOK_LOCAL = False


@pytest.mark.parametrize("url", PRIVATE)
def test_an_address_inside_is_refused(url):
    with pytest.raises(Refusal) as caught:
        require_address(url)
    assert caught.value.code == "webhooks.address_private"


@pytest.mark.parametrize("url", WRONG)
def test_what_is_no_address_of_ours_is_refused(url):
    with pytest.raises(Refusal) as caught:
        require_address(url)
    assert caught.value.code == "webhooks.address"


@pytest.mark.parametrize(
    "url", ["https://queue.example.org/hook", "https://8.8.8.8:8443/x?y=1", "https://[2a00:1450::8]/"]
)
def test_a_public_address_passes(url):
    require_address(url)


def test_this_machine_passes_only_where_it_is_tried_out(settings):
    settings.WEBHOOK_LOCAL = True
    require_address("http://127.0.0.1:9000/hook")
    require_address("http://localhost:9000/hook")
    with pytest.raises(Refusal):
        require_address("http://10.0.0.1/")
    with pytest.raises(Refusal):
        require_address("http://example.org/")


def parcel(url: str) -> Parcel:
    return Parcel(url, {"Content-Type": "application/json"}, b"{}")


def fails(url: str) -> Failure:
    with pytest.raises(Undeliverable) as caught:
        HttpEgress().post(parcel(url))
    return caught.value.failure


def test_a_name_that_leads_inside_is_refused_when_it_is_used(monkeypatch):
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("93.184.216.34", "10.0.0.7")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **named: answers)
    assert fails("https://rebind.example.org/") is Failure.FORBIDDEN


def test_the_name_is_looked_up_once_and_what_was_judged_is_connected_to(monkeypatch):
    looked_up, connected = [], []

    def look_up(host, *given, **named):
        looked_up.append(host)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34" if len(looked_up) == 1 else "10.0.0.1", 443))
        ]

    def connect(address, timeout):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    assert fails("https://queue.example.org/") is Failure.UNREACHABLE
    assert looked_up == ["queue.example.org"]
    assert connected == [("93.184.216.34", 443)]


def test_a_loopback_address_is_refused_at_sending_too():
    assert fails("http://127.0.0.1:9/") is Failure.FORBIDDEN


class TestOnThisMachine:
    @pytest.fixture(autouse=True)
    def _local(self, settings, monkeypatch):
        settings.WEBHOOK_LOCAL = True
        monkeypatch.setattr(egress, "TIMEOUT", 0.4)

    @pytest.mark.parametrize("status", [200, 204, 302, 410, 500])
    def test_the_status_is_given_and_a_redirect_is_not_followed(self, status):
        with listening() as receiver:
            receiver.answers = [status]
            assert HttpEgress().post(parcel(receiver.url)) == status
            assert len(receiver.got) == 1
            assert receiver.got[0][1] == b"{}"

    def test_who_is_not_there_is_unreachable(self):
        with listening() as receiver:
            gone = receiver.url
        assert fails(gone) is Failure.UNREACHABLE

    def test_who_is_silent_runs_into_the_time(self):
        with listening() as receiver:
            receiver.answers = [1.0]
            assert fails(receiver.url) is Failure.TIMEOUT

    def test_who_answers_byte_by_byte_runs_into_the_time(self):
        with listening() as receiver:
            receiver.answers = ["HTTP/1.1 200 OK" + " " * 40]
            assert fails(receiver.url) is Failure.TIMEOUT

    def test_what_is_no_http_is_unreachable(self):
        with listening() as receiver:
            receiver.answers = ["no"]
            assert fails(receiver.url) in (Failure.UNREACHABLE, Failure.TIMEOUT)
