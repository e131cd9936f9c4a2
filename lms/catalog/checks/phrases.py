"""The phrases that wording.py looks for, one space between words: claims, facts that look like them, denials."""

import re

_OBJECTS = r"(?:it|this|that|you|him|her|them|me|us|the|your|his|their|my|any|every|all|almost|people|patients?)"
_TO_CLAIM = r"(?:can|could|may|might|to|helps?(?: to| you| him| her| them)?)"
_FEW_WORDS = r"(?:[\w-]+ ){0,2}?"  # the, your, all the, old
CLAIMS = {
    "en": (
        r"(?:licensed|certified|registered) (?:(?:PT|physical[ -]therapy|massage|rehab)(?:['’]s)? )?aides?",
        r"aide[- ]therapists?|you are (?:a|the) therapist|as (?:a|the) therapist,? you|you,? the therapist",
        rf"heals|will heal|{_TO_CLAIM} heal {_OBJECTS}|heal(?:ed|ing) (?:it|you|him|them|me|your|his|my|their)",
        r"(?:massage|touch|hands?|strokes?|it|this) (?:is|are) healing|healing (?:touch|hands?|massage|powers?)",
        r"heal with (?:massage|touch|your hands)",
        rf"cures|curing|(?:will|{_TO_CLAIM}) cure|cured (?:it|you|him|her|them|me|the|your|his|my|their)",
        r"(?:is|are) (?:a|the) cure",
        r"detox\w*",
        r"(?:remov|eliminat)(?:e|es|ed|ing) " + _FEW_WORDS + r"(?:lactic acid|toxins?)",
        r"(?:drain|flush|clear|wash|push|pull|draw|rub)(?:e?s|ed|ing)?(?: out| away| off)? "
        + _FEW_WORDS
        + r"(?:lactic acid|toxins?)",
        r"(?:gets?|getting) rid of " + _FEW_WORDS + r"(?:lactic acid|toxins?)",
        r"(?:reduc|decreas|reliev)(?:e|es|ed|ing) (?:\w+ )?inflammation",
        r"(?:treat|lower|fight|cut|draw out|take away|bring down)(?:s|ed|ing)? (?:the |your |any )?inflammation",
        r"(?:takes|taking|draws|brings|bringing|drawing) (?:away|out|down) (?:the |your |any )?inflammation",
        r"(?:break|broke|dissolv|melt)(?:e|es|s|ed|ing)?(?: up| down| apart| away)? "
        + _FEW_WORDS
        + r"(?:knots?|scar tissue|scars?|adhesions?)",
        rf"(?:releas|rais)(?:e|es|ed|ing) {_FEW_WORDS}endorphins?|boost(?:s|ed|ing)? {_FEW_WORDS}endorphins?",
        r"guarantee(?:d|s|ing)?",
    ),
    "es": (
        r"(?:auxiliar|asistente|ayudante)(?:es)? (?:\w+ ){0,3}(?:licenciad|certificad|titulad)[oa]s?",
        r"(?:usted es|eres) (?:el |la |un |una )?terapeuta|como terapeuta,? usted",
        r"cur(?:an?|ar(?:á|án|l[aoe]s?|me|te)?|ó|aron|ando)",
        r"san(?:an?|ar(?:á|án|l[aoe]s?|me|te)|ó|ando)",
        r"sanar (?:el|la|los|las|sus?|tus?|al|a (?:la|las|los|sus?|un|una|tod[oa]s|cualquier))",
        r"desintoxica\w*|detox\w*",
        r"(?:elimin|dren|sac|quit|limpi|arrastr|expuls)(?:an?|ar|ará|arán|ando|ó) "
        + _FEW_WORDS
        + r"(?:ácido láctico|toxinas?)",
        r"(?:trat|quit|baj|alivi|sac)(?:an?|ar|ará|arán|ando) (?:la |su |tu |esa )?inflamación",
        r"(?:reduc(?:en?|ir|irá|irán|iendo)|disminuy(?:en?|endo)|disminuir) (?:la |su |tu |esa )?inflamación",
        r"(?:(?:deshac|romp)(?:en?|er|erá|iendo)|disuelv(?:en?|a)|disolver|derrit(?:en?|iendo)|derretir) "
        + _FEW_WORDS
        + r"(?:nudos?|adherencias?|cicatriz|cicatrices|tejido (?:de cicatriz|cicatricial))",
        r"(?:liber(?:an?|ar|ará|ando)|suelt(?:an?|e)|soltar) (?:\w+ )?endorfinas?",
        r"garantiza(?:n|r|rá|ndo|d[oa]s?)?",
    ),
}

_TISSUES = (
    r"wounds?|tissues?|skin|bones?|fractures?|scars?|injur(?:y|ies)|cuts?|incisions?|muscles?|tendons?|ligaments?"
    r"|nerves?|body|burns?|blisters?|grafts?|sprains?|strains?|areas?|ulcers?|joints?"
)
_MEANWHILE = r"(?:will|can|may|must|has|have|is|are|to|needs?|time|itself|fully|usually|often|then|still|slowly|well)"
_PARTS = (
    r"piel|pierna|mano|rodilla|zona|parte|persona|extremidad|cadera|espalda|cara|muñeca|vida|dieta|joven|gente|área"
)
_TEJIDOS = (
    r"heridas?|tejidos?|piel|huesos?|fracturas?|cicatriz|cicatrices|lesi(?:ón|ones)|cortes?|músculos?|tendón|ligamentos?"
    r"|nervios?|cuerpo|quemaduras?|ampollas?|úlceras?|articulación"
)
_MIENTRAS = r"(?:ya|se|puede|pueden|aún|todavía|bien|debe|solo|cuando|si|que|hasta|ha|han)"
FACTS = {
    # A part of the body heals; followed by an object it would heal that.
    "en": re.compile(
        rf"\b(?:{_TISSUES})(?: {_MEANWHILE}){{0,3}} heal(?:s|ed|ing)?\b(?! {_OBJECTS}\b)",
        re.IGNORECASE,
    ),
    # “Sana” is also the adjective: healthy skin is no claim, a hand that heals somebody is. “Una cura” is a noun.
    "es": re.compile(
        rf"\b(?:(?:{_PARTS})s? sanas?\b(?! (?:al?|el|las?|los|sus?|tod[oa]s?)\b)"
        rf"|(?:{_TEJIDOS})(?: {_MIENTRAS}){{0,3}} (?:san|cur)(?:an?|ar|arse|ará|ó)\b"
        r"(?! (?:al?|el|las?|los|sus?|tod[oa]s?)\b)"
        r"|(?:una|ninguna|alguna) cura\b)",
        re.IGNORECASE,
    ),
}
# What stands right before a claim that nobody makes: it is denied, or somebody else believes it.
DENIED = {
    "en": re.compile(
        r"(?:(?:\bnot|\bnever|\bcannot|n['’]t)(?: (?!only\b)[\w-]+)?|\b(?:believes|thinks)(?: [\w-]+){0,3}) $",
        re.IGNORECASE,
    ),
    "es": re.compile(
        r"\b(?:(?:no|nunca|jamás|tampoco)(?: (?!solo\b|sólo\b)[\w-]+)?|(?:cree|piensa)(?: [\w-]+){0,3}) $",
        re.IGNORECASE,
    ),
}
