"""Names, passwords, codes and paths."""

from datetime import UTC, date, datetime, timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.accounts import rules
from lms.accounts.rules import PasswordProblem, TokenState
from tests.accounts.conftest import SECRET

NOON = datetime(2026, 11, 24, 12, 0, 5, tzinfo=UTC)
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "data:text/html,hello",
    " /home",
    "evil.example",
    "http:/evil.example",
    "/home\r\nSet-Cookie: a=b",
    "/\x00/evil.example",
]


@given(st.text(max_size=60))
def test_sorting_ignores_case_and_accents_and_is_stable(name: str):
    key = rules.sort_key(name)
    assert rules.sort_key(key) == key
    assert rules.sort_key(name.swapcase().casefold()) == rules.sort_key(name.casefold())
    assert key == key.strip()
    assert "  " not in key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Álvaro Núñez", "alvaro nunez"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Łukasz", "łukasz"),
        ("李 小龙", "李 小龙"),
    ],
)
def test_keys_of_names(name: str, key: str):
    assert rules.sort_key(name) == key


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_search_finds_a_name_by_any_part_of_it(first: str, last: str):
    whole = rules.search_key(f"{first} {last}", "someone@school.example")
    for word in f"{first} {last}".split():
        assert all(part in whole for part in rules.search_key(word).split())


@given(st.text(max_size=60))
def test_a_login_name_can_be_typed_on_every_keyboard(name: str):
    made = rules.login_name(name)
    assert made
    assert made.isascii()
    assert "@" not in made
    assert rules.normal_login(made) == made


def test_a_login_name_resembles_the_person():
    assert rules.login_name("María José O'Neill") == "maria.oneill"
    assert rules.login_name("李小龙") == "student"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_r16_a_path_that_leads_elsewhere_is_refused(target: str):
    assert rules.local_path(target) is None


@pytest.mark.parametrize("target", ["/home", "/people?q=ana&role=student", "/learn/a/b#step", "/a//b"])
def test_r16_a_local_path_is_kept(target: str):
    assert rules.local_path(target) == target


@given(st.text(max_size=80))
def test_r16_what_passes_stays_on_this_site(text: str):
    path = rules.local_path(text)
    assert path is None or (path.startswith("/") and not path.startswith(("//", "/\\")))


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("short", PasswordProblem.TOO_SHORT),
        ("elevenchars", PasswordProblem.TOO_SHORT),
        ("a" * 257, PasswordProblem.TOO_LONG),
        ("Password1234!", PasswordProblem.COMMON),
        ("123456789012", PasswordProblem.GUESSABLE),
        ("qwertyqwerty", PasswordProblem.COMMON),
        ("dragondragon", PasswordProblem.COMMON),
        ("Massage School 2026", PasswordProblem.SCHOOL_WORD),
        ("steadyhand!!!1", PasswordProblem.SCHOOL_WORD),
        ("LosGatos-2026-LosGatos", PasswordProblem.SCHOOL_WORD),
        ("abcabcabcabcabc", PasswordProblem.GUESSABLE),
        ("nine calm rivers bend", None),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaa", PasswordProblem.GUESSABLE),
        ("all small letters and no digit", None),
        ("9152 8806 3317 4420", None),
        ("la lluvia cae despacio", None),
    ],
)
def test_r19_passwords(password: str, problem: PasswordProblem | None):
    found = rules.password_problem(password, ["Los Gatos School of Massage"])
    assert found is problem


def test_r19_a_long_sentence_is_taken():
    sentence = "the heron waits in cold water while the fog climbs slowly over seven pale hills"
    assert len(sentence) > 64
    assert rules.password_problem(sentence) is None


def test_r19_at_least_three_thousand_common_passwords_are_known():
    assert len(rules.common_passwords()) > 30_000
    assert {"password", "iloveyou", "trustno1"} <= rules.common_passwords()


def test_r20_a_code_counts_once_and_only_near_its_time():
    step = int(NOON.timestamp()) // 30
    now = pyotp.TOTP(SECRET).at(NOON)
    assert rules.matching_step(SECRET, now, NOON, 0) == step
    assert rules.matching_step(SECRET, f"{now[:3]} {now[3:]}", NOON, 0) == step
    assert rules.matching_step(SECRET, now, NOON, step) is None, "used before"
    assert rules.matching_step(SECRET, now, NOON + timedelta(seconds=30), 0) == step, "a slow phone"
    assert rules.matching_step(SECRET, now, NOON + timedelta(seconds=90), 0) is None, "too old"
    assert rules.matching_step(SECRET, "", NOON, 0) is None
    assert rules.matching_step(SECRET, "１２３４５６", NOON, 0) is None


def test_recovery_codes_are_read_as_people_type_them():
    assert rules.normal_recovery_code(" abcde-fgh jk ") == "ABCDEFGHJK"


def test_r21_a_link_is_open_until_its_end_and_once():
    end = NOON + timedelta(minutes=60)
    assert rules.token_state(used=False, expires_at=end, now=NOON) is TokenState.OPEN
    assert rules.token_state(used=False, expires_at=end, now=end) is TokenState.EXPIRED
    assert rules.token_state(used=True, expires_at=end, now=NOON) is TokenState.USED


def test_a_credential_counts_on_its_last_day():
    last = date(2026, 12, 31)
    assert rules.in_force(last, last)
    assert not rules.in_force(last, last + timedelta(days=1))


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604",
            ("Safari", "iPhone"),
        ),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36", ("Chrome", "Android")),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130 Safari/537.36 Edg/130", ("Edge", "Windows")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", ("Firefox", "Linux")),
        ("", ("", "")),
    ],
)
def test_devices_are_named_as_their_owners_know_them(agent: str, device: tuple[str, str]):
    assert rules.device_name(agent) == device
