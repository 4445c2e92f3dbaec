import ipaddress
from typing import Any

import pytest
from pydantic import SecretStr

from app.errors import Misconfigured
from app.judge.endpoint import Endpoint, read_endpoint
from app.judge.transport import is_refused
from app.settings import Settings


def endpoint(url: str | None, **fields: Any) -> Endpoint:
    values: dict[str, Any] = {"api_key": SecretStr("sk-1"), "base_url": url, "model": "m", **fields}
    return read_endpoint(Settings(**values))


@pytest.mark.parametrize(
    "url",
    [
        "https://model.example/v1",
        "https://10.0.0.7:8443/v1",
        "http://localhost:8080/v1",
        "http://127.0.0.1:1234/v1",
        "http://[::1]:1234/v1",
        "HTTPS://Model.Example/V1/",
    ],
)
def test_a_url_that_a_story_may_be_sent_to_is_taken(url: str):
    assert endpoint(url).base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "model.example/v1",
        "ftp://model.example/v1",
        "file:///etc/passwd",
        "https://",
        "https:///v1",
        "http://model.example/v1",
        "http://10.0.0.7/v1",
        "https://user:pass@model.example/v1",
        "https://model.example/v1?key=1",
        "https://model.example/v1#x",
        "https://127.0.0.1@model.example/v1",
        "https://169.254.169.254/latest",
        "https://[::ffff:169.254.169.254]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1]/",
        "https://100.100.100.200/",
        "https://0.0.0.0/",
        "https://2852039166/latest",
        "https://0xa9fea9fe/latest",
        "https://0251.0376.0251.0376/latest",
        "https://169.254.43518/latest",
        "http://2130706433/v1",
        "http://127.1/v1",
        "http://localhost.model.example/v1",
        "https://model.example:99999/v1",
        "https://mo del.example/v1",
    ],
)
def test_a_url_that_a_story_must_not_be_sent_to_is_refused_without_showing_it(url: str):
    with pytest.raises(Misconfigured) as caught:
        endpoint(url)

    assert caught.value.slug == "bad-base-url"
    assert "COACH_BASE_URL" in caught.value.detail
    assert url in {"", "https://"} or url not in caught.value.detail


def test_plain_http_beyond_this_machine_needs_the_operators_word():
    allowed = endpoint("http://llm:8080/v1", allow_http=True)

    assert not allowed.loopback_only
    assert endpoint("http://localhost:8080/v1").loopback_only


def test_without_a_url_the_key_goes_to_openai():
    assert endpoint(None).is_openai
    assert endpoint("https://api.openai.com/v1/").is_openai
    assert not endpoint("https://api.openai.com.evil.example/v1").is_openai


@pytest.mark.parametrize("key", ["", "sk 1", "sk-1\n", "sk-é"])
def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(key: str):
    with pytest.raises(Misconfigured) as caught:
        endpoint("https://model.example/v1", api_key=SecretStr(key))

    assert not key or key not in caught.value.detail


def test_no_endpoint_is_told_as_such():
    with pytest.raises(Misconfigured) as caught:
        endpoint(None, api_key=None)

    assert caught.value.slug == "no-model"


def test_an_endpoint_does_not_show_its_key():
    assert "sk-1" not in repr(endpoint(None))


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ("127.0.0.1", False),
        ("::1", False),
        ("10.1.2.3", False),
        ("8.8.8.8", False),
        ("2606:4700::1", False),
        ("169.254.0.1", True),
        ("::ffff:169.254.169.254", True),
        ("2002:a9fe:a9fe::", True),
        ("fe80::1", True),
        ("fd00:ec2::254", True),
        ("255.255.255.255", True),
        ("239.1.2.3", True),
        ("ff02::1", True),
        ("::", True),
    ],
)
def test_addresses_that_hold_secrets_or_mean_no_host_are_refused(address: str, refused: bool):  # noqa: FBT001
    assert is_refused(ipaddress.ip_address(address)) is refused
