"""Three more children for the demonstration's parent, and a group with room for them: one child for each language.

Run as a command inside a house that `shanyraq up` has made ready; prints the names as JSON.
"""

import json
import os
import sys
from datetime import date

import django

LANGS = ("kk", "ru", "en")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from shanyraq.domains.registry import queries, services
    from shanyraq.domains.registry.rules.kinds import GroupKind, GuardianKind, Language, Sex
    from shanyraq.foundation import access, clock
    from shanyraq.foundation.accounts.models import User

    actor, now, today = access.system("journeys"), clock.now(), clock.today()
    parent = User.objects.get(sign_in_name="demo-parent").person_id
    home = queries.residence(parent, today)
    head = User.objects.get(sign_in_name="demo-head").grants.get()
    kindergarten = queries.organisation(head.organisation_id)
    year = today.year - 3
    services.open_group(
        actor=actor,
        new=services.NewGroup(
            organisation=kindergarten.id,
            name="Саяхат",
            kind=GroupKind.GENERAL,
            language=Language.KAZAKH,
            born_from=year,
            born_to=year,
            places=60,
        ),
        on=today,
        now=now,
    )
    children = {}
    for number, lang in enumerate(LANGS, start=1):
        given = f"{('Айсұлу', 'Ботагөз', 'Гүлнұр')[number - 1]}"
        child = services.register_person(
            actor=actor,
            new=services.NewPerson(
                given=given,
                surname="Сапарова",
                sex=Sex.FEMALE,
                born_on=date(year, 2, number),
                residence=services.NewResidence(
                    district=home.district, address=home.address, lon=home.lon, lat=home.lat
                ),
            ),
            now=now,
        )
        services.add_guardian(actor=actor, child=child, guardian=parent, kind=GuardianKind.MOTHER, on=today, now=now)
        children[lang] = str(child)
    names = {"kk": kindergarten.name.kk, "ru": kindergarten.name.ru, "en": kindergarten.name.en}
    json.dump(
        {
            "children": children,
            "kindergarten": str(kindergarten.id),
            "district": kindergarten.district,
            "names": names,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
