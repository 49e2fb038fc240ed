"""Configuration: one frozen ``Settings``, read from the environment and ``.env``, handed to ``create_app``.

The names are those of the specification, so its ``.env`` works as printed once ``SECRET_KEY`` is a real one.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url

SECRET_KEY_MIN_BYTES = 32
_PLACEHOLDERS = ("your-secret-key", "change-me", "changeme", "secret-key-here", "replace-me", "placeholder")

Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseSettings):
    """All that an operator can set. Times are seconds; sizes say their unit in the name."""

    model_config = SettingsConfigDict(
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,  # what is refused may be a secret
    )

    # Database: DATABASE_URL, or MariaDB/MySQL as soon as one DB_* variable is set, or SQLite in DATA_DIR.
    database_url: SecretStr | None = None
    db_host: str | None = None
    db_port: Port | None = None
    db_user: str | None = None
    db_password: SecretStr | None = None
    db_name: str | None = None
    db_pool_size: Annotated[int, Field(ge=1)] = 20
    db_max_overflow: Annotated[int, Field(ge=0)] = 40

    # Analysis engine
    analysis_engine_host: str = "localhost"
    analysis_engine_port: Port = 50051
    engine_idle_timeout_s: Annotated[float, Field(gt=0)] = 180.0

    # Application
    secret_key: SecretStr
    debug: bool = False
    cors_origins: tuple[str, ...] = ()
    access_token_minutes: Annotated[int, Field(ge=1)] = 24 * 60
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    # Files
    upload_dir: Path = Path("./uploads")
    data_dir: Path = Path("./var")
    max_upload_size_mb: Annotated[int, Field(ge=1)] = 500

    # Jobs
    embedded_workers: Annotated[int, Field(ge=0)] = 1
    job_lease_s: Annotated[float, Field(ge=1)] = 30.0
    job_sweep_s: Annotated[float, Field(gt=0)] = 5.0
    job_max_attempts: Annotated[int, Field(ge=1)] = 3
    job_retry_base_s: Annotated[float, Field(gt=0)] = 2.0
    job_retry_cap_s: Annotated[float, Field(gt=0)] = 60.0
    engine_wait_limit_s: Annotated[float, Field(gt=0)] = 24 * 3600.0

    @field_validator("secret_key")
    @classmethod
    def _secret_key_is_a_real_one(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value()
        if any(placeholder in secret.lower() for placeholder in _PLACEHOLDERS):
            raise ValueError(
                "SECRET_KEY is still the placeholder; make a real one with "
                '`python -c "import secrets; print(secrets.token_urlsafe(48))"`'
            )
        if len(secret.encode()) < SECRET_KEY_MIN_BYTES:
            raise ValueError(f"SECRET_KEY must be at least {SECRET_KEY_MIN_BYTES} bytes long")
        return value

    @property
    def sqlalchemy_url(self) -> URL:
        if self.database_url is not None:
            return _with_driver(make_url(self.database_url.get_secret_value()))
        mysql = (self.db_host, self.db_port, self.db_user, self.db_password, self.db_name)
        if all(part is None for part in mysql):
            return URL.create("sqlite+pysqlite", database=str(self.data_dir / "coach_pro.db"))
        return URL.create(
            "mysql+pymysql",
            username=self.db_user or "root",
            password=self.db_password.get_secret_value() if self.db_password else None,
            host=self.db_host or "localhost",
            port=self.db_port or 3306,
            database=self.db_name or "coach_pro_db",
            query={"charset": "utf8mb4"},
        )

    @property
    def max_upload_bytes(self) -> int:
        return self.max_upload_size_mb * 1024 * 1024

    @property
    def engine_target(self) -> str:
        return f"{self.analysis_engine_host}:{self.analysis_engine_port}"


def _with_driver(url: URL) -> URL:
    """``mysql://`` and ``mariadb://`` as people write them, with the driver that is installed."""
    if url.drivername in {"mysql", "mariadb"}:
        url = url.set(drivername="mysql+pymysql")
    if url.drivername == "mysql+pymysql" and "charset" not in url.query:
        url = url.update_query_dict({"charset": "utf8mb4"})
    return url
