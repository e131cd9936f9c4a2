"""R44: whatever breaks inside an act, nothing of it is stored or said to be, and the page shows a number alone."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.exc import OperationalError

from lms import db as store
from lms.certificates import issuing
from tests.attacks.acts import Cast, every
from tests.attacks.world import stored

LAST = "CANARY-LAST-STEP"
USES_UP = {"accounts.code"}  # a code counts once, whatever becomes of the sign-in
BREAKS = {500: RuntimeError(LAST), 503: OperationalError("COMMIT", {}, RuntimeError(LAST))}


class Breaking:
    """The write discipline, in which the last step before the commit breaks while `on`."""

    def __init__(self) -> None:
        self.on, self.broke, self.whole = BREAKS[500], 0, store._around
        self.armed = False

    @contextmanager
    def around(self, session) -> Iterator[None]:
        with self.whole(session):
            yield
        if self.armed and session is not None:
            self.broke += 1
            raise self.on


@pytest.mark.parametrize("status", BREAKS)
def test_r44_an_act_that_breaks_at_its_end_leaves_nothing_and_can_be_done_again(
    world, browsers, monkeypatch, status: int
):
    breaking, cast, wrong = Breaking(), Cast(browsers), []
    breaking.on = BREAKS[status]
    monkeypatch.setattr(store, "_around", breaking.around)
    for act in every(world):
        browser = cast.of(act)
        fields, before, breaking.armed, breaking.broke = act.fields(browser), stored(), True, 0
        answer = browser.post(act.address, data=fields)
        breaking.armed = False
        if breaking.broke:
            wrong += [f"{act.endpoint}: {what}" for what in _told(answer, status)]
            said = browser.get("/account").text
            wrong += [f"{act.endpoint} said {found}" for found in re.findall(r'role="status"[^>]*>(.{1,60})', said)]
        if not breaking.broke or act.endpoint in USES_UP:
            continue
        if (after := stored()) != before:
            wrong.append(f"{act.endpoint} left {[name for name in after if after[name] != before[name]]}")
        answer = act.send(browser)
        assert answer.status_code in act.lands, f"{act.endpoint} again: {answer.status_code}"
    assert wrong == []


def _told(answer, status: int) -> Iterator[str]:
    if answer.status_code != status:
        yield f"answered {answer.status_code}"
    if not re.search(r"<code>[0-9a-f]{16}</code>", answer.text):
        yield "shows no number"
    for secret in ("Traceback", LAST, "RuntimeError", "lms/", "SELECT", "INSERT"):
        if secret in answer.text:
            yield f"shows {secret}"


def test_r44_a_certificate_whose_checkpoint_breaks_is_not_issued(world, browsers, monkeypatch):
    monkeypatch.setattr(issuing.ledger, "checkpoint", _broken)
    browser, before = browsers(world.admin), stored()
    path = f"/cohorts/{world.a.id}/certificates/new"
    answer = browser.post(path, data=browser.fill(f"{path}?who={world.enrolment(world.omar).id}", path))
    assert answer.status_code == 500
    assert stored() == before


def _broken(*_args: object, **_more: object) -> None:
    raise RuntimeError(LAST)
