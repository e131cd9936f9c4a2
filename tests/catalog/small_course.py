"""A whole course, as small as the format allows, that holds every check; tests break it in one place."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from lms.catalog.check import check
from lms.catalog.formats.problems import Problem
from lms.catalog.formats.reading import read_course

FILES = {
    "course.yaml": """\
id: small-course
title: {en: Small course, es: Curso breve}
edition: {id: part-one, part: true, title: {en: Part one, es: Primera parte}}
serial_code: SML
languages: [en, es]
spanish: pending_review
quiz: {pass_percent: 80, attempts: 3, wait_minutes: 30}
modules: [01-hands]
skills: [S01-wash]
statements:
  - id: does-not-license
    as_of: 2026-11-23
    source: The course's own rules
    text: {en: This course does not license you., es: Este curso no le da una licencia.}
    short: {en: Record of training only., es: Solo constancia de formación.}
""",
    "glossary.yaml": """\
plan-of-care:
  term: {en: plan of care, es: plan de atención}
  text: {en: What the PT wants done., es: Lo que el PT quiere que se haga.}
""",
    "references.yaml": """\
R-A: {text: "A. Author. Clean hands. 2020.", seen: full}
R-B: {text: "B. Author. Rough hands. 2021.", seen: partly, note: abstract only}
""",
    "evidence.yaml": """\
claims:
  - id: acid
    saying: {en: Soap removes lactic acid., es: El jabón elimina el ácido láctico.}
    status: unsupported
    teach: {en: Soap cleans skin., es: El jabón limpia la piel.}
    references: [R-B]
    lesson: M01/clean-hands#dry
""",
    "scope.yaml": """\
as_of: 2026-11-23
source: {en: "Made up.", es: "Inventado."}
rows:
  - {may: {en: Wash hands, es: Lavarse las manos}, never: {en: Judge wounds, es: Juzgar heridas}}
""",
    "modules/01-hands/module.yaml": """\
id: M01
title: {en: Hands, es: Manos}
summary: {en: Clean hands., es: Manos limpias.}
prerequisites: []
minutes: {theory_online: 6, theory_in_person: 60, lab: 0}
quiz: {pass_percent: 90, draw: 2}
objectives:
  - {id: M01-O1, bloom: remember, safety: true, text: {en: Wash your hands., es: Lavarse las manos.}}
lessons: [clean-hands]
sessions:
  - id: M01-C1
    kind: theory_in_person
    minutes: 60
    title: {en: Washing together, es: Lavado en grupo}
    objectives: [M01-O1]
    materials: {en: Soap, es: Jabón}
    plan: {en: "1. 20 min. Show\\n2. 40 min. Try", es: "1. (20 min) Mostrar\\n2. (40 min) Probar"}
""",
    "modules/01-hands/quiz.yaml": """\
items:
  - id: M01-Q01
    type: single
    objective: M01-O1
    bloom: remember
    difficulty: 1
    safety: true
    lesson: clean-hands#wash
    stem: {en: When do you wash?, es: ¿Cuándo se lava?}
    options:
      - {id: a, correct: true, text: {en: Before touch, es: Antes de tocar}, why: {en: Right., es: Sí.}}
      - {id: b, correct: false, text: {en: At noon, es: A mediodía}, why: {en: Too late., es: Tarde.}}
      - {id: c, correct: false, text: {en: Never, es: Nunca}, why: {en: Unsafe., es: Inseguro.}}
      - {id: d, correct: false, text: {en: At night, es: De noche}, why: {en: Too late., es: Tarde.}}
  - id: M01-Q02
    type: multiple
    objective: M01-O1
    bloom: apply
    difficulty: 2
    safety: true
    lesson: clean-hands#dry
    stem: {en: What dries hands?, es: ¿Qué seca las manos?}
    options:
      - {id: a, correct: true, text: {en: Paper, es: Papel}, why: {en: Clean., es: Limpio.}}
      - {id: b, correct: true, text: {en: Air, es: Aire}, why: {en: Clean., es: Limpio.}}
      - {id: c, correct: false, text: {en: Trousers, es: Pantalón}, why: {en: Dirty., es: Sucio.}}
      - {id: d, correct: false, text: {en: A used towel, es: Toalla usada}, why: {en: Dirty., es: Sucia.}}
  - id: M01-Q03
    type: true_false
    objective: M01-O1
    bloom: understand
    difficulty: 1
    safety: false
    lesson: clean-hands#wash
    stem: {en: Soap is enough without water., es: Basta el jabón sin agua.}
    answer: false
    why_true: {en: Water carries it off., es: El agua lo lleva.}
    why_false: {en: Right., es: Sí.}
  - id: M01-Q04
    type: numeric
    objective: M01-O1
    bloom: remember
    difficulty: 1
    safety: false
    lesson: clean-hands#wash
    stem: {en: For how long do you scrub?, es: ¿Cuánto tiempo se frota?}
    answer: {value: 20, tolerance: 2.5, unit: {en: seconds, es: segundos}}
    why: {en: Twenty seconds., es: Veinte segundos.}
  - id: M01-Q05
    type: matching
    objective: M01-O1
    bloom: understand
    difficulty: 1
    safety: false
    lesson: clean-hands#dry
    stem: {en: What belongs together?, es: ¿Qué va junto?}
    pairs:
      - {id: a, left: {en: Water, es: Agua}, right: {en: Rinses, es: Enjuaga}, why: {en: It flows., es: Fluye.}}
      - {id: b, left: {en: Soap, es: Jabón}, right: {en: Loosens, es: Afloja}, why: {en: It foams., es: Hace espuma.}}
      - {id: c, left: {en: Towel, es: Toalla}, right: {en: Dries, es: Seca}, why: {en: It soaks., es: Absorbe.}}
    extra:
      - {id: x, text: {en: Heats, es: Calienta}, why: {en: None does., es: Ninguno.}}
  - id: M01-Q06
    type: ordering
    objective: M01-O1
    bloom: apply
    difficulty: 1
    safety: false
    lesson: clean-hands#wash
    stem: {en: In which order?, es: ¿En qué orden?}
    entries:
      - {id: a, text: {en: Wet, es: Mojar}, why: {en: First., es: Primero.}}
      - {id: b, text: {en: Scrub, es: Frotar}, why: {en: Then., es: Luego.}}
      - {id: c, text: {en: Rinse, es: Enjuagar}, why: {en: Last., es: Al final.}}
  - id: M01-Q07
    type: hotspot
    objective: M01-O1
    bloom: apply
    difficulty: 1
    safety: false
    lesson: clean-hands#wash
    stem: {en: Where does the water come from?, es: ¿De dónde sale el agua?}
    figure: wash-hands
    regions:
      - {id: tap, correct: true, text: {en: The tap, es: El grifo}, why: {en: Right., es: Sí.}}
      - {id: drain, correct: false, text: {en: The drain, es: El desagüe}, why: {en: It goes there., es: Ahí va.}}
  - id: M01-Q08
    type: short
    objective: M01-O1
    bloom: evaluate
    difficulty: 2
    safety: false
    lesson: clean-hands#wash
    stem: {en: Why do you wash?, es: ¿Por qué se lava?}
    model: {en: "It protects the patient, and me.", es: "Protege al paciente, y a mí."}
    criteria:
      - {id: patient, points: 2, text: {en: Names the patient, es: Nombra al paciente}, why: {en: First., es: Primero.}}
      - {id: self, points: 1, text: {en: Names oneself, es: Se nombra}, why: {en: Also., es: También.}}
  - id: M01-Q09
    type: case
    objective: M01-O1
    bloom: analyse
    difficulty: 2
    safety: true
    lesson: clean-hands#dry
    stem: {en: Ana finds a wet towel beside the sink., es: Ana encuentra una toalla mojada junto al lavabo.}
    questions:
      - id: M01-Q09a
        type: true_false
        objective: M01-O1
        bloom: apply
        difficulty: 1
        safety: true
        lesson: clean-hands#dry
        stem: {en: She takes a fresh one., es: Toma una limpia.}
        answer: true
        why_true: {en: Yes., es: Sí.}
        why_false: {en: It was used., es: Ya se usó.}
      - id: M01-Q09b
        type: numeric
        objective: M01-O1
        bloom: remember
        difficulty: 1
        safety: false
        lesson: clean-hands#dry
        stem: {en: How many people may use one towel?, es: ¿Cuántas personas pueden usar una toalla?}
        answer: {value: 1, tolerance: 0, unit: {en: person, es: persona}}
        why: {en: One., es: Una.}
""",
    "modules/01-hands/en/clean-hands.md": """\
---
title: Clean hands
minutes: {reading: 1, figures: 1, checks: 1}
objectives: [M01-O1]
safety: true
---
## Wash {#wash}
Follow the [[plan-of-care|plan of care]] and **wash** first [@R-A].

Washing lowers the count of germs. {effect established R-A R-B}

![Two hands under water](figure:wash-hands)

::: why
A clean hand keeps people well.
:::

::: check How long do you scrub?
- [ ] Two seconds
- [x] Twenty seconds
> The song is sung twice.
:::

## Dry {#dry}
Soap removes lactic acid. {effect unsupported R-B}

::: case A wet towel
Ana finds a wet towel.
:::
""",
    "modules/01-hands/es/clean-hands.md": """\
---
title: Manos limpias
source_hash: ""
---
## Lavar {#wash}
Siga el [[plan-of-care|plan de atención]] y **lávese** primero [@R-A].

El lavado baja el número de gérmenes. {effect established R-A R-B}

![Dos manos bajo el agua](figure:wash-hands)

::: why
Una mano limpia cuida a las personas.
:::

::: check ¿Cuánto tiempo se frota?
- [ ] Dos segundos
- [x] Veinte segundos
> Se canta dos veces.
:::

## Secar {#dry}
El jabón elimina el ácido láctico. {effect unsupported R-B}

::: case Una toalla mojada
Ana encuentra una toalla mojada.
:::
""",
    "modules/01-hands/figures/labels.yaml": """\
wash.title: {en: Washing hands, es: Lavado de manos}
wash.desc: {en: "Two hands under one tap.", es: "Dos manos bajo un grifo."}
wash.tap: {en: "Tap,\\nopen", es: "Grifo,\\nabierto"}
""",
    "modules/01-hands/figures/wash-hands.svg": """\
<svg xmlns="http://www.w3.org/2000/svg" class="fig" viewBox="0 0 480 200" fill="none">
<title id="wash-hands-t" data-k="wash.title"></title>
<desc id="wash-hands-d" data-k="wash.desc"></desc>
<defs><path id="wash-hands-drop" d="M0 0L4 8"/><pattern id="wash-hands-dots" width="8" height="8"/></defs>
<rect class="f-plate" x="0" y="0" width="480" height="200" fill="url(#wash-hands-dots)"/>
<use href="#wash-hands-drop" x="20" y="20"/>
<path class="f-region" data-region="tap" d="M0 0H40V40Z"/><path class="f-region" data-region="drain" d="M80 0H120V40Z"/>
<text class="f-t" x="32" y="115" data-k="wash.tap">Tap</text>
<text class="f-num" x="20" y="30">1</text>
</svg>
""",
    "skills/S01-wash.yaml": """\
id: S01
module: M01
title: {en: Wash hands, es: Lavarse las manos}
purpose: {en: Clean hands, es: Manos limpias}
setting: {en: At the sink, es: En el lavabo}
equipment:
  - {en: Soap, es: Jabón}
time_limit_minutes: 8
prerequisites: {modules: [M01], skills: []}
signers: [CMT, PT]
pass: {percent: 80, min_rating: 3}
steps:
  - id: S01-01
    points: 2
    critical: true
    order: true
    na_allowed: false
    lesson: M01/clean-hands#wash
    text: {en: Scrubs, es: Frota}
    looks_like: {en: Twenty seconds, es: Veinte segundos}
  - id: S01-02
    points: 1
    critical: false
    order: false
    na_allowed: true
    lesson: M01/clean-hands#dry
    text: {en: Dries, es: Seca}
    looks_like: {en: With paper, es: Con papel}
common_errors:
  - {en: Too short, es: Muy breve}
chips:
  - {id: thumbs, text: {en: Thumbs, es: Pulgares}}
prompts:
  - {en: Show me., es: Muéstreme.}
""",
}
COURSE, MODULE, QUIZ = "course.yaml", "modules/01-hands/module.yaml", "modules/01-hands/quiz.yaml"
ENGLISH, SPANISH = "modules/01-hands/en/clean-hands.md", "modules/01-hands/es/clean-hands.md"
FIGURE, LABELS = "modules/01-hands/figures/wash-hands.svg", "modules/01-hands/figures/labels.yaml"
SKILL, GLOSSARY, REFERENCES = "skills/S01-wash.yaml", "glossary.yaml", "references.yaml"
EVIDENCE, SCOPE = "evidence.yaml", "scope.yaml"


@dataclass
class SmallCourse:
    root: Path

    def __post_init__(self) -> None:
        for path, text in FILES.items():
            self.write(path, text)

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def change(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text, f"{old!r} is not in {path}"
        self.write(path, text.replace(old, new, 1))

    def remove(self, path: str) -> None:
        (self.root / path).unlink()

    def problems(self) -> tuple[Problem, ...]:
        return check(read_course(self.root), date(2026, 11, 25))

    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems() if not problem.warning]

    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems() if problem.warning]
