"""The hash by which a translation names the English text it was made from."""

import hashlib
import re
from pathlib import Path

from lms.catalog.formats.reading import split_front

LENGTH = 16
KEY = re.compile(r"^source_hash:.*$", re.MULTILINE)
EMPTY = re.compile(r"""^source_hash:[ \t]*(?:""|'')?[ \t]*(?:#.*)?$""", re.MULTILINE)


def source_hash(body: str) -> str:
    """The first 16 hex digits of the SHA-256 of an English lesson's body."""
    return hashlib.sha256(body.encode()).hexdigest()[:LENGTH]


def stamp_course(root: Path, *, again: bool = False) -> list[str]:
    """Fill the empty `source_hash` of es/*.md from the English body; `again` renews the others too.

    A filled hash is left alone otherwise: renewing it says that somebody compared both languages.
    Returns the paths that changed.
    """
    changed = []
    for spanish in sorted(root.glob("modules/*/es/*.md")):
        english = spanish.parent.parent / "en" / spanish.name
        if english.exists() and (stamped := _stamped(spanish, english, again=again)):
            spanish.write_text(stamped, encoding="utf-8")
            changed.append(spanish.relative_to(root).as_posix())
    return changed


def _stamped(spanish: Path, english: Path, *, again: bool) -> str | None:
    text, source = spanish.read_text(encoding="utf-8-sig"), split_front(english.read_text(encoding="utf-8-sig"))
    own = split_front(text)
    if not source or not own:
        return None
    front, body = own
    line = f'source_hash: "{source_hash(source[1])}"'
    if not KEY.search(front):
        front = f"{front}{line}\n"
    elif again or EMPTY.search(front):
        front = KEY.sub(line, front)
    renewed = f"---\n{front}---\n{body}"
    return renewed if renewed != text else None
