"""That the benchmark runs and says what it must; how fast the pages are is for `make bench` alone."""

import json
import os
import subprocess
import sys

import pytest

from tests.bench import cpu
from tests.bench.figures import MET, MISSED, TOO_NOISY, figure, spread
from tests.bench.report import as_json, missed, table
from tests.bench.server import ROOT

BARS = {
    "empty": None,
    "bare": 8,
    "home": 6,
    "lesson": 4,
    "quiz question": 5,
    "answer save": 6,
    "grading sheet": 6,
    "readiness board": 25,
    "certificate download": 2,
    "issuing": 60,
}


def test_a_round_is_compared_with_the_bare_page_of_the_same_round():
    one = figure("home", [2.0, 40.0, 6.0], over="bare", against=[1.0, 10.0, 2.0], bar=4)
    assert (one.value, one.cpu_ms) == (3.0, 6.0)


@pytest.mark.parametrize(("ratios", "verdict"), [([4, 4, 4], MET), ([1, 4, 7], TOO_NOISY), ([5, 5, 5], MISSED)])
def test_a_figure_says_whether_its_bar_holds_and_whether_that_can_be_known(ratios, verdict):
    assert figure("home", ratios, bar=4.5).verdict == verdict


def test_one_spoiled_round_does_not_make_the_others_noisy():
    assert spread([4.0, 4.0, 4.1, 4.1, 4.1, 4.2, 90.0]) < 0.05


def test_too_few_rounds_have_no_spread():
    assert spread([4.0, 9.0]) is None


def test_the_slowest_twentieth_is_reported():
    one = figure("home", [1.0], bar=None, latencies=[n / 1000 for n in range(1, 101)])
    assert (one.p50_ms, one.p95_ms) == (51.0, 96.0)


def test_a_missed_bar_is_named():
    figures = [figure("home", [7.0], bar=6), figure("lesson", [3.0], bar=4)]
    assert missed(figures) == ["home"]
    assert json.loads(as_json(figures))["met"] is False
    assert table(figures).splitlines()[2].endswith("| missed |")


def test_the_work_of_child_processes_is_seen():
    busy = "import sys; sum(range(3_000_000)); print(flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", busy], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        assert process.pid in cpu.family(os.getpid())
        assert cpu.used(process.pid) > 0.01
        process.communicate()


@pytest.mark.once
def test_it_runs_and_reports_every_page_with_its_bar():
    command = [sys.executable, "-m", "tests.bench", "--quick", "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    said = json.loads(done.stdout)
    assert {one["name"]: one["bar"] for one in said["cases"]} == BARS
    assert (said["students"], said["rounds"], said["requests"]) == (10, 1, 20)
    assert all(one["cpu_ms"] > 0 for one in said["cases"])
    assert all(one["p50_ms"] and one["p95_ms"] for one in said["cases"] if one["name"] != "issuing")
