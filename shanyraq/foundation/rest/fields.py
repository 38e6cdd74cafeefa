"""`fields=number,status`: only the named properties of an answer, or of the rows of a page."""

from typing import Any, Final, get_args

from ninja.errors import ValidationError
from pydantic import BaseModel

NAME: Final = "fields"
LONGEST: Final = 500


class Selection:
    """The properties that one operation lets the caller choose from."""

    def __init__(self, answer: type[BaseModel]) -> None:
        self.paged = "items" in answer.model_fields
        rows = _item(answer) if self.paged else answer
        self.names = frozenset(rows.model_fields) if rows is not None else frozenset()
        self.beside = {name: True for name in answer.model_fields if name != "items"}  # what a page says of itself

    def read(self, asked: str) -> Any:
        """What the serialiser is told to include; None for everything. Raises ValidationError: unknown_field."""
        names = {name.strip() for name in asked[:LONGEST].split(",") if name.strip()}
        if names - self.names or len(asked) > LONGEST:
            raise ValidationError([{"loc": ("query", NAME), "type": "unknown_field"}])
        if not names:
            return None
        return {**self.beside, "items": {"__all__": names}} if self.paged else names


def selection_of(answer: Any) -> Selection | None:
    """The choice of an answer's schema; none where the answer is no object of ours."""
    if isinstance(answer, type) and issubclass(answer, BaseModel):
        chosen = Selection(answer)
        return chosen if chosen.names else None
    return None


def _item(answer: type[BaseModel]) -> type[BaseModel] | None:
    held = get_args(answer.model_fields["items"].annotation)
    return held[0] if held and isinstance(held[0], type) and issubclass(held[0], BaseModel) else None
