"""The boxes of a lesson (`::: why … :::`), turned into plain HTML tokens before inline text is parsed."""

import re
from collections.abc import MutableMapping
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

from lms.catalog.formats.words import BOX_CLASSES, BOX_TITLES, RIGHT, SHOW_ANSWER

NAMES = (*BOX_TITLES, "check")
FENCE = re.compile(r"^[ \t]*:::+[ \t]*(?P<name>[^\s]*)[ \t]*(?P<title>.*)$")
CHOICE = re.compile(r"\[([ xX])\][ \t]+(.+)", re.DOTALL)


def boxes_plugin(md: MarkdownIt) -> None:
    for name in NAMES:
        md.use(container_plugin, name)
    md.core.ruler.after("block", "boxes", _boxes)


def _boxes(state: StateCore) -> None:
    tokens, done = state.tokens, []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        name = token.type.removeprefix("container_").removesuffix("_open")
        if name == "check" and token.nesting == 1:
            end = _end(tokens, at)
            done += _check(token, tokens[at + 1 : end], state.env)
            at = end
        elif name in BOX_TITLES and token.nesting == 1:
            done += _opened(token, name, state.env["lang"])
        elif token.type.startswith("container_") and token.nesting == -1:
            done.append(Token("section_close", "section", -1, block=True))
        else:
            done.append(token)
        at += 1
    state.tokens = done


def _end(tokens: list[Token], start: int) -> int:
    return next(
        i for i in range(start, len(tokens)) if tokens[i].type == "container_check_close"
    )  # the container rule always closes what it opened


def _opened(token: Token, name: str, lang: str) -> list[Token]:
    title = token.info.strip().removeprefix(name).strip() or BOX_TITLES[name].get(lang)
    if name in ("why", "safety", "wait"):
        title = BOX_TITLES[name].get(lang)
    return [
        _open("section", token.map, {"class": BOX_CLASSES[name]}),
        _open("h3", token.map),
        _inline(title, token.map),
        _close("h3"),
    ]


def _check(token: Token, inside: list[Token], env: MutableMapping[str, Any]) -> list[Token]:
    question = token.info.strip().removeprefix("check").strip()
    choices, rest = _choices(inside)
    right = [text for correct, text in choices if correct]
    if not question or len(choices) < 2 or not right or len(right) == len(choices):
        bad = Token("bad_box", "", 0, map=token.map, block=True)
        bad.content = "A self-check needs a question, two or more choices and one or more marked [x]."
        return [bad]
    env["checks"] = env.get("checks", 0) + 1
    name = f"check-{env['key']}-{env['checks']}"
    kind = "radio" if len(right) == 1 else "checkbox"
    field = _open("fieldset", token.map, {"class": "self-check"})
    field.meta = {"key": tuple(correct for correct, _ in choices), "wrong": _doubts(choices, rest)}
    return [
        field,
        *_wrapped("legend", question, token.map),
        *(piece for _, text in choices for piece in _choice(text, kind, name)),
        *_answer(right, rest, env["lang"]),
        _close("fieldset"),
    ]


def _doubts(choices: list[tuple[bool, Token]], rest: list[Token]) -> list[tuple[str, str]]:
    """What is wrong, and how to mend it, with a self-check that can be shown all the same."""
    said = [text.content.strip().casefold() for _, text in choices]
    doubts = []
    if len(set(said)) < len(said):
        doubts.append(("Two choices of this self-check say the same.", "Make each choice different."))
    if not any(token.type == "inline" and token.content.strip() for token in rest):
        doubts.append(("This self-check gives no reason.", "End it with a line that begins with > and explains."))
    return doubts


def _choices(inside: list[Token]) -> tuple[list[tuple[bool, Token]], list[Token]]:
    """The marked choices of the list, and the tokens inside the block quote that explains.

    A line that is no choice leaves none, so that the box is reported as malformed.
    """
    types = [token.type for token in inside]
    start = types.index("blockquote_open") if "blockquote_open" in types else len(inside)
    end = types.index("blockquote_close") if "blockquote_close" in types else len(inside)
    lines = [token for token in (*inside[:start], *inside[end:]) if token.type == "inline"]
    matches = [(CHOICE.match(token.content), token.map) for token in lines]
    choices = [(match[1] != " ", _inline(match[2], at)) for match, at in matches if match]
    return (choices if len(choices) == len(lines) else []), inside[start + 1 : end]


def _choice(text: Token, kind: str, name: str) -> list[Token]:
    box = Token("input", "input", 0, attrs={"type": kind, "name": name})
    return [_open("label", text.map), box, text, _close("label")]


def _answer(right: list[Token], rest: list[Token], lang: str) -> list[Token]:
    key = [
        piece
        for text in right
        for piece in (
            _open("li", text.map),
            _inline(f"**{RIGHT.get(lang)}** {text.content}", text.map),
            _close("li"),
        )
    ]
    return [
        _open("details", None),
        *_wrapped("summary", SHOW_ANSWER.get(lang), right[0].map),
        _open("ul", None),
        *key,
        _close("ul"),
        *rest,
        _close("details"),
    ]


def _wrapped(tag: str, text: str, at: list[int] | None) -> list[Token]:
    return [_open(tag, at), _inline(text, at), _close(tag)]


def _open(tag: str, at: list[int] | None, attrs: dict[str, str | int | float] | None = None) -> Token:
    return Token(f"{tag}_open", tag, 1, map=at, block=True, attrs=attrs or {})


def _close(tag: str) -> Token:
    return Token(f"{tag}_close", tag, -1, block=True)


def _inline(text: str, at: list[int] | None) -> Token:
    return Token("inline", "", 0, content=text, map=at, children=[], block=True)
