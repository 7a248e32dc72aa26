"""Letters: by SMTP where a server is set, and again when it stumbles; else as files that only their owner reads."""

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from write_api.mail import mail
from write_api.settings import WriteApiSettings


class PostOffice:
    """A server that speaks as much SMTP as taking a letter needs; it refuses the first ``busy`` connections."""

    def __init__(self, busy: int = 0) -> None:
        self.letters: list[str] = []
        self.port = 0
        self._busy = busy

    @asynccontextmanager
    async def open(self) -> AsyncIterator["PostOffice"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._busy:
            self._busy -= 1
            writer.write(b"421 busy\r\n")
        else:
            await self._take(reader, writer)
        writer.close()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().strip():
            if line.upper() == "DATA":
                writer.write(b"354 go on\r\n")
                self.letters.append((await reader.readuntil(b"\r\n.\r\n")).decode())
            writer.write(b"221 bye\r\n" if line.upper() == "QUIT" else b"250 ok\r\n")


def settings(**given: Any) -> WriteApiSettings:  # noqa: ANN401 - whatever a test sets
    known: dict[str, Any] = {
        "mail_from": "Frontrow <frontrow@example.org>",
        "smtp_host": "",
        "smtp_user": "",
        "mail_dir": Path(),
    }
    return WriteApiSettings.model_construct(**known | {"smtp_password": SecretStr("")} | given)


@pytest.mark.parametrize("busy", [0, 1])
async def test_a_letter_is_given_to_the_server_that_is_set(busy: int) -> None:
    async with PostOffice(busy).open() as office:
        given = settings(smtp_host="127.0.0.1", smtp_port=office.port, smtp_security="none")
        await mail(given).send("anna@example.org", "A link", "Grüß dich")
    (letter,) = office.letters
    assert "To: anna@example.org" in letter
    assert "From: Frontrow <frontrow@example.org>" in letter


async def test_without_a_server_a_letter_is_a_file_of_its_owner_alone(tmp_path: Path) -> None:
    await mail(settings(mail_dir=tmp_path / "mail")).send("anna@example.org", "A link", "Choose it here")
    (letter,) = (tmp_path / "mail").iterdir()
    assert "Choose it here" in letter.read_text()
    assert stat.S_IMODE(letter.stat().st_mode) == 0o600
    assert stat.S_IMODE(letter.parent.stat().st_mode) == 0o700


async def test_an_address_with_a_line_break_writes_no_header_of_its_own() -> None:
    with pytest.raises(ValueError, match=r"newline|linefeed"):
        await mail(settings()).send("a@example.org\nBcc: b@example.org", "A link", "x")
