"""The envelope of the state gateway (SmartBridge, SOAP 1.1): composed and read. Pure; the XML of others is read without
entities and outside references.

Source: the client repositories that show the SyncChannel contract, version 10; rules of the field, section 11.1.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from xml.etree.ElementTree import Element, ParseError, SubElement, register_namespace, tostring

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
TYPES: Final = "http://bip.bee.kz/SyncChannel/v10/Types"
UTILITY: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
SUCCESS: Final = "SCSS001"
LARGEST: Final = 10 * 1024 * 1024  # bytes of an answer
register_namespace("soap", SOAP)
register_namespace("wsu", UTILITY)


class Unreadable(ValueError):
    """Bytes that are no envelope."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a service: `data` is the XML of the question, `consent` the token of the person it is about."""

    message: UUID
    service: str
    sent_at: datetime
    data: str
    consent: str = ""
    correlation: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who asks: the name and password that the gateway gave us."""

    id: str
    password: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the code of the gateway, its words, and the XML of the service."""

    code: str
    message: str
    data: str

    @property
    def success(self) -> bool:
        """Whether the service answered."""
        return self.code == SUCCESS


def asked(question: Question, sender: Sender) -> bytes:
    """The envelope of a question."""
    body = _envelope()
    request = SubElement(SubElement(body, f"{{{TYPES}}}SendMessage"), "request")
    info = SubElement(request, "requestInfo")
    told = {
        "messageId": str(question.message), "correlationId": question.correlation, "serviceId": question.service,
        "messageDate": question.sent_at.isoformat(timespec="milliseconds"),
    }  # fmt: skip
    for name, value in told.items():
        if value:
            SubElement(info, name).text = value
    who = SubElement(info, "sender")
    SubElement(who, "senderId").text = sender.id
    SubElement(who, "password").text = sender.password
    if question.consent:
        held = SubElement(info, "properties")
        SubElement(held, "key").text = "token"
        SubElement(held, "value").text = question.consent
    SubElement(SubElement(request, "requestData"), "data").text = question.data
    return _written(body)


def read_question(envelope: bytes) -> tuple[Question, Sender]:
    """The question and its sender, as the gateway reads them. Raises Unreadable."""
    request = _found(_parsed(envelope), "request")
    info = _found(request, "requestInfo")
    keys = {_text(one, "key"): _text(one, "value") for one in info.iter() if _plain(one) == "properties"}
    who = _found(info, "sender")
    try:
        sent_at, message = datetime.fromisoformat(_text(info, "messageDate")), UUID(_text(info, "messageId"))
    except ValueError:
        raise Unreadable("message") from None
    question = Question(
        message, _text(info, "serviceId"), sent_at, _text(_found(request, "requestData"), "data"),
        keys.get("token", ""), _text(info, "correlationId"),
    )  # fmt: skip
    return question, Sender(_text(who, "senderId"), _text(who, "password"))


def answered(answer: Answer) -> bytes:
    """The envelope of an answer, as the gateway writes it."""
    body = _envelope()
    response = SubElement(SubElement(body, f"{{{TYPES}}}SendMessageResponse"), "response")
    status = SubElement(SubElement(response, "responseInfo"), "status")
    SubElement(status, "code").text = answer.code
    SubElement(status, "message").text = answer.message
    SubElement(SubElement(response, "responseData"), "data").text = answer.data
    return _written(body)


def read_answer(envelope: bytes) -> Answer:
    """The answer in an envelope. Raises Unreadable, also for a fault of SOAP."""
    if len(envelope) > LARGEST:
        raise Unreadable("size")
    response = _found(_parsed(envelope), "response")
    status = _found(response, "status")
    return Answer(_text(status, "code"), _text(status, "message"), _text(response, "data", deep=True))


def _envelope() -> Element:
    """The body of an empty envelope: WS-Security signs it by its wsu:Id."""
    return SubElement(Element(f"{{{SOAP}}}Envelope"), f"{{{SOAP}}}Body", {f"{{{UTILITY}}}Id": "body"})


def _written(body: Element) -> bytes:
    root = Element(f"{{{SOAP}}}Envelope")
    root.append(body)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _parsed(envelope: bytes) -> Element:
    try:
        root: Element = fromstring(envelope, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):  # LookupError: an encoding nobody knows
        raise Unreadable("xml") from None
    return root


def _plain(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _found(root: Element, name: str) -> Element:
    for element in root.iter():
        if _plain(element) == name:
            return element
    raise Unreadable(name)


def _text(root: Element, name: str, *, deep: bool = False) -> str:
    for element in root.iter() if deep else root:
        if _plain(element) == name:
            return (element.text or "").strip()
    return ""
