"""Each check, on a course that is broken in one place."""

import pytest

from tests.catalog.small_course import (
    COURSE,
    ENGLISH,
    EVIDENCE,
    FIGURE,
    GLOSSARY,
    LABELS,
    MODULE,
    QUIZ,
    REFERENCES,
    SCOPE,
    SKILL,
    SPANISH,
    SmallCourse,
)


def test_the_small_course_has_no_errors(course: SmallCourse) -> None:
    assert course.errors() == []


def exam_of(weights: str) -> tuple[str, str]:
    head = "items: 1, pass_percent: 80, attempts: 2, wait_minutes: 0"
    return "statements:", f"final_exam: {{{head}, weights: {weights}}}\nstatements:"


def stations_of(first: str, second: str, skills: str) -> tuple[str, str]:
    head = "minutes: 60, time_limit_minutes: 30, retake_minutes: 0"
    words = "instructions: {en: Go., es: Vaya.}, pass: {en: All., es: Todo.}"
    made = ", ".join(f"{{id: {id_}, title: {{en: One, es: Una}}, skills: [{skills}]}}" for id_ in (first, second))
    return "statements:", f"final_practical: {{{head}, {words}, stations: [{made}]}}\nstatements:"


BROKEN = {
    "an unknown key": (COURSE, "serial_code: SML", "serial_code: SML\nsecret: 1", COURSE, "secret"),
    "a missing key": (COURSE, "serial_code: SML\n", "", COURSE, "serial_code"),
    "a missing language": (
        QUIZ,
        "{en: When do you wash?, es: ¿Cuándo se lava?}",
        "{en: When?}",
        QUIZ,
        "stem.es",
    ),
    "an empty language": (MODULE, "es: Manos limpias.", 'es: " "', MODULE, "summary.es"),
    "a repeated key": (COURSE, "id: small-course", "id: small-course\nid: other", COURSE, "twice"),
    "an anchor": (SKILL, "{en: Soap, es: Jabón}", "&s {en: Soap, es: Jabón}\n  - *s", SKILL, "Anchors"),
    "unreadable YAML": (QUIZ, "difficulty: 1", "difficulty: [1", QUIZ, "not readable"),
    "a listed module that is missing": (
        COURSE,
        "[01-hands]",
        "[01-hands, 02-feet]",
        "modules/02-feet/module.yaml",
        "missing",
    ),
    "a listed skill that is missing": (
        COURSE,
        "[S01-wash]",
        "[S01-wash, S02-dry]",
        "skills/S02-dry.yaml",
        "missing",
    ),
    "a listed lesson that is missing": (
        MODULE,
        "[clean-hands]",
        "[clean-hands, feet]",
        "modules/01-hands/en/feet.md",
        "missing",
    ),
    "a module prerequisite outside the edition": (
        MODULE,
        "prerequisites: []",
        "prerequisites: [M09]",
        MODULE,
        "M09",
    ),
    "a module that needs itself": (MODULE, "prerequisites: []", "prerequisites: [M01]", MODULE, "later"),
    "a skill prerequisite outside the edition": (SKILL, "skills: []", "skills: [S09]", SKILL, "S09"),
    "a skill of no module": (SKILL, "module: M01", "module: M09", SKILL, "M09"),
    "a session for no objective": (MODULE, "objectives: [M01-O1]", "objectives: [M01-O9]", MODULE, "M01-O9"),
    "a lesson for no objective": (ENGLISH, "objectives: [M01-O1]", "objectives: [M01-O9]", ENGLISH, "M01-O9"),
    "an item for no objective": (QUIZ, "objective: M01-O1", "objective: M01-O9", QUIZ, "M01-O9"),
    "an item taught nowhere": (QUIZ, "clean-hands#wash", "clean-hands#rinse", QUIZ, "clean-hands#rinse"),
    "a checklist step taught nowhere": (SKILL, "M01/clean-hands#dry", "M01/clean-hands#air", SKILL, "#air"),
    "two items with one id": (QUIZ, "id: M01-Q02", "id: M01-Q01", QUIZ, "twice"),
    "two options with one id": (QUIZ, "{id: b, correct: false", "{id: a, correct: false", QUIZ, "twice"),
    "two checklist steps with one id": (SKILL, "id: S01-02", "id: S01-01", SKILL, "twice"),
    "two right answers of a single choice": (
        QUIZ,
        "{id: b, correct: false",
        "{id: b, correct: true",
        QUIZ,
        "2 correct",
    ),
    "no right answer": (QUIZ, "{id: a, correct: true", "{id: a, correct: false", QUIZ, "0 correct"),
    "an option without a why": (QUIZ, ", why: {en: Unsafe., es: Inseguro.}", "", QUIZ, "why"),
    "a numeric item without a value": (QUIZ, "value: 20, ", "", QUIZ, "value"),
    "a quiz that draws more than it has": (MODULE, "draw: 2", "draw: 9", MODULE, "draws 9"),
    "a stem with an exception": (
        QUIZ,
        "en: When do you wash?",
        "en: When do you NOT wash?",
        QUIZ,
        "exception",
    ),
    "a stem with a Spanish exception": (QUIZ, "¿Cuándo se lava?", "¿Cuándo NO se lava?", QUIZ, "exception"),
    "a long stem": (
        QUIZ,
        "en: When do you wash?",
        f"en: When do you wash{' really' * 30}?",
        QUIZ,
        "34 words",
    ),
    "a critical step that may be left out": (
        SKILL,
        "na_allowed: false",
        "na_allowed: true",
        SKILL,
        "left out",
    ),
    "a critical step that counts little": (SKILL, "points: 2", "points: 1", SKILL, "counts 1"),
    "an unknown signer": (SKILL, "[CMT, PT]", "[CMT, LMT]", SKILL, "signers"),
    "an unknown term": (ENGLISH, "[[plan-of-care|", "[[plan-of-hair|", ENGLISH, "plan-of-hair"),
    "an unknown reference": (ENGLISH, "[@R-A]", "[@R-Z]", ENGLISH, "R-Z"),
    "an unknown figure": (ENGLISH, "figure:wash-hands", "figure:wash-feet", ENGLISH, "wash-feet"),
    "a picture from elsewhere": (
        ENGLISH,
        "figure:wash-hands",
        "https://x.example/a.png",
        ENGLISH,
        "no figure",
    ),
    "a figure inside a sentence": (ENGLISH, "![Two", "See ![Two", ENGLISH, "stand alone"),
    "an ill-formed claim mark": (
        ENGLISH,
        "{effect established R-A R-B}",
        "{effect proven R-A}",
        ENGLISH,
        "not well formed",
    ),
    "a claim mark without a source": (
        ENGLISH,
        "{effect established R-A R-B}",
        "{effect established}",
        ENGLISH,
        "not well formed",
    ),
    "raw HTML": (ENGLISH, "**wash**", "<b>wash</b>", ENGLISH, "Raw HTML"),
    "an unsafe link": (ENGLISH, "**wash**", "[wash](http://x.example)", ENGLISH, "not safe"),
    "an unknown box": (ENGLISH, "::: why", "::: joke", ENGLISH, "joke"),
    "an open box": (
        ENGLISH,
        "Ana finds a wet towel.\n:::",
        "Ana finds a wet towel.",
        ENGLISH,
        "never closed",
    ),
    "a box in a box": (ENGLISH, "A clean hand", "::: wait\nA clean hand", ENGLISH, "inside another"),
    "a self-check with no right answer": (ENGLISH, "- [x] Twenty", "- [ ] Twenty", ENGLISH, "self-check"),
    "a step without an id": (ENGLISH, "## Dry {#dry}", "## Dry", ENGLISH, "no id"),
    "text before the first step": (
        ENGLISH,
        "## Wash {#wash}",
        "Hello\n\n## Wash {#wash}",
        ENGLISH,
        "before the first step",
    ),
    "a step in one language": (SPANISH, "{#dry}", "{#secar}", SPANISH, "missing dry; added secar"),
    "a translation with another mark": (
        SPANISH,
        "{effect established R-A R-B}",
        "{effect contested R-A R-B}",
        SPANISH,
        "wash",
    ),
    "a translation with another answer": (
        SPANISH,
        "- [ ] Dos segundos\n- [x]",
        "- [x] Dos segundos\n- [ ]",
        SPANISH,
        "wash",
    ),
    "a translation with other minutes": (
        SPANISH,
        "source_hash",
        "minutes: {reading: 9}\nsource_hash",
        SPANISH,
        "minutes",
    ),
    "a banned claim": (ENGLISH, "A clean hand keeps people well.", "A clean hand heals.", ENGLISH, "“heals”"),
    "a banned lesson title": (ENGLISH, "title: Clean hands", "title: Detox", ENGLISH, "“Detox”"),
    "a banned title": (
        GLOSSARY,
        "What the PT wants done.",
        "What a licensed aide does.",
        GLOSSARY,
        "licensed aide",
    ),
    "a Spanish banned claim": (SPANISH, "cuida a las personas", "sana a las personas", SPANISH, "“sana”"),
    "a banned right option": (QUIZ, "en: Before touch", "en: It cures", QUIZ, "“cures”"),
    "a label that is missing": (LABELS, "wash.tap:", "wash.tip:", FIGURE, "wash.tap"),
    "minutes that do not add up": (
        MODULE,
        "theory_in_person: 60",
        "theory_in_person: 90",
        MODULE,
        "90 minutes",
    ),
    "an objective that nothing teaches or asks": (
        MODULE,
        "lessons: [clean-hands]",
        "  - {id: M01-O2, bloom: apply, safety: false, text: {en: Dry., es: Secar.}}\nlessons: [clean-hands]",
        MODULE,
        "M01-O2",
    ),
    "a step that is gone": (ENGLISH, "## Dry {#dry}", "## Dry {#air}", SKILL, "M01/clean-hands#dry"),
    "minutes that nobody could fill": (ENGLISH, "reading: 1", "reading: 9", ENGLISH, "11 minutes are planned"),
    "minutes that are mostly the author's word": (
        ENGLISH,
        "reading: 1,",
        "reading: 0, cases: 1,",
        ENGLISH,
        "a fifth is the most",
    ),
    "a sentence nobody can hold": (ENGLISH, "A clean hand", f"A{' very' * 30} clean hand", ENGLISH, "36 words"),
    "a lesson too hard to read": (
        ENGLISH,
        "A clean hand keeps people well.",
        "Antimicrobial decontamination methodology necessitates comprehensive interdisciplinary communication.",
        ENGLISH,
        "US grade",
    ),
    "a Spanish lesson too hard to read": (
        SPANISH,
        "Una mano limpia cuida a las personas.",
        "La descontaminación antimicrobiana interdisciplinaria necesariamente imposibilita contaminaciones.",
        SPANISH,
        "Szigriszt",
    ),
    "a right option that tells itself": (
        QUIZ,
        "{en: Before touch, es: Antes de tocar}",
        "{en: Always right before you touch a patient, es: Siempre antes de tocar a un paciente}",
        QUIZ,
        "longest by far in English",
    ),
    "the same question twice": (
        QUIZ,
        "    stem: {en: In which order?, es: ¿En qué orden?}",
        "    stem: {en: What belongs together? Water Rinses Soap Loosens Towel Dries Heats, es: ¿En qué orden?}",
        QUIZ,
        "nearly the same",
    ),
    "a region that the figure has not": (QUIZ, "id: drain", "id: spout", QUIZ, "no region spout"),
    "a map that is not there": (QUIZ, "figure: wash-hands", "figure: wash-feet", QUIZ, "wash-feet does not exist"),
    "a side of a matching twice": (QUIZ, "{en: Heats", "{en: Dries", QUIZ, "same side twice"),
    "two entries with one id": (QUIZ, "{id: b, text: {en: Scrub", "{id: a, text: {en: Scrub", QUIZ, "twice"),
    "a question inside a case for no objective": (
        QUIZ,
        "- id: M01-Q09a\n        type: true_false\n        objective: M01-O1",
        "- id: M01-Q09a\n        type: true_false\n        objective: M01-O9",
        QUIZ,
        "M01-O9",
    ),
    "a plan of a class that does not add up": (MODULE, "1. 20 min.", "1. 10 min.", MODULE, "add up to 50 minutes"),
    "a class longer than its plan": (MODULE, "theory_in_person: 60", "theory_in_person: 65", MODULE, "add up to 60"),
    "evidence that no lesson teaches": (EVIDENCE, "#dry", "#air", EVIDENCE, "M01/clean-hands#air does not exist"),
    "evidence without its source": (EVIDENCE, "[R-B]", "[R-Z]", EVIDENCE, "R-Z"),
    "evidence that claims too much": (EVIDENCE, "Soap cleans skin.", "Soap heals skin.", EVIDENCE, "“heals”"),
    "a scope that claims too much": (SCOPE, "en: Wash hands", "en: Detox", SCOPE, "“Detox”"),
    "two options that say the same": (QUIZ, "{en: At noon,", "{en: never,", QUIZ, "same option twice: “never” (en)"),
    "two options that say the same in Spanish": (QUIZ, "es: A mediodía}", "es: Nunca}", QUIZ, "“nunca” (es)"),
    "a side of a matching twice in Spanish": (QUIZ, "es: Calienta}", "es: Seca}", QUIZ, "same side twice"),
    "two entries that say the same": (QUIZ, "{en: Scrub, es", "{en: Wet, es", QUIZ, "same entry twice"),
    "a number that is none": (QUIZ, "value: 20", "value: true", QUIZ, "value"),
    "a number in quotes": (QUIZ, "difficulty: 1", 'difficulty: "1"', QUIZ, "difficulty"),
    "a yes that is a text": (QUIZ, "answer: false", "answer: no", QUIZ, "answer"),
    "a self-check without its reason": (ENGLISH, "> The song is sung twice.\n", "", ENGLISH, "gives no reason"),
    "a self-check with an empty reason": (ENGLISH, "> The song is sung twice.", ">", ENGLISH, "gives no reason"),
    "a self-check with two equal choices": (ENGLISH, "[ ] Two seconds", "[ ] twenty seconds", ENGLISH, "the same"),
    "a right option whose reason claims": (QUIZ, "why: {en: Right.,", "why: {en: It cures.,", QUIZ, "“cures”"),
    "a number whose reason claims": (QUIZ, "en: Twenty seconds.,", "en: It cures.,", QUIZ, "“cures”"),
    "a label that claims": (LABELS, "Two hands under one tap.", "Two hands, and water heals.", LABELS, "“heals”"),
    "a claim broken over two lines": (
        ENGLISH,
        "A clean hand keeps people well.",
        "A clean hand removes lactic\nacid.",
        ENGLISH,
        "“removes lactic acid”",
    ),
    "a claim in bold": (ENGLISH, "A clean hand keeps", "It removes **toxins**. A clean hand keeps", ENGLISH, "toxins”"),
    "a claim in a row": (
        ENGLISH,
        "A clean hand",
        "| a | b |\n|---|---|\n| It cures | c |\n\nA hand",
        ENGLISH,
        "“cures”",
    ),
    "a line of a label too wide for its plate": (LABELS, "Tap,", f"Tap{'s' * 60}", LABELS, "63 characters"),
    "a description that describes nothing": (LABELS, "Two hands under one tap.", "Hands.", LABELS, "6 characters"),
    "a sentence broken over lines": (
        ENGLISH,
        "A clean hand keeps",
        f"A{' very' * 13}\n{'very ' * 13}clean hand keeps",
        ENGLISH,
        "32 words",
    ),
    "a day that no calendar has": (SCOPE, "2026-11-23", "2026-02-30", SCOPE, "as_of"),
    "a day written as a number": (COURSE, "as_of: 2026-11-23", "as_of: 20261123", COURSE, "statements.0.as_of"),
    "a final exam without weights": (COURSE, *exam_of("{}"), COURSE, "final_exam.weights"),
    "a final exam of an unknown module": (COURSE, *exam_of("{M01: 50, M09: 50}"), COURSE, "M09 is not in this edition"),
    "a final exam that leaves out a module": (COURSE, *exam_of("{M09: 100}"), COURSE, "M01 has no weight"),
    "two stations with one id": (COURSE, *stations_of("a", "a", "S01"), COURSE, "The station a is here twice"),
    "a skill twice in a station": (COURSE, *stations_of("a", "b", "S01, S01"), COURSE, "The skill S01 is here twice"),
    "a tag": (QUIZ, "value: 20", "value: !!int 20", QUIZ, "Tags"),
    "YAML as deep as a well": (SCOPE, "as_of: 2026-11-23", f"as_of: {'[' * 5000}", SCOPE, "deeper than 40"),
    "a reference that nobody read": (REFERENCES, "seen: full", "seen: guessed", REFERENCES, "seen"),
}


@pytest.mark.parametrize(("path", "old", "new", "where", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_course_is_told_where_and_how(
    course: SmallCourse, path: str, old: str, new: str, where: str, said: str
) -> None:
    course.change(path, old, new)

    found = [one for one in course.errors() if one.file == where and said in one.what]

    assert found, course.errors()
    assert all(one.line >= 1 and one.mend for one in found)


@pytest.mark.parametrize("kind", ["effect", "dose", "time", "law"])
@pytest.mark.parametrize(
    "left", ["{kind} established", "{kind} R-A", "{kind}"], ids=["no source", "no status", "neither"]
)
@pytest.mark.parametrize("page", [ENGLISH, SPANISH], ids=["English", "Spanish"])
def test_a_tagged_sentence_has_a_status_and_a_source(course: SmallCourse, kind: str, left: str, page: str) -> None:
    course.change(page, "{effect established R-A R-B}", f"{{{left.format(kind=kind)}}}")

    assert any(one.file == page and "not well formed" in one.what for one in course.errors())


def test_a_problem_names_the_line_of_the_value(course: SmallCourse) -> None:
    course.change(QUIZ, "difficulty: 2", "difficulty: 7")

    line = course.read(QUIZ).split("\n").index("    difficulty: 7") + 1

    assert [(one.file, one.line) for one in course.errors()] == [(QUIZ, line)]


def test_a_problem_in_a_lesson_names_its_own_line(course: SmallCourse) -> None:
    course.change(ENGLISH, "> The song is sung twice.", "> The song is\n> {sung} twice.")

    line = course.read(ENGLISH).split("\n").index("> {sung} twice.") + 1

    assert [(one.file, one.line) for one in course.errors()] == [(ENGLISH, line)]


def test_wrong_minutes_of_a_lesson_are_told_at_their_line(course: SmallCourse) -> None:
    course.change(ENGLISH, "reading: 1", "reading: 9")

    assert (ENGLISH, 3) in {(one.file, one.line) for one in course.errors()}


def test_a_long_sentence_is_told_at_the_line_where_its_paragraph_begins(course: SmallCourse) -> None:
    course.change(ENGLISH, "A clean hand keeps", f"A{' very' * 13}\n{'very ' * 13}clean hand keeps")

    line = course.read(ENGLISH).split("\n").index(f"A{' very' * 13}") + 1

    assert [(one.line) for one in course.errors() if "words" in one.what] == [line]


def test_one_broken_file_hides_no_problem_of_another(course: SmallCourse) -> None:
    course.change(COURSE, "serial_code: SML", "serial_code: [")
    course.change(QUIZ, "difficulty: 2", "difficulty: 7")
    course.change(ENGLISH, "[@R-A]", "[@R-Z]")

    assert {one.file for one in course.errors()} == {COURSE, QUIZ, ENGLISH}


def test_a_broken_module_does_not_blame_those_that_point_at_it(course: SmallCourse) -> None:
    course.change(MODULE, "id: M01\n", "")

    assert {one.file for one in course.errors()} == {MODULE}


def test_a_misconception_may_be_named_where_it_is_refuted(course: SmallCourse) -> None:
    course.change(ENGLISH, "A clean hand keeps people well.", "Never say that a hand “heals”.")
    course.change(QUIZ, "en: At noon", "en: Soap cures")
    course.change(QUIZ, "why: {en: Too late., es: Tarde.}", "why: {en: Nobody has shown it cures., es: Tarde.}")
    course.change(QUIZ, "en: Soap is enough without water.", "en: Soap cures.")
    course.change(QUIZ, "en: Water carries it off.", "en: Soap never cures.")
    row = "|---|---|\n| It cures. | {effect unsupported R-B} |\n\n"
    for page, begins in ((ENGLISH, "::: case A wet"), (SPANISH, "::: case Una toalla")):
        course.change(page, begins, f"| a | b |\n{row.replace('It cures', 'Detox')}{begins}")

    assert course.errors() == []


def test_healthy_skin_in_spanish_is_no_claim(course: SmallCourse) -> None:
    course.change(SPANISH, "Una mano limpia", "La piel sana y una mano limpia")

    assert course.errors() == []


def test_a_claim_after_a_refuted_one_is_still_a_claim(course: SmallCourse) -> None:
    course.change(ENGLISH, "{effect unsupported R-B}", "{effect unsupported R-B} It removes lactic acid.")

    assert [one.file for one in course.errors()] == [ENGLISH]


def test_no_and_yes_are_words_and_not_switches(course: SmallCourse) -> None:
    course.change(QUIZ, "{en: Never, es: Nunca}", "{en: No, es: No}")

    assert course.errors() == []


WARNED = {
    "a translation never compared": (SPANISH, "Manos", "Manos", SPANISH, "source_hash is empty"),
    "a translation of an older text": (
        SPANISH,
        'source_hash: ""',
        "source_hash: abcd",
        SPANISH,
        "changed after",
    ),
    "a mark in the title of a lesson": (ENGLISH, "title: Clean hands", "title: Clean **hands**", ENGLISH, "“**”"),
    "a mark in a heading": (ENGLISH, "## Dry {#dry}", "## Dry [[plan-of-care]] {#dry}", ENGLISH, "“[[”"),
    "a link in a heading": (SPANISH, "## Secar {#dry}", "## Secar [x](https://x.example) {#dry}", SPANISH, "“](”"),
    "a mark in a wrong option": (QUIZ, "{en: At noon,", "{en: At **noon**,", QUIZ, "“**”"),
    "a mark in a reason": (QUIZ, "{en: Unsafe.,", '{en: "Unsafe. {law established R-A}",', QUIZ, "“{law”"),
    "HTML in a term": (GLOSSARY, "What the PT wants done.", "What the <b>PT</b> wants done.", GLOSSARY, "“<b>”"),
    "a mark in a label": (LABELS, "Washing hands", "Washing **hands**", LABELS, "“**”"),
    "a mark in a reference": (REFERENCES, "Clean hands. 2020.", "**Clean hands.** 2020.", REFERENCES, "“**”"),
    "a mark in a checklist": (SKILL, "{en: Scrubs,", "{en: Scrubs **well**,", SKILL, "“**”"),
    "a day that is still to come": (SCOPE, "2026-11-23", "2999-01-01", SCOPE, "in the future: 2999-01-01"),
    "a label that no figure uses": (LABELS, "wash.tap", "spare: {en: a, es: b}\nwash.tap", LABELS, "spare"),
    "few options": (
        QUIZ,
        "      - {id: d, correct: false, text: {en: At night, es: De noche}, why",
        "      # {id: d, correct: false, text: {en: At night, es: De noche}, why",
        QUIZ,
        "3 options",
    ),
}


@pytest.mark.parametrize(("path", "old", "new", "where", "said"), WARNED.values(), ids=WARNED)
def test_a_doubt_is_a_warning_and_no_error(
    course: SmallCourse, path: str, old: str, new: str, where: str, said: str
) -> None:
    course.change(path, old, new)

    assert course.errors() == []
    assert [one for one in course.warnings() if one.file == where and said in one.what]
