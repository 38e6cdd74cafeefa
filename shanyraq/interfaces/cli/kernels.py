"""The placement kernels are compiled beside other work, once, and kept on disk for every process that comes later."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_WARM: Final = "from shanyraq.foundation import matching; matching.warm()"


@contextmanager
def compiled_meanwhile() -> Iterator[None]:
    """Another process compiles the kernels, where that is not done yet, while the block runs; it ends with the block.

    Where they cannot be compiled nothing happens: the readable twins run.
    """
    quiet = subprocess.DEVNULL
    compiler = subprocess.Popen([sys.executable, "-c", _WARM], stdout=quiet, stderr=quiet)  # noqa: S603 - no input
    try:
        yield
    finally:
        compiler.wait()
