"""Tags that every template has: texts of the catalogue, values as people write them."""

from typing import Any, cast

from django import template
from django.utils.translation import get_language

from shanyraq.foundation import text

register = template.Library()


@register.simple_tag
def t(code: str, **facts: Any) -> str:
    """{% t "placement.offer.title" n=3 %}: the text of a code in the language of the page."""
    return text.say(code, text.as_lang(get_language()), **facts)


@register.filter
def show(value: Any) -> str:
    """{{ value|show }}: a date, number, enum or Text as people of the language write it."""
    return text.show(cast(text.Fact, value), text.as_lang(get_language()))
