"""`make check`: every quick check, all of them even when one is not clean."""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
CHECKS = {
    "lint": [BIN / "ruff", "check", "-q", "."],
    "format": [BIN / "ruff", "format", "--check", "-q", "."],
    "imports": [BIN / "lint-imports", "--no-cache"],
    "types": [BIN / "pyright"],
    "templates": [BIN / "djlint", "lms/templates", "--lint", "--quiet"],
    "translations": [sys.executable, "-m", "tests.words", "--check"],
    "content": [BIN / "lms", "content", "check"],
    "security": [BIN / "bandit", "-q", "-c", "pyproject.toml", "-r", "lms"],
}


def sizes() -> str:
    files = sorted(
        ((len(p.read_text().splitlines()), p.relative_to(ROOT)) for p in (ROOT / "lms").rglob("*.py")),
        reverse=True,
    )
    total = sum(n for n, _ in files)
    longest = ", ".join(f"{p} {n}" for n, p in files[:3])
    return f"{len(files)} Python files, {total} lines; longest: {longest}"


def main() -> int:
    env = {**os.environ, "LMS_ENV": "development", "LMS_DATA_DIR": str(ROOT / "var")}
    unclean = []
    for name, command in CHECKS.items():
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        print(
            f"{'ok' if done.returncode == 0 else 'NOT CLEAN':9} {name:13} {time.monotonic() - began:5.1f} s",
            flush=True,
        )
        if done.returncode:
            unclean.append(name)
            print(done.stdout[-6000:], done.stderr[-3000:], sep="\n")
    print(sizes())
    return 1 if unclean else 0


if __name__ == "__main__":
    sys.exit(main())
