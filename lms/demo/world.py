"""What the demo school knows of itself while it is made: the timeline, and the ids that the services gave."""

from dataclasses import dataclass, field

from lms.accounts import passwords
from lms.accounts import service as accounts
from lms.catalog import service as catalog
from lms.catalog.models import CourseVersion
from lms.catalog.types import Edition
from lms.demo.accounts import PASSWORD
from lms.demo.people import Person
from lms.demo.timeline import Timeline


@dataclass
class World:
    timeline: Timeline
    course: CourseVersion | None = None  # held here, the session need not load its long text for every act
    password_hash: str = field(default_factory=lambda: passwords.hashed(PASSWORD))  # slow: once for everybody
    people: dict[Person, int] = field(default_factory=dict)
    enrolments: dict[Person, int] = field(default_factory=dict)
    begun: dict[tuple[Person, str], int] = field(default_factory=dict)  # ids of attempts and sheets

    @property
    def course_version_id(self) -> int:
        if self.course is None:
            raise LookupError("no course is published yet")
        return self.course.id

    @property
    def edition(self) -> Edition:
        return catalog.edition(self.course_version_id)

    def add(self, person: Person, *, by: Person | None) -> int:
        """An account that can sign in."""
        added = accounts.create(
            legal_name=person.name,
            role=person.role,
            email=person.email,
            locale=person.locale,
            demo=True,
            by=self.people[by] if by else None,
        )
        accounts.set_password(added.id, self.password_hash)
        self.people[person] = added.id
        return added.id
