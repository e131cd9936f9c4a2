"""R2, R22: an id of somebody else's thing answers exactly as an id that nothing has, and changes nothing."""

import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlsplit

from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lms import clock
from lms.accounts.models import User, UserSession
from lms.certificates.models import Certificate
from lms.cohorts.models import Cohort, Enrolment, StatementSignature
from lms.db import db
from lms.practicals.models import Sheet
from lms.quizzes.models import Attempt
from lms.school.models import Statement
from tests import factories
from tests.attacks import pages
from tests.attacks.world import PASSWORD, stored

NOTHING = 987654
ATTACKERS = ("eve", "zoe", "bruno")
SHARED = {"statement_id", "signatory_id", "user_id", "number"}  # of the whole school, or no id of a thing
IN_QUERIES = ("/sheets/new?enrolment=<int:enrolment_id>", "/sheets/new?enrolment=<int:enrolment_id>&skill=S01")


def things(world) -> dict[str, list[int]]:
    """{name in an address: ids of things that belong to none of the attackers}"""
    theirs = [world.enrolment(one).id for one in (world.eve, world.zoe)]
    return {
        "cohort_id": list(db.session.scalars(select(Cohort.id).where(Cohort.id != world.b.id))),
        "enrolment_id": _ids(select(Enrolment.id).where(Enrolment.id.not_in(theirs))),
        "attempt_id": _ids(select(Attempt.id).where(Attempt.enrolment_id.not_in(theirs))),
        "sheet_id": _ids(select(Sheet.id).where(Sheet.enrolment_id.not_in(theirs))),
        "certificate_id": _ids(select(Certificate.id)),
        "session_id": _ids(select(UserSession.id).where(UserSession.user_id == world.maya.id)),
    }


def _ids(query) -> list[int]:
    return list(db.session.scalars(query))


def walk(app, owned: dict[str, list[int]]) -> Iterator[tuple[str, str, str]]:
    """(method, address, the same address with an id that nothing has) of every route and thing."""
    rules = [(str(rule), rule) for rule in app.url_map.iter_rules()]
    routes = [(text, method) for text, rule in rules for method in _methods(rule)]
    for text, method in [*routes, *((text, "GET") for text in IN_QUERIES), (IN_QUERIES[1], "POST")]:
        names = set(re.findall(r"<int:(\w+)>", text)) - SHARED
        for name in names:
            for one in owned[name]:
                yield method, _address(text, {name: one}, owned), _address(text, {name: NOTHING}, owned)


def _methods(rule: Rule) -> set[str]:
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


def _address(text: str, ids: dict[str, int], owned: dict[str, list[int]]) -> str:
    """The other ids of an address are real ones, so that only this one is tried."""
    known = {**{name: found[0] for name, found in owned.items()}, "number": 1, "user_id": 1, **ids}
    return re.sub(r"<(?:int:)?(\w+)>", lambda match: str(known.get(match[1], "x")), text)


def landed(browser, answer: TestResponse) -> TestResponse:
    """A respelled address (printed codes are in capitals) leads to the page itself."""
    again = (answer.location or "").casefold() == answer.request.path.casefold()
    return browser.get(answer.location) if again else answer


def seen(answer: TestResponse, address: str) -> tuple[int, str, str]:
    """What the attacker learns, without the address that they typed themselves."""
    address = address.replace("/SHEETS/", "/sheets/")
    path = urlsplit(address).path
    body = pages.plain(answer.text.replace(address.replace("&", "&amp;"), "HERE").replace(path, "HERE"))
    return answer.status_code, body, (answer.location or "").replace(path, "HERE")


def test_r02_every_id_of_every_address_answers_like_a_missing_one(app, world, browsers):
    browsers(world.maya)
    found = {name: browsers(getattr(world, name)) for name in ATTACKERS}
    wrong, tried, before = [], 0, stored()
    cases = list(walk(app, things(world)))
    for browser, (method, address, missing) in ((one, case) for one in found.values() for case in cases):
        theirs = landed(browser, browser.force(address, method))
        nothing = landed(browser, browser.force(missing, method))
        tried += 1
        if seen(theirs, address) != seen(nothing, missing) or theirs.status_code not in (403, 404):
            wrong.append(f"{method} {address}: {theirs.status_code}, not {nothing.status_code}")
        if set(nothing.headers.keys()) != set(theirs.headers.keys()):
            wrong.append(f"{method} {address} has other headers")
    assert wrong == []
    assert tried > 300
    assert {table for table, rows in stored().items() if rows != before[table]} == set()


# ---- ids in what is sent ------------------------------------------------------------------------------------------
def test_r02_hours_of_another_cohort_are_decided_by_nobody_else(world, browsers):
    browser, before = browsers(world.bruno), stored()
    theirs = browser.force("/hours/decide", entries=world.waiting.id, decision="approve")
    nothing = browser.force("/hours/decide", entries=NOTHING, decision="approve")
    assert (theirs.status_code, pages.plain(theirs.text)) == (404, pages.plain(nothing.text))
    assert stored() == before


def test_r02_a_roster_takes_no_student_of_another_cohort(world, browsers):
    browser, path = browsers(world.bruno), f"/cohorts/{world.b.id}/roster"
    before, sent = stored(), browser.fill(path, path)
    today = str(db.session.get_one(Cohort, world.b.id).starts_on)
    typed = {**sent, "planned": "lab:", "held_on": today, "starts": "09:00", "ends": "10:00"}
    for one in (world.enrolment(world.maya).id, NOTHING):
        assert browser.post(path, data={**typed, "present": one}).status_code == 422
    assert stored() == before


def test_r02_certificates_are_issued_to_students_of_the_cohort_in_the_address_alone(world, browsers):
    browser, path = browsers(world.admin), f"/cohorts/{world.b.id}/certificates/new"
    before = stored()
    answer = browser.force(path, who=world.enrolment(world.omar).id, language="own")
    assert "Nobody is chosen who is ready" in answer.text
    assert stored() == before


def test_r02_a_student_sees_no_statement_that_they_did_not_sign(world, browsers):
    """Neither one that is not in force yet, nor one that was replaced before they came."""
    later = factories.add(
        Statement(
            key="honour",
            text_en="CANARY-NOT-IN-FORCE",
            text_es="CANARY",
            effective_from=date(2090, 1, 1),
            source="draft",
            created_at=clock.now(),
        )
    )
    browser = browsers(world.nora)
    unseen, missing = (f"/statements/{one}/sign" for one in (later.id, NOTHING))
    assert browser.get(unseen).status_code == 404
    assert seen(browser.get(unseen), unseen) == seen(browser.get(missing), missing)


def test_r02_a_statement_that_was_signed_can_be_read_again(world, browsers):
    signed = db.session.scalars(select(StatementSignature.statement_id)).first()
    assert "signed this already" in browsers(world.omar).get(f"/statements/{signed}/sign").text


# ---- ids that no row can have -------------------------------------------------------------------------------------
HUGE = (2**31, 2**63, 10**30)


def test_r02_an_id_beyond_every_number_of_the_database_is_a_missing_one(app, world, browsers):
    browser, wrong = browsers(world.admin), []
    for method, address, _missing in walk(app, {key: [HUGE[0]] for key in things(world)}):
        for huge in HUGE:
            status = browser.force(address.replace(str(HUGE[0]), str(huge)), method).status_code
            if status not in (403, 404, 405):
                wrong.append(f"{method} {address}: {status}")
    assert wrong == []


QUERIES = (
    "/people?after={}",
    "/people?before={}",
    "/certificates?before={}",
    "/certificates?cohort={}",
    "/cohorts/1/readiness?after={}",
    "/cohorts/1/certificates/new?who={}",
)


def test_r02_numbers_in_queries_and_forms_break_nothing(world, browsers):
    office, teacher = browsers(world.admin), browsers(world.dana)
    for odd in (*HUGE, "9" * 5000, "²", "-1", "1e9", "١"):
        _takes(odd, world, office, teacher)


def _takes(odd: int | str, world, office, teacher) -> None:
    pages_ = {query: office.get(query.format(odd)).status_code for query in QUERIES}
    assert pages_ == dict.fromkeys(QUERIES, 200)
    assert teacher.get(f"/sheets/new?enrolment={odd}").status_code == 404
    assert teacher.force("/hours/decide", entries=odd, decision="approve").status_code in (404, 409)
    sheet = f"/sheets/{world.unsigned.id}"
    assert teacher.force(sheet, version=odd, rating="5").status_code == 409
    assert teacher.force(f"{sheet}/sign", version=odd, password=PASSWORD).status_code in (409, 422)
    assert teacher.force(sheet, rating=odd).status_code == 409
    policy = {"value": str(odd)[:20], "effective_from": "2090-01-01", "source": "x"}
    assert office.force("/school/policies/quiz_attempts", **policy).status_code == 422


# ---- numbers are no secrets ---------------------------------------------------------------------------------------
def test_r22_a_serial_an_id_or_a_number_of_the_record_opens_nothing(world, browsers):
    """R22"""
    certificate = world.certificate
    known = (certificate.serial, certificate.id, certificate.entry_seq, world.nora.id, certificate.facts[:20])
    for browser in (browsers(None), browsers(world.eve), browsers(world.bruno)):
        for number in known:
            answer = browser.get(f"/verify/{number}")
            assert answer.status_code == 404
            assert "Nora" not in answer.text
        for name in ("", "Maya Student", "%", "Nora", "Nora%", "nora student\x00"):
            real = browser.force("/verify", serial=certificate.serial, name=name)
            other = browser.force("/verify", serial="LGS-SYN-2026-000077-7", name=name)
            assert real.status_code == other.status_code != 200
            assert pages.plain(real.text, certificate.serial) == pages.plain(other.text, "LGS-SYN-2026-000077-7")


def test_r22_the_public_page_shows_the_certificate_and_nothing_else_of_the_person(world, browsers):
    page = browsers(None).get(f"/verify/{world.certificate.token}").text
    assert "Nora Student" in page
    nora = db.session.get_one(User, world.nora.id)
    for secret in (nora.email, f"/certificates/{world.certificate.id}", f"/people/{nora.id}", "Dana", "Ada Office"):
        assert secret not in page
