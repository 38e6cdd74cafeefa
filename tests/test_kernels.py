"""A compiler that is missing, broken, switched off or has nowhere to write never stops a round."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

ASK = """
import numpy as np
from shanyraq.foundation import matching
print("why:", matching.warm())
ptr, one = np.arange(60_001), np.zeros(60_000, dtype=np.int64)
found = matching.deferred_acceptance(ptr, one, np.arange(60_000)[::-1].copy(), np.array([2]))
print("placed:", np.flatnonzero(found.school_of == 0).tolist())
"""


def asked(tmp_path, **environment):
    """What a fresh Python says: why there are no kernels, if so, and the round all the same."""
    run = subprocess.run(
        [sys.executable, "-c", ASK],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment,
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "placed: [59998, 59999]" in run.stdout
    return run.stdout


def test_a_switch_turns_the_kernels_off(tmp_path):
    assert "switched off" in asked(tmp_path, NUMBA_DISABLE_JIT="1")


@pytest.mark.parametrize("text", ["raise ImportError('no such thing')", "raise OSError('library is damaged')"])
def test_a_compiler_that_is_missing_or_broken_stops_no_round(tmp_path, text):
    (tmp_path / "numba.py").write_text(text)
    path = os.pathsep.join([str(tmp_path), *sys.path])
    said = asked(tmp_path, PYTHONPATH=path)
    assert "no such thing" in said or "damaged" in said


def test_without_a_folder_for_the_kernels_the_readable_twin_runs(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    only = {"NUMBA_CACHE_LOCATOR_CLASSES": "numba.core.caching.UserProvidedCacheLocator"}  # else beside the source
    said = asked(tmp_path, NUMBA_CACHE_DIR=str(tmp_path / "file" / "kernels"), **only)
    assert "no locator" in said
