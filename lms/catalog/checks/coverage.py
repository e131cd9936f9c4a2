"""Checks that the course has no hole: what is to be learned is taught, tested and shown."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from lms.catalog.checks.index import Index
from lms.catalog.checks.quizzes import asked_in
from lms.catalog.formats.blueprint import shares
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.schemas import CourseFile, FinalExamShape
from lms.catalog.formats.source import SourceCourse, SourceFile, SourceModule
from lms.catalog.items import PLAYED


def check_coverage(source: SourceCourse, found: Index) -> Iterator[Problem]:
    """Objectives and checklist steps without a lesson or an item, and finals that name what is not there."""
    tested: set[str] = set()
    for module in source.modules:
        if module.file.value:
            tested |= {f"{module.file.value.id}/{one.item.lesson}" for one in asked_in(module)}
            yield from _objectives(module)
    yield from _steps(source, tested, found)
    course = source.course.value
    if course and course.final_exam:
        yield from _exam(source, source.course, course.final_exam, found)
    if course and course.final_practical:
        yield from _practical(source.course, course, found)


def _objectives(module: SourceModule) -> Iterator[Problem]:
    value = module.file.value
    fronts = [lesson.en.front.value if lesson.en else None for lesson in module.lessons]
    if value is None or None in fronts:
        return
    taught = {objective for front in fronts if front for objective in front.objectives}
    items = module.quiz.value.items if module.quiz.value else []
    asked = Counter(item.objective for item in items if item.type in PLAYED)  # questions of a case wait with it
    for at, objective in enumerate(value.objectives):
        if objective.id not in taught:
            what, mend = f"No lesson teaches the objective {objective.id}.", "Name it in the lesson that does."
            yield module.file.wrong(("objectives", at), what, mend)
        if module.quiz.value and not asked[objective.id]:
            what = f"No item that a quiz can ask tests the objective {objective.id}."
            yield module.file.wrong(("objectives", at), what, "Write one in quiz.yaml.")


def _steps(source: SourceCourse, tested: set[str], found: Index) -> Iterator[Problem]:
    """The lesson step that teaches a checklist step is asked about by an item, as far as its bank could be read."""
    for file in source.skills:
        for at, step in enumerate(file.value.steps if file.value else ()):
            if step.lesson not in tested and found.knows_items(step.lesson.partition("/")[0]):
                what = f"No item asks about {step.lesson}, which teaches the checklist step {step.id}."
                yield file.wrong(("steps", at, "lesson"), what, "Write an item for that lesson step.")


def _exam(source: SourceCourse, file: SourceFile[CourseFile], exam: FinalExamShape, found: Index) -> Iterator[Problem]:
    playable = defaultdict(int)
    for module in source.modules:
        for item in module.quiz.value.items if module.file.value and module.quiz.value else ():
            playable[module.file.value.id if module.file.value else ""] += item.type in PLAYED
    if sum(exam.weights.values()) != 100:
        what = f"The weights of the final exam add up to {sum(exam.weights.values())}."
        yield file.wrong(("final_exam", "weights"), what, "Make them 100 percent.")
    for module_id, items in shares(exam.items, exam.weights).items() if exam.weights else ():
        known = found.modules is None or module_id in found.modules
        if items > playable[module_id] and known and found.knows_items(module_id):
            what = f"The final exam takes {items} items of {module_id}; {playable[module_id]} can be asked."
            yield file.wrong(("final_exam", "weights", module_id), what, "Write more, or weigh it less.")


def _practical(file: SourceFile[CourseFile], course: CourseFile, found: Index) -> Iterator[Problem]:
    for at, station in enumerate(course.final_practical.stations if course.final_practical else ()):
        for number, skill in enumerate(station.skills):
            if found.skills is not None and skill not in found.skills:
                where = ("final_practical", "stations", at, "skills", number)
                yield file.wrong(where, f"The skill {skill} is not in this edition.", "Name one that is.")
