"""What happens in a ceremony that draws the seed of a round: all of it is public, word for word."""

from dataclasses import dataclass, fields
from datetime import datetime

from shanyraq.foundation.ledger import Event


@dataclass(frozen=True, slots=True)
class SeedEvent(Event):
    """A step of a ceremony; the log shows every fact of it."""

    @property
    def open(self) -> frozenset[str]:
        """The names of all facts."""
        return frozenset(field.name for field in fields(self))


@dataclass(frozen=True, slots=True)
class SeedCeremonyOpened(SeedEvent):
    district: str
    number: int  # of the round that takes the seed
    parties: tuple[str, ...]  # by place
    box_keys: tuple[str, ...]
    sign_keys: tuple[str, ...]
    commit_by: datetime
    confirm_by: datetime
    reveal_by: datetime
    recover_by: datetime
    beacon_source: str
    beacon_round: str


@dataclass(frozen=True, slots=True)
class SeedCommitted(SeedEvent):
    party: str
    holders: tuple[str, ...]
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeedConfirmed(SeedEvent):
    party: str  # the holder that has opened its share
    about: str


@dataclass(frozen=True, slots=True)
class SeedShown(SeedEvent):
    """A share that its party shows to everybody, because the holder does not confirm it."""

    party: str
    holder: str
    share: str


@dataclass(frozen=True, slots=True)
class SeedSealed(SeedEvent):
    """Who takes part is fixed. drawn: the last application filed while nothing of the seed was known."""

    parties: tuple[str, ...]
    drawn: int


@dataclass(frozen=True, slots=True)
class SeedRevealed(SeedEvent):
    party: str
    holders: tuple[str, ...]
    shares: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeedHandedBack(SeedEvent):
    """A holder publishes a share of a party that did not reveal."""

    party: str  # the holder
    about: str
    share: str


@dataclass(frozen=True, slots=True)
class SeedRecovered(SeedEvent):
    """All shares of a party that did not reveal are known."""

    party: str
    holders: tuple[str, ...]
    shares: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeedDrawn(SeedEvent):
    seed: str
    parties: tuple[str, ...]
    beacon: str


@dataclass(frozen=True, slots=True)
class SeedFailed(SeedEvent):
    reason: str
