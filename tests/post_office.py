"""A real SMTP server on this machine, for the tests of letters."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from flask import Flask


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


@contextmanager
def opened(app: Flask) -> Iterator[PostOffice]:
    """The application sends its letters there meanwhile."""
    office = PostOffice()
    office.thread.start()
    office.ready.wait()
    app.config["SMTP_URL"] = f"smtp://127.0.0.1:{office.port}"
    yield office
    office.close()


def read(raw: bytes) -> EmailMessage:
    return cast(EmailMessage, message_from_bytes(raw, policy=policy.default))
