import re
from html import unescape

import pytest
from sqlalchemy import event, func, select

from lms.access import Role
from lms.catalog.items import ItemType
from lms.cohorts import service as cohorts
from lms.cohorts.rules import EnrolmentState
from lms.db import db
from lms.quizzes import service
from lms.quizzes.models import Attempt, Response
from tests import factories
from tests.quizzes import factories as quiz
from tests.quizzes.factories import RIGHT, WRONG

FETCH = {"X-Requested-With": "fetch", "Accept": "application/json"}
NOT_MINE = "There is nothing here"


@pytest.fixture
def browser(as_, student, enrolment):
    return as_(student)


@pytest.fixture
def attempt(enrolment):
    return service.start(enrolment.id, "M01", by=enrolment.user_id)


def hidden(page):
    """The hidden fields of the page's last form."""
    form = page[page.rindex("<form") :] if "data-answer" not in page else page[page.index("data-answer") :]
    found = re.findall(r'<input[^>]*type="hidden"[^>]*>', form)
    return {re.search(r'name="([^"]*)"', one)[1]: re.search(r'value="([^"]*)"', one)[1] for one in found}


def number_of(attempt, end):
    return next(n for n, line in enumerate(attempt.form, 1) if line["item"].endswith(end))


def url_of(attempt, end):
    return f"/attempts/{attempt.id}/{number_of(attempt, end)}"


def send(browser, url, answer, headers=None, **more):
    """Choose on the page and press a button of it (or let the script send it)."""
    fields = hidden(browser.get(url).text)
    return browser.post(url, data={**fields, "answer": answer, **more}, headers=headers)


def words(page):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def submit(browser, attempt, **more):
    fields = hidden(browser.get(f"/attempts/{attempt.id}/check").text)
    return browser.post(f"/attempts/{attempt.id}/submit", data={**fields, **more})


def answer_of(attempt, end):
    query = select(Response.answer).where(Response.attempt_id == attempt.id, Response.item_id.like(f"%{end}"))
    return db.session.scalar(query)


# ---- the quiz's own page ------------------------------------------------------------------------------------------
def test_the_page_of_a_quiz_gives_its_rules_in_counts_and_the_button_to_start(browser):
    page = browser.get("/quizzes/M01").text

    assert "Questions 4" in words(page)
    assert "Right answers needed 3" in words(page)
    assert "Tries used 0 of 3" in words(page)
    assert "Start the quiz" in page


def test_starting_leads_to_the_first_question_and_once_more_to_the_same(browser):
    fields = hidden(browser.get("/quizzes/M01").text)

    first = browser.post("/quizzes/M01/start", data=fields)
    again = browser.post("/quizzes/M01/start", data=fields)

    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    assert browser.get(first.location).status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 1


def test_a_closed_quiz_says_what_opens_it_and_has_no_button_to_start(browser):
    page = browser.get("/quizzes/M02").text

    assert "The quiz opens when you have passed the quiz of: Module M01." in words(page)
    assert "Start the quiz" not in page


def test_starting_a_closed_quiz_anyway_is_refused_in_a_sentence(browser):
    fields = hidden(browser.get("/quizzes/M01").text)

    answer = browser.post("/quizzes/M02/start", data=fields)

    assert answer.status_code == 409
    assert "passed the quiz of: Module M01" in words(answer.text)


def test_an_open_quiz_is_continued_at_the_first_question_without_an_answer(browser, attempt, student):
    service.save(attempt.id, attempt.form[0]["item"], [], by=student.id)
    quiz.answered(attempt, {attempt.form[0]["item"][-2:]: RIGHT[attempt.form[0]["item"][-2:]]}, student.id)

    assert "Continue" in browser.get("/quizzes/M01").text
    assert browser.get(f"/attempts/{attempt.id}").location == f"/attempts/{attempt.id}/2"


def test_a_quiz_that_the_course_does_not_have_is_not_found(browser):
    assert browser.get("/quizzes/M99").status_code == 404


# ---- questions ----------------------------------------------------------------------------------------------------
def test_each_page_holds_one_question_with_its_options_and_nothing_chosen(browser, attempt):
    page = browser.get(url_of(attempt, "Q1")).text

    assert "Question M01-Q1?" in page
    assert page.count('type="radio"') == 4
    assert " checked" not in page
    assert "M01-Q2" not in page


def test_several_answers_are_checkboxes_and_a_number_is_a_field_with_its_unit(browser, attempt):
    assert browser.get(url_of(attempt, "Q2")).text.count('type="checkbox"') == 4
    page = browser.get(url_of(attempt, "Q4")).text
    assert 'inputmode="decimal"' in page
    assert ">seconds<" in page


def test_without_a_script_the_button_saves_and_goes_on(browser, attempt):
    n = number_of(attempt, "Q1")
    answer = send(browser, url_of(attempt, "Q1"), "a", go="next")

    assert answer.location == (f"/attempts/{attempt.id}/{n + 1}" if n < 4 else f"/attempts/{attempt.id}/check")
    assert answer_of(attempt, "Q1") == ["a"]


@pytest.mark.parametrize(
    ("go", "place"), [("back", "1"), ("next", "3"), ("check", "check"), ("", "check"), ("x", "check")]
)
def test_each_button_saves_and_leads_where_it_says(browser, attempt, go, place):
    url = f"/attempts/{attempt.id}/2"
    end = attempt.form[1]["item"][-2:]

    answer = send(browser, url, RIGHT[end], go=go)

    assert answer.location == f"/attempts/{attempt.id}/{place}"
    assert sorted(answer_of(attempt, end)) == RIGHT[end]


def test_going_on_without_an_answer_leaves_the_question_open(browser, attempt):
    assert send(browser, url_of(attempt, "Q1"), [], go="next").status_code == 303
    assert answer_of(attempt, "Q1") is None


def test_taking_all_ticks_away_takes_the_answer_back(browser, attempt):
    send(browser, url_of(attempt, "Q2"), ["a", "c"], go="next")
    send(browser, url_of(attempt, "Q2"), [], go="next")

    assert answer_of(attempt, "Q2") == []


def test_the_script_saves_each_change_and_learns_time_and_receipt(browser, attempt):
    answer = send(browser, url_of(attempt, "Q1"), "c", headers=FETCH, changed="answer")

    assert answer.status_code == 200
    assert set(answer.json) == {"saved", "receipt"}
    assert answer_of(attempt, "Q1") == ["c"]


def test_another_device_shows_what_this_one_answered(as_, student, browser, attempt):
    send(browser, url_of(attempt, "Q1"), "c", headers=FETCH)
    send(browser, url_of(attempt, "Q4"), "72.9", headers=FETCH)

    other = as_(student)
    page = other.get(url_of(attempt, "Q1")).text
    assert re.search(r'value="c"[^>]* checked', page)
    assert page.count(" checked") == 1
    assert "Saved " in page
    assert 'value="72.9"' in other.get(url_of(attempt, "Q4")).text


@pytest.mark.parametrize("typed", ["about a minute", "2,5", "x" * 10_000, "<script>alert(1)</script>"])
def test_a_number_that_is_none_comes_back_as_typed_with_a_sentence(browser, attempt, typed):
    answer = send(browser, url_of(attempt, "Q4"), typed, go="next")

    assert answer.status_code == 422
    assert "Write one number in digits" in answer.text
    assert f'value="{typed}"' in unescape(answer.text)
    assert "<script>alert" not in answer.text
    assert "<title>Error:" in answer.text


def test_the_script_is_told_the_sentence_too(browser, attempt):
    answer = send(browser, url_of(attempt, "Q4"), "soon", headers=FETCH)

    assert answer.status_code == 422
    assert answer.json["problem"].startswith("Write one number")


def test_an_option_of_another_question_is_refused_and_the_former_answer_stays(browser, attempt):
    send(browser, url_of(attempt, "Q1"), "c")
    answer = send(browser, url_of(attempt, "Q1"), "true")

    assert answer.status_code == 422
    assert "does not belong to this question" in answer.text
    assert answer_of(attempt, "Q1") == ["c"]


@pytest.mark.parametrize("place", ["0", "5", "99999999999999999999", "-1", "x"])
def test_a_question_that_the_form_does_not_have_is_not_found(browser, attempt, place):
    assert browser.get(f"/attempts/{attempt.id}/{place}").status_code == 404


def test_extra_fields_change_nothing(browser, attempt, student):
    """R3"""
    extra = {"score": "4", "correct": "4", "passed": "true", "user_id": "99", "submitted_at": "2020-01-01"}
    send(browser, url_of(attempt, "Q1"), "a", item_id="M01-Q3", attempt_id="99", **extra)
    submit(browser, attempt, **extra)

    row = service.get(attempt.id, for_=student)
    assert (row.correct, row.passed, row.enrolment.user_id) == (0, False, student.id)
    assert [(one.item_id, one.answer) for one in row.responses] == [("M01-Q1", ["a"])]
    assert row.submitted_at.year > 2020


# ---- check and hand in ----------------------------------------------------------------------------------------------
def test_the_check_lists_open_questions_first_each_with_its_address(browser, attempt, student):
    quiz.answered(attempt, {"Q1": ["a"], "Q4": ["73"]}, student.id)

    page = browser.get(f"/attempts/{attempt.id}/check").text

    assert "2 questions have no answer" in page
    for end in RIGHT:
        assert url_of(attempt, end) in page
    assert page.index("M01-Q2?") < page.index("M01-Q1?")
    assert page.index("M01-Q3?") < page.index("M01-Q4?")
    assert "M01-Q1 choice a" in page
    assert "73 seconds" in words(page)


def test_handing_in_leads_to_the_result_and_once_more_to_the_same(browser, attempt, student):
    quiz.answered(attempt, RIGHT, student.id)
    fields = hidden(browser.get(f"/attempts/{attempt.id}/check").text)

    answers = [browser.post(f"/attempts/{attempt.id}/submit", data=fields) for _time in range(2)]

    assert {(a.status_code, a.location) for a in answers} == {(303, f"/attempts/{attempt.id}/result")}
    assert "Passed: 4 of 4" in browser.get(answers[0].location).text


def test_pages_of_an_attempt_that_was_handed_in_lead_to_its_result(browser, enrolment):
    attempt = quiz.sat(enrolment, WRONG)

    for page in ("", "/1", "/check"):
        assert browser.get(f"/attempts/{attempt.id}{page}").location == f"/attempts/{attempt.id}/result"


def test_an_answer_after_handing_in_is_shown_back_and_not_added(browser, attempt, student):
    fields = hidden(browser.get(url_of(attempt, "Q1")).text)
    service.submit(attempt.id, by=student.id)

    answer = browser.post(url_of(attempt, "Q1"), data={**fields, "answer": "b"})
    by_script = browser.post(url_of(attempt, "Q1"), data={**fields, "answer": "b"}, headers=FETCH)

    assert (answer.status_code, by_script.status_code) == (409, 409)
    assert "This quiz was handed in on" in answer.text
    assert "M01-Q1 choice b" in answer.text
    assert "handed in" in by_script.json["problem"]
    assert answer_of(attempt, "Q1") is None


def test_on_leave_an_answer_is_shown_back_and_not_added(browser, attempt, enrolment, student):
    fields = hidden(browser.get(url_of(attempt, "Q1")).text)
    cohorts.move(enrolment.id, EnrolmentState.LEAVE, by=factories.user(Role.ADMIN).id)

    answer = browser.post(url_of(attempt, "Q1"), data={**fields, "answer": "b"})
    handed_in = browser.post(f"/attempts/{attempt.id}/submit", data=fields)

    assert (answer.status_code, handed_in.status_code) == (409, 409)
    assert "Your enrollment is not active" in answer.text
    assert "M01-Q1 choice b" in answer.text


def test_the_result_is_not_there_before_handing_in(browser, attempt):
    assert browser.get(f"/attempts/{attempt.id}/result").location == f"/attempts/{attempt.id}"


# ---- result -------------------------------------------------------------------------------------------------------
def result_of(browser, attempt):
    return browser.get(f"/attempts/{attempt.id}/result").text


def test_the_first_line_says_passed_with_the_count(browser, enrolment):
    page = result_of(browser, quiz.sat(enrolment, {**RIGHT, "Q1": ["a"]}))

    assert "<h1>Passed: 3 of 4</h1>" in page
    assert "Go on learning" in page


def test_or_how_many_more_it_takes_what_to_read_and_when_the_next_try_opens(browser, enrolment):
    page = result_of(browser, quiz.sat(enrolment, {"Q1": ["b"], "Q2": ["a"], "Q3": ["true"]}))

    assert "<h1>Not yet: 2 more to go</h1>" in page
    assert "Your next try opens" in page
    assert "You have 2 tries left." in page
    assert "/learn/M01/M01-lesson/one" in page
    assert "Topic O1, 1 of 2" in page
    assert "Topic O2, 0 of 2" in page
    assert "fail" not in page.casefold()


def test_while_tries_remain_the_result_gives_the_chosen_options_reason_and_no_key(browser, enrolment):
    """R5: what a result says must not answer the next try."""
    page = result_of(browser, quiz.sat(enrolment, WRONG))

    assert set(re.findall(r"CANARY-[\w-]+", page)) == {"CANARY-WHY-M01-Q1-a", "CANARY-WHY-M01-Q3-true"}
    assert "Better answer" not in page
    assert "M01-Q1 choice b" not in page
    assert "73.25" not in page


def test_once_passed_the_key_of_every_try_is_told(browser, enrolment, time):
    first = quiz.sat(enrolment, WRONG)
    time.forward(minutes=31)
    quiz.sat(enrolment, RIGHT)

    page = result_of(browser, first)

    assert page.count("Better answer") == 4
    assert "M01-Q1 choice b" in page
    assert "73.25 seconds" in page
    assert "CANARY-WHY-M01-Q4" in page


def test_with_no_try_left_the_key_is_told_and_the_page_says_who_helps(browser, enrolment, time):
    for _try in range(3):
        attempt = quiz.sat(enrolment, WRONG)
        time.forward(minutes=31)

    page = result_of(browser, attempt)

    assert page.count("Better answer") == 4
    assert "Your instructor can release a further try." in page


def test_while_the_last_try_runs_the_key_stays_hidden(browser, enrolment, student, time):
    for _try in range(2):
        attempt = quiz.sat(enrolment, WRONG)
        time.forward(minutes=31)
    service.start(enrolment.id, "M01", by=student.id)

    assert "Better answer" not in result_of(browser, attempt)


def test_a_question_without_an_answer_says_so(browser, enrolment):
    assert "No answer" in result_of(browser, quiz.sat(enrolment, {}))


def test_a_question_is_never_read_without_its_story(browser, attempt, student):
    quiz.answered(attempt, {"Q1": ["a"]}, student.id)
    for page in (url_of(attempt, "Q1"), f"/attempts/{attempt.id}/check"):
        assert "Ana finds a wet towel." in browser.get(page).text
    assert "Ana finds" not in browser.get(url_of(attempt, "Q2")).text
    service.submit(attempt.id, by=student.id)
    assert "Ana finds a wet towel." in browser.get(f"/attempts/{attempt.id}/result").text  # missed


def test_a_question_that_was_right_is_told_with_its_story_too(browser, enrolment):
    assert "Ana finds a wet towel." in result_of(browser, quiz.sat(enrolment, RIGHT))


# ---- secrets ------------------------------------------------------------------------------------------------------
def test_no_answer_of_a_running_attempt_holds_the_key_or_a_reason(browser, enrolment, student):
    """R4: every page and every reply between start and hand-in, headers included."""
    started = browser.post("/quizzes/M01/start", data=hidden(browser.get("/quizzes/M01").text))
    attempt = db.session.scalars(select(Attempt)).one()
    replies = [started, browser.get("/quizzes/M01"), browser.get(f"/attempts/{attempt.id}")]
    for end, answer in RIGHT.items():
        url = url_of(attempt, end)
        shown = browser.get(url)
        assert "73.25" not in shown.text
        replies += [
            shown,
            send(browser, url, answer, headers=FETCH),
            send(browser, url, answer, go="next"),
            send(browser, url, "nonsense", go="next"),
            send(browser, url, "nonsense", headers=FETCH),
        ]
    replies += [browser.get(f"/attempts/{attempt.id}/check"), browser.get(f"/attempts/{attempt.id}/result")]

    for reply in replies:
        everything = f"{reply.headers}{reply.text}"
        assert "CANARY" not in everything
        assert '"correct"' not in everything
        assert "hash-of" not in everything


def test_right_and_wrong_options_look_alike(browser, attempt):
    page = browser.get(url_of(attempt, "Q1")).text
    tiles = re.findall(r"<label><input[^>]*>.*?</label>", page)
    shapes = {re.sub(r"choice [a-d]|value=\"[a-d]\"|answer-\d|<b[^>]*>[A-D]", "", tile) for tile in tiles}

    assert len(tiles) == 4
    assert len(shapes) == 1


@pytest.mark.parametrize("page", ["", "/1", "/check", "/result"])
def test_somebody_elses_attempt_answers_like_one_that_is_not_there(as_, attempt, page):
    """R2"""
    other = as_(factories.user())
    theirs, missing = other.get(f"/attempts/{attempt.id}{page}"), other.get(f"/attempts/987654{page}")

    assert theirs.status_code == missing.status_code == 404
    assert NOT_MINE in theirs.text
    assert _bare(theirs.text) == _bare(missing.text)


def _bare(page):
    """The page without what differs from one request to the next: address, tokens, the request's id."""
    return re.sub(r'/attempts/\d+|value="[^"]*"|[0-9a-f]{16}', "", page)


@pytest.mark.parametrize("page", ["/1", "/submit"])
def test_nobody_writes_into_somebody_elses_attempt(app, as_, attempt, page):
    """R2"""
    app.config["WTF_CSRF_ENABLED"] = False
    assert as_(factories.user()).post(f"/attempts/{attempt.id}{page}", data={"answer": "b"}).status_code == 404
    assert db.session.get_one(Attempt, attempt.id).submitted_at is None
    assert db.session.scalar(select(func.count()).select_from(Response)) == 0


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.ADMIN, Role.AUDITOR])
def test_staff_take_no_quizzes(as_, attempt, role):
    assert as_(factories.user(role)).get(f"/attempts/{attempt.id}/1").status_code == 403


# ---- languages ----------------------------------------------------------------------------------------------------
def test_unreviewed_spanish_has_the_english_beside_it(as_, student, attempt):
    with db.write():
        db.locked(factories.User, student.id).locale = "es"
    page = as_(student).get(url_of(attempt, "Q1")).text

    assert '<span lang="es">Question M01-Q1? (es)</span>' in page
    assert 'lang="en">Question M01-Q1?</span>' in page
    assert 'lang="en">M01-Q1 choice a</span>' in page


def test_the_other_language_is_one_button_away(browser, attempt):
    page = browser.get(url_of(attempt, "Q1")).text

    assert 'name="language" value="es"' in page
    assert f'name="next" value="{url_of(attempt, "Q1")}"' in page


# ---- cost ---------------------------------------------------------------------------------------------------------
def queries(act):
    seen = []

    def note(_conn, _cursor, statement, *_rest):
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert act().status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return [one for one in seen if not one.startswith(("BEGIN", "PRAGMA"))]


@pytest.mark.parametrize("page", ["1", "check", "result"])
def test_a_page_asks_as_many_questions_of_the_database_for_thirty_items_as_for_three(as_, page):
    counts = []
    for size in (3, 30):
        person = factories.user()
        items = [quiz.item(f"M01-{n}", ItemType.SINGLE, "O1") for n in range(size)]
        row = quiz.enrolment(person, quiz.edition(modules=(quiz.module("M01", items, draw=size, percent=100),)))
        quiz.read(row, "M01")
        attempt = service.start(row.id, "M01", by=person.id)
        for line in attempt.form[1:]:
            service.save(attempt.id, line["item"], ["a"], by=person.id)
        if page == "result":
            service.submit(attempt.id, by=person.id)
        browser = as_(person)
        counts.append(queries(lambda b=browser, i=attempt.id: b.get(f"/attempts/{i}/{page}")))

    assert len(counts[0]) == len(counts[1])
    assert page == "result" or len(counts[1]) <= 6, counts[1]
