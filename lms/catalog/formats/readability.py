"""How hard a text is to read, by formulas that count words, sentences and syllables. Pure; estimates, not verdicts."""

import re
from dataclasses import dataclass

WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
SENTENCE_END = re.compile(r"[.!?…]+[\"”’»)]*(?=\s|$)|\n")
ABBREVIATION = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Dra|Sr|Sra|Srta|Ud|vs|No|Fig|St|a\.m|p\.m|EE\.UU)\.(?=\s)|(?<=\d)\.(?=\d)"
)
ENGLISH_VOWELS = re.compile(r"[aeiouy]+")
SILENT_END = re.compile(r"(?:[^laeiouy]e|[^td]ed|[^sxzcg]es|[aeiouy]les)$")
# Two strong vowels, or an accented weak one beside a strong one, are two syllables; other vowel groups are one.
SPANISH_SYLLABLE = re.compile(r"[iuüy]?[aeoáéó][iuüy]?(?![áéó])|[iuü]?[íú]|[íú]|[iuü]+(?:y$)?|y$")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text measures. `grade` is a US school grade (English), `ease` runs from 0 to 100, easier upwards."""

    words: int
    sentences: int
    syllables: int

    @property
    def grade(self) -> float:
        """Flesch-Kincaid grade level (Kincaid et al. 1975), for English."""
        if not self.words:
            return 0.0
        return 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59

    @property
    def ease(self) -> float:
        """Perspicuity of Szigriszt-Pazos (1993), for Spanish: 55 to 65 normal, above 65 fairly easy."""
        if not self.words:
            return 100.0
        return 206.835 - 62.3 * self.syllables / self.words - self.words / self.sentences


def read(text: str, lang: str) -> Reading:
    count = spanish_syllables if lang == "es" else english_syllables
    found = [WORD.findall(one) for one in sentences(text)]
    return Reading(
        words=sum(len(words) for words in found),
        sentences=len(found),
        syllables=sum(count(word) for words in found for word in words),
    )


def sentences(text: str) -> list[str]:
    """Each sentence that holds a word. A new line ends one: `plain` gives a paragraph a line."""
    whole = ABBREVIATION.sub(lambda match: match[0].replace(".", ""), text)
    return [one.strip() for one in SENTENCE_END.split(whole) if WORD.search(one)]


def english_syllables(word: str) -> int:
    """Groups of vowels, less a silent ending. Numbers count as one."""
    plain = word.casefold()
    groups = len(ENGLISH_VOWELS.findall(plain))
    return max(1, groups - bool(SILENT_END.search(plain) and groups > 1))


def spanish_syllables(word: str) -> int:
    plain = re.sub(r"(?<=[qg])u(?=[eiéí])", "", word.casefold())
    return max(1, len(SPANISH_SYLLABLE.findall(plain)))
