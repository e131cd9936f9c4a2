"""Who may sign in to the demo school, and what each of them shows."""

# everybody knows it; it opens a demo school and no other
PASSWORD = "demo-steadyhand-1"  # noqa: S105  # nosec B105
DOMAIN = "demo.example"


def _at(name: str) -> str:
    return f"{name}@{DOMAIN}"


ACCOUNTS: list[tuple[str, str]] = [
    (_at("student"), "a student half way, with a signed sheet to countersign"),
    (_at("student2"), "a student under way who reads in Spanish, with a quiz open"),
    (_at("newstudent"), "a student who has done nothing yet"),
    (_at("ready"), "a student who has met every condition and may be awarded"),
    (_at("graduate"), "a graduate who holds a certificate of completion"),
    (_at("instructor"), "an instructor (PT) with hours to approve and sheets to sign"),
    (_at("instructor2"), "an instructor (CMT) who may not sign every skill"),
    (_at("instructor3"), "an instructor whose license has run out, so nothing can be signed"),
    (_at("admin"), "the office: people, cohorts, settings, certificates"),
    (_at("admin2"), "a second person in the office"),
    (_at("auditor"), "an auditor who reads everything and changes nothing"),
]
