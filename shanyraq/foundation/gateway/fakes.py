"""The consent service of the demonstration and of tests, behind FakeGateway: the same tests as the real way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml.ElementTree import fromstring

from shanyraq.foundation.gateway.envelope import Question


@dataclass(slots=True)
class FakeConsents:
    """Gives or refuses as `decide` says of an IIN: "given", "refused" or "asked" while the person thinks."""

    decide: Callable[[str], str] = lambda iin: "given"
    asked: dict[str, str] = field(default_factory=dict)  # number -> IIN

    def __call__(self, question: Question) -> str:
        """The answer to a question of consents.py."""
        root = fromstring(question.data)
        told = {str(one.tag): one.text or "" for one in root}
        if root.tag == "request":
            number = f"C{len(self.asked) + 1:06d}"
            self.asked[number] = told["iin"]
            return _answer(number=number)
        iin = self.asked.get(told["number"])
        state = "refused" if iin is None else self.decide(iin)
        return _answer(state=state, token=f"token-of-{told['number']}" if state == "given" else "")


def _answer(**values: str) -> str:
    root = Element("answer")
    for name, value in values.items():
        SubElement(root, name).text = value
    return tostring(root, encoding="unicode")
