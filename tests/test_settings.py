import json
from pathlib import Path
from typing import Any

import pytest
from aiortc import RTCIceServer
from aiortc.rtcicetransport import parse_stun_turn_uri

from signcore.errors import SettingsError
from signcore.settings import SHIPPED_MODEL, Settings, load_settings


def test_the_defaults() -> None:
    settings = load_settings()
    assert settings.model_path == SHIPPED_MODEL
    assert settings.window is None
    assert settings.ice_servers == ()
    assert settings.max_sessions >= 1


def test_everything_is_set_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNCORE_MODEL_PATH", "other.onnx")
    monkeypatch.setenv("SIGNCORE_HOLD_S", "0.4")
    monkeypatch.setenv("SIGNCORE_ICE_SERVERS", '[{"urls": ["turn:example.org"], "username": "u", "credential": "c"}]')
    settings = load_settings()
    assert settings.model_path == Path("other.onnx")
    assert settings.hold_s == 0.4
    assert settings.ice_servers[0].username == "u"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIGNCORE_WINDOW", "0"),
        ("SIGNCORE_WINDOW", "many"),
        ("SIGNCORE_THRESHOLD", "1.5"),
        ("SIGNCORE_HOLD_S", "-1"),
        ("SIGNCORE_SMOOTHING_S", "nan"),
        ("SIGNCORE_MAX_SESSIONS", "0"),
        ("SIGNCORE_ICE_SERVERS", '[{"url": "stun:example.org"}]'),
        ("SIGNCORE_ICE_SERVERS", '[{"urls": "http://example.org"}]'),
        ("SIGNCORE_ICE_SERVERS", '[{"urls": ["stun:example.org", "example.org"]}]'),
        ("SIGNCORE_DATA_DIR", "~nobody_of_this_name/x"),
        ("SIGNCORE_TRESHOLD", "0.9"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load_settings()


@pytest.mark.parametrize(
    ("servers", "said"),
    [
        ('[{"url": "turn:e.org", "credential": "s3cret"}]', "SIGNCORE_ICE_SERVERS, at 0.urls: Field required"),
        ('[{"urls": "turn:e.org", "credentail": "s3cret"}]', "at 0.credentail: Extra inputs are not permitted"),
        ('{"urls": "turn:e.org", "credential": "s3cret"}', "SIGNCORE_ICE_SERVERS: Input should be a valid tuple"),
        ('[{"urls": "http://e.org", "credential": "s3cret"}]', "at 0.urls.0: .*; found 'http://e.org'"),
        ('[{"urls": "turn:e.org", "credential": "s3cret"}]', "at 0: expected username and credential"),
    ],
)
def test_a_credential_is_not_told(monkeypatch: pytest.MonkeyPatch, servers: str, said: str) -> None:
    monkeypatch.setenv("SIGNCORE_ICE_SERVERS", servers)
    with pytest.raises(SettingsError, match=said) as caught:
        load_settings()
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "server",
    [
        '"urls": []',
        '"urls": "turn:e.org:3478"',
        '"urls": "turns:e.org", "username": "u"',
        '"urls": ["stun:e.org", "turn:e.org"], "username": "u", "credential": ""',
        '"urls": "turn:e.org", "username": "", "credential": "c"',
        '"urls": "turn:e.org?transport=sctp", "username": "u", "credential": "c"',
        '"urls": "stun:e.org?transport=udp"',
        '"urls": "stun:e.org:0"',
        '"urls": "stun:e.org:65536"',
        '"urls": "stun:e.org:"',
        '"urls": "stun:e.org#x"',
        '"urls": "stun:[2001:db8::1]:3478"',
    ],
)
def test_ice_servers_that_a_browser_or_aiortc_refuses_are_refused_first(
    monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    monkeypatch.setenv("SIGNCORE_ICE_SERVERS", f"[{{{server}}}]")
    with pytest.raises(SettingsError, match=r"SIGNCORE_ICE_SERVERS, at 0(\.urls(\.\d)?)?: "):
        load_settings()


def test_ice_servers_as_browsers_name_them(monkeypatch: pytest.MonkeyPatch) -> None:
    servers: list[dict[str, Any]] = [
        {"urls": "stun:stun.example.org"},
        {"urls": ["turn:192.0.2.1:3478?transport=tcp", "turns:e.org:65535"], "username": "u", "credential": "c"},
    ]
    monkeypatch.setenv("SIGNCORE_ICE_SERVERS", json.dumps(servers))
    found = load_settings().ice_servers
    assert [server.urls for server in found] == [("stun:stun.example.org",), tuple(servers[1]["urls"])]
    for server in found:
        RTCIceServer(**server.model_dump(mode="json", exclude_none=True))
        for url in server.urls:
            parse_stun_turn_uri(url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("banana", "expected postgresql://user:password@host/name"),
        ("postgresql://ana:s3cret@host:port/x", "expected postgresql://user:password@host/name"),
        ("mysql://ana:s3cret@host/x", r"expected postgresql://user:password@host/name; found mysql://\.\.\."),
    ],
)
def test_a_database_that_is_no_postgresql_is_refused(monkeypatch: pytest.MonkeyPatch, url: str, said: str) -> None:
    monkeypatch.setenv("SIGNCORE_DATABASE_URL", url)
    with pytest.raises(SettingsError, match=f"^SIGNCORE_DATABASE_URL: {said}$") as caught:
        load_settings()
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("kind", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_database(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("SIGNCORE_DATABASE_URL", f"{kind}://ana:s3cret@host:5433/x?sslmode=require")
    assert load_settings().database_url == f"{kind}://ana:s3cret@host:5433/x?sslmode=require"


def test_a_folder_may_be_named_from_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    monkeypatch.setenv("SIGNCORE_DATA_DIR", "~/signcore")
    assert load_settings().data_dir == Path("/somewhere/signcore")


def test_an_empty_variable_sets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    default = Settings()
    for field in Settings.model_fields:
        monkeypatch.setenv(f"SIGNCORE_{field.upper()}", "")
    assert load_settings() == default


def test_a_name_that_is_no_setting_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SIGNCORE_SESSIONS", "4")
    monkeypatch.setenv("SIGNCORE_DATABASE", "postgresql://ana:secret@host/x")
    assert load_settings() == load_settings()
    [said] = caplog.messages
    assert said.startswith("No such setting: SIGNCORE_DATABASE, SIGNCORE_SESSIONS. There are SIGNCORE_MODEL_PATH, ")
    assert "secret" not in said


def test_ice_servers_that_are_no_json_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNCORE_ICE_SERVERS", "stun:example.org")
    with pytest.raises(SettingsError, match="SIGNCORE_ICE_SERVERS: expected JSON"):
        load_settings()
