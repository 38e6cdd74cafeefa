"""The server and the worker of jobs beside it."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

GRACE = 10  # seconds that a worker has to end its job


def free(host: str, port: int) -> bool:
    """Whether nothing listens on the address yet."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def serve(host: str, port: int, *, workers: int, with_jobs: bool | None = None) -> None:
    """Serve until told to stop. On the embedded database the worker of jobs runs beside, as a child."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    beside = settings.EMBEDDED if with_jobs is None else with_jobs
    with job_worker() if beside else _nothing():
        Granian(
            "config.wsgi:application",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=4,
            backlog=1024,
            log_level=LogLevels.warning,
            websockets=False,
            respawn_failed_workers=True,
        ).serve()


@contextmanager
def job_worker() -> Iterator[None]:
    """A child that does the planned jobs; it ends its job and goes when the block ends."""
    child = subprocess.Popen([sys.executable, "-m", "shanyraq.interfaces.cli.main", "jobs", "run"])
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def _nothing() -> Iterator[None]:
    yield
