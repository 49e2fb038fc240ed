"""Which addresses a webhook may have, and that nothing but the result of one look-up decides."""

import ipaddress
from collections.abc import Sequence

import pytest

from app.core.errors import Unprocessable
from app.services.address_guard import AddressGuard, ForbiddenAddress, is_public, resolve

PRIVATE = [
    "0.0.0.0",  # this host
    "10.0.0.1",
    "100.64.0.1",  # between a provider and its customers
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",  # what clouds tell a machine about itself, keys included
    "172.16.0.1",
    "192.0.0.9",  # asks the next router to open a port
    "192.168.1.1",
    "192.88.99.1",  # the next 6to4 relay
    "198.18.0.1",
    "203.0.113.5",
    "224.0.0.1",  # multicast: "global" in the registry
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",  # IPv4-compatible
    "::ffff:127.0.0.1",  # IPv4-mapped
    "::ffff:8.8.8.8",  # public, but no name server answers so
    "64:ff9b::7f00:1",  # NAT64
    "64:ff9b:1::a00:1",
    "2001::1",  # Teredo
    "2002:7f00:1::",  # 6to4 of 127.0.0.1
    "fc00::1",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "172.32.0.1", "192.0.1.1", "2001:4860:4860::8888", "2606:4700::1111"]

# Spellings of 127.0.0.1 and of other private addresses, as a URL may have them.
PRIVATE_HOSTS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0X7F.1",
    "017700000001",
    "127。0。0。1",  # full stops of another script
    "0",
    "3232235777",  # 192.168.1.1
    "0xa9fea9fe",  # 169.254.169.254
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:0:0:1]",
    "[fe80::1]",
    "localhost",
    "LOCALHOST.",
    "a.localhost",
]


def answering(*answers: Sequence[str]) -> AddressGuard:
    """A guard whose name server gives one answer after the other."""
    left = list(answers)
    return AddressGuard(resolver=lambda host, port: left.pop(0))


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_on_the_public_internet_is_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(ForbiddenAddress):
        answering([address]).addresses("receiver.example", 443)
    assert AddressGuard(allow_private=True, resolver=lambda *_: [address]).addresses("receiver.example", 443)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_let_through(address: str) -> None:
    assert answering([address]).addresses("receiver.example", 443) == [address]


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(ForbiddenAddress):
        answering(["8.8.8.8", "1.1.1.1", "10.0.0.1"]).addresses("receiver.example", 443)


def test_a_name_is_judged_anew_each_time() -> None:
    guard = answering(["8.8.8.8"], ["127.0.0.1"], ["8.8.4.4"])
    assert guard.addresses("receiver.example", 443) == ["8.8.8.8"]
    with pytest.raises(ForbiddenAddress):
        guard.addresses("receiver.example", 443)
    assert guard.addresses("receiver.example", 443) == ["8.8.4.4"]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001", "localhost", "::1"])
def test_the_real_look_up_understands_every_spelling_and_the_guard_its_result(host: str) -> None:
    assert all(ipaddress.ip_address(address).is_loopback for address in resolve(host, 80))
    with pytest.raises(ForbiddenAddress):
        AddressGuard().addresses(host, 80)


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
@pytest.mark.parametrize("around", ["http://{}/hook", "HTTPS://{}:8443/hook?a=b#c"])
def test_a_url_that_says_that_it_is_private_is_refused_without_a_look_up(host: str, around: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        answering().check_url(around.format(host))
    assert (refused.value.code, set(refused.value.fields)) == ("url_not_allowed", {"/url"})
    AddressGuard(allow_private=True).check_url(around.format(host))


@pytest.mark.parametrize(
    "url",
    [
        "https://user:password@club.example/hook",
        "https://user@club.example/hook",
        "https://:password@club.example/hook",
        "https://club.example@127.0.0.1/",
        "ftp://club.example/hook",
        "file:///etc/passwd",
        "gopher://club.example/",
        "//club.example/hook",
        "club.example/hook",
        "https:///hook",
        "https://",
        "https://club.example:0/",
        "https://club.example:65536/",
        "https://club.example:port/",
        "https://club example/",
        "https://club%2eexample/",
        "https://0177.0.0.1/",
        "https://[::1/",
        "https://[v1.a:b]/",
        "https://[fe80::1%25eth0]/",
        "https://club.example\\@127.0.0.1/",
        "https://club.example/\n",
        "",
    ],
)
@pytest.mark.parametrize("allow_private", [False, True])
def test_what_is_no_sound_url_of_a_web_server_is_refused_whoever_allows_what(url: str, allow_private: bool) -> None:
    with pytest.raises(Unprocessable) as refused:
        AddressGuard(allow_private=allow_private).check_url(url)
    assert refused.value.detail.endswith(".")


@pytest.mark.parametrize(
    "url",
    [
        "https://club.example/hook",
        "http://club.example:8080/hook?token=a%20b",
        "https://bücher.example/é",
        "https://8.8.8.8/",
        "https://134744072/",  # 8.8.8.8
        "https://[2001:4860:4860::8888]/",
        "https://localhost.club.example/",
        "https://a_b.club.example/@name",
    ],
)
def test_sound_urls_are_let_through_and_judged_when_something_is_sent(url: str) -> None:
    answering().check_url(url)
