# SPDX-License-Identifier: BSD-2-Clause
"""Inventories for hypothesis: small, but with everything that may be missing missing at times."""

from __future__ import annotations

from hypothesis import strategies as st

from clusto.mirror.inventory import Inventory
from clusto.mirror.model import DEVICE, VIRTUAL_MACHINE, Address, Host, Location, Manager, Pool, Port, Rack, Site
from clusto.netbox.records import Surroundings

texts = st.sampled_from(["", "eth0", "web 1", "zürich", '\u2028"'])
maybe = texts | st.none()
ids = st.integers(1, 40)
attributes = st.dictionaries(
    texts, st.recursive(st.integers() | texts | st.none() | st.booleans(), st.lists), max_size=2
)
addresses = st.builds(
    Address, ids, st.sampled_from(["10.0.0.1", "2001:db8::1"]), st.integers(0, 32), texts, maybe, maybe, texts
)
macs = st.lists(st.sampled_from(["00:11:22:33:44:55", "02:00:00:00:00:01"]), unique=True)
ports = st.builds(
    Port,
    ids,
    texts,
    texts,
    label=texts,
    enabled=st.booleans(),
    mgmt_only=st.booleans(),
    macs=macs.map(tuple),
    lag=ids | st.none(),
    bridge=ids | st.none(),
    parent=ids | st.none(),
    addresses=st.lists(addresses, max_size=2, unique_by=lambda a: a.id).map(tuple),
)
arounds = st.builds(Surroundings, *[ids | st.none()] * 8, st.frozensets(texts, max_size=2))


@st.composite
def inventories(draw: st.DrawFn) -> Inventory:
    sites = [Site(n, draw(texts), draw(texts)) for n in range(draw(st.integers(0, 2)))]
    site = st.sampled_from([None, *sites])
    locations: list[Location] = []
    for n in range(draw(st.integers(0, 3))):
        locations.append(Location(n, draw(texts), draw(texts), draw(site), draw(st.sampled_from([None, *locations]))))
    racks = [
        Rack(n, draw(texts), draw(site), draw(st.sampled_from([None, *locations])), draw(attributes))
        for n in range(draw(st.integers(0, 2)))
    ]
    pools = [Pool(n, f"pool{n}", "pool", n, tuple(draw(st.lists(texts))), ()) for n in range(draw(st.integers(0, 2)))]
    networks = st.sampled_from(["10.0.0.0/8", "192.168.1.0/24", "2001:db8::/64"])
    managers = draw(st.lists(st.builds(Manager, ids, texts, networks, maybe, maybe, attributes), max_size=2))

    def host(number: int) -> Host:
        bound = tuple(draw(st.lists(ports, max_size=2)))
        own = {address.id: address for port in bound for address in port.addresses}
        outside = Address(1000, "203.0.113.1", 32, "")
        return Host(
            kind=draw(st.sampled_from([DEVICE, VIRTUAL_MACHINE])),
            id=number,
            name=draw(maybe),
            type=draw(maybe),
            driver=draw(maybe),
            status=draw(texts),
            site=draw(site),
            locations=tuple(draw(st.lists(st.sampled_from(locations), max_size=2))) if locations else (),
            rack=draw(st.sampled_from([None, *racks])),
            unit=draw(st.none() | st.sampled_from([1.0, 41.5])),
            pools=tuple(draw(st.lists(st.sampled_from(pools).map(lambda p: p.name)))) if pools else (),
            attributes=draw(attributes),
            own=draw(attributes),
            ports=bound,
            oob_ip=draw(st.sampled_from([None, outside, *own.values()])),
            around=draw(arounds),
        )

    return Inventory(
        api_url="http://netbox.example.com",
        loaded_at=draw(st.floats(0, 1e10)),
        hosts=[host(number) for number in range(draw(st.integers(0, 3)))],
        pools=pools,
        sites=sites,
        locations=locations,
        racks=racks,
        managers=managers,
    )
