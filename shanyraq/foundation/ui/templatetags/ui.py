"""Tags that every template has: texts of the catalogue, values as people write them, components. See ../README.md."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, cast
from urllib.parse import quote

from babel import dates, numbers
from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from shanyraq.foundation import text
from shanyraq.foundation.refusal import Refusal
from shanyraq.foundation.ui import looks
from shanyraq.foundation.ui.charts import Chart
from shanyraq.foundation.ui.forms import Form
from shanyraq.foundation.ui.maps import TileMap
from shanyraq.foundation.ui.refusals import Explained, explain
from shanyraq.foundation.uid import new_id

register = template.Library()


# ---- texts and values


@register.simple_tag
def t(code: str, **facts: Any) -> str:
    """{% t "placement.offer.title" n=3 %}: the text of a code in the language of the page."""
    return text.say(code, _lang(), **facts)


@register.simple_tag
def page_lang() -> str:
    """{% page_lang %}: kk, ru or en, for a page without the shell."""
    return _lang()


@register.simple_tag
def t_or_text(code: str) -> str:
    """{% t_or_text label %}: the text of a code, or the text itself when it is none."""
    return _text(code)


@register.filter
def show(value: Any) -> str:
    """{{ value|show }}: a date, number, enum or Text as people of the language write it."""
    return text.show(cast(text.Fact, value), _lang())


@register.filter
def brief(value: date) -> str:
    """{{ day|brief }}: 05.09.2026, for narrow columns."""
    return f"{value:%d.%m.%Y}" if value else ""


@register.filter
def weekday(value: date) -> str:
    """{{ day|weekday }}: the name of the day of the week."""
    return dates.format_date(value, "EEEE", locale=text.LOCALES[_lang()])


@register.filter
def percent(value: float | Decimal | None) -> str:
    """{{ share|percent }}: a share 0-1 as a percentage with at most one decimal; a dash when there is none."""
    return "–" if value is None else numbers.format_percent(value, format="#,##0.#\xa0%", locale=text.LOCALES[_lang()])


@register.filter
def tenths(value: float | Decimal | None) -> str:
    """{{ number|tenths }}: a number with at most one decimal, as people of the language write it; a dash when there is
    none."""
    return "–" if value is None else numbers.format_decimal(value, format="#,##0.#", locale=text.LOCALES[_lang()])


@register.filter
def in_address(value: str) -> str:
    """{{ value|in_address }}: quoted for a query string."""
    return quote(str(value), safe="")


@register.simple_block_tag(end_name="endcapture")
def capture(content: str) -> SafeString:
    """{% capture as name %}html{% endcapture %}: keeps rendered text for use in several places."""
    return mark_safe(content.strip())  # noqa: S308 - the block was escaped when it was rendered


# ---- small components


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """{% icon "check" %}: a decorative icon; with a label it speaks for itself."""
    href = f"{static('ui/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', _text(label), href)
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"/></svg>', href)


@register.simple_tag
def chip(value: Any, look: str = "", icon_name: str = "") -> SafeString:
    """{% chip application.status %} or {% chip "code.of.text" look="ok" %}: a state as icon and words."""
    word = look or (str(value.value) if isinstance(value, Enum) else str(value))
    tone, own = looks.look_of(word)
    return format_html('<span class="chip {}">{}{}</span>', tone, icon(icon_name or own), _shown(value))


@register.inclusion_tag("ui/parts/figure.html")
def figure(value: Any, label: str, note: str = "", icon: str = "", href: str = "", look: str = "") -> dict[str, Any]:
    """{% figure 289758 "places.queue" note="places.queue.note" icon="users" %}: a key-figure tile."""
    tone = looks.look_of(look).tone if look else ""
    return {
        "value": _shown(value),
        "label": _text(label),
        "note": _text(note),
        "icon": icon,
        "href": href,
        "tone": tone,
    }


@register.inclusion_tag("ui/parts/steps.html")
def steps(current: int, *labels: str) -> dict[str, Any]:
    """{% steps 2 "code.one" "code.two" "code.three" %}: where one stands in a form of several pages."""
    rows = [
        {"number": number, "label": _text(label), "state": _state(number, current)}
        for number, label in enumerate(labels, start=1)
    ]
    return {"rows": rows, "current": current, "total": len(labels)}


@register.inclusion_tag("ui/parts/timeline.html")
def timeline(items: Sequence[Any]) -> dict[str, Any]:
    """{% timeline items %}: what happened and what comes. Items: dicts or objects with `title`, and, where there is
    one, `at` (date or time), `body`, `state` (done, now, next, bad)."""
    return {"rows": [{name: _part(item, name) for name in ("title", "at", "body", "state")} for item in items]}


@register.inclusion_tag("ui/parts/empty.html")
def empty(title: str, body: str = "", href: str = "", action: str = "", icon: str = "list") -> dict[str, Any]:
    """{% empty "code.title" "code.body" href="/family/apply/" action="code.button" %}: nothing here yet, and why."""
    return {"title": _text(title), "body": _text(body), "href": href, "action": _text(action), "icon": icon}


@register.inclusion_tag("ui/parts/refusal.html", name="refusal")
def refusal_panel(problem: Refusal | Explained, level: int = 2) -> dict[str, Any]:
    """{% refusal refusal %}: what happened, why, what to do; with the code."""
    explained = explain(problem, _lang()) if isinstance(problem, Refusal) else problem
    return {"explained": explained, "level": level}


@register.simple_block_tag(end_name="endbanner")
def banner(content: str, look: str = "calm", title: str = "") -> SafeString:
    """{% banner look="act" title="code" %}html{% endbanner %}: a message with a tone. Looks: ok wait act bad calm."""
    tone, name = looks.look_of(look)
    shape = "info" if tone == looks.CALM else name
    head = format_html('<p class="banner-title">{}</p>', _text(title)) if title else ""
    return format_html(
        '<div class="banner {}">{}<div class="banner-body">{}{}</div></div>',
        tone,
        icon(shape),
        head,
        mark_safe(content),  # noqa: S308 - the block was escaped when it was rendered
    )


@register.simple_block_tag(end_name="endcard")
def card(content: str, title: str = "", look: str = "", level: int = 2) -> SafeString:
    """{% card title="code" %}html{% endcard %}: a white sheet with a heading. `look` colours its edge."""
    tone = looks.look_of(look).tone if look else ""
    head = format_html('<h{} class="card-title">{}</h{}>', level, _text(title), level) if title else ""
    inner = mark_safe(content)  # noqa: S308 - the block was escaped when it was rendered
    return format_html('<section class="card {}">{}{}</section>', tone, head, inner)


@register.simple_tag
def meter(part: float, whole: float, label: str) -> SafeString:
    """{% meter 40 100 "code.or.text" %}: a bar of how much of a whole; the label says it in words."""
    width = 0.0 if not whole else max(0.0, min(100.0, 100 * part / whole))
    return format_html(
        '<svg class="meter" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="meter-whole" width="100" height="8"/><rect class="meter-part" width="{}" height="8"/></svg>',
        _text(label),
        f"{width:.1f}",
    )


@register.simple_tag
def key() -> SafeString:
    """{% key %}: the hidden idempotency key of a POST that has no form class."""
    return format_html('<input type="hidden" name="key" value="{}">', new_id())


@register.inclusion_tag("ui/parts/post.html", takes_context=True)
def post(context: Context, url: str, label: str, kind: str = "", confirm: str = "", **fields: Any) -> dict[str, Any]:
    """{% post url "code.of.button" kind="danger" confirm="code" offer=offer.id %}: one button that does one thing.

    `confirm` asks first where JavaScript runs; what cannot be taken back should lead to a ConfirmPage instead."""
    return {
        "url": url,
        "label": _text(label),
        "kind": kind,
        "confirm": _text(confirm),
        "fields": fields.items(),
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("ui/parts/pager.html", takes_context=True)
def pager(context: Context, page: Any) -> dict[str, Any]:
    """{% pager page %}: newer and older pages of a django Page, keeping the filters of the address."""
    kept = context["request"].GET.copy()
    kept.pop("page", None)
    return {"page": page, "kept": kept.urlencode()}


# ---- forms


@register.inclusion_tag("ui/parts/field.html")
def field(bound: BoundField, wide: bool = False) -> dict[str, Any]:
    """{% field form.born_on %}: label, hint, errors and input, tied together for a screen reader."""
    widget = bound.field.widget
    grouped = isinstance(widget, RadioSelect | CheckboxSelectMultiple)
    return {
        "bound": bound,
        "grouped": grouped,
        "ticked": isinstance(widget, CheckboxInput),
        "hint_id": f"{bound.auto_id}_hint" if bound.help_text else "",
        "error_id": f"{bound.auto_id}_error" if bound.errors else "",
        "input": _input(bound, grouped=grouped),
        "wide": wide,
    }


@register.inclusion_tag("ui/parts/fields.html")
def fields(form: Form) -> dict[str, Any]:
    """{% fields form %}: the error summary, every field, and the hidden ones. The <form> element is the page's."""
    return {"form": form}


@register.inclusion_tag("ui/parts/error_summary.html")
def error_summary(form: Form) -> dict[str, Any]:
    """{% error_summary form %}: the refusal and every error, each with a link to its field."""
    return {"rows": form.summary(), "explained": form.explained if form.refusal else None}


# ---- charts


@register.inclusion_tag("ui/parts/chart.html")
def chart(drawn: Chart) -> dict[str, Any]:
    """{% chart chart %}: a drawing, and the same numbers as a table beside it. The page also needs {% charts %}."""
    return {"chart": drawn, "options": _json(drawn.options(_lang()))}


@register.simple_tag
def charts() -> SafeString:
    """{% charts %} in block `scripts`: loads the chart library, on pages that draw."""
    return format_html('<script src="{}" defer></script>', static("vendor/echarts.common.min.js"))


@register.inclusion_tag("ui/parts/tiles.html")
def tiles(drawn: TileMap) -> dict[str, Any]:
    """{% tiles map %}: an equal-tile map; the same numbers must stand in a table on the page."""
    return {"map": drawn}


@register.simple_tag
def refusal_of(code: str) -> Explained:
    """{% refusal_of "page.not_found" as explained %}: the three sentences of a refusal that needs no facts."""
    return explain(Refusal(code), _lang())


# ---- inside


def _input(bound: BoundField, *, grouped: bool) -> SafeString:
    described = " ".join(
        name
        for name in (bound.help_text and f"{bound.auto_id}_hint", bound.errors and f"{bound.auto_id}_error")
        if name
    )
    attributes: dict[str, Any] = {"aria-invalid": "true"} if bound.errors and not grouped else {}
    if not grouped:
        attributes |= {"aria-describedby": described} if described else {"aria-describedby": None}
        if bound.field.required:
            attributes["aria-required"] = "true"
    return bound.as_widget(attrs={name: value for name, value in attributes.items() if value is not None})


def _json(options: Mapping[str, Any]) -> SafeString:
    safe = json.dumps(options, ensure_ascii=False).replace("<", "\\u003c").replace("&", "\\u0026")
    return mark_safe(safe)  # noqa: S308 - no "<" and no "&" is left in it


def _part(item: Any, name: str) -> Any:
    value = item.get(name, "") if isinstance(item, Mapping) else getattr(item, name, "")
    return _shown(value) if name in ("title", "at", "body") else value


def _state(number: int, current: int) -> str:
    return "done" if number < current else "now" if number == current else "next"


def _shown(value: Any) -> str:
    if isinstance(value, str) and not isinstance(value, Enum):
        return _text(value)  # a literal of a template is a SafeString too
    return text.show(cast(text.Fact, value), _lang())


def _text(code: str) -> str:
    return text.say(code, _lang()) if code and text.known(code) else code


def _lang() -> text.Lang:
    return text.as_lang(get_language())
