"""The demo school itself: what it is called, what it says, who works there, what it teaches."""

from datetime import timedelta

from lms import config
from lms.accounts import service as accounts
from lms.catalog import service as catalog
from lms.catalog.types import Edition
from lms.demo.people import ADMIN, CREDENTIALS, INSTRUCTORS, OFFICE
from lms.demo.world import World
from lms.ledger import service as ledger
from lms.school import service as school
from lms.school.rules import Approval

ZONE = "America/Los_Angeles"
FOUNDED = 330  # days ago
INVENTED = "invented for the demo school"
HONOUR = (
    "I am the person whose name stands here. I do every quiz and every skill check myself, without help that is not "
    "allowed. I tell the school when something I signed or that was recorded for me is wrong.",
    "Soy la persona cuyo nombre aparece aquí. Hago cada cuestionario y cada prueba de habilidades por mi cuenta, sin "
    "ayuda no permitida. Aviso a la escuela si algo que firmé, o que se registró a mi nombre, está mal.",
)
PARTNER = (
    "In lab I practice with other students, and they practice with me. I agree to be a training partner. I may say no "
    "or stop at any time and need not say why. I tell my instructor before class if something is not safe for me that "
    "day. I ask before I touch, and I stop when my partner says stop.",
    "En el laboratorio practico con otros estudiantes, y ellos practican conmigo. Acepto ser pareja de práctica. Puedo "
    "decir que no o parar en cualquier momento, sin explicar por qué. Aviso a mi instructor antes de la clase si ese "
    "día algo no es seguro para mí. Pido permiso antes de tocar y me detengo cuando mi pareja dice alto.",
)


def found(world: World) -> None:
    """The first hour of the school."""
    school.found(
        name="Los Gatos School of Massage (demo)",
        legal_name="Los Gatos School of Massage (demo), an invented school",
        serial_prefix="LGS",
        zone=ZONE,
        demo=True,
        address="100 Example Street, Los Gatos, CA 95030",
        phone="+1 408 555 0142",
        website="demo.example",
        email="office@demo.example",
        approval=Approval.EXEMPT.value,
        approval_reference=f"DEMO-0000, {INVENTED}",
        approval_sentence="Demo school. This exemption and every record here are invented.",
    )
    ledger.new_key()
    admin = world.add(ADMIN, by=None)
    _rules(world, admin)
    _statements(world, admin)
    for name, title_en, title_es, credential in (
        ("Imani Castellanos", "School director", "Directora de la escuela", ""),
        ("Renata Álvarez Quiroga", "Lead instructor", "Instructora principal", "PT"),
    ):
        school.add_signatory(name=name, title_en=title_en, title_es=title_es, credential=credential, by=admin)


def _rules(world: World, admin: int) -> None:
    first_day = world.timeline.day(FOUNDED)
    school.set_policy("staff_second_factor", False, effective_from=first_day, source=INVENTED, by=admin)


def _statements(world: World, admin: int) -> None:
    """The one that the law asks for comes with the course; the school wrote the other two."""
    first_day, course = world.timeline.day(FOUNDED), publish(world, admin)
    told = course.statement("does-not-license")
    school.add_statement(
        told.id,
        text_en=told.text.en,
        text_es=told.text.es,
        short_en=told.short.en,
        short_es=told.short.es,
        effective_from=first_day,
        source=told.source,
        by=admin,
    )
    for key, (text_en, text_es) in (("honour", HONOUR), ("training-partner", PARTNER)):
        school.add_statement(key, text_en=text_en, text_es=text_es, effective_from=first_day, source=INVENTED, by=admin)


def publish(world: World, admin: int) -> Edition:
    world.course = catalog.publish(config.content_path(), by=admin)
    return world.edition


def hire(world: World) -> None:
    """The rest of the office, and the instructors with what they showed it."""
    for person in (*OFFICE[1:], *INSTRUCTORS):
        world.add(person, by=ADMIN)
    for person, held in CREDENTIALS:
        accounts.add_credential(
            world.people[person],
            kind=held.kind,
            number=held.number,
            expires_on=world.timeline.today + timedelta(days=held.days),
            by=world.people[ADMIN],
        )
