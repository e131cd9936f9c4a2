"""Letters: to a real SMTP server on this machine, or into a file where none is configured."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lms import mail
from tests.post_office import PostOffice, opened, read


@pytest.fixture
def post_office(app) -> Iterator[PostOffice]:
    with opened(app) as office:
        yield office


def test_a_letter_arrives_with_every_letter_of_its_words(post_office):
    mail.send("jose@school.example", "Invitación: José", "Hola José,\n.a line that begins with a dot\n")
    sender, to, raw = post_office.letters[0]
    letter = read(raw)
    assert to == "<jose@school.example>"
    assert sender == "<school@localhost>"
    assert letter["Subject"] == "Invitación: José"
    assert letter.get_content().splitlines() == ["Hola José,", ".a line that begins with a dot"]


def test_a_line_break_in_a_subject_adds_no_header(post_office):
    mail.send("ana@school.example", "Hello\r\nBcc: everybody@school.example\r\n\r\nBody", "text")
    letter = read(post_office.letters[0][2])
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Hello Bcc: everybody@school.example Body"
    assert len(post_office.letters) == 1


@pytest.mark.parametrize("address", ["ana@school.example\nBcc: x@y.example", "ana@school.example, x@y.example"])
def test_an_address_that_hides_another_is_not_written_to(post_office, address):
    with pytest.raises(ValueError, match=r".*"):
        mail.send(address, "Hello", "text")
    assert post_office.letters == []


def test_a_refusal_is_an_error_so_that_the_job_is_tried_again(post_office):
    post_office.refuse_recipient = True
    with pytest.raises(Exception, match="nobody here"):
        mail.send("ana@school.example", "Hello", "text")


def test_no_server_is_an_error_too(app):
    app.config["SMTP_URL"] = "smtp://127.0.0.1:1"
    with pytest.raises(OSError, match=r".*"):
        mail.send("ana@school.example", "Hello", "text")


def test_without_a_mail_server_a_letter_is_a_file_for_its_owner_alone(app, caplog):
    caplog.set_level("INFO")
    mail.send("ana@school.example", "Hello", "the secret link")
    (path,) = Path(app.config["DATA_DIR"] / "mail").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert "the secret link" in read(path.read_bytes()).get_content()
    assert "the secret link" not in caplog.text
    assert path.name in caplog.text
