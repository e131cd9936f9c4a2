"""What the machine itself must have, before anything is installed: standard library only, no import of ours.

`python3 lms/system.py run|test` installs what is missing when root, else prints the exact command and stops.
"""

import ctypes.util
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Present = Callable[[], bool]


def _library(name: str) -> Present:
    return lambda: ctypes.util.find_library(name) is not None


def _command(*names: str) -> Present:
    return lambda: any(shutil.which(name) for name in names)


def _postgresql() -> bool:
    return bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


RUN: dict[str, Present] = {
    "python3-venv": lambda: importlib.util.find_spec("ensurepip") is not None,
    "libpango-1.0-0": _library("pango-1.0"),
    "libpangoft2-1.0-0": _library("pangoft2-1.0"),
    "libharfbuzz-subset0": _library("harfbuzz-subset"),
}
TEST: dict[str, Present] = {
    **RUN,
    "chromium": _command("chromium", "chromium-browser", "google-chrome"),
    "libatomic1": _library("atomic"),  # the driver of the browser tests is linked with it
    "postgresql": _postgresql,
    "poppler-utils": _command("pdftoppm"),
}


def missing(purpose: str) -> list[str]:
    wanted = TEST if purpose == "test" else RUN
    return [package for package, present in wanted.items() if not present()]


def main(purpose: str) -> int:
    if sys.version_info < (3, 11):  # noqa: UP036  runs before pip could refuse an old Python
        print(f"Steadyhand needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
        return 1
    packages = missing(purpose)
    if not packages:
        return 0
    if sys.platform == "darwin":
        print(
            "Install what is missing, then try again:\n  brew install pango"
            + (" postgresql chromium" if purpose == "test" else "")
        )
        return 1
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(f"These system packages are missing. Install them, then try again:\n  sudo {' '.join(command)}")
        return 1
    print(f"Installing system packages: {', '.join(packages)}", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], check=False, env=env, stdout=subprocess.DEVNULL)
    return subprocess.run(command, check=False, env=env, stdout=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "run"))
