"""What is left of a broken file without its broken entries, so that these hide no fault of the others."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeVar

from pydantic import BaseModel, RootModel, ValidationError

from lms.catalog.formats.marked_yaml import Marked, Path
from lms.catalog.formats.source import SourceFile

Shaped = TypeVar("Shaped", bound=BaseModel)


def sound_part(path: str, marks: Marked, shape: type[Shaped], broken: Iterable[Path]) -> SourceFile[Shaped] | None:
    """The file without the entries in which the `broken` values stand; None where something else is broken too.

    An entry is a key of a file that is all keys (labels, glossary), else one thing in a list (items, steps).
    """
    length, last = (1, str) if issubclass(shape, RootModel) else (2, int)
    entries = {at[:length] for at in broken}
    if not all(len(entry) == length and isinstance(entry[-1], last) for entry in entries):
        return None
    kept = {
        key: [one for number, one in enumerate(value) if (key, number) not in entries]
        if isinstance(value, list)
        else value
        for key, value in marks.data.items()
        if (key,) not in entries
    }
    gone: dict[str | int, list[int]] = defaultdict(list)
    for key, *numbers in sorted(entries, key=lambda entry: entry[1:]):
        gone[key] += [number for number in numbers if isinstance(number, int)]
    lines = {_moved(at, gone): line for at, line in marks.lines.items() if at[:2] not in entries}
    try:
        return SourceFile(path, shape.model_validate(kept), Marked(kept, lines))
    except ValidationError:
        return None


def _moved(at: Path, gone: Mapping[str | int, list[int]]) -> Path:
    """Where a value stands once the broken entries before it are gone."""
    match at:
        case (key, int(number), *rest):
            return (key, number - bisect_left(gone.get(key, []), number), *rest)
    return at
