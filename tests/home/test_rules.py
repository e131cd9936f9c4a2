from hypothesis import given
from hypothesis import strategies as st

from lms.home.rules import Kind, Situation, Thing, things

KEYS = st.lists(st.sampled_from("12345"), max_size=3, unique=True)


def test_a_new_student_signs_first_and_reads_next():
    found = things(Situation(statements=["7"], name_confirmed=False, adult_attested=False, lesson_left=True))
    assert [thing.kind for thing in found] == [Kind.STATEMENT, Kind.NAME, Kind.ADULT, Kind.LESSON]


def test_a_quiz_under_way_comes_before_everything():
    assert things(Situation(statements=["7"], attempt="3", lesson_left=True))[0] == Thing(Kind.ATTEMPT, "3")


def test_an_open_quiz_comes_before_further_lessons():
    assert [t.kind for t in things(Situation(quizzes=["M01"], lesson_left=True))] == [Kind.QUIZ, Kind.LESSON]


def test_when_all_is_done_it_is_the_schools_turn():
    assert things(Situation()) == [Thing(Kind.WAIT)]


def test_a_certificate_fills_the_page():
    assert things(Situation(statements=["7"], lesson_left=True, certificate=True)) == [Thing(Kind.CERTIFICATE)]


@given(
    st.builds(
        Situation,
        statements=KEYS,
        name_confirmed=st.booleans(),
        adult_attested=st.booleans(),
        answers=KEYS,
        attempt=st.none() | st.just("1"),
        lesson_left=st.booleans(),
        quizzes=KEYS,
        skills=KEYS,
        certificate=st.booleans(),
    )
)
def test_there_is_always_one_next_thing_and_none_twice(situation):
    found = things(situation)
    assert found
    assert len(found) == len(set(found))
