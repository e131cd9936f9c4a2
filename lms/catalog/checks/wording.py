"""Claims and titles that a school of aides must not use, in both languages, and where they may be named.

A misconception may be named to be refuted: in a sentence that carries an evidence mark `unsupported`, inside
quotation marks, or in a wrong option.
"""

import re
from collections.abc import Iterator

NOUN_BEFORE_SANA = "piel pierna mano rodilla zona parte persona extremidad cadera espalda cara muñeca vida dieta"
BANNED = {
    "en": (
        r"licensed (?:physical therapy |massage )?aides?",
        r"certified (?:physical therapy |massage )?aides?",
        r"aide[- ]therapists?|you are (?:a|the) therapist|as (?:a|the) therapist,? you|you,? the therapist",
        r"heals",
        r"cures",
        r"detox\w*",
        r"treats? inflammation",
        r"(?:removes?|flush(?:es)?(?: out)?|clears?) (?:the )?(?:lactic acid|toxins)",
        r"guarantee[ds]?",
    ),
    "es": (
        r"(?:auxiliar|asistente|ayudante)(?:es)? (?:\w+ ){0,3}(?:licenciad|certificad|titulad)[oa]s?",
        r"(?:usted es|eres) (?:el |la |un |una )?terapeuta|como terapeuta,? usted",
        r"curan?",
        r"sanan?",
        r"desintoxica\w*|detox\w*",
        r"tratan? la inflamación",
        r"(?:eliminan?|quitan?|sacan?|limpian?) (?:el |las |los )?(?:ácido láctico|toxinas)",
        r"garantiza(?:n|d[oa]s?)?",
    ),
}
PATTERNS = {
    lang: re.compile(rf"(?<![\w-])(?:{'|'.join(phrases)})(?![\w-])", re.IGNORECASE) for lang, phrases in BANNED.items()
}
# "sana" is also the adjective: healthy skin is no claim, a hand that heals somebody is.
HEALTHY = re.compile(
    rf"\b(?:{NOUN_BEFORE_SANA.replace(' ', '|')})s? sanas?\b(?! (?:al?|el|las?|los|sus?|tod[oa]s?)\b)",
    re.IGNORECASE,
)
QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|«[^»]*»")
SENTENCE_END = re.compile(r"(?<=[.?!…”\"»}])[ \n]+(?![{\[ \n])|\n(?=[-*|>#]|\d+\.)")
UNSUPPORTED = re.compile(r"\{(?:effect|dose|time|law) unsupported ")
MEND = "Say what is true, or mark the sentence as unsupported where you refute it."


def banned(text: str, lang: str) -> Iterator[tuple[str, int]]:
    """Each banned phrase that `text` claims, with the number of lines before it."""
    at = 0
    for sentence in _sentences(text):
        start = text.index(sentence, at)
        at = start + len(sentence)
        if UNSUPPORTED.search(sentence):
            continue
        claimed = QUOTED.sub(lambda match: " " * len(match[0]), sentence)
        if lang == "es":
            claimed = HEALTHY.sub(lambda match: " " * len(match[0]), claimed)
        for match in PATTERNS[lang].finditer(claimed):
            yield match[0], text.count("\n", 0, start + match.start())


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in SENTENCE_END.split(text) if sentence.strip()]
