"""Secrets in files of their own."""

from pathlib import Path

import pytest

from app.core.config import Settings
from app.core.secret_files import SECRETS

KEY = "6c1fd5a9e3b04f7fb8c2f6e1d09a7b35"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours, and no .env in the current folder."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(f"{KEY}\n", encoding="utf-8")
    return path


def test_a_secret_is_read_from_the_file_that_the_environment_names(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", str(key_file))
    assert Settings().secret_key.get_secret_value() == KEY


def test_a_secret_is_read_from_the_file_that_dotenv_names_and_beats_a_variable(
    key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path(".env").write_text(f"SECRET_KEY={'x' * 40}\nDB_PASSWORD_FILE={key_file}\nSECRET_KEY_FILE={key_file}\n")
    monkeypatch.setenv("SECRET_KEY", "y" * 40)
    settings = Settings()
    assert settings.secret_key.get_secret_value() == KEY
    assert settings.sqlalchemy_url.password == KEY


def test_an_empty_file_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "password").write_text("\n", encoding="utf-8")
    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setenv("DB_PASSWORD_FILE", str(tmp_path / "password"))
    assert Settings().sqlalchemy_url.get_backend_name() == "sqlite"  # not MariaDB, as with a DB_PASSWORD


def test_a_file_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="nowhere"):
        Settings()


def test_what_is_no_secret_is_read_from_no_file(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL_FILE", str(key_file))
    monkeypatch.setenv("SECRET_KEY", KEY)
    assert Settings().log_level == "INFO"


def test_every_secret_may_lie_in_a_file() -> None:
    hidden = {name for name, field in Settings.model_fields.items() if "SecretStr" in repr(field)}
    assert hidden - {"previous_secret_keys"} == SECRETS  # those are a list


def test_a_token_is_sent_to_no_engine_in_clear() -> None:
    with pytest.raises(ValueError, match="ENGINE_TLS_CA"):
        Settings(_env_file=None, secret_key=KEY, engine_token="0123456789abcdef")  # type: ignore[call-arg, arg-type]
