"""The past of the demo school: what was done when, played in the order of time."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from lms import clock

Act = Callable[[], object]
Progress = Callable[[int, int], None]  # acts done, of how many
SUNDAY = 6


class Timeline:
    """Acts of everybody. Days are counted back from today, as the school's calendar has it.

    What is sealed must be an act of its own: the record takes no entry from before the last one.
    """

    def __init__(self, zone: str) -> None:
        self.zone, self.acts = ZoneInfo(zone), list[tuple[datetime, Act]]()
        self.today = clock.today(zone)

    def day(self, days_ago: int) -> date:
        return self.today - timedelta(days=days_ago)

    def school_day(self, days_ago: int) -> date:
        """The day, or the Saturday before a Sunday: nobody teaches on Sundays."""
        day = self.day(days_ago)
        return day - timedelta(days=1) if day.weekday() == SUNDAY else day

    def moment(self, day: date, hour: int, minute: float = 0) -> datetime:
        return datetime.combine(day, time(hour), self.zone) + timedelta(minutes=minute)

    def add(self, moment: datetime, act: Act) -> None:
        """Raises ValueError for an act that lies in the future."""
        if moment >= clock.now():
            raise ValueError(f"{moment} has not come yet")
        self.acts.append((moment, act))

    def play(self, progress: Progress) -> None:
        self.acts.sort(key=lambda pair: pair[0])  # acts of one moment stay in the order in which they were told
        for done, (moment, act) in enumerate(self.acts, 1):
            with clock.at(moment):
                act()
            progress(done, len(self.acts))
