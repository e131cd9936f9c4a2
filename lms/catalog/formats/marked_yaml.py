"""YAML as plain values, with the line of every value.

Only `true` and `false` are yes-or-no values, so that an answer may read `No` without quotes. Anchors and
repeated keys are refused: the first can hide a text far from its place, the second loses one silently. So are
tags, and values nested so deep that the parser itself could run out of stack.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

try:
    from yaml import CSafeLoader as _Safe
except ImportError:  # built without libyaml: the same answers, slower
    from yaml import SafeLoader as _Safe

Path = tuple[str | int, ...]
DEEPEST = 40


class BadYaml(Exception):
    def __init__(self, line: int, what: str, mend: str) -> None:
        super().__init__(what)
        self.line, self.what, self.mend = line, what, mend


@dataclass(frozen=True, slots=True)
class Marked:
    """`lines` maps the path of each value, such as ("items", 2, "stem"), to its line."""

    data: Any
    lines: Mapping[Path, int] = field(default_factory=dict)

    def line(self, *path: str | int) -> int:
        """The line of the deepest known part of `path`; parts that are not in the file are skipped."""
        known: Path = ()
        for part in path:
            if (*known, part) in self.lines:
                known = (*known, part)
        return self.lines.get(known, 1)


class _Loader(_Safe):  # pyright: ignore[reportGeneralTypeIssues]
    """The safe loader without the surprises of YAML 1.1 (yes, no, on, off, 12:30, dates)."""


_TAGS_REPLACED = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:timestamp")
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rules if tag not in _TAGS_REPLACED]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))


def load(text: str, first_line: int = 1) -> Marked:
    """Parse one document whose first line is `first_line` of its file. Raises BadYaml."""
    try:
        _survey(text, first_line)
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                return Marked(None, {(): first_line})
            lines = _lines(node, first_line)
            return Marked(loader.construct_document(node), lines)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        mend = "Look at the indent, the quotes and the colons here; put a text with a colon in quotes."
        raise BadYaml(line, f"This is not readable YAML: {error.problem or error.context}.", mend) from error
    except (yaml.YAMLError, ValueError) as error:
        raise BadYaml(first_line, f"This is not readable YAML: {error}.", "Mend the value.") from error


def _survey(text: str, first_line: int) -> None:
    """Refuse what may not be composed. Reading events takes no recursion; composing them does."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        line = first_line + event.start_mark.line
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadYaml(line, "Anchors (& and *) are not used.", "Write it out.")
        if getattr(event, "tag", None):
            raise BadYaml(line, "Tags (!) are not used.", "Remove it; put a text that begins with ! in quotes.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            what = f"The values are nested deeper than {DEEPEST} levels."
            raise BadYaml(line, what, "Put a text that begins with brackets in quotes.")


def _lines(root: yaml.Node, first_line: int) -> dict[Path, int]:
    lines: dict[Path, int] = {}
    waiting: list[tuple[Path, yaml.Node, int]] = [((), root, root.start_mark.line)]
    while waiting:
        path, node, at = waiting.pop()
        lines[path] = first_line + at
        if isinstance(node, yaml.MappingNode):
            waiting += _pairs(path, node, first_line)
        elif isinstance(node, yaml.SequenceNode):
            waiting += [((*path, i), child, child.start_mark.line) for i, child in enumerate(node.value)]
    return lines


def _pairs(path: Path, node: yaml.MappingNode, first_line: int) -> list[tuple[Path, yaml.Node, int]]:
    found: dict[str, tuple[Path, yaml.Node, int]] = {}
    for key, child in node.value:
        line = key.start_mark.line
        if not isinstance(key, yaml.ScalarNode):
            raise BadYaml(first_line + line, "A key must be one word.", "Put the text behind a key.")
        if key.value in found:
            raise BadYaml(first_line + line, f"The key “{key.value}” is here twice.", "Keep one of them.")
        found[key.value] = ((*path, key.value), child, line)
    return list(found.values())
