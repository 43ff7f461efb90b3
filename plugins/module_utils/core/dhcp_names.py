# SPDX-License-Identifier: BSD-2-Clause
"""The names of DHCP options as attributes use them: `dhcp` → `{name: value}`.

One table for all: `dhcp.options` encodes by it, the NetBox schema of `dhcp` attributes is made from it. Names are
Scapy's, since clusto's users know them; aliases are the seed's.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a value of an option is, in attributes and on the wire."""

    IP = "ip"  # one IPv4 address
    IPS = "ips"  # one or more IPv4 addresses
    IP_PAIRS = "ip_pairs"  # pairs of addresses: policy filters, classful routes
    ROUTES = "routes"  # RFC 3442: [{"to": "10.0.0.0/8", "via": "192.168.1.1"}, ...]
    TEXT = "text"
    DOMAINS = "domains"  # one or more domain names, RFC 1035 section 4.1.2 encoding
    BOOL = "bool"
    UINT8 = "uint8"
    UINT16 = "uint16"
    UINT16S = "uint16s"
    UINT32 = "uint32"
    INT32 = "int32"
    BYTES = "bytes"  # octets as "f1:00:75:7e", or any other text as itself


class Name(NamedTuple):
    """One option; `settable` says that an attribute may give it (the rest belongs to the protocol or to the client)."""

    code: int
    name: str
    kind: Kind
    reference: str
    aliases: tuple[str, ...] = ()
    settable: bool = True


_I, _L, _T, _B, _8, _16, _32 = Kind.IP, Kind.IPS, Kind.TEXT, Kind.BYTES, Kind.UINT8, Kind.UINT16, Kind.UINT32
_F = Kind.BOOL

NAMES: tuple[Name, ...] = (
    Name(1, "subnet_mask", _I, "RFC 2132 3.3"),
    Name(2, "time_zone", Kind.INT32, "RFC 2132 3.4"),
    Name(3, "router", _L, "RFC 2132 3.5"),
    Name(4, "time_server", _L, "RFC 2132 3.6"),
    Name(5, "IEN_name_server", _L, "RFC 2132 3.7"),
    Name(6, "name_server", _L, "RFC 2132 3.8"),
    Name(7, "log_server", _L, "RFC 2132 3.9"),
    Name(8, "cookie_server", _L, "RFC 2132 3.10"),
    Name(9, "lpr_server", _L, "RFC 2132 3.11"),
    Name(10, "impress-servers", _L, "RFC 2132 3.12"),
    Name(11, "resource-location-servers", _L, "RFC 2132 3.13"),
    Name(12, "hostname", _T, "RFC 2132 3.14"),
    Name(13, "boot-size", _16, "RFC 2132 3.15"),
    Name(14, "dump_path", _T, "RFC 2132 3.16"),
    Name(15, "domain", _T, "RFC 2132 3.17"),
    Name(16, "swap-server", _I, "RFC 2132 3.18"),
    Name(17, "root_disk_path", _T, "RFC 2132 3.19"),
    Name(18, "extensions-path", _T, "RFC 2132 3.20"),
    Name(19, "ip-forwarding", _F, "RFC 2132 4.1"),
    Name(20, "non-local-source-routing", _F, "RFC 2132 4.2"),
    Name(21, "policy-filter", Kind.IP_PAIRS, "RFC 2132 4.3"),
    Name(22, "max_dgram_reass_size", _16, "RFC 2132 4.4"),
    Name(23, "default_ttl", _8, "RFC 2132 4.5"),
    Name(24, "pmtu_timeout", _32, "RFC 2132 4.6"),
    Name(25, "path-mtu-plateau-table", Kind.UINT16S, "RFC 2132 4.7"),
    Name(26, "interface-mtu", _16, "RFC 2132 5.1"),
    Name(27, "all-subnets-local", _F, "RFC 2132 5.2"),
    Name(28, "broadcast_address", _I, "RFC 2132 5.3"),
    Name(29, "perform-mask-discovery", _F, "RFC 2132 5.4"),
    Name(30, "mask-supplier", _F, "RFC 2132 5.5"),
    Name(31, "router-discovery", _F, "RFC 2132 5.6"),
    Name(32, "router-solicitation-address", _I, "RFC 2132 5.7"),
    Name(33, "static-routes", Kind.IP_PAIRS, "RFC 2132 5.8"),
    Name(34, "trailer-encapsulation", _F, "RFC 2132 6.1"),
    Name(35, "arp_cache_timeout", _32, "RFC 2132 6.2"),
    Name(36, "ieee802-3-encapsulation", _F, "RFC 2132 6.3"),
    Name(37, "tcp_ttl", _8, "RFC 2132 7.1"),
    Name(38, "tcp_keepalive_interval", _32, "RFC 2132 7.2"),
    Name(39, "tcp_keepalive_garbage", _F, "RFC 2132 7.3"),
    Name(40, "NIS_domain", _T, "RFC 2132 8.1"),
    Name(41, "NIS_server", _L, "RFC 2132 8.2"),
    Name(42, "NTP_server", _L, "RFC 2132 8.3"),
    Name(43, "vendor_specific", _B, "RFC 2132 8.4"),
    Name(44, "NetBIOS_server", _L, "RFC 2132 8.5"),
    Name(45, "NetBIOS_dist_server", _L, "RFC 2132 8.6"),
    Name(46, "NetBIOS_node_type", _8, "RFC 2132 8.7"),
    Name(47, "netbios-scope", _T, "RFC 2132 8.8"),
    Name(48, "font-servers", _L, "RFC 2132 8.9"),
    Name(49, "x-display-manager", _L, "RFC 2132 8.10"),
    Name(50, "requested_addr", _I, "RFC 2132 9.1", settable=False),
    Name(51, "lease_time", _32, "RFC 2132 9.2"),
    Name(52, "dhcp-option-overload", _8, "RFC 2132 9.3", settable=False),
    Name(53, "message-type", _8, "RFC 2132 9.6", settable=False),
    Name(54, "server_id", _I, "RFC 2132 9.7"),
    Name(55, "param_req_list", _B, "RFC 2132 9.8", settable=False),
    Name(56, "error_message", _T, "RFC 2132 9.9", settable=False),
    Name(57, "max_dhcp_size", _16, "RFC 2132 9.10", settable=False),
    Name(58, "renewal_time", _32, "RFC 2132 9.11"),
    Name(59, "rebinding_time", _32, "RFC 2132 9.12"),
    Name(60, "vendor_class_id", _T, "RFC 2132 9.13"),
    Name(61, "client_id", _B, "RFC 2132 9.14", settable=False),
    Name(62, "nwip-domain-name", _T, "RFC 2242 2"),
    Name(64, "NISplus_domain", _T, "RFC 2132 8.11"),
    Name(65, "NISplus_server", _L, "RFC 2132 8.12"),
    Name(66, "tftp_server_name", _T, "RFC 2132 9.4", ("tftp_server",)),
    Name(67, "boot-file-name", _T, "RFC 2132 9.5", ("tftp_filename",)),
    Name(68, "mobile-ip-home-agent", _L, "RFC 2132 8.13"),
    Name(69, "SMTP_server", _L, "RFC 2132 8.14"),
    Name(70, "POP3_server", _L, "RFC 2132 8.15"),
    Name(71, "NNTP_server", _L, "RFC 2132 8.16"),
    Name(72, "WWW_server", _L, "RFC 2132 8.17"),
    Name(73, "Finger_server", _L, "RFC 2132 8.18"),
    Name(74, "IRC_server", _L, "RFC 2132 8.19"),
    Name(75, "StreetTalk_server", _L, "RFC 2132 8.20"),
    Name(76, "StreetTalk_Dir_Assistance", _L, "RFC 2132 8.21"),
    Name(78, "slp_service_agent", _B, "RFC 2610 3"),
    Name(79, "slp_service_scope", _B, "RFC 2610 4"),
    Name(80, "rapid_commit", _B, "RFC 4039 4", settable=False),
    Name(81, "client_FQDN", _B, "RFC 4702 2", settable=False),
    Name(82, "relay_agent_information", _B, "RFC 3046 2", settable=False),
    Name(85, "nds-server", _L, "RFC 2241 2"),
    Name(86, "nds-tree-name", _T, "RFC 2241 3"),
    Name(87, "nds-context", _T, "RFC 2241 4"),
    Name(88, "bcms-controller-namesi", Kind.DOMAINS, "RFC 4280 4"),
    Name(89, "bcms-controller-address", _L, "RFC 4280 4"),
    Name(91, "client-last-transaction-time", _32, "RFC 4388 6.1", settable=False),
    Name(92, "associated-ip", _L, "RFC 4388 6.1", settable=False),
    Name(93, "pxe_client_architecture", Kind.UINT16S, "RFC 4578 2.1", settable=False),
    Name(94, "pxe_client_network_interface", _B, "RFC 4578 2.2", settable=False),
    Name(97, "pxe_client_machine_identifier", _B, "RFC 4578 2.3", settable=False),
    Name(98, "uap-servers", _T, "RFC 2485"),
    Name(100, "pcode", _T, "RFC 4833 2"),
    Name(101, "tcode", _T, "RFC 4833 2"),
    Name(108, "ipv6-only-preferred", _32, "RFC 8925 3.1"),
    Name(112, "netinfo-server-address", _L, "RFC 3679 3.2"),
    Name(113, "netinfo-server-tag", _T, "RFC 3679 3.2"),
    Name(114, "default-url", _T, "RFC 8910 2.1", ("captive-portal",)),
    Name(116, "auto-config", _8, "RFC 2563 2"),
    Name(117, "name-service-search", Kind.UINT16S, "RFC 2937"),
    Name(118, "subnet-selection", _I, "RFC 3011 2", settable=False),
    Name(119, "domain-search", Kind.DOMAINS, "RFC 3397 2", ("domain_search",)),
    Name(121, "classless_static_routes", Kind.ROUTES, "RFC 3442"),
    Name(124, "vendor_class", _B, "RFC 3925 3"),
    Name(125, "vendor_specific_information", _B, "RFC 3925 4"),
    Name(128, "tftp-server-ip-address", _L, "RFC 4578 2.4"),
    Name(136, "pana-agent", _L, "RFC 5192 4"),
    Name(137, "v4-lost", Kind.DOMAINS, "RFC 5223 4"),
    Name(138, "capwap-ac-v4", _L, "RFC 5417 2"),
    Name(141, "sip_ua_service_domains", Kind.DOMAINS, "RFC 6011"),
    Name(146, "rdnss-selection", _B, "RFC 6731 4.3"),
    Name(150, "tftp_server_address", _L, "RFC 5859 2"),
    Name(159, "v4-portparams", _B, "RFC 7618"),
    Name(160, "v4-captive-portal", _T, "RFC 7710 2.1"),
    Name(161, "mud-url", _T, "RFC 8520 10"),
    Name(208, "pxelinux_magic", _B, "RFC 5071 3"),
    Name(209, "pxelinux_configuration_file", _T, "RFC 5071 4"),
    Name(210, "pxelinux_path_prefix", _T, "RFC 5071 5"),
    Name(211, "pxelinux_reboot_time", _32, "RFC 5071 6"),
    Name(212, "option-6rd", _B, "RFC 5969 7.1.1"),
    Name(213, "v4-access-domain", Kind.DOMAINS, "RFC 5986 3.1"),
)

# What stands under `dhcp` besides options.
SWITCHES: tuple[str, ...] = ("enabled",)
