"""Every address of a name is a process of its own, asked by itself."""

import socket

from audit.replicas import Replica, replicas


async def test_each_url_is_a_process_where_each_has_one() -> None:
    assert await replicas("worker", ["http://127.0.0.1:1", "http://127.0.0.1:2"], 1) == [
        Replica("worker-0", "http://127.0.0.1:1"),
        Replica("worker-1", "http://127.0.0.1:2"),
    ]


async def test_every_address_of_a_name_is_a_replica_and_the_missing_ones_are_named() -> None:
    # The one name that every machine knows; how many addresses it has is the machine's own business.
    addresses = sorted({place[4][0] for place in socket.getaddrinfo("localhost", 1, socket.AF_INET)})
    found = await replicas("worker", ["http://localhost:8000"], len(addresses) + 1)
    assert [replica.url for replica in found] == [*(f"http://{address}:8000" for address in addresses), None]
    assert found[-1] == Replica(f"worker-{len(addresses)}", None)


async def test_a_name_that_nobody_knows_is_one_process_that_is_not_reached() -> None:
    assert await replicas("worker", ["http://nobody.invalid:8000"], 1) == [
        Replica("worker-0", "http://nobody.invalid:8000")
    ]
