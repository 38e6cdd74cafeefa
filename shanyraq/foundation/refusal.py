"""The one base of every anticipated "no"."""

from shanyraq.foundation.text import Fact


class Refusal(Exception):
    """An anticipated refusal with a stable code and the facts that explain it.

    The texts live in the catalogue as `refusal.<code>.what`, `.why` and `.todo`, in kk, ru and en; they are put
    together at the edge, never here. `field` names the input that is at fault, where there is one.
    """

    def __init__(self, code: str, *, field: str | None = None, **facts: Fact) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.facts = facts

    def __str__(self) -> str:
        named = ", ".join(f"{name}={value}" for name, value in sorted(self.facts.items()))
        return f"{self.code}({named})" if named else self.code


class NotAllowed(Refusal):
    """The actor may not do this, or may not even know that it exists. HTTP: 403, or 404 where existence is private."""
