"""Letters: to a real SMTP server on this machine, or into a file where none is configured."""

import asyncio
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from lms import mail


class PostOffice:
    """A small SMTP server that remembers each letter, and can be told to refuse."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, str, bytes]] = []
        self.refuse_recipient = False
        self.loop, self.ready, self.port = asyncio.new_event_loop(), threading.Event(), 0
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._talk, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        self.loop.run_forever()
        server.close()
        self.loop.run_until_complete(server.wait_closed())
        self.loop.close()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(text: str) -> None:
            writer.write(text.encode() + b"\r\n")
            await writer.drain()

        sender = to = ""
        await say("220 post office")
        while line := (await reader.readline()).decode().strip():
            verb = line[:4].upper()
            if verb == "MAIL":
                sender = line.partition(":")[2].split()[0]
            if verb == "RCPT":
                to = line.partition(":")[2].split()[0]
                if self.refuse_recipient:
                    await say("550 nobody here")
                    continue
            if verb == "DATA":
                await say("354 go on")
                body = b"".join([piece async for piece in self._until_dot(reader)])
                self.letters.append((sender, to, body))
            await say("221 bye" if verb == "QUIT" else "250 ok")
            if verb == "QUIT":
                break
        writer.close()
        await writer.wait_closed()

    @staticmethod
    async def _until_dot(reader: asyncio.StreamReader):
        while (line := await reader.readline()) != b".\r\n":
            yield line.removeprefix(b".") if line.startswith(b"..") else line


@pytest.fixture
def post_office(app) -> Iterator[PostOffice]:
    office = PostOffice()
    office.thread.start()
    office.ready.wait()
    app.config["SMTP_URL"] = f"smtp://127.0.0.1:{office.port}"
    yield office
    office.close()


def read(raw: bytes):
    return message_from_bytes(raw, policy=policy.default)


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
