"""The invented people of the demo school. No name here belongs to anybody we know of."""

from dataclasses import dataclass

from lms.access import Role
from lms.demo.accounts import DOMAIN


@dataclass(frozen=True)
class Person:
    login: str  # before the @ of the e-mail
    name: str
    role: Role = Role.STUDENT
    locale: str | None = None
    second_name: str | None = None

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"

    @property
    def language(self) -> str:
        return self.locale or "en"


@dataclass(frozen=True)
class Credential:
    """A licence or card as the office noted it; `days` from today it runs out (fewer than none: it has)."""

    kind: str
    number: str
    days: int


ADMIN = Person("admin", "Grace Kealoha", Role.ADMIN)
ADMIN2 = Person("admin2", "Tomasz Wiśniewski", Role.ADMIN)
AUDITOR = Person("auditor", "Priya Raghunathan", Role.AUDITOR)
PT = Person("instructor", "Renata Álvarez Quiroga", Role.INSTRUCTOR)
CMT = Person("instructor2", "Darnell Whitfield", Role.INSTRUCTOR)
EXPIRED = Person("instructor3", "Noriko Tanabe", Role.INSTRUCTOR)
OFFICE = (ADMIN, ADMIN2, AUDITOR)
CREDENTIALS = (
    (PT, Credential("PT", "PT 000000 (invented)", 410)),
    (PT, Credential("BLS", "BLS 0000 (invented)", 150)),
    (CMT, Credential("CMT", "CMT 00000 (invented)", 230)),
    (EXPIRED, Credential("PTA", "PTA 0000 (invented)", -12)),
)
INSTRUCTORS = (PT, CMT, EXPIRED)

STUDENT = Person("student", "María José Hernández Ruiz")
STUDENT2 = Person("student2", "Ana Lucía Gutiérrez Peña", locale="es")
NEW = Person("newstudent", "Dwayne Okafor")
READY = Person("ready", "Siobhán O’Dwyer")
KWAME = Person("kwame.mensah", "Kwame Mensah-Boateng")
MEILING = Person("meiling.wang", "王美玲", second_name="Meiling Wang")
FATIMA = Person("fatima.elamrani", "Fatima Zahra El Amrani")
JOAQUIN = Person("joaquin.delacruz", "Joaquín de la Cruz Villanueva", locale="es")
HYEJIN = Person("hyejin.park", "Park Hye-jin")
MINH = Person("minh.le", "Lê Văn Minh")
ZOE = Person("zoe.fitzgerald", "Zoë Fitzgerald")
MATEUS = Person("mateus.araujo", "Mateus Araújo da Silva")
AROHA = Person("aroha.ngata", "Aroha Ngata")
TYRONE = Person("tyrone.baptiste", "Tyrone Baptiste")
RUNNING = (
    *(STUDENT, STUDENT2, KWAME, MEILING, FATIMA, JOAQUIN),
    *(HYEJIN, MINH, ZOE, MATEUS, AROHA, TYRONE),
)  # and NEW, who came later

INGRID = Person("ingrid.sorensen", "Ingrid Sørensen")
HASSAN = Person("hassan.yilmaz", "Hassan Yılmaz")
CHIDINMA = Person("chidinma.eze", "Chidinma Eze")
LUPE = "Guadalupe Santos Ibarra"  # has no e-mail: enrolled with a printed slip
OPEN = (INGRID, HASSAN, CHIDINMA)

GRADUATE = Person("graduate", "Nguyễn Thị Hồng Ánh")
OLENA = Person("olena.shevchenko", "Олена Шевченко", second_name="Olena Shevchenko")
BJORN = Person("bjorn.lindqvist", "Björn Lindqvist")
ROSA = Person("rosa.martinez", "Rosa Elena Martínez Ortega", locale="es")
JAMAL = Person("jamal.washington", "Jamal Washington")
SANJAY = Person("sanjay.pillai", "Sanjay Pillai")
GRADUATES = (GRADUATE, OLENA, JAMAL)
CLOSED = (*GRADUATES, SANJAY)
ENDING = (READY, ROSA, BJORN)
