"""Columns that several kinds of files share."""

from typing import Final

from shanyraq.domains.registry.imports.words import Words
from shanyraq.domains.registry.rules.kinds import Sex
from shanyraq.foundation.imports.columns import Column, Of

IIN: Final = Column("iin", Of.TEXT, longest=20, aliases=("ИИН", "ЖСН", "IIN"), secret=True, sample="120304900012")
SEXES: Final = {
    **dict.fromkeys(("м", "муж", "муж.", "мальчик", "m", "boy", "е", "ұл"), Sex.MALE.value),
    **dict.fromkeys(("ж", "жен", "жен.", "девочка", "f", "girl", "ә", "қыз"), Sex.FEMALE.value),
}
PERSON: Final = (
    Column("person", Of.TEXT, longest=20, aliases=("universal_id",)),
    IIN,
    Column("surname", Of.TEXT, longest=80, aliases=("фамилия", "тегі"), sample="Серікқызы"),
    Column("given", Of.TEXT, required=True, longest=80, aliases=("имя", "аты", "есімі"), sample="Әсел"),
    Column("patronymic", Of.TEXT, longest=80, aliases=("отчество", "әкесінің аты"), sample="Маратқызы"),
    Column("name_ru", Of.TEXT, longest=240),
    Column("name_latin", Of.TEXT, longest=240),
    Column(
        "born_on",
        Of.DATE,
        required=True,
        aliases=("дата рождения", "дата рожд.", "д.р.", "туған күні"),
        sample="2012-03-04",
    ),
    Column("sex", Of.CODE, required=True, codes=Words(Sex), spoken=SEXES, aliases=("пол", "жынысы"), sample="female"),
)
BIN: Final = Column("organisation", Of.TEXT, longest=12, aliases=("bin", "БИН", "БСН"), sample="190540099998")
