"""How a connection to PostgreSQL is watched, as the kernel has it."""

import os
import socket

import psycopg

from runtime.connecting import watched


def test_a_server_that_vanishes_without_a_word_is_noticed_within_seconds(ledger: str) -> None:
    with (
        psycopg.connect(watched(ledger)) as connection,
        socket.socket(fileno=os.dup(connection.fileno())) as line,
    ):
        assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        quiet = [socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT]
        idle_s, interval_s, count = [line.getsockopt(socket.IPPROTO_TCP, option) for option in quiet]
        assert idle_s + interval_s * count == 5
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 5_000


def test_what_else_was_asked_for_stays(ledger: str) -> None:
    with psycopg.connect(watched(f"{ledger} application_name=somebody")) as connection:
        assert connection.info.get_parameters()["application_name"] == "somebody"
