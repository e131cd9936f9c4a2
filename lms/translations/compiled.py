"""Compiles the catalogues before a wheel is built; an installed program cannot write beside itself."""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Compiled(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        for po in Path(self.root, "lms", "translations").glob("*/LC_MESSAGES/messages.po"):
            with po.open("rb") as words, po.with_suffix(".mo").open("wb") as compiled:
                write_mo(compiled, read_po(words))
