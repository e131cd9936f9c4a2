"""The few words the lesson's boxes and marks bring along, in both languages."""

from lms.catalog.text import Text

BOX_TITLES = {
    "why": Text("Why it matters to the patient", "Por qué le importa al paciente"),
    "safety": Text("Safety", "Seguridad"),
    "wait": Text("Wait", "Espere"),
    "case": Text("A case", "Un caso"),
    "practice": Text("Practice", "Práctica"),
}
BOX_CLASSES = {"why": "note why", "safety": "note safety", "wait": "note wait", "case": "case"} | {
    "practice": "practice"
}
STATUSES = {
    "established": ("yes", Text("Established", "Establecido")),
    "contested": ("maybe", Text("Contested", "En discusión")),
    "unsupported": ("nope", Text("Not supported", "Sin respaldo")),
}
SHOW_ANSWER = Text("Show the answer", "Ver la respuesta")
RIGHT = Text("Right:", "Correcto:")
SOURCE = Text("Source", "Fuente")
ENLARGE = Text("Open large", "Ver en grande")
