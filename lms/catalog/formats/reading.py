"""Reads content/<course> into source values. What cannot be read becomes a problem, never an exception."""

import re
from collections.abc import Iterator
from os.path import exists  # false, not an exception, where a folder may not be read
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from lms.catalog.formats.item_shapes import QuizFile
from lms.catalog.formats.marked_yaml import BadYaml, Marked, load
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.schemas import (
    CourseFile,
    EnglishFront,
    EvidenceFile,
    GlossaryFile,
    LabelsFile,
    ModuleFile,
    ReferencesFile,
    ScopeFile,
    SkillFile,
    SpanishFront,
)
from lms.catalog.formats.sound import sound_part
from lms.catalog.formats.source import (
    SourceCourse,
    SourceFigures,
    SourceFile,
    SourceLesson,
    SourceModule,
    SourcePage,
    SourceStep,
)

Shaped = TypeVar("Shaped", bound=BaseModel)
FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*\n?", re.DOTALL | re.MULTILINE)
LIMIT_BYTES = 1_000_000
LONGEST_LINE = 20_000  # characters
HEADING = re.compile(r"^##[ \t]+(?P<title>.+?)[ \t]*\{#(?P<id>[a-z0-9]+(?:-[a-z0-9]+)*)\}[ \t]*$")
MENDS = {
    "missing": "Add the key “{key}”.",
    "extra_forbidden": "Remove “{key}” or correct its spelling.",
    "string_type": "Write a text; put it in quotes where it looks like a number or a date.",
    "string_too_short": "Write the text; both languages are needed.",
    "string_pattern_mismatch": "Compare it with the examples in content/README.md.",
    "day": "Write it as in 2026-11-23.",
    "bool_type": "Write true or false.",
    "too_short": "Write one or more.",
}


def read_course(root: Path) -> SourceCourse:
    """Read the folder of one course; `problems` names every file that could not be used."""
    reader = _Reader(root)
    if not exists(root / "course.yaml") and not exists(root / "modules"):
        return _no_course(root)
    course = reader.yaml("course.yaml", CourseFile)
    glossary = reader.yaml("glossary.yaml", GlossaryFile)
    references = reader.yaml("references.yaml", ReferencesFile)
    folders, skills = _parts(root, course)
    return SourceCourse(
        course=course,
        glossary=glossary,
        references=references,
        evidence=reader.yaml_if_there("evidence.yaml", EvidenceFile),
        scope=reader.yaml_if_there("scope.yaml", ScopeFile),
        figures=reader.figures("figures"),
        modules=tuple(reader.module(folder) for folder in folders),
        skills=tuple(reader.yaml(f"skills/{name}.yaml", SkillFile) for name in skills),
        problems=tuple(reader.problems),
        unlisted=tuple(_unlisted(root, folders, skills)),
    )


def _no_course(root: Path) -> SourceCourse:
    what, mend = f"No course.yaml is in {root}.", "Name the folder of a course, such as content/pt-aide-massage."

    def nothing(path: str) -> SourceFile[Any]:
        return SourceFile(path, None, Marked(None))

    return SourceCourse(
        course=nothing("course.yaml"),
        glossary=nothing("glossary.yaml"),
        references=nothing("references.yaml"),
        evidence=None,
        scope=None,
        figures=SourceFigures("figures", nothing("figures/labels.yaml"), {}),
        modules=(),
        skills=(),
        problems=(Problem("course.yaml", 1, what, mend),),
    )


def split_front(text: str) -> tuple[str, str] | None:
    """The front matter and the body of a lesson file; None where there is no front matter."""
    match = FRONT.match(text)
    return (match.group(1), text[match.end() :]) if match else None


def _parts(root: Path, course: SourceFile[CourseFile]) -> tuple[list[str], list[str]]:
    """The modules and skills that course.yaml names; where it is broken, those that are there."""
    if course.value:
        return course.value.modules, course.value.skills
    modules = sorted(path.parent.name for path in root.glob("modules/*/module.yaml"))
    return modules, sorted(path.stem for path in root.glob("skills/*.yaml"))


def _unlisted(root: Path, modules: list[str], skills: list[str]) -> Iterator[tuple[str, str]]:
    folders = sorted(path.parent.name for path in root.glob("modules/*/*.yaml"))
    yield from (("modules", name) for name in dict.fromkeys(folders) if name not in modules)
    yield from (("skills", path.stem) for path in sorted(root.glob("skills/*.yaml")) if path.stem not in skills)


class _Reader:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[Problem] = []

    def text(self, path: str) -> str | None:
        """The file's text, without the mark that some editors put before it; None where that was reported."""
        file = self.root / path
        try:
            size = file.stat().st_size
            if not file.is_file():
                self._wrong(path, 1, "This is no file.", "Put a text file in its place.")
            elif size > LIMIT_BYTES:
                self._wrong(path, 1, f"This file has {size:,} bytes; 1,000,000 are the most.", "Divide it.")
            elif (text := file.read_text(encoding="utf-8-sig")).strip():
                return text
            else:
                self._wrong(path, 1, "This file is empty.", "Write it, or remove it.")
        except (FileNotFoundError, NotADirectoryError):
            self._wrong(path, 1, "This file is missing.", "Write it, or remove its name where it is listed.")
        except (UnicodeDecodeError, OSError) as error:
            self._wrong(path, 1, f"This file cannot be read: {error}.", "Save it as UTF-8 text.")
        return None

    def yaml_if_there(self, path: str, shape: type[Shaped]) -> SourceFile[Shaped] | None:
        return self.yaml(path, shape) if exists(self.root / path) else None

    def yaml(self, path: str, shape: type[Shaped]) -> SourceFile[Shaped]:
        text = self.text(path)
        return SourceFile(path, None, Marked(None)) if text is None else self._shaped(path, text, shape)

    def module(self, folder: str) -> SourceModule:
        base = f"modules/{folder}"
        file = self.yaml(f"{base}/module.yaml", ModuleFile)
        there = sorted({path.stem for lang in ("en", "es") for path in (self.root / base / lang).glob("*.md")})
        names = file.value.lessons if file.value else there
        return SourceModule(
            folder=folder,
            file=file,
            quiz=self.yaml(f"{base}/quiz.yaml", QuizFile),
            lessons=tuple(self._lesson(base, name) for name in names),
            figures=self.figures(f"{base}/figures"),
            unlisted=tuple(name for name in there if name not in names),
        )

    def figures(self, folder: str) -> SourceFigures:
        path, found = f"{folder}/labels.yaml", sorted((self.root / folder).glob("*.svg"))
        none = SourceFile(path, LabelsFile({}), Marked({}))
        return SourceFigures(
            path=folder,
            labels=self.yaml_if_there(path, LabelsFile) or none,
            svgs={one.stem: self.text(f"{folder}/{one.name}") or "" for one in found},
        )

    def _lesson(self, base: str, name: str) -> SourceLesson:
        return SourceLesson(
            name,
            en=self._page(f"{base}/en/{name}.md", EnglishFront),
            es=self._page(f"{base}/es/{name}.md", SpanishFront),
        )

    def _page(self, path: str, shape: type[Shaped]) -> SourcePage[Shaped] | None:
        text = self.text(path)
        if text is None or self._too_wide(path, text):
            return None
        parts = split_front(text)
        if parts is None:
            self._wrong(path, 1, "The lesson has no front matter.", "Begin with --- and its keys, then ---.")
            return None
        front, body = parts
        first = front.count("\n") + 3
        return SourcePage(path, self._shaped(path, front, shape, 2), body, self._steps(path, body, first))

    def _too_wide(self, path: str, text: str) -> bool:
        wide = [number for number, line in enumerate(text.split("\n"), 1) if len(line) > LONGEST_LINE]
        for number in wide:
            what = f"This line has more than {LONGEST_LINE:,} characters."
            self._wrong(path, number, what, "Break it into paragraphs.")
        return bool(wide)

    def _steps(self, path: str, body: str, first_line: int) -> tuple[SourceStep, ...]:
        steps: list[SourceStep] = []
        current: tuple[str, str, int] | None = None
        kept: list[str] = []
        for number, line in enumerate(body.split("\n"), first_line):
            if line.startswith("## ") or line.strip() == "##":
                match = HEADING.match(line)
                if not match:
                    mend = "End the heading with an id, as in {#four-roles}."
                    self._wrong(path, number, "This step has no id.", mend)
                steps += _closed(current, kept)
                current = (match["id"], match["title"], number) if match else ("", line, number)
                kept = []
            elif current is None and line.strip():
                self._wrong(path, number, "Text stands before the first step.", "Put it under a ## heading.")
                current = ("", "", number)
            else:
                kept.append(line)
        return tuple(step for step in [*steps, *_closed(current, kept)] if step.id)

    def _shaped(self, path: str, text: str, shape: type[Shaped], first_line: int = 1) -> SourceFile[Shaped]:
        try:
            marks = load(text, first_line)
        except BadYaml as bad:
            self._wrong(path, bad.line, bad.what, bad.mend)
            return SourceFile(path, None, Marked(None))
        if marks.data is None:
            what = "This file is empty." if first_line == 1 else "The front matter is empty."
            self._wrong(path, first_line, what, "Write its keys; content/README.md shows them.")
            return SourceFile(path, None, marks)
        try:
            return SourceFile(path, shape.model_validate(marks.data), marks)
        except ValidationError as error:
            broken = error.errors(include_url=False)
            self.problems += [_explained(path, marks, dict(one)) for one in broken]
            return SourceFile(path, None, marks, sound_part(path, marks, shape, (one["loc"] for one in broken)))

    def _wrong(self, path: str, line: int, what: str, mend: str) -> None:
        self.problems.append(Problem(path, line, what, mend))


def _closed(current: tuple[str, str, int] | None, kept: list[str]) -> list[SourceStep]:
    return [SourceStep(current[0], current[1], "\n".join(kept), current[2])] if current else []


def _explained(path: str, marks: Marked, error: dict[str, Any]) -> Problem:
    where = error["loc"]
    key = str(where[-1]) if where else "file"
    dotted = ".".join(str(part) for part in where) or "the file"
    mend = MENDS.get(error["type"], "Correct the value; content/README.md shows what is allowed.")
    return Problem(path, marks.line(*where), f"{dotted}: {error['msg']}.", mend.format(key=key))
