"""How much processor time processes have used, user and system together."""

import os
import subprocess
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")
ACCOUNTED_BY_SCHEDULER = 2  # clock_getcpuclockid(3): the clock of a process is ~pid << 3 | 2 on Linux


def used_by(pids: list[int]) -> float:
    return sum(used(pid) for pid in pids)


def used(pid: int) -> float:
    """Seconds, in nanosecond steps where the system has a clock for each process; every thread counts."""
    try:
        return time.clock_gettime(~pid << 3 | ACCOUNTED_BY_SCHEDULER)
    except OSError:
        return _from_proc(pid) if PROC.is_dir() else _from_ps(pid)


def _from_proc(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS


def _stat(pid: int) -> list[str]:
    """The fields after the command, whose name may hold anything."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _from_ps(pid: int) -> float:
    """macOS: [[hours:]minutes:]seconds in hundredths."""
    seconds = 0.0
    for part in _ps("-p", str(pid), "-o", "time=").strip().split(":"):
        seconds = seconds * 60 + float(part)
    return seconds


def _ps(*arguments: str) -> str:
    return subprocess.run(["ps", *arguments], capture_output=True, text=True, check=True).stdout


def family(pid: int) -> list[int]:
    """The process with its children and theirs."""
    children = [child for child, parent in _parents() if parent == pid]
    return [pid, *(one for child in children for one in family(child))]


def _parents() -> list[tuple[int, int]]:
    if not PROC.is_dir():
        return [(int(line.split()[0]), int(line.split()[1])) for line in _ps("-A", "-o", "pid=,ppid=").splitlines()]
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                found.append((int(entry.name), int(_stat(int(entry.name))[1])))
            except OSError:
                continue  # it ended meanwhile
    return found
