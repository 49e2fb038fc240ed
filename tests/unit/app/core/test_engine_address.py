import pytest

from app.core.engine_address import EngineAddress, read_addresses

READ = {
    "localhost": ["localhost:50051"],
    "10.0.0.7": ["10.0.0.7:50051"],
    "engine_1.pitch.example:6000": ["engine_1.pitch.example:6000"],
    "a, b:6000 ,c": ["a:50051", "b:6000", "c:50051"],
    "a,a:50051,b": ["a:50051", "b:50051"],  # the same one twice is one
    "a,,": ["a:50051"],
    "[::1]": ["[::1]:50051"],
    "[2001:db8:0::7]:6000": ["[2001:db8::7]:6000"],
}


@pytest.mark.parametrize("text", READ)
def test_hosts_are_read_as_people_write_them(text: str) -> None:
    assert [str(address) for address in read_addresses(text, default_port=50051)] == READ[text]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "names no engine"),
        (" , ", "names no engine"),
        ("::1", "is no host"),  # which colon parts the port?
        ("http://engine", "is no host"),
        ("engine:", "is no host"),
        ("engine:0", "no port"),
        ("engine:65536", "no port"),
        ("engine:-1", "is no host"),
        ("two words", "is no host"),
        ("[engine]:50051", "no IPv6 address"),
        ("[]", "no IPv6 address"),
    ],
)
def test_what_is_no_address_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_addresses(text, default_port=50051)


def test_an_ipv6_address_keeps_its_brackets_to_itself() -> None:
    assert read_addresses("[::1]:7", default_port=1) == (EngineAddress("::1", 7),)
