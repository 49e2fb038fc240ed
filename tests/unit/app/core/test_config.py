"""Settings: the specification's .env, which database they lead to, and which secrets they refuse."""

import json
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.core.config import Settings
from app.core.engine_address import EngineAddress
from tests.conftest import ROOT

SECRET_KEY = "6c1fd5a9e3b04f7fb8c2f6e1d09a7b35"
SPECIFICATION_ENV = """\
# Database Configuration
DB_HOST=localhost
DB_PORT=3306
DB_USER=root
DB_PASSWORD=your_password
DB_NAME=coach_pro_db

# C++ Engine gRPC Endpoint
ANALYSIS_ENGINE_HOST=localhost
ANALYSIS_ENGINE_PORT=50051

# Application Settings
SECRET_KEY=your-secret-key-here
DEBUG=False
CORS_ORIGINS=["http://localhost:3000"]

# File Storage
UPLOAD_DIR=/var/coach_pro/uploads
MAX_UPLOAD_SIZE_MB=500
"""


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours, and no .env in the current folder."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def settings_from(env: str) -> Settings:
    Path(".env").write_text(env, encoding="utf-8")
    return Settings()


def url_from(*lines: str) -> str:
    settings = settings_from("\n".join([f"SECRET_KEY={SECRET_KEY}", *lines]))
    return settings.sqlalchemy_url.render_as_string(hide_password=False)


def test_the_env_file_of_the_specification_works_with_a_real_secret() -> None:
    settings = settings_from(SPECIFICATION_ENV.replace("your-secret-key-here", SECRET_KEY))
    assert settings.sqlalchemy_url.render_as_string(hide_password=False) == (
        "mysql+pymysql://root:your_password@localhost:3306/coach_pro_db?charset=utf8mb4"
    )
    assert settings.engine_addresses == (EngineAddress("localhost", 50051),)
    assert settings.secret_key.get_secret_value() == SECRET_KEY
    assert settings.debug is False
    assert settings.cors_origins == ("http://localhost:3000",)
    assert settings.upload_dir == Path("/var/coach_pro/uploads")
    assert settings.max_upload_bytes == 500 * 1024 * 1024


def test_the_env_file_of_the_specification_is_refused_with_its_placeholder() -> None:
    with pytest.raises(ValidationError, match="still the placeholder"):
        settings_from(SPECIFICATION_ENV)


def test_a_secret_alone_gives_the_defaults_of_the_specification() -> None:
    settings = settings_from(f"SECRET_KEY={SECRET_KEY}")
    assert settings.engine_addresses == (EngineAddress("localhost", 50051),)
    assert settings.upload_dir == Path("./uploads")
    assert settings.max_upload_size_mb == 500
    assert (settings.db_pool_size, settings.db_max_overflow) == (20, 40)


@pytest.mark.parametrize(
    ("line", "url"),
    [
        # Each variable alone brings MySQL, with the specification's defaults for the rest.
        ("DB_HOST=db.club.example", "mysql+pymysql://root@db.club.example:3306/coach_pro_db?charset=utf8mb4"),
        ("DB_PORT=3307", "mysql+pymysql://root@localhost:3307/coach_pro_db?charset=utf8mb4"),
        ("DB_USER=coach", "mysql+pymysql://coach@localhost:3306/coach_pro_db?charset=utf8mb4"),
        ("DB_PASSWORD=s3cret", "mysql+pymysql://root:s3cret@localhost:3306/coach_pro_db?charset=utf8mb4"),
        ("DB_NAME=club", "mysql+pymysql://root@localhost:3306/club?charset=utf8mb4"),
        # An empty variable is one that is not set.
        ("DB_HOST=", "sqlite+pysqlite:///var/coach_pro.db"),
    ],
)
def test_one_database_variable_is_enough_for_mysql(line: str, url: str) -> None:
    assert url_from(line) == url


@pytest.mark.parametrize(
    ("lines", "url"),
    [
        ([], "sqlite+pysqlite:///var/coach_pro.db"),
        (["DATA_DIR=/srv/coach"], "sqlite+pysqlite:////srv/coach/coach_pro.db"),
    ],
)
def test_without_any_database_variable_the_rows_lie_in_sqlite_under_data_dir(lines: list[str], url: str) -> None:
    assert url_from(*lines) == url


@pytest.mark.parametrize(
    ("given", "url"),
    [
        # What people write gets the driver that is installed, and the character set that holds every letter.
        ("mysql://u:p@h:3310/d", "mysql+pymysql://u:p@h:3310/d?charset=utf8mb4"),
        ("mariadb://u:p@h/d", "mysql+pymysql://u:p@h/d?charset=utf8mb4"),
        ("mysql+pymysql://u:p@h/d", "mysql+pymysql://u:p@h/d?charset=utf8mb4"),
        # What they write out in full is left alone.
        ("mysql+pymysql://u:p@h/d?charset=utf8", "mysql+pymysql://u:p@h/d?charset=utf8"),
        ("sqlite:////srv/other.db", "sqlite:////srv/other.db"),
    ],
)
def test_database_url_beats_the_single_variables(given: str, url: str) -> None:
    assert url_from(f"DATABASE_URL={given}", "DB_HOST=elsewhere", "DB_PASSWORD=other", "DATA_DIR=/srv") == url


def test_the_environment_beats_the_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_NAME", "from_the_environment")
    assert url_from("DB_NAME=from_the_file").endswith("/from_the_environment?charset=utf8mb4")


def test_a_password_may_hold_any_character() -> None:
    password = "p@ss:w/o?r#d%é "
    settings = settings_from(f"SECRET_KEY={SECRET_KEY}\nDB_PASSWORD='{password}'")
    assert settings.sqlalchemy_url.password == password
    assert settings.sqlalchemy_url.host == "localhost"


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "x" * 31,  # one byte short
        "your-secret-key-here",
        "Your-Secret-Key-Here-but-made-longer-than-needed",
        "please-CHANGE-ME-please-change-me-please",
        "replace-me-replace-me-replace-me-replace-me",
    ],
)
def test_a_short_or_placeholder_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings_from(f"SECRET_KEY={secret}")
    assert [error["loc"] for error in refused.value.errors()] == [("secret_key",)]


def test_a_missing_secret_is_refused() -> None:
    with pytest.raises(ValidationError) as refused:
        settings_from("DEBUG=False")
    assert [(error["loc"], error["type"]) for error in refused.value.errors()] == [(("secret_key",), "missing")]


@pytest.mark.parametrize("secret", ["x" * 32, "é" * 16])  # 32 bytes each
def test_a_secret_of_32_bytes_is_long_enough(secret: str) -> None:
    assert settings_from(f"SECRET_KEY={secret}").secret_key.get_secret_value() == secret


def test_a_refused_secret_is_not_repeated_in_the_message() -> None:
    with pytest.raises(ValidationError) as refused:
        settings_from("SECRET_KEY=nearly-good-enough")
    assert "nearly-good-enough" not in str(refused.value)


@pytest.mark.parametrize("wrong", ["short", "your-secret-key-here-but-made-longer-than-needed"])
def test_a_previous_secret_must_be_a_real_one_too(wrong: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings_from(f'SECRET_KEY={SECRET_KEY}\nPREVIOUS_SECRET_KEYS=["{SECRET_KEY}", "{wrong}"]')
    assert [error["loc"] for error in refused.value.errors()] == [("previous_secret_keys", 1)]
    assert wrong not in str(refused.value)


def test_previous_secrets_are_a_list_and_do_not_show() -> None:
    old = ["a" * 32, "b" * 32]
    settings = settings_from(f"SECRET_KEY={SECRET_KEY}\nPREVIOUS_SECRET_KEYS={json.dumps(old)}")
    assert [key.get_secret_value() for key in settings.previous_secret_keys] == old
    assert "a" * 32 not in repr(settings)


def test_secrets_do_not_show_when_settings_are_printed() -> None:
    settings = settings_from(f"SECRET_KEY={SECRET_KEY}\nDB_PASSWORD=hidden-word")
    for text in (repr(settings), str(settings), str(settings.sqlalchemy_url), settings.model_dump_json()):
        assert SECRET_KEY not in text
        assert "hidden-word" not in text


def test_a_password_inside_database_url_does_not_show_when_settings_are_printed() -> None:
    settings = settings_from(f"SECRET_KEY={SECRET_KEY}\nDATABASE_URL=mysql://u:hidden-word@h/d")
    assert "hidden-word" not in repr(settings)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("DB_PORT=0", "db_port"),
        ("DB_PORT=65536", "db_port"),
        ("DB_PORT=mysql", "db_port"),
        ("ANALYSIS_ENGINE_PORT=-1", "analysis_engine_port"),
        ("ANALYSIS_ENGINE_HOST=tcp://engine", "analysis_engine_host"),
        ("ENGINE_CONCURRENCY=0", "engine_concurrency"),
        ("MAX_UPLOAD_SIZE_MB=0", "max_upload_size_mb"),
        ("JOB_MAX_ATTEMPTS=0", "job_max_attempts"),
        ("REFRESH_TOKEN_DAYS=0", "refresh_token_days"),
        ("LOG_LEVEL=LOUD", "log_level"),
    ],
)
def test_a_value_out_of_range_names_its_variable(line: str, name: str) -> None:
    with pytest.raises(ValidationError) as refused:
        settings_from(f"SECRET_KEY={SECRET_KEY}\n{line}")
    assert [error["loc"] for error in refused.value.errors()] == [(name,)]


def test_settings_cannot_be_changed_after_the_start() -> None:
    settings = settings_from(f"SECRET_KEY={SECRET_KEY}")
    with pytest.raises(ValidationError, match="frozen"):
        settings.debug = True  # type: ignore[misc]


def test_variables_of_other_programs_are_ignored() -> None:
    assert settings_from(f"SECRET_KEY={SECRET_KEY}\nPOSTGRES_USER=somebody").debug is False


def test_celery_needs_a_broker() -> None:
    with pytest.raises(ValidationError, match="JOB_BACKEND=celery needs the address of a broker"):
        settings_from(f"SECRET_KEY={SECRET_KEY}\nJOB_BACKEND=celery")


@pytest.mark.parametrize("url", ["http://broker", "broker:5672", "memory://", "sqla+mysql://root@host/broker"])
def test_the_broker_is_a_rabbitmq_or_a_redis(url: str) -> None:
    with pytest.raises(ValidationError, match="it must be the address of a RabbitMQ"):
        settings_from(f"SECRET_KEY={SECRET_KEY}\nCELERY_BROKER_URL={url}")


@pytest.mark.parametrize("url", ["amqp://user:word@broker//", "amqps://broker", "redis://broker/1", "rediss://broker"])
def test_the_password_of_the_broker_is_not_shown(url: str) -> None:
    settings = settings_from(f"SECRET_KEY={SECRET_KEY}\nJOB_BACKEND=celery\nCELERY_BROKER_URL={url}")
    assert settings.celery_broker_url is not None
    assert settings.celery_broker_url.get_secret_value() == url
    assert url not in repr(settings)


def test_a_scan_cannot_be_required_of_no_scanner() -> None:
    with pytest.raises(ValidationError, match="require needs CLAMAV_HOST"):
        settings_from(f"SECRET_KEY={SECRET_KEY}\nVIRUS_SCAN_POLICY=require")
    with_one = settings_from(f"SECRET_KEY={SECRET_KEY}\nVIRUS_SCAN_POLICY=require\nCLAMAV_HOST=/run/clamav/clamd.ctl")
    assert with_one.clamav_host == "/run/clamav/clamd.ctl"


def test_the_lease_of_a_message_outlasts_its_receiver() -> None:
    with pytest.raises(ValidationError, match="must be longer than WEBHOOK_TIMEOUT_S"):
        settings_from(f"SECRET_KEY={SECRET_KEY}\nWEBHOOK_TIMEOUT_S=30\nWEBHOOK_LEASE_S=30")


def test_no_file_is_sent_to_the_scanner_that_is_too_large_for_every_scanner() -> None:
    with pytest.raises(ValidationError, match="less than or equal to 2047"):
        settings_from(f"SECRET_KEY={SECRET_KEY}\nCLAMAV_MAX_FILE_MB=2048")


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (["S3_ENDPOINT_URL=s3.club.example"], "it must be the address of a server"),
        (["S3_ACCESS_KEY_ID=AKIA"], "are set together, or neither of them"),
        (["S3_SECRET_ACCESS_KEY=s3cret"], "are set together, or neither of them"),
        (["S3_KEEP_MB=-1"], "greater than or equal to 0"),
    ],
)
def test_a_store_of_videos_that_cannot_be_meant_is_refused(lines: list[str], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        settings_from("\n".join([f"SECRET_KEY={SECRET_KEY}", *lines]))


def test_the_readme_has_every_setting_and_the_example_no_other() -> None:
    settings = {name.upper() for name in Settings.model_fields}
    told = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert settings <= told
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    shown = re.findall(r"^(?:# ?)?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE)
    assert {name for name in shown if not name.startswith("OTEL_")} <= settings
