"""`ApiConfiguration`, the table of keywords: each with its type, sentence, default and rule."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

from algomancy_data import Schema
from algomancy_scenario import CoreConfig

from ..auth.tokens import Token
from ..limits import Limits
from ..webhooks import Webhook
from . import rules
from .fields import Converted, configuration_class, copied, setting, settings_of


@configuration_class
class ApiConfiguration(CoreConfig):
    """The configuration of one API server.

    Takes the keywords of `algomancy_scenario.CoreConfig` and those of the HTTP side, each by name. Unknown keywords are
    ignored with a warning in the log, so that one dict can configure several front ends.

    Raises:
        ValueError: A value breaks its rule; the message names the keyword and the rule.
    """

    # The problem. A keyword without a rule is one of `CoreConfig`, which checks it.

    etl_factory: Any = setting("class that turns uploaded files into a dataset", see="wiring.md", section="The problem")
    schemas: list[type[Schema]] = setting("list of the schemas of the files", section="The problem")
    data_object_type: type[Any] = setting("class of a dataset", section="The problem")
    algorithms: dict[str, type[Any]] = setting("dict from name to class", section="The problem")
    kpis: dict[str, type[Any]] = setting("dict from name to class", section="The problem")
    autocreate: bool = setting("True: create a scenario for each new dataset", section="The problem")
    autorun: bool = setting("True: run each new scenario", section="The problem")
    default_algo: str | None = setting(
        "name of the algorithm for `autocreate`, which requires it", default=None, section="The problem"
    )
    default_algo_params_values: dict[str, Any] | None = setting(
        "its parameter values", default=None, section="The problem"
    )
    title: str = setting(
        "shown by `/health`, the page and the OpenAPI document", default="Algomancy API", section="The problem"
    )

    # Persistence.

    persistence_backend: Converted[str | None, str] = setting(
        '`"database"` keeps everything; `"none"` keeps nothing; `"json"` is deprecated by the framework',
        default=None,
        section="Persistence",
    )
    database_url: str | None = setting(
        'an SQLAlchemy URL, required by `"database"`', default=None, section="Persistence"
    )
    dataset_storage: str = setting(
        '`"columns"`: keep a dataset exactly; `"tables"`: write its rows to SQL tables, too, for other programs',
        default="columns",
        rule=rules.STORAGE,
        see="persistence.md#tables",
        section="Persistence",
    )
    resume_runs: str = setting(
        '`"queued"`: a start queues the scenarios again that were queued; `"all"`: first those that were running, too; '
        '`"none"`: neither',
        default="queued",
        rule=rules.RESUMED,
        see="persistence.md#queue",
        section="Persistence",
    )
    hydrated_cache_size: int | None = setting(
        "scenarios and datasets kept in memory; None keeps all that were used", default=None, section="Persistence"
    )
    eager_startup: bool = setting(
        "True: load every scenario at startup, and not when it is first used", default=False, section="Persistence"
    )
    has_persistent_state: bool = setting(
        'True without a `persistence_backend` means `"json"`', default=False, section="Persistence"
    )
    data_path: str = setting('folder of `"json"`', default="data", section="Persistence")
    save_type: str | None = setting(
        'file format of `"json"`: `"json"` or `"parquet"`', default="json", section="Persistence"
    )

    # HTTP.

    host: str = setting(
        "address that `ApiLauncher.run` and the command listen on", default="127.0.0.1", rule=rules.TEXT, section="HTTP"
    )
    port: int = setting("TCP port to listen on", default=8051, rule=rules.PORT, section="HTTP")
    prefix: str = setting(
        "path that the routes stand under", default="/api/v1", rule=rules.PREFIX, see="routes.md", section="HTTP"
    )
    docs_url: str | None = setting(
        "path of the page with Swagger UI; None turns it off", default="/docs", rule=rules.PATH, section="HTTP"
    )
    console_url: str | None = setting(
        "path of the console; None turns it off", default="/console", rule=rules.PATH, see="console.md", section="HTTP"
    )
    openapi_url: str | None = setting(
        "path of the OpenAPI document; None turns it and the page off",
        default="/openapi.json",
        rule=rules.PATH,
        section="HTTP",
    )
    compression: bool = setting(
        "compress large responses; False leaves that to a proxy",
        default=True,
        rule=rules.BOOLEAN,
        see="formats.md#compression",
        section="HTTP",
    )
    metrics: bool = setting(
        "serve metrics for Prometheus at `/metrics`; requires the extra `metrics`",
        default=False,
        rule=rules.BOOLEAN,
        see="operations.md#metrics",
        section="HTTP",
    )
    shutdown_grace: float = setting(
        "seconds that a stopping server may take",
        default=10,
        rule=rules.DURATION,
        see="operations.md#shutdown",
        section="HTTP",
    )
    idempotency_seconds: float = setting(
        "seconds that the answer to a POST with an `Idempotency-Key` is kept; 0 turns such keys off",
        default=86_400,
        rule=rules.WINDOW,
        see="idempotency.md",
        section="HTTP",
    )
    idempotency_keys: int = setting(
        "keys that are kept at the same time; beyond it, the oldest of whoever has most are forgotten",
        default=100_000,
        rule=rules.NUMBER,
        see="idempotency.md",
        section="HTTP",
    )
    webhooks: Converted[Sequence[Webhook], list[Webhook]] = setting(
        "list of `Webhook`: servers that get an event when a run ends",
        default=(),
        rule=rules.WEBHOOKS,
        is_secret=True,
        see="webhooks.md",
        section="HTTP",
    )
    limits: Converted[Limits | Mapping[str, Any] | None, Limits] = setting(
        "sizes, times and counts beyond which a request is refused",
        default=None,
        rule=rules.LIMITS,
        convert=rules.as_limits,
        see="#limits",
        section="HTTP",
    )

    # Access.

    tokens: Converted[Sequence[Token], list[Token]] = setting(
        "list of `Token`; without tokens, everybody can do everything",
        default=(),
        rule=rules.TOKENS,
        is_secret=True,
        section="Access",
    )
    tokens_file: str | PathLike[str] | None = setting(
        "file of tokens, which may change while the server runs", default=None, rule=rules.FILE, section="Access"
    )
    authentication: Any = setting(
        "an `AuthenticationBackend` of Starlette, in place of tokens",
        default=None,
        rule=rules.BACKEND,
        section="Access",
    )
    cookie_auth: bool = setting(
        "True: browsers may log in with a token (`POST /login`), and have a cookie from then on",
        default=False,
        rule=rules.BOOLEAN,
        see="access.md#cookies",
        section="Access",
    )
    allow_session_create: bool = setting(
        "False: creating and copying sessions is a 403", default=True, rule=rules.BOOLEAN, section="Access"
    )
    allowed_hosts: list[str] | None = setting(
        'hosts that requests may be for (`"api.example.org"`, `"*.internal"`, `"127.0.0.1"`), without a port; '
        "any other host, and a `Host` that is no name or address, is a 400. None allows all",
        default=None,
        rule=rules.HOSTS,
        section="Access",
    )
    cors_origins: Converted[list[str] | None, list[str]] = setting(
        "origins of web pages that may call the API, with all methods and headers, and with credentials unless it is "
        '`"*"`',
        default=None,
        rule=rules.ORIGINS,
        convert=lambda origins: origins or [],
        section="Access",
    )
    forwarded_allow_ips: str | list[str] | None = setting(
        'proxies whose `X-Forwarded-Proto` and `X-Forwarded-For` are trusted: an address, a list, or `"*"` for all',
        default=None,
        rule=rules.PROXIES,
        section="Access",
    )

    # Engine.

    engine: str = setting(
        '`"thread"`, threads of this process; `"process"`, a process for each run; `"dask"`, a cluster',
        default="thread",
        rule=rules.ENGINE,
        section="Engine",
    )
    engine_address: str | None = setting(
        'address of a Dask scheduler, like `"tcp://host:8786"`; None starts a cluster on this machine',
        default=None,
        rule=rules.ADDRESS,
        section="Engine",
    )
    engine_workers: int | None = setting(
        'runs at the same time, of all sessions, for `"process"` and `"dask"`; None means one for each core, or one '
        "for each thread of a cluster's workers",
        default=None,
        rule=rules.COUNT,
        section="Engine",
    )
    session_runs: int | None = setting(
        'runs at the same time in one session; None means 1 for `"thread"`, and as many as in all sessions for '
        '`"process"` and `"dask"`',
        default=None,
        rule=rules.COUNT,
        see="engines.md#runs-of-a-session",
        section="Engine",
    )
    runs_per_token: int | None = setting(
        "scenarios that a token may have queued or running, in all sessions; one more is a 429. None means no limit",
        default=None,
        rule=rules.COUNT,
        see="engines.md#runs-of-a-session",
        section="Engine",
    )
    run_log: int = setting(
        "bytes that are kept of what a run prints and logs: half of them from its beginning, the others from its end",
        default=10_000_000,
        rule=rules.LOG_SIZE,
        see="engines.md#the-log-of-a-run",
        section="Engine",
    )
    run_timeout: float | None = setting(
        "seconds that a run may take, unless it has a time limit of its own; None means no limit",
        default=None,
        rule=rules.TIME_LIMIT,
        section="Engine",
    )
    threads_per_run: int | None = setting(
        'threads of each library in a run, for `"process"` and `"dask"`; None means the cores of a machine, divided by '
        "the runs that it has at the same time",
        default=None,
        rule=rules.COUNT,
        see="engines.md#what-a-run-may-use",
        section="Engine",
    )
    memory_per_run: int | None = setting(
        'bytes that the process of a run may have, for `"process"` and `"dask"` on Linux; a run that needs more '
        "fails. None means no limit",
        default=None,
        rule=rules.COUNT,
        see="engines.md#what-a-run-may-use",
        section="Engine",
    )
    keep_runs: int = setting(
        "runs of each scenario that its history keeps after their end; 0 for no history",
        default=5,
        rule=rules.AMOUNT,
        see="engines.md#history",
        section="Engine",
    )

    def as_dict(self) -> dict[str, Any]:
        """Every value by its keyword: ``ApiConfiguration(**cfg.as_dict())`` is the same configuration."""
        return super().as_dict() | {one.name: copied(getattr(self, one.name)) for one in settings_of(type(self))}

    def _validate_algorithm_parameters_core(self) -> None:
        """The framework's check, which builds the default algorithm, with parameters that may be times."""
        if not self.autocreate:
            return
        algorithms, self.algorithms = self.algorithms, rules.buildable(self.algorithms)
        try:
            super()._validate_algorithm_parameters_core()
        finally:
            self.algorithms = algorithms

    def __post_init__(self) -> None:
        rules.check_tokens(self.tokens)
        if self.authentication is not None and (self.tokens or self.tokens_file is not None or self.cookie_auth):
            raise ValueError("authentication takes the place of tokens, tokens_file and cookie_auth: give it, or them")
