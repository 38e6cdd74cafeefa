"""Papers to print: a Typst template filled with plain values becomes a PDF, the same bytes for the same input."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst
from django.http import HttpResponse


def render(template: Path, values: Mapping[str, Any], *, drawings: Mapping[str, str] | None = None) -> bytes:
    """The PDF of a template. Only fonts inside the library are used (they have the Kazakh letters), so every machine
    gives the same bytes.

    The template reads `json(bytes(sys.inputs.values))`: texts arrive as values and are never read as markup.
    `drawings` are SVG texts by name, read with `image(bytes(sys.inputs.at(name)))`. Raises typst.TypstError when the
    template is wrong: a fault of ours.
    """
    inputs = {**(drawings or {}), "values": json.dumps(values, ensure_ascii=False, sort_keys=True)}
    made: bytes = typst.compile(template.read_bytes(), sys_inputs=inputs, ignore_system_fonts=True, format="pdf")
    return made


def pdf_response(name: str, content: bytes) -> HttpResponse:
    """A PDF for download."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return response
