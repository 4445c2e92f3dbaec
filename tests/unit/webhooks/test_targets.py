"""Which URLs and which addresses a webhook may go to, however they are written."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from app.errors import InvalidInput, Misconfigured
from app.settings import Settings
from app.webhooks import check_target, check_webhooks
from app.webhooks.target import is_not_public

SECRET = SecretStr("whsec_" + "A" * 32)
ALLOWED = ("hooks.example.com", "ci.example.com:8443", "xn--bcher-kva.example", "93.184.216.34", "127.0.0.1:9")


def settings(*hosts: str, **others) -> Settings:
    return Settings(webhook_hosts=hosts or ALLOWED, webhook_secret=SECRET, **others)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com",
        "https://hooks.example.com:443/a/b?c=d%2Fe",
        "HTTPS://Hooks.Example.Com/@me",
        "https://ci.example.com:8443/x",
        "https://xn--bcher-kva.example/",
        "https://93.184.216.34/",
    ],
)
def test_a_url_at_an_allowed_host_and_port_is_taken(url):
    assert not check_target(url, settings()).is_local


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "//hooks.example.com/",
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "gopher://hooks.example.com/",
        "https:hooks.example.com",
        "https:\\\\hooks.example.com/",
        "https://other.example.com/",
        "https://a.hooks.example.com/",
        "https://hooks.example.com.evil.example/",
        "https://hooks.example.com./",
        "https://hooks.example.com:8443/",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:99999/",
        "https://ci.example.com/",
        "https://ann@hooks.example.com/",
        "https://ann:pw@hooks.example.com/",
        "https://@hooks.example.com/",
        "https://hooks.example.com@evil.example/",
        "https://evil.example\\@hooks.example.com/",
        "https://hooks.example.com\\@evil.example/",
        "https://hooks.example.com#@evil.example/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com/\r\nX: y",
        "https://hooks.exam\tple.com/",
        " https://hooks.example.com/",
        "https://hooks.example.com/ x",
        "https://h%6foks.example.com/",
        "https://ｈooks.example.com/",
        "https://hooks。example.com/",
        "https://bücher.example/",
        "https://hooks_example.com/",
        "https://1572395042/",
        "https://0x5db8d822/",
        "https://0135.0270.0330.0042/",
        "https://93.184.55330/",
        "https://093.184.216.34/",
        "https://93.184.216.34./",
        "https://[::ffff:93.184.216.34]/",
        "https://[::ffff:5db8:d822]/",
        "https://127.0.0.1/",
        "http://127.0.0.1:9/",
        "https://localhost/",
        "https://hooks.example.com/" + "x" * 2000,
    ],
)
def test_any_other_url_is_refused_and_not_shown(url):
    with pytest.raises(InvalidInput) as caught:
        check_target(url, settings())
    assert caught.value.slug == "webhook-refused"
    assert "example" not in caught.value.detail


def test_without_hosts_no_webhook_is_sent():
    with pytest.raises(InvalidInput, match="sends no webhooks"):
        check_target("https://hooks.example.com/", Settings())


def test_plain_http_is_for_this_machine_and_only_where_the_operator_says_so():
    local = ("localhost:9", "127.0.0.1:9", "[::1]:9", "hooks.example.com:9")
    for url in ("http://localhost:9/", "http://127.0.0.1:9/", "http://[::1]:9/"):
        assert check_target(url, settings(*local, webhook_loopback=True)).is_local
        with pytest.raises(InvalidInput, match="https"):
            check_target(url, settings(*local))
    for url in ("http://hooks.example.com:9/", "http://127.1:9/", "http://2130706433:9/", "http://localhost.:9/"):
        with pytest.raises(InvalidInput):
            check_target(url, settings(*local, webhook_loopback=True))


@pytest.mark.parametrize(
    "entry", ["https://a.example", "a.example/x", "a@b.example", "*.example.com", "a.example:0", "a.example:x", "127.1"]
)
def test_a_host_that_is_none_stops_the_start(entry):
    with pytest.raises(Misconfigured, match="COACH_WEBHOOK_HOSTS"):
        check_webhooks(settings(entry))


def test_hosts_without_a_secret_stop_the_start_and_no_hosts_need_none():
    check_webhooks(Settings())
    check_webhooks(settings())
    with pytest.raises(Misconfigured, match="COACH_WEBHOOK_SECRET"):
        check_webhooks(Settings(webhook_hosts=("a.example",)))


NEVER = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/8",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "2001::/32",
    "2001:10::/28",
    "2001:20::/28",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fd00:ec2::254/128",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]


@st.composite
def inside(draw):
    network = ipaddress.ip_network(draw(st.sampled_from(NEVER)))
    return network[draw(st.integers(0, network.num_addresses - 1))]


@given(inside())
def test_no_address_of_a_range_that_is_not_public_is_called(address):
    assert is_not_public(address)


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/96", "2002::/16"]))
def test_no_ipv4_address_is_called_by_way_of_ipv6(inner, carrier):
    network = ipaddress.ip_network(carrier)
    shift = 80 if carrier.startswith("2002") else 0
    assert is_not_public(network[int(inner) << shift])


@given(st.ip_addresses(v=4), st.sampled_from([0x5EFE, 0x0200_5EFE]))
def test_no_ipv4_address_is_called_by_an_isatap_tunnel(inner, marker):
    assert is_not_public(ipaddress.IPv6Address(0x2606_2800 << 96 | marker << 32 | int(inner)))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"])
def test_a_public_address_is_called(address):
    assert not is_not_public(ipaddress.ip_address(address))


@given(st.ip_addresses(v=4))
def test_an_address_is_taken_in_one_spelling_only(address):
    number = int(address)
    octets = address.packed
    spellings = [
        str(number),
        hex(number),
        f"0{number:o}",
        ".".join(f"0{octet:o}" for octet in octets),
        ".".join(hex(octet) for octet in octets),
        f"{octets[0]}.{number & 0xFFFFFF}",
        f"{octets[0]}.{octets[1]}.{number & 0xFFFF}",
        f"{address}.",
        f"[::ffff:{address}]",
        f"[::{number >> 16:x}:{number & 0xFFFF:x}]",
        ".".join(f"%{ord(sign):x}" if sign.isdigit() else sign for sign in str(address)),
        str(address).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    ]
    for spelling in spellings:
        with pytest.raises(InvalidInput):
            check_target(f"https://{spelling}/", settings(str(address)))
    assert check_target(f"https://{address}/", settings(str(address)))
