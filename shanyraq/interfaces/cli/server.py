"""The server and the worker of jobs beside it."""

import multiprocessing
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

from django.conf import settings

GRACE = 10  # seconds that a worker has to end its job
Child: TypeAlias = "subprocess.Popen[bytes]"
WORKER = (sys.executable, "-m", "shanyraq.interfaces.cli.main", "jobs", "run")


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
    if "SHANYRAQ_API_WORKERS" not in os.environ:  # each worker gives a client of the API its share of the rate
        os.environ["SHANYRAQ_API_WORKERS"] = str(workers)
        settings.API_WORKERS = workers
    # A forked worker would inherit the locks of threads it does not have: polars then waits for ever.
    multiprocessing.set_start_method("spawn", force=True)
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
def job_worker(command: Sequence[str] = WORKER, pause: float = 2) -> Iterator[None]:
    """A child that does the planned jobs, begun again when it dies; it ends its job and goes when the block ends."""
    over = threading.Event()
    first = _begin(command)
    keeper = threading.Thread(target=_keep, args=(first, command, pause, over), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join(2 * GRACE)


def _keep(child: Child, command: Sequence[str], pause: float, over: threading.Event) -> None:
    while True:
        while child.poll() is None and not over.wait(0.2):
            pass
        if child.returncode is None:
            return _end(child)
        if over.wait(pause):
            return None
        child = _begin(command)


def _begin(command: Sequence[str]) -> Child:
    return subprocess.Popen(command)  # noqa: S603 - our own command


def _end(child: Child) -> None:
    child.terminate()
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


@contextmanager
def _nothing() -> Iterator[None]:
    yield
