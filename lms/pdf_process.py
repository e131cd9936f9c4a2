"""PDFs are made in a spawned, warm process under limits; after a crash or a timeout another takes its place.

What hangs or swells takes only its own document with it: the caller gets a sentence, the next document a fresh
process. Orders go down as JSON and bytes come up, so nothing is unpickled from the limited side.
"""

import atexit
import ctypes
import gc
import json
import logging
import os
import resource
import signal
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lms import fonts
from lms.pdf_names import DoesNotFit, PdfRefused, UnprintableName

if TYPE_CHECKING:
    from lms.pdf import Kind, Paper

log = logging.getLogger("lms.pdf")
READY, MADE, REFUSED, BROKE = b"ready", b"%PDF", b"refused", b"broke"
ARENA_MAX = -8  # M_ARENA_MAX of <malloc.h>


class TookTooLong(PdfRefused):
    """The document passed the limit of time; its process was stopped."""


class TookTooMuch(PdfRefused):
    """The document passed the limit of memory, or its process died."""


@dataclass(frozen=True)
class Limits:
    """Of one document: seconds on the clock and of computing; bytes of address space.

    A warm process maps about 110 MiB, and more where the system maps more: `headroom` is always left.
    """

    seconds: float = 10
    memory: int = 512 * 2**20
    headroom: int = 256 * 2**20
    start_seconds: float = 60
    documents: int = 500  # after so many a fresh process: what leaks stays small


class Press:
    """One warm process and the pipe to it. Threads take turns."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._turn = threading.Lock()
        self._process: Any = None
        self._pipe: Connection | None = None
        self._made = 0

    def render(
        self,
        kind: "Kind",
        html: str,
        *,
        paper: "Paper",
        lang: str,
        attachments: Iterable[tuple[str, bytes, str]] = (),
        created: datetime,
    ) -> bytes:
        """As `pdf.render`. Raises PdfRefused with a sentence, whatever the document does."""
        carried = [(name, b64encode(data).decode(), text) for name, data, text in attachments]
        order = {"kind": kind, "html": html, "paper": paper, "lang": lang, "attachments": carried}
        with self._turn:
            return _answer(self._ask(json.dumps({**order, "created": created.isoformat()}).encode()))

    def close(self) -> None:
        """Stop the process; the next document would start another."""
        process, self._process = self._process, None
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if process is not None and process.is_alive():
            process.kill()
        if process is not None:
            process.join()
            process.close()

    def _ask(self, order: bytes) -> bytes:
        pipe = self._warm()
        self._made += 1
        try:
            pipe.send_bytes(order)
            if not pipe.poll(self.limits.seconds):
                self.close()
                raise TookTooLong(f"The document was not done after {self.limits.seconds:g} seconds.")
            answer = pipe.recv_bytes()
        except (EOFError, OSError) as error:
            self.close()
            raise TookTooMuch("The process that makes documents stopped in the middle of this one.") from error
        if self._made >= self.limits.documents or answer.startswith(BROKE):
            self.close()
        return answer

    def _warm(self) -> Connection:
        if self._pipe is not None and self._process.is_alive():
            return self._pipe
        self.close()
        ours, theirs = get_context("spawn").Pipe()
        arguments = (theirs, str(fonts.ready()), self.limits)
        process = get_context("spawn").Process(target=_serve, args=arguments, daemon=True, name="pdf")
        with theirs:
            process.start()
        self._process, self._pipe, self._made = process, ours, 0
        return self._await_start(ours)

    def _await_start(self, pipe: Connection) -> Connection:
        with suppress(EOFError, OSError):
            if pipe.poll(self.limits.start_seconds) and pipe.recv_bytes() == READY:
                return pipe
        self.close()
        raise PdfRefused("The process that makes documents did not start.")


def _answer(answer: bytes) -> bytes:
    if answer.startswith(MADE):
        return answer
    if answer.startswith(REFUSED):
        told = json.loads(answer.removeprefix(REFUSED))
        if told["name"] == "UnprintableName":
            raise UnprintableName(told["characters"])
        raise (DoesNotFit if told["name"] == "DoesNotFit" else PdfRefused)(told["sentence"])
    error = answer.removeprefix(BROKE).decode()
    if error == "MemoryError":
        raise TookTooMuch("The document needs more memory than one may have.")
    log.error("the renderer broke", extra={"error": error})
    raise PdfRefused(f"The document cannot be set ({error}).")


# ---- the limited side


def _serve(pipe: Connection, folder: str, limits: Limits) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes the pipe
    _share_one_arena()
    fonts.use(Path(folder))
    from lms import pdf

    _limit(resource.RLIMIT_AS, max(limits.memory, _mapped() + limits.headroom))
    gc.collect()
    gc.freeze()  # what every document uses is not looked through again for each of them
    pipe.send_bytes(READY)
    with suppress(EOFError, OSError):
        while True:
            order = json.loads(pipe.recv_bytes())
            _limit(resource.RLIMIT_CPU, int(_used() + limits.seconds) + 1)
            pipe.send_bytes(_do(pdf.render, order))


def _do(render: Callable[..., bytes], order: dict[str, Any]) -> bytes:
    carried = [(name, b64decode(data), text) for name, data, text in order.pop("attachments")]
    created = datetime.fromisoformat(order.pop("created"))
    try:
        return render(order.pop("kind"), order.pop("html"), attachments=carried, created=created, **order)
    except PdfRefused as refusal:
        told = {"name": type(refusal).__name__, "sentence": str(refusal)}
        return REFUSED + json.dumps({**told, "characters": getattr(refusal, "characters", ())}).encode()
    except Exception as error:  # out of memory, or the renderer is at fault: this process is then replaced
        return BROKE + type(error).__name__.encode()


def _share_one_arena() -> None:
    """Pango's short-lived threads would each map 64 MiB of their own, and meet the limit of address space."""
    with suppress(AttributeError, OSError):  # a C library without arenas
        ctypes.CDLL(None).mallopt(ARENA_MAX, 1)


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _mapped() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 0  # not Linux


def _limit(what: int, most: int) -> None:
    """The soft limit, which may rise again for the next document. macOS knows no limit of address space."""
    with suppress(ValueError, OSError):
        resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


# ---- one press a process

_presses: dict[int, Press] = {}


def render_in_process(
    kind: "Kind",
    html: str,
    *,
    paper: "Paper",
    lang: str,
    attachments: Iterable[tuple[str, bytes, str]] = (),
    created: datetime,
) -> bytes:
    """As `pdf.render`, in the limited process of this process. Raises PdfRefused."""
    press = _presses.setdefault(os.getpid(), Press())  # a forked child has its parent's, and must not use it
    return press.render(kind, html, paper=paper, lang=lang, attachments=attachments, created=created)


@lru_cache(maxsize=64)
def render_once(kind: "Kind", html: str, *, paper: "Paper", lang: str, created: datetime) -> bytes:
    """The same for papers that belong to nobody: whoever asks next gets the same bytes without the work."""
    return render_in_process(kind, html, paper=paper, lang=lang, created=created)


@atexit.register
def close() -> None:
    """Stop this process's press; tests and shutdown."""
    if press := _presses.pop(os.getpid(), None):
        press.close()
