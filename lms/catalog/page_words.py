"""The words of the product's pages, mails and documents, read from its templates and catalogues."""

from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

from lms.catalog.checks.pages import Said

PACKAGE = Path(__file__).parent.parent


def page_words(package: Path = PACKAGE) -> list[Said]:
    """English from templates and catalogues, Spanish from catalogues and the documents' words."""
    return [*_templates(package), *_catalogues(package), *_documents(package)]


def _templates(package: Path) -> Iterator[Said]:
    for path in sorted((package / "templates").rglob("*.*")):
        if path.suffix in (".html", ".txt"):
            yield Said(path.relative_to(package).as_posix(), 1, "en", path.read_text(encoding="utf-8"))


def _catalogues(package: Path) -> Iterator[Said]:
    for path in sorted((package / "translations").glob("*/LC_MESSAGES/messages.po")):
        name, lang = path.relative_to(package).as_posix(), path.parent.parent.name
        with path.open("rb") as source:
            catalogue = read_po(source)
        for message in catalogue:
            yield Said(name, message.lineno or 1, "en", _joined(message.id))
            yield Said(name, message.lineno or 1, lang, _joined(message.string))


def _joined(words: object) -> str:
    """One and many stand in one message."""
    return "\n".join(words) if isinstance(words, tuple | list) else str(words or "")


def _documents(package: Path) -> Iterator[Said]:
    """A document's words are JSON with a block for each language."""
    for path in sorted((package / "templates").rglob("*.json")):
        for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
            for lang in ("en", "es"):
                yield Said(path.relative_to(package).as_posix(), number, lang, line)
