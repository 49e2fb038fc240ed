"""Configuration: one frozen ``Settings``, read from the environment and ``.env``, handed to ``create_app``.

The names are those of the specification, so its ``.env`` works as printed once ``SECRET_KEY`` is a real one.
"""

import json
import os
from datetime import timedelta
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from dotenv import dotenv_values
from limits import parse
from pydantic import AfterValidator, BeforeValidator, Field, IPvAnyNetwork, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.core.engine_address import EngineAddress, read_addresses
from app.core.secret_files import SecretFiles, variables_of

SECRET_KEY_MIN_BYTES = 32
_PLACEHOLDERS = ("your-secret-key", "change-me", "changeme", "secret-key-here", "replace-me", "placeholder")
_WEBHOOK_RETRY_DELAYS_S = (5.0, 30.0, 120.0, 600.0, 1800.0, 3600.0, 3 * 3600.0, 6 * 3600.0, 12 * 3600.0)
_ENV_FILE = ".env"
_DRIVERS = {"sqlite", "sqlite+pysqlite", "mysql+pymysql", "mariadb+pymysql"}
_BROKERS = {"amqp", "amqps", "redis", "rediss"}

Port = Annotated[int, Field(ge=1, le=65535)]


def _is_a_real_secret(value: SecretStr) -> SecretStr:
    secret = value.get_secret_value()
    if any(placeholder in secret.lower() for placeholder in _PLACEHOLDERS):
        raise ValueError(
            "it is still the placeholder; make a real one with "
            '`python -c "import secrets; print(secrets.token_urlsafe(48))"`'
        )
    if len(secret.encode()) < SECRET_KEY_MIN_BYTES:
        raise ValueError(f"it must be at least {SECRET_KEY_MIN_BYTES} bytes long")
    return value


def _names_engines(value: str) -> str:
    read_addresses(value, default_port=1)
    return value


def _is_a_rate(value: str) -> str:
    try:
        parse(value)
    except ValueError:
        raise ValueError('it must be a number of requests in a time, such as "100 per minute"') from None
    return value


def _is_a_redis(value: SecretStr | None) -> SecretStr | None:
    if value is not None and urlsplit(value.get_secret_value()).scheme not in {"redis", "rediss"}:
        raise ValueError("it must be the address of a Redis, redis://... or rediss://...")
    return value


def _is_a_database(value: SecretStr | None) -> SecretStr | None:
    try:
        known = value is None or _with_driver(make_url(value.get_secret_value())).drivername in _DRIVERS
    except ArgumentError:
        known = False
    if not known:
        raise ValueError("it must be the address of a database, mysql://user:password@host/name or sqlite:///file")
    return value


def _is_a_web_address(value: str | None) -> str | None:
    parts = urlsplit(value or "")
    if value is not None and not (parts.scheme in {"http", "https"} and parts.hostname):
        raise ValueError("it must be the address of a server, https://...")
    return value


def _read_list(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError('it must be a list in JSON, such as ["first", "second"]') from None


Item = TypeVar("Item")
JsonList = Annotated[tuple[Item, ...], NoDecode, BeforeValidator(_read_list)]
RateLimit = Annotated[str, AfterValidator(_is_a_rate)]
Token = Annotated[SecretStr, Field(min_length=16)]
SigningKey = Annotated[SecretStr, AfterValidator(_is_a_real_secret)]


class Settings(BaseSettings):
    """All that an operator can set. Times are seconds; sizes say their unit in the name."""

    model_config = SettingsConfigDict(
        env_file=_ENV_FILE,
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,  # what is refused may be a secret
    )

    # Database: DATABASE_URL, or MariaDB/MySQL as soon as one DB_* variable is set, or SQLite in DATA_DIR.
    database_url: Annotated[SecretStr | None, AfterValidator(_is_a_database)] = None
    db_host: str | None = None
    db_port: Port | None = None
    db_user: str | None = None
    db_password: SecretStr | None = None
    db_name: str | None = None
    db_pool_size: Annotated[int, Field(ge=1)] = 20
    db_max_overflow: Annotated[int, Field(ge=0)] = 40

    # Analysis engine
    analysis_engine_host: Annotated[str, AfterValidator(_names_engines)] = "localhost"
    analysis_engine_port: Port = 50051
    engine_concurrency: Annotated[int, Field(ge=1)] = 4
    engine_idle_timeout_s: Annotated[float, Field(gt=0)] = 180.0
    engine_tls_ca: Path | None = None  # PEM, who signs the engines' certificates; None: no TLS
    engine_tls_name: str | None = None  # in their certificates, where it is not the address
    engine_token: Annotated[Token | None, Field(validate_default=True)] = None  # a bearer token that they ask for
    engine_lock_down: bool = True  # the bundled one: it reads videos, writes to its own folder, and connects nowhere
    engine_output_dir: Path | None = None  # where engines leave results that they do not send

    # Application
    secret_key: SigningKey
    previous_secret_keys: JsonList[SigningKey] = ()  # sign nothing any more, but what they signed is still good
    debug: bool = False
    cors_origins: JsonList[str] = ()
    trusted_proxies: JsonList[IPvAnyNetwork] = ()  # addresses whose FORWARDED_HEADER is believed
    forwarded_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"  # one: proxies pass the other on
    access_token_minutes: Annotated[int, Field(ge=1)] = 24 * 60
    refresh_token_days: Annotated[int, Field(ge=1, le=3650)] = 30
    invitation_keep_days: Annotated[int, Field(ge=0, le=3650)] = 30
    idempotency_keep_hours: Annotated[int, Field(ge=1, le=24 * 365)] = 24
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    event_stream_limit_s: Annotated[float, Field(gt=0)] = 3600.0  # then the client connects again, and is checked anew

    redis_url: Annotated[SecretStr | None, AfterValidator(_is_a_redis)] = (
        None  # for counts and answers of all processes
    )
    cache_life_s: Annotated[int, Field(ge=0, le=24 * 3600)] = 60  # of an answer in Redis; 0: none is kept

    # Limits on requests, as the library `limits` writes them
    rate_limits: bool = True
    rate_limit_per_address: RateLimit = "3000 per minute"
    rate_limit_per_account: RateLimit = "1200 per minute"
    rate_limit_log_ins: RateLimit = "60 per minute"  # per address
    rate_limit_registrations: RateLimit = "60 per hour"  # per address

    # Watching
    ready_free_mb: Annotated[int, Field(ge=0)] = 500  # with less space, /readyz says no
    metrics_networks: JsonList[IPvAnyNetwork] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
    metrics_token: Token | None = None
    worker_metrics_port: Annotated[int, Field(ge=0, le=65535)] = 0

    # Files
    upload_dir: Path = Path("./uploads")
    data_dir: Path = Path("./var")
    max_upload_size_mb: Annotated[int, Field(ge=1)] = 500

    # Videos in a bucket of S3, or of what speaks its protocol; UPLOAD_DIR is then for what comes and goes
    s3_bucket: str | None = None
    s3_prefix: str = ""  # of their names
    s3_endpoint_url: Annotated[str | None, AfterValidator(_is_a_web_address)] = None  # of a server not Amazon's
    s3_region: str | None = None
    s3_access_key_id: str | None = None  # None: boto3 looks for keys where it always does
    s3_secret_access_key: Annotated[SecretStr | None, Field(validate_default=True)] = None
    s3_keep_mb: Annotated[int, Field(ge=0)] = 10_000  # of copies on this machine that nobody uses just now

    # Jobs
    job_backend: Literal["embedded", "celery"] = "embedded"
    celery_broker_url: Annotated[SecretStr | None, Field(validate_default=True)] = None
    celery_queue: Annotated[str, Field(min_length=1, max_length=200)] = "coach_pro.jobs"
    worker_concurrency: Annotated[int, Field(ge=1)] = 2  # of `coach-pro worker`
    embedded_workers: Annotated[int, Field(ge=0)] = 1
    jobs_per_account: Annotated[int, Field(ge=1)] = 4  # that run at once; the others wait, and other accounts go first
    job_lease_s: Annotated[float, Field(ge=1)] = 30.0
    job_sweep_s: Annotated[float, Field(gt=0)] = 5.0
    job_max_attempts: Annotated[int, Field(ge=1)] = 3
    job_retry_base_s: Annotated[float, Field(gt=0)] = 2.0
    job_retry_cap_s: Annotated[float, Field(gt=0)] = 60.0
    engine_wait_limit_s: Annotated[float, Field(gt=0)] = 24 * 3600.0

    # Virus scanner
    clamav_host: str | None = None  # a name, an address, or the path of a Unix socket
    clamav_port: Port = 3310
    clamav_timeout_s: Annotated[float, Field(gt=0)] = 300.0
    clamav_max_file_mb: Annotated[int, Field(ge=1, le=2047)] = 100  # clamd's own MaxFileSize, which it does not tell
    virus_scan_policy: Literal["require", "warn", "off"] = "warn"

    # Webhooks
    webhook_allow_private: bool = False
    webhook_senders: Annotated[int, Field(ge=0)] = 2
    webhook_sweep_s: Annotated[float, Field(gt=0)] = 2.0
    webhook_timeout_s: Annotated[float, Field(gt=0)] = 15.0
    webhook_lease_s: Annotated[float, Field(ge=1)] = 60.0
    webhook_retry_delays_s: JsonList[Annotated[float, Field(ge=0)]] = _WEBHOOK_RETRY_DELAYS_S
    webhook_disable_after: Annotated[int, Field(ge=1)] = 5
    webhook_log_days: Annotated[int, Field(ge=1, le=3650)] = 30

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        variables = variables_of(dotenv_settings) | variables_of(env_settings)
        return init_settings, SecretFiles(settings_cls, variables), env_settings, dotenv_settings

    @field_validator("job_backend")
    @classmethod
    def _needs_what_is_installed(cls, value: str) -> str:
        if value == "celery" and find_spec("celery") is None:
            raise ValueError("celery is not installed; it comes with the extra, `pip install coach-pro[celery]`")
        return value

    @field_validator("s3_bucket")
    @classmethod
    def _needs_its_library(cls, value: str | None) -> str | None:
        if value is not None and find_spec("boto3") is None:
            raise ValueError("boto3 is not installed; it comes with the extra, `pip install coach-pro[s3]`")
        return value

    @field_validator("s3_secret_access_key")
    @classmethod
    def _goes_with_its_id(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if (value is None) != (info.data.get("s3_access_key_id") is None):
            raise ValueError("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are set together, or neither of them")
        return value

    @field_validator("engine_token")
    @classmethod
    def _is_sent_encrypted(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None and info.data.get("engine_tls_ca") is None:
            raise ValueError("a token is sent to engines over TLS only; name their authority in ENGINE_TLS_CA")
        return value

    @field_validator("celery_broker_url")
    @classmethod
    def _is_the_broker_that_celery_needs(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is None and info.data.get("job_backend") == "celery":
            raise ValueError("JOB_BACKEND=celery needs the address of a broker, amqp://... or redis://...")
        if value is not None and urlsplit(value.get_secret_value()).scheme not in _BROKERS:
            raise ValueError("it must be the address of a RabbitMQ (amqp://...) or of a Redis (redis://...)")
        return value

    @field_validator("virus_scan_policy")
    @classmethod
    def _has_the_scanner_that_it_requires(cls, value: str, info: ValidationInfo) -> str:
        if value == "require" and info.data.get("clamav_host") is None:
            raise ValueError("require needs CLAMAV_HOST, the address of ClamAV's clamd")
        return value

    @field_validator("webhook_lease_s")
    @classmethod
    def _outlasts_a_receiver(cls, value: float, info: ValidationInfo) -> float:
        if value <= info.data.get("webhook_timeout_s", 0.0):
            raise ValueError("it must be longer than WEBHOOK_TIMEOUT_S, or messages are sent twice")
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
    def session_life(self) -> timedelta:
        """How long a log-in lasts without being used."""
        return timedelta(days=self.refresh_token_days)

    @property
    def engine_addresses(self) -> tuple[EngineAddress, ...]:
        return read_addresses(self.analysis_engine_host, default_port=self.analysis_engine_port)

    @property
    def has_embedded_workers(self) -> bool:
        """Whether a process that serves the API runs jobs as well."""
        return self.embedded_workers > 0 and self.job_backend == "embedded"

    @property
    def embedded_webhook_senders(self) -> int:
        """Threads that send webhooks beside the embedded workers; a process without workers leaves it to the others."""
        return self.webhook_senders if self.has_embedded_workers else 0

    @property
    def idempotency_keep(self) -> timedelta:
        """How long a request can be repeated with its Idempotency-Key."""
        return timedelta(hours=self.idempotency_keep_hours)


def read_settings() -> Settings:
    """From the environment and ``.env``, for a program that begins.

    What ``.env`` says to OpenTelemetry (``OTEL_...``) becomes part of the environment, the only place where its library
    looks, and that of the engine beside us.
    """
    for name, value in dotenv_values(_ENV_FILE).items():
        if name.startswith("OTEL_") and value:
            os.environ.setdefault(name, value)
    return Settings()


def _with_driver(url: URL) -> URL:
    """``mysql://`` and ``mariadb://`` as people write them, with the driver that is installed."""
    if url.drivername in {"mysql", "mariadb"}:
        url = url.set(drivername="mysql+pymysql")
    if url.drivername == "mysql+pymysql" and "charset" not in url.query:
        url = url.update_query_dict({"charset": "utf8mb4"})
    return url
