"""Which twin runs: the readable one, or the same work compiled by numba.

The compiled kernels are built once and kept on disk (NUMBA_CACHE_DIR, which config/settings.py sets). Without numba,
with a numba that does not load, without a folder to write to, or with NUMBA_DISABLE_JIT=1 the readable twin runs and
gives the same results.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from types import ModuleType
from typing import Final, Literal, TypeAlias

LARGE: Final = 50_000  # entries; below it the readable twin is done before the kernels are read from disk
Twin: TypeAlias = Literal["auto", "pure", "compiled"]

_chosen: ContextVar[Twin] = ContextVar("twin", default="auto")
_loaded: dict[str, ModuleType] = {}
_failed: dict[str, str] = {}


def warm() -> str:
    """Load the kernels, and compile them where the folder has none yet; "" when they run, else why they do not."""
    if not _loaded and not _failed:
        try:
            if import_module("numba").config.DISABLE_JIT:
                raise RuntimeError("switched off")
            _loaded["kernels"] = import_module("shanyraq.foundation.matching.kernels")
        except Exception as broken:  # whatever is wrong with a compiler must not stop a round
            _failed["why"] = f"{type(broken).__name__}: {broken}"
    return _failed.get("why", "")


def kernels(entries: int) -> ModuleType | None:
    """The compiled kernels for a market of so many entries; None where the readable twin is to run.

    Small markets use them only when they are loaded already. Raises RuntimeError where `twin("compiled")` wants what
    is not to be had.
    """
    chosen = _chosen.get()
    if chosen == "pure" or (chosen == "auto" and entries < LARGE and not _loaded):
        return None
    why = warm()
    if why and chosen == "compiled":
        raise RuntimeError(f"the compiled kernels do not load: {why}")
    return _loaded.get("kernels")


@contextmanager
def twin(which: Twin) -> Iterator[None]:
    """Inside it, one twin runs whatever the size of the market: for tests and measurements."""
    token = _chosen.set(which)
    try:
        yield
    finally:
        _chosen.reset(token)
