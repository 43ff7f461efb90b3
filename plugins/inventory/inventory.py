# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: inventory
short_description: Hosts, groups and variables from clusto's pools, racks and places in NetBox
version_added: 0.1.0
author:
  - The clusto.datacenter developers
description:
  - Reads all devices and virtual machines from NetBox with a few large requests and merges their attributes itself.
  - The file must end in C(.clusto.yml) or C(.clusto.yaml), or be named C(clusto.yml) or C(clusto.yaml).
  - >-
    Groups are C(pool_NAME) (a pool inside a pool is a child group), C(datacenter_NAME) with C(location_NAME) and
    C(rack_NAME) nested below it, C(type_NAME) and C(driver_NAME). Characters that Ansible does not allow become
    underscores. A group exists if a host is in it. Where two racks, locations or pools would share a group, racks and
    locations get the name of their datacenter before their own (C(rack_SITE_NAME)); what is still alike gets its id.
  - >-
    A host is named as in NetBox. Hosts of one name in several datacenters are named C(DATACENTER/NAME), as the modules
    of this collection call them. Nameless ones are named by their id, such as C(device-12).
  - >-
    Every host has the variables C(clusto_attributes) (its attributes, with those of its datacenter, locations, rack and
    pools merged in), C(clusto_type), C(clusto_driver), C(clusto_status), C(clusto_pools) (innermost first),
    C(clusto_datacenter), C(clusto_locations) (outermost first), C(clusto_rack), C(clusto_ru) (the lowest rack unit),
    C(clusto_ips) and C(clusto_ports). What a host lacks is V(null) or empty.
  - >-
    C(clusto_ports) has an entry for each interface, by its name, with C(type), C(label), C(enabled), C(mgmt_only),
    C(macs) (the primary one first), C(ips) (with prefix length), C(lag), C(bridge) and C(parent) (names of interfaces);
    with O(connections) also C(connected_to).
  - >-
    C(ansible_host) is the primary IPv4 address, else the primary IPv6 address, else the first address on an interface
    that is not for management only. Without any of them it is not set.
  - Nothing that comes from NetBox is evaluated as a template.
  - >-
    O(api_url), O(token), O(names), O(pools), O(datacenter), O(type) and O(status) may be templates, of extra variables
    and look-ups. O(token) may be encrypted with Ansible Vault.
extends_documentation_fragment:
  - clusto.datacenter.connection.options
  - clusto.datacenter.connection.plugin
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description: Marks a file as one for this plugin.
    type: str
    required: true
    choices: [clusto.datacenter.inventory]
  flatten:
    description:
      - >-
        Make each merged attribute a variable of its own as well. Characters that Ansible does not allow in names become
        underscores.
      - An attribute C(ansible_host) then goes before the address found by rule. Other variables of this plugin stand.
    type: bool
    default: false
  connections:
    description:
      - >-
        Also tell what the interfaces of devices are connected to, behind patch panels: C(connected_to) in
        C(clusto_ports) is V(null) or has C(entity) (the other host as this inventory calls it), C(type) and C(port)
        (type and name of its port), as M(clusto.datacenter.entity_info) has them.
      - >-
        NetBox then takes up to a half longer. With O(snapshot_dir) they are not kept, so that all are V(null), with a
        warning, while NetBox is away.
    type: bool
    default: false
  virtual_machines:
    description: Whether virtual machines are in the inventory too.
    type: bool
    default: true
  names:
    description:
      - >-
        Only hosts of these names: exact ones, or patterns as Ansible has them, with V(*), V(?) and V([abc]) such as
        V(web*); with V(~) before it a regular expression, such as V(~web\d+$).
      - With a V(!) before it, a name or pattern leaves out what it means; with such ones alone, all others are chosen.
      - The name in NetBox counts, and the one that the host has in the inventory, such as V(sv3/web1).
      - A name or a pattern that means no host is warned of.
    type: list
    elements: str
    default: []
  pools:
    description:
      - Only hosts that are in all of these pools, also through other pools, their rack, location or datacenter.
      - With a C(-) before it, only hosts that are not in that pool.
    type: list
    elements: str
    default: []
  datacenter:
    description: Only hosts in one of these datacenters.
    type: list
    elements: str
    default: []
  type:
    description:
      - Only hosts of one of these types (slugs of NetBox's roles), such as V(server).
      - A type or a state that no host has is warned of.
    type: list
    elements: str
    default: []
  status:
    description: Only hosts in one of these states, such as V(active) or V(staged).
    type: list
    elements: str
    default: []
  snapshot_dir:
    description:
      - >-
        Directory in which to keep what was read, in a file for each NetBox and token that only its owner can read. It
        is made if it is missing.
      - >-
        With it NetBox is asked what has changed since, and while it is away the file is used, with a warning.
      - Without it everything is read each time, and a NetBox that is away is an error.
    type: path
    env:
      - name: CLUSTO_SNAPSHOT_DIR
  snapshot_max_age:
    description:
      - How many seconds ago NetBox must have been asked for the snapshot to be used while NetBox is away.
      - V(0) makes a NetBox that is away an error. Without it any age will do.
    type: int
notes:
  - The cache holds what was read, before filters and other options are applied, and never the token.
  - >-
    The cache spares NetBox and is as old as O(cache_timeout) allows. The snapshot is as new as NetBox. With both, the
    cache goes first.
seealso:
  - name: The inventory explained
    description: Examples, how groups and hosts are named, and the permissions that the token needs.
    link: https://github.com/clusto/clusto.datacenter/blob/main/docs/inventory.md
"""

EXAMPLES = r"""
# dc.clusto.yml; the address and the token come from NETBOX_API and NETBOX_TOKEN
plugin: clusto.datacenter.inventory
---
# Active servers in pool `web` that are not in maintenance; their attributes are variables
plugin: clusto.datacenter.inventory
api_url: https://netbox.example.com
token_file: /etc/clusto/token
pools: [web, -maintenance]
type: [server]
status: [active]
flatten: true
---
# Groups by an attribute and by half a rack, the IPMI card's address as a variable, all of it cached for ten minutes
plugin: clusto.datacenter.inventory
keyed_groups:
  - prefix: os
    key: clusto_attributes.os
groups:
  upper_half: clusto_ru | default(0, true) > 22
compose:
  ipmi_address: (clusto_ports.ipmi.ips | first).split('/') | first
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/clusto-inventory
cache_timeout: 600
"""

import difflib
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from ansible import constants
from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.inventory.group import to_safe_group_name
from ansible.module_utils.basic import missing_required_lib
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.clusto.datacenter.plugins.module_utils.core.errors import ClustoError
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.connection import settings
from ansible_collections.clusto.datacenter.plugins.module_utils.mirror.document import (
    SnapshotError,
    from_document,
    to_document,
)
from ansible_collections.clusto.datacenter.plugins.module_utils.mirror.inventory import Inventory
from ansible_collections.clusto.datacenter.plugins.module_utils.mirror.listing import (
    Connection,
    Connections,
    Filter,
    Group,
    Groups,
    connected,
    host_names,
    variables,
)
from ansible_collections.clusto.datacenter.plugins.module_utils.mirror.memory import made_to_last
from ansible_collections.clusto.datacenter.plugins.module_utils.mirror.model import Host
from ansible_collections.clusto.datacenter.plugins.module_utils.netbox.settings import Settings

try:
    from ansible.template import trust_as_template
except ImportError:  # before ansible-core 2.19 all text but what is wrapped was a template

    def trust_as_template(value: str) -> str:
        return value


Ends = Mapping[int, Mapping[str, Any]]

CONNECTION = ("api_url", "token", "token_file", "validate_certs", "ca_path", "timeout")
TEMPLATES = ("api_url", "token")
CONSTRUCTED = ("compose", "groups", "keyed_groups")
WARNINGS = 5  # that are shown before it is only said how many more there are
SUFFIXES = (".clusto.yml", ".clusto.yaml", "/clusto.yml", "/clusto.yaml")


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    NAME = "clusto.datacenter.inventory"

    def verify_file(self, path: str) -> bool:
        return super().verify_file(path) and f"/{path}".endswith(SUFFIXES)

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:  # noqa: FBT001, FBT002 - Ansible's signature
        super().parse(inventory, loader, path, cache)
        self._check_options(path, self._read_config_data(path))
        self.templar.available_variables = self._vars
        try:
            with made_to_last():
                self._parse(path, fresh=not cache)
        except (ClustoError, AnsibleError) as error:
            raise AnsibleParserError(f"{path}: {error}") from None  # Ansible would print the cause once more

    def _parse(self, path: str, *, fresh: bool) -> None:
        chosen = self._filter()
        found, connections = self._inventory(settings(self._connection()), path, fresh=fresh)
        hosts = chosen.hosts(found)
        self._warn(path, (*found.warnings, *chosen.unmet(found)))
        self._populate(found, hosts, connected(found, connections) if self.get_option("connections") else None)

    def _check_options(self, path: str, given: Mapping[str, Any]) -> None:
        """Ansible itself ignores what it does not know, such as a filter that is misspelt."""
        defined = constants.config.get_configuration_definitions("inventory", self._load_name)
        known = {*defined, *(alias for option in defined.values() for alias in option.get("aliases", ()))}
        for name in given:
            if name not in known:
                near = difflib.get_close_matches(str(name), known, 1)
                hint = f"; is {near[0]!r} meant?" if near else f"; expected one of {', '.join(sorted(known))}"
                raise AnsibleParserError(f"{path}: unknown option {name!r}{hint}")

    def _warn(self, path: str, warnings: tuple[str, ...]) -> None:
        for warning in warnings[:WARNINGS]:
            self.display.warning(f"{path}: {warning}")
        if len(warnings) > WARNINGS:
            self.display.warning(f"{path}: and {len(warnings) - WARNINGS} more of this kind")

    def _option(self, name: str) -> Any:
        """An option that may be a template, such as a look-up of the token in a password store."""
        try:
            return self.templar.template(self.get_option(name))
        except AnsibleError as error:
            raise AnsibleParserError(f"{name}: {error}") from None

    def _list(self, name: str) -> list[str]:
        """A template may stand for one of the list's elements, or for several."""
        return [one for value in self._option(name) for one in (value if isinstance(value, list) else [value])]

    def _connection(self) -> dict[str, Any]:
        """What Ansible takes for a path it makes absolute, so it cannot be a template."""
        return {name: self._option(name) if name in TEMPLATES else self.get_option(name) for name in CONNECTION}

    def _filter(self) -> Filter:
        return Filter(
            names=self._list("names"),
            pools=self._list("pools"),
            datacenters=self._list("datacenter"),
            types=self._list("type"),
            statuses=self._list("status"),
            virtual_machines=self.get_option("virtual_machines"),
        )

    def _inventory(self, connection: Settings, path: str, *, fresh: bool) -> tuple[Inventory, Connections]:
        """What the cache holds about this NetBox, else what NetBox says."""
        if not self.get_option("cache"):
            return self._read(connection, path, fresh=fresh)
        key = self.get_cache_key(path)
        connections_key = f"{key}_connections"
        wanted = self.get_option("connections")
        if not fresh:
            try:
                rows = self._cache[connections_key] if wanted else []
                found = from_document(self._cache[key], connection.api_url)
                return found, {interface: Connection(*end) for interface, end in rows}
            except KeyError:
                self.display.vvv(f"{key} is not cached yet")
            except SnapshotError as error:
                self.display.vvv(f"{key} is cached, but cannot be used: {error}")
        found, connections = self._read(connection, path, fresh=fresh)
        self._cache[key] = to_document(found)
        if wanted:
            self._cache[connections_key] = [[interface, list(end)] for interface, end in connections.items()]
        return found, connections

    def _read(self, connection: Settings, path: str, *, fresh: bool) -> tuple[Inventory, Connections]:
        try:
            # Here, since it takes as long as listing 100 hosts, and who reads the cache does without.
            from ansible_collections.clusto.datacenter.plugins.module_utils.edge.reading import (  # noqa: PLC0415 - see above
                Snapshots,
                read,
            )
        except ImportError as error:
            if error.name != "requests":
                raise
            self.display.vvv(traceback.format_exc())
            raise AnsibleParserError(missing_required_lib("requests")) from None
        directory = self.get_option("snapshot_dir")
        kept = Snapshots(directory, self.get_option("snapshot_max_age")) if directory else None
        return read(
            connection,
            kept,
            lambda text: self._warn(path, (text,)),
            fresh=fresh,
            connections=self.get_option("connections"),
        )

    def _populate(self, found: Inventory, hosts: list[Host], ends: Ends | None) -> None:
        names = host_names(found)
        groups = Groups(found, _safe)
        flatten = self.get_option("flatten")
        constructed = any(self.get_option(option) for option in CONSTRUCTED)
        text = cache(_text)
        made: set[Group] = set()
        for host in hosts:
            name = self.inventory.add_host(text(names[host]))
            for group in groups.of(host):
                self._make(group, groups, made)
                self.inventory.add_child(groups.name(group), name)
            # Not by way of the inventory, which since ansible-core 2.19 copies and labels every value, a third of the
            # time; these are copies.
            entry = self.inventory.get_host(name)
            for variable, value in _variables(host, ends, flatten=flatten).items():
                entry.set_variable(variable, _never_template(value, text))
            if constructed:
                self._construct(name)

    def _construct(self, name: str) -> None:
        """What the user builds of a host's variables; later steps see what earlier ones made."""
        strict = self.get_option("strict")
        known = self.inventory.get_host(name).get_vars()
        self._set_composite_vars(self.get_option("compose"), known, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), {}, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), {}, name, strict=strict)

    def _make(self, group: Group, groups: Groups, made: set[Group]) -> None:
        """Have a group and those above it."""
        if group in made:
            return
        made.add(group)
        self.inventory.add_group(groups.name(group))
        for above in groups.above(group):
            self._make(above, groups, made)
            self.inventory.add_child(groups.name(above), groups.name(group))


def _variables(host: Host, ends: Ends | None, *, flatten: bool) -> dict[str, Any]:
    found = variables(host, ends)
    if not flatten:
        return found
    own = {name: value for name, value in found.items() if name != "ansible_host"}
    return {**found, **{_safe(key): value for key, value in host.attributes.items()}, **own}


def _never_template(value: Any, text: Callable[[str], str]) -> Any:
    """Copy a value of JSON's types so that nothing in it is ever evaluated."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {key: _never_template(one, text) for key, one in value.items()}
    if isinstance(value, list):
        return [_never_template(one, text) for one in value]
    return value


def _text(value: str) -> str:
    """Text in which nothing could be evaluated stays plain text in what ansible-inventory prints."""
    return wrap_var(value) if "{" in value or value.startswith("#jinja2:") else trust_as_template(value)


@cache
def _safe(name: str) -> str:
    return str(to_safe_group_name(name, force=True, silent=True))
