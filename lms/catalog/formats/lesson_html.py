"""One step of a lesson as safe HTML: Markdown rendered, sanitised, then its checked figures put in."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from lms.catalog.formats.boxes import boxes_plugin
from lms.catalog.formats.marks import claim_references, keep_terms_in_cells, marks_plugin
from lms.catalog.formats.words import ENLARGE, SOURCE, STATUSES
from lms.catalog.types import Reference, Term

# Private-use characters stand for a figure until the rest is sanitised; authors' own are removed.
FIGURE_START, FIGURE_END = "\ue000", "\ue001"
PRIVATE = re.compile("[\ue000-\uf8ff]")
FIGURE_PARAGRAPH = re.compile(f"<p>{FIGURE_START}(\\d+){FIGURE_END}</p>")

TAG_NAMES = """
p h3 h4 ul ol li strong em code blockquote hr br a sup span section table thead tbody tr th td
fieldset legend label input details summary button div
"""
TAGS = set(TAG_NAMES.split())
ATTRIBUTES = {
    "a": {"href", "aria-label"},
    "ol": {"start"},
    "li": {"id"},
    "input": {"name"},
    "button": {"popovertarget"},
    "div": {"id", "popover", "lang"},
    "p": {"lang"},
    "strong": {"lang"},
}
FIXED_VALUES = {"input": {"type": {"radio", "checkbox"}}, "button": {"type": {"button"}}}
CLASSES = {
    "section": {"note", "why", "safety", "wait", "case", "practice"},
    "fieldset": {"self-check"},
    "button": {"term"},
    "div": {"gloss"},
    "a": {"ref"},
    "ol": {"refs"},
    "span": {"ev", "yes", "maybe", "nope"},
}
URL_SCHEMES = {"https", "tel"}


@dataclass(slots=True)
class Page:
    """What one step in one language is rendered with, and what was used while rendering it."""

    lang: str
    key: str  # makes ids unique where steps and languages share a page
    glossary: Mapping[str, Term]
    references: Mapping[str, Reference]
    figure: Callable[[str], str]  # name -> checked, inlined SVG
    terms: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    figures: list[tuple[str, str]] = field(default_factory=list)  # name, caption


@cache
def parser() -> MarkdownIt:
    """Raw HTML is parsed only so that it can be reported; it is never let through."""
    md = MarkdownIt("commonmark", {"html": True}).enable("table").disable(["autolink", "code"])
    md.use(marks_plugin).use(boxes_plugin)
    for name, rule in RULES.items():
        md.add_render_rule(name, rule)
    return md


def parse(markdown: str, lang: str = "en", key: str = "step") -> list[Token]:
    return parser().parse(keep_terms_in_cells(markdown), {"lang": lang, "key": key})


def render(markdown: str, page: Page) -> str:
    """The HTML of a step's body. Its terms, sources and figures must exist (see check)."""
    env = {"lang": page.lang, "key": page.key, "page": page}
    body = parser().render(keep_terms_in_cells(PRIVATE.sub("", markdown)), env)
    html = sanitise(f"{body}{_sources(page)}{_glosses(page)}")
    return FIGURE_PARAGRAPH.sub(lambda match: _figure(page, int(match.group(1))), html)


def sanitise(html: str) -> str:
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        tag_attribute_values=FIXED_VALUES,
        allowed_classes=CLASSES,
        url_schemes=URL_SCHEMES,
        link_rel="noopener noreferrer",
    ).strip()


def _figure(page: Page, number: int) -> str:
    if number >= len(page.figures):  # typed by an author as character references
        return ""
    name, caption = page.figures[number]
    large = f'<a class="enlarge" href="figures/{name}?words={page.lang}">{ENLARGE.get(page.lang)}</a>'
    return (
        f'<figure id="figure-{name}-{page.lang}">{page.figure(name)}'
        f"<figcaption>{escapeHtml(caption)} {large}</figcaption></figure>"
    )


def _sources(page: Page) -> str:
    if not page.sources:
        return ""
    rows = (f'<li id="ref-{id_}-{page.key}">{_text(page.references[id_].text)}</li>' for id_ in page.sources)
    return f'<ol class="refs">{"".join(rows)}</ol>'


def _glosses(page: Page) -> str:
    return "".join(_gloss(page.glossary[id_], page) for id_ in page.terms)


def _gloss(term: Term, page: Page) -> str:
    """Both languages, the reader's first."""
    order = ("es", "en") if page.lang == "es" else ("en", "es")
    said = "".join(
        f'<p lang="{lang}"><strong>{_text(term.term.get(lang))}</strong>: {_text(term.text.get(lang))}</p>'
        for lang in order
    )
    return f'<div popover id="term-{term.id}-{page.key}" class="gloss">{said}</div>'


def _text(value: str) -> str:
    """Escaped, and free of what could pass for a figure's place."""
    return escapeHtml(PRIVATE.sub("", value))


def _term(_: RendererHTML, tokens: Sequence[Token], at: int, __: object, env: dict) -> str:
    page: Page = env["page"]
    id_, word = tokens[at].meta["groups"]
    if id_ not in page.terms:
        page.terms.append(id_)
    shown = _text(word or page.glossary[id_].term.get(page.lang))
    return f'<button type="button" class="term" popovertarget="term-{id_}-{page.key}">{shown}</button>'


def _reference_mark(_: RendererHTML, tokens: Sequence[Token], at: int, __: object, env: dict) -> str:
    return _links(env["page"], tokens[at].meta["groups"])


def _claim(_: RendererHTML, tokens: Sequence[Token], at: int, __: object, env: dict) -> str:
    page: Page = env["page"]
    _kind, status, listed = tokens[at].meta["groups"]
    css, word = STATUSES[status]
    return f'<span class="ev {css}">{word.get(page.lang)}</span>{_links(page, claim_references(listed))}'


def _links(page: Page, ids: Sequence[str]) -> str:
    links = []
    for id_ in ids:
        if id_ not in page.sources:
            page.sources.append(id_)
        number = page.sources.index(id_) + 1
        label = f"{SOURCE.get(page.lang)} {number}"
        href = f"#ref-{id_}-{page.key}"
        links.append(f'<a class="ref" href="{href}" aria-label="{label}">{number}</a>')
    return f"<sup>{' '.join(links)}</sup>"


def _image(_: RendererHTML, tokens: Sequence[Token], at: int, __: object, env: dict) -> str:
    page: Page = env["page"]
    name = str(tokens[at].attrs["src"]).removeprefix("figure:")
    page.figures.append((name, tokens[at].content))
    return f"{FIGURE_START}{len(page.figures) - 1}{FIGURE_END}"


def _escaped(_: RendererHTML, tokens: Sequence[Token], at: int, __: object, ___: dict) -> str:
    return escapeHtml(tokens[at].content)


RULES = {
    "term": _term,
    "reference_mark": _reference_mark,
    "claim": _claim,
    "image": _image,
    "html_inline": _escaped,
    "html_block": _escaped,
    "bad_mark": _escaped,
    "bad_box": _escaped,
}
