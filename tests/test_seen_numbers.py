"""Numbers that were met before are told, whatever the pieces they come in."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shanyraq.domains.registry.imports.seen import Seen

PIECES = st.lists(st.lists(st.integers(0, 40), max_size=30), max_size=12)


@given(PIECES)
def test_as_a_set_would_tell(pieces):
    seen, known = Seen(), set()
    for piece in pieces:
        told = seen.met(np.array(piece, dtype=np.int64)).tolist()
        assert told == [one in known for one in piece]
        known.update(piece)
