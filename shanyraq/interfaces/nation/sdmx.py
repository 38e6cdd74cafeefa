"""The numbers as SDMX 3.0: a structure message (concepts, code lists, data structure, dataflow) and data messages that
statistical offices read. Loaded when asked for: the library is large."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from enum import StrEnum
from typing import Any, Final

import pandas as pd
from pysdmx.io import write_sdmx
from pysdmx.io.format import Format
from pysdmx.io.pd import PandasDataset
from pysdmx.model import (
    Code,
    Codelist,
    Component,
    Components,
    Concept,
    ConceptScheme,
    Dataflow,
    DataStructureDefinition,
    DataType,
    Role,
)
from pysdmx.model.message import Header

from shanyraq.analytics.cards import ValueUnit, cards, code_of
from shanyraq.domains.registry import queries as registry
from shanyraq.foundation.text import Lang, say
from shanyraq.interfaces.nation import queries
from shanyraq.interfaces.nation.models import Number
from shanyraq.interfaces.nation.queries import CountCard

AGENCY: Final = "SHANYRAQ"
WHOLE: Final = "_T"
COUNTRY: Final = "KZ"
VERSION: Final = "1.0"
CUTS: Final = (
    "rural:urban", "rural:rural", "language:kk", "language:ru", "language:mixed", "language:other", "ownership:state",
    "ownership:private",
)  # fmt: skip
_CONCEPT: Final = f"urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept={AGENCY}:CS_NATION({VERSION})."
STATUS: Final = {"A": "Normal value", "P": "Provisional value", "O": "Missing value", "Q": "Missing value; suppressed"}


class Message(StrEnum):
    """What can be asked for, and in which form."""

    STRUCTURE = "structure"
    XML = "xml"
    CSV = "csv"


MEDIA: Final[Mapping[Message, tuple[Format, str]]] = {
    Message.STRUCTURE: (Format.STRUCTURE_SDMX_ML_3_0, "xml"),
    Message.XML: (Format.DATA_SDMX_ML_3_0, "xml"),
    Message.CSV: (Format.DATA_SDMX_CSV_2_0_0, "csv"),
}


def written(message: Message, count: CountCard, lang: Lang) -> str:
    """A message of a count; names of codes in one language. 2 queries."""
    structure = structured(lang)
    form, _ = MEDIA[message]
    header = Header(id=f"{AGENCY}-{count.year}-{count.version}", prepared=count.counted_at.astimezone(UTC))
    if message is Message.STRUCTURE:
        return str(write_sdmx(structure, form, header=header))
    definition = next(one for one in structure if isinstance(one, DataStructureDefinition))
    table = PandasDataset(structure=definition.to_schema(), data=_frame(count))
    if message is Message.CSV:
        return str(write_sdmx([table], form))
    return str(write_sdmx([table], form, header=header))


def series_code(series: str) -> str:
    """The code of a series: 9.preschool is I9_PRESCHOOL."""
    return f"I{re.sub(r'[^A-Za-z0-9]', '_', series).upper()}"


def cut_code(cut: str) -> str:
    """The code of a cut: rural:urban is RURAL_URBAN, the whole is _T."""
    return cut.replace(":", "_").upper() if cut else WHOLE


def structured(lang: Lang) -> Sequence[Any]:
    """Code lists, concepts, the data structure, the dataflow. 2 queries."""
    lists = {one.id: one for one in _codelists(lang)}
    names = (*_DIMENSIONS, "TIME_PERIOD", "OBS_VALUE", *_ATTRIBUTES)
    items = [Concept(one, urn=f"{_CONCEPT}{one}", name=say(f"nation.sdmx.{one.lower()}", lang)) for one in names]
    concepts = ConceptScheme(
        "CS_NATION", name=say("nation.title", lang), agency=AGENCY, version=VERSION, items=items
    )  # fmt: skip
    by_name = {one.id: one for one in concepts.items}
    components = [
        *(_component(name, Role.DIMENSION, by_name, lists.get(codes)) for name, codes in _DIMENSIONS.items()),
        Component("TIME_PERIOD", True, Role.DIMENSION, by_name["TIME_PERIOD"], local_dtype=DataType.YEAR),
        Component("OBS_VALUE", False, Role.MEASURE, by_name["OBS_VALUE"], local_dtype=DataType.DOUBLE),
        *(_component(name, Role.ATTRIBUTE, by_name, lists.get(codes)) for name, codes in _ATTRIBUTES.items()),
    ]  # fmt: skip
    definition = DataStructureDefinition(
        "DSD_NATION", name=say("nation.title", lang), agency=AGENCY, version=VERSION, components=Components(components)
    )  # fmt: skip
    flow = Dataflow("DF_NATION", name=say("nation.title", lang), agency=AGENCY, version=VERSION, structure=definition)
    return [*lists.values(), concepts, definition, flow]


_DIMENSIONS: Final = {
    "FREQ": "CL_FREQ",
    "REF_AREA": "CL_AREA",
    "INDICATOR": "CL_INDICATOR",
    "BREAKDOWN": "CL_BREAKDOWN",
}
_ATTRIBUTES: Final = {
    "OBS_STATUS": "CL_OBS_STATUS",
    "UNIT_MEASURE": "CL_UNIT",
    "TARGET": "",
    "COUNTED": "",
    "KNOWN": "",
}


def _component(name: str, role: Role, concepts: Mapping[str, Concept], codes: Codelist | None) -> Component:
    kind = DataType.STRING if codes else DataType.DOUBLE
    level = "O" if role is Role.ATTRIBUTE else None
    return Component(
        name, role is Role.DIMENSION, role, concepts[name], local_dtype=kind, local_codes=codes, attachment_level=level
    )  # fmt: skip


def _codelists(lang: Lang) -> Iterator[Codelist]:
    def listed(name: str, codes: Iterable[tuple[str, str]]) -> Codelist:
        items = [Code(code, name=words) for code, words in codes]
        return Codelist(
            name, name=say(f"nation.sdmx.{name.lower()}", lang), agency=AGENCY, version=VERSION, items=items
        )

    places = (*registry.regions(), *registry.districts())
    yield listed("CL_FREQ", [("A", say("nation.sdmx.annual", lang))])
    yield listed("CL_AREA", [(COUNTRY, say("nation.report.country", lang)),
                             *((one.kato, one.name.in_lang(lang)) for one in places)])  # fmt: skip
    yield listed("CL_INDICATOR", [
        (series_code(code_of(card.number, key)), card.title.in_lang(lang) if key == "total" else
         f"{card.title.in_lang(lang)}: {component.label.in_lang(lang)}")
        for card in cards().values() for key, component in card.components.items()
    ])  # fmt: skip
    yield listed("CL_BREAKDOWN", [(WHOLE, say("nation.whole", lang)),
                                  *((cut_code(one), say(f"nation.cut.{one}", lang)) for one in CUTS)])  # fmt: skip
    yield listed("CL_OBS_STATUS", STATUS.items())
    yield listed("CL_UNIT", [(one.value.upper(), say(f"valueunit.{one.value}", lang)) for one in ValueUnit])


def _frame(count: CountCard) -> pd.DataFrame:
    rows = []
    for row in Number.objects.filter(count=count.id).order_by("series", "territory", "cut").iterator(5_000):
        found = queries.component_of(row.series)
        if found is None:
            continue
        card, component = found
        line = queries.Line(card, component, row.territory, row.cut, count.year, row)
        status = "Q" if row.hidden else "O" if row.value is None else "A" if count.version else "P"
        rows.append((
            "A", row.territory or COUNTRY, series_code(row.series), cut_code(row.cut), str(count.year), row.value,
            status, card.unit.value.upper(), line.target, row.counted, row.known,
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=[*_DIMENSIONS, "TIME_PERIOD", "OBS_VALUE", *_ATTRIBUTES])
