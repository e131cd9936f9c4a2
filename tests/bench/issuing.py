"""What the worker spends on a certificate: drawing it in the warm process and storing it. Its own children count."""

import multiprocessing
import time
from collections.abc import Sequence

from flask import Flask

from lms import jobs
from lms.certificates import service as certificates
from tests.bench import cpu
from tests.bench.figures import Figure, figure

BAR = 60
WARM = 3


def measured(app: Flask, enrolment_ids: Sequence[int], by: int) -> Figure:
    """One job a certificate, as the worker runs it."""
    spent = []
    for enrolment_id in enrolment_ids:
        with app.app_context():
            for letter in jobs.lapsed():  # to the student before
                jobs.run(letter)
            certificates.issue(enrolment_id, language="en", by=by)
            (job_id,) = jobs.lapsed()
        before = _seconds()
        with app.app_context():
            jobs.run(job_id)
        spent.append(1000 * (_seconds() - before))
    return figure("issuing", spent[WARM:], bar=BAR)


def _seconds() -> float:
    return time.process_time() + cpu.used_by([p.pid for p in multiprocessing.active_children() if p.pid])
