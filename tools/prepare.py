"""Makes .venv from a lock file: the one step before `shanyraq` can run. Only the standard library; any Python 3.11+.

    python3.11 tools/prepare.py core        what a user needs
    python3.11 tools/prepare.py dev         and what the tests need
    python3.11 tools/prepare.py bench       and the peers of the benchmarks, in .venv-bench: they never touch .venv

A stamp keyed on the lock makes the second run instant. Nothing that the lock does not pin is fetched: this project
itself is put on the path of .venv by a .pth file and a small launcher instead of being built.
"""

import hashlib
import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BENCH = "bench"
VENV = ROOT / (".venv-bench" if sys.argv[1:] == [BENCH] else ".venv")
LAUNCHER = """#!{python}
import sys
from shanyraq.interfaces.cli.main import main
if __name__ == "__main__":
    sys.exit(main())
"""


def stop(message: str) -> None:
    print(f"\n{message}\n", file=sys.stderr)
    raise SystemExit(1)


def check_python() -> None:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        stop(f"Python 3.11, 3.12 or 3.13 is needed; this is {version}. Name another one: make run PYTHON=python3.11")
    if find_spec("ensurepip") is None:
        name = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        stop(
            "This Python has no ensurepip, which makes virtual environments.\n"
            f"On Debian or Ubuntu: apt-get install {name}"
        )


def make_venv() -> None:
    if not (VENV / "bin" / "pip").exists():
        print(f"Making {VENV.name} ...", flush=True)
        venv.create(VENV, with_pip=True, clear=VENV.exists(), symlinks=True)


def install(lock: Path) -> None:
    count = sum(1 for line in lock.read_text("utf-8").splitlines() if "==" in line and not line.startswith((" ", "#")))
    print(f"Installing {count} packages, each checked against its hash ...", flush=True)
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--require-hashes", "--only-binary", ":all:"]
    done = subprocess.run([*pip, "--disable-pip-version-check", "-r", str(lock)], cwd=ROOT, check=False)
    if done.returncode:
        stop("The packages could not be installed: see the lines above. Is the package index reachable?")


def put_on_path() -> None:
    paths = subprocess.run(
        [str(VENV / "bin" / "python"), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    (Path(paths.stdout.strip()) / "shanyraq-source.pth").write_text(f"{ROOT}\n", "utf-8")
    launcher = VENV / "bin" / "shanyraq"
    launcher.write_text(LAUNCHER.format(python=VENV / "bin" / "python"), "utf-8")
    launcher.chmod(0o755)


def main(kind: str) -> None:
    check_python()
    lock = ROOT / "requirements" / f"{kind}.lock"
    wanted = hashlib.sha256(lock.read_bytes() + str(ROOT).encode()).hexdigest()
    stamp = VENV / f".ready-{kind}"
    if stamp.is_file() and stamp.read_text("utf-8") == wanted:
        return
    make_venv()
    install(lock)
    put_on_path()
    stamp.write_text(wanted, "utf-8")


if __name__ == "__main__":
    if sys.argv[1:] not in (["core"], ["dev"], [BENCH]):
        stop("Say which: core, dev or bench")
    main(sys.argv[1])
