"""What a party of a ceremony does on its own computer: from its secrets and the file of the ceremony to messages.
Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shanyraq.domains.placement.rules import seed, seed_files
from shanyraq.domains.placement.rules.seed import SeedMessage, SeedStep
from shanyraq.domains.placement.rules.seed_files import SeedParty, SeedSecret
from shanyraq.foundation.refusal import Refusal


@dataclass(frozen=True, slots=True)
class CeremonyBoard:
    """A ceremony as a party reads it: who takes part, and what has been handed in; every signature was checked."""

    ceremony: str
    parties: Mapping[int, SeedParty]
    messages: Sequence[SeedMessage]

    def commit_of(self, party: int) -> SeedMessage | None:
        """What a party has committed to."""
        found = (one for one in self.messages if (one.party, one.step) == (party, SeedStep.COMMIT))
        return next(found, None)

    def has(self, party: int, step: SeedStep, about: int = 0) -> bool:
        """Whether a party has done a step."""
        return any((one.party, one.step, one.about) == (party, step, about) for one in self.messages)

    def place_of(self, secret: SeedSecret) -> int:
        """Which of the three the holder of a secret is. Raises Refusal("placement.seed_not_party")."""
        key = secret.party("").sign_key
        for place, party in self.parties.items():
            if party.sign_key == key:
                return place
        raise Refusal("placement.seed_not_party")


def read_board(text: str) -> CeremonyBoard:
    """The ceremony from its file. Raises Refusal("placement.seed_malformed", "placement.seed_forged")."""
    try:
        body = json.loads(text)
        ceremony = str(body["ceremony"])
        parties = {
            int(one["place"]): SeedParty(str(one["name"]), str(one["box_key"]), str(one["sign_key"]))
            for one in body["parties"]
        }
        sent = [(str(one["message"]), str(one["signature"])) for one in body["messages"]]
    except (KeyError, TypeError, ValueError, RecursionError):
        raise Refusal("placement.seed_malformed") from None
    keys = {place: party.sign_key for place, party in parties.items()}
    return CeremonyBoard(ceremony, parties, [seed_files.checked(ceremony, *one, keys) for one in sent])


def commit(board: CeremonyBoard, place: int, shares: Sequence[str], once: Sequence[bytes]) -> SeedMessage:
    """The commitment to two shares; `once`: 32 bytes of chance for each box."""
    holders = seed.holders(place)
    return SeedMessage(
        place,
        SeedStep.COMMIT,
        hashes=tuple(
            seed.share_hash(board.ceremony, place, holder, share) for holder, share in zip(holders, shares, strict=True)
        ),
        boxes=tuple(
            seed_files.sealed(
                share, board.parties[holder].box_key, seed_files.about(board.ceremony, place, holder), chance
            )
            for holder, share, chance in zip(holders, shares, once, strict=True)
        ),
    )


def held_shares(board: CeremonyBoard, secret: SeedSecret, place: int) -> tuple[dict[int, str], list[int]]:
    """The shares of the others that this party holds, by party; and the parties whose share does not open."""
    good: dict[int, str] = {}
    bad: list[int] = []
    for other in seed.holders(place):
        committed = board.commit_of(other)
        if committed is None:
            continue
        at = seed.holders(other).index(place)
        share = secret.opened(committed.boxes[at], seed_files.about(board.ceremony, other, place))
        if share is not None and seed.share_hash(board.ceremony, other, place, share) == committed.hashes[at]:
            good[other] = share
        else:
            bad.append(other)
    return good, bad


def confirmations(board: CeremonyBoard, place: int, held: Mapping[int, str]) -> list[SeedMessage]:
    """What this party has to confirm still."""
    return [
        SeedMessage(place, SeedStep.CONFIRM, about=other)
        for other in held
        if not board.has(place, SeedStep.CONFIRM, other)
    ]


def shown(board: CeremonyBoard, place: int, shares: Sequence[str]) -> list[SeedMessage]:
    """Own shares that their holder does not confirm, for everybody to see."""
    return [
        SeedMessage(place, SeedStep.SHOW, about=holder, shares=(share,))
        for holder, share in zip(seed.holders(place), shares, strict=True)
        if not board.has(holder, SeedStep.CONFIRM, place) and not board.has(place, SeedStep.SHOW, holder)
    ]


def revealed(place: int, shares: Sequence[str]) -> SeedMessage:
    """Both own shares."""
    return SeedMessage(place, SeedStep.REVEAL, shares=tuple(shares))


def recovered(board: CeremonyBoard, place: int, held: Mapping[int, str]) -> list[SeedMessage]:
    """Shares of parties that have not revealed."""
    return [
        SeedMessage(place, SeedStep.RECOVER, about=other, shares=(share,))
        for other, share in held.items()
        if not board.has(other, SeedStep.REVEAL)
        and not board.has(place, SeedStep.RECOVER, other)
        and not board.has(other, SeedStep.SHOW, place)
    ]
