"""Django settings. Secrets come from the environment, policy from `outreach.toml`, the rest has defaults that work."""

from __future__ import annotations

import os
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.utils.translation import gettext_lazy as _

from outreach import configuration, database, storage

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("OUTREACH_DATA_DIR") or BASE_DIR / "var").resolve()
CONFIGURATION_PATH = Path(os.environ.get("OUTREACH_CONFIG") or BASE_DIR / "outreach.toml")
OUTREACH, CONFIGURATION_FAULTS = configuration.load(
    CONFIGURATION_PATH, is_named=bool(os.environ.get("OUTREACH_CONFIG"))
)


def environment_flag(name: str, *, default: bool = False) -> bool:
    """A boolean from the environment; anything but 1/0, true/false, yes/no, on/off is an error at start."""
    text = os.environ.get(name, "").strip().lower()
    if not text:
        return default
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off"}:
        return False
    raise SystemExit(f"{name}={text!r} is neither true nor false. Use 1 or 0.")


DEBUG = environment_flag("OUTREACH_DEBUG")
DEMO = environment_flag("OUTREACH_DEMO")
"""The demo world: the login `demo` / `demo` exists only while this is set."""


def _secret_key() -> str:
    """`SECRET_KEY` from the environment, else one made on first start and kept beside the data."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    path = DATA_DIR / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        DATA_DIR.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        file.write(key := secrets.token_urlsafe(50))
    return key


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]

PUBLIC_BASE_URL = configuration.address(
    os.environ.get("PUBLIC_BASE_URL") or OUTREACH.web.public_base_url or "http://127.0.0.1:8000"
)
ALLOWED_HOSTS = [
    "127.0.0.1",
    "localhost",
    "[::1]",
    PUBLIC_BASE_URL.split("://", 1)[-1].split(":", 1)[0],
    *OUTREACH.web.allowed_hosts,
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_BASE_URL]
_HTTPS = PUBLIC_BASE_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "outreach.core.console.ConsoleConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "django.contrib.postgres",
    "chartkick.django",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "django_typer",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    # the floor
    "outreach.core",
    "outreach.access",
    "outreach.jobs",
    "django_q",  # after us: the command `qcluster` is ours
    "outreach.limits",
    "outreach.web",
    "outreach.llm",
    "outreach.prompts",
    "outreach.events",
    "outreach.backups",
    "outreach.assistants",
    "outreach.webhooks",
    "outreach.notifications",
    "outreach.ops",
    # the wings, lowest first
    "leads",
    "leads.directory",
    "leads.imports",
    "leads.duplicates",
    "leads.segments",
    "leads.sources",
    "leads.sources.network",
    "leads.qualification",
    "leads.learning",
    "leads.insights",
    "conversations",
    "conversations.network",
    "conversations.files",
    "conversations.tracking",
    "conversations.senders",
    "conversations.consent",
    "conversations.senders.deliverability",
    "conversations.outbox",
    "conversations.booking",
    "conversations.playbooks",
    "conversations.memory",
    "conversations.lab",
    "conversations.inbound",
    "conversations.replies",
    "conversations.inbox",
    "campaigns",
    "campaigns.steps",
    "campaigns.arms",
    "campaigns.scoring",
    "campaigns.predictions",
    "campaigns.learning",
    "campaigns.drafts",
    "campaigns.journey",
    "campaigns.audience",
    "campaigns.rollups",
    "campaigns.sharing",
    "campaigns.review",
    "campaigns.demo",
    "campaigns.demo.sandbox",
]
if environment_flag("OUTREACH_DEVELOPMENT", default="pytest" in sys.modules):
    INSTALLED_APPS.append("django_linear_migrations")

WINGS = ["outreach", "leads", "conversations", "campaigns"]
"""Lowest first. Each has `registry.py`, `schedules.py` and, but for the floor, `subscriptions.py`."""

MIDDLEWARE = [
    "outreach.core.policies.HttpsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "outreach.core.policies.PolicyMiddleware",
    "outreach.core.rest.problems.ApiMiddleware",
    "outreach.core.availability.DatabaseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "outreach.core.surfaces.SessionEndMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "outreach.access.middleware.PreferencesMiddleware",
    "outreach.core.replica.SinceMiddleware",
    "outreach.core.surfaces.ErrorMiddleware",
]

ROOT_URLCONF = "outreach.urls"
ASGI_APPLICATION = "outreach.asgi.application"
WSGI_APPLICATION = "outreach.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "outreach.core.surfaces.product",
            ],
        },
    },
]

FORM_RENDERER = "outreach.core.forms.DesignRenderer"
DATABASES = {"default": database.settings(data_dir=DATA_DIR), **database.replica()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = os.environ.get("REDIS_URL", "")
_CACHE = "redis.RedisCache" if REDIS_URL else "db.DatabaseCache"
CACHES = {
    "default": {"BACKEND": f"django.core.cache.backends.{_CACHE}", "LOCATION": REDIS_URL or "django_cache"},
}

AUTH_USER_MODEL = "access.User"
SESSION_ENGINE = "outreach.access.sessions"
PASSWORD_RESET_TIMEOUT = 3600
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = ["outreach.access.backends.RoleBackend"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

_MAIL = OUTREACH.mail
CAN_MAIL_USERS = bool(_MAIL.host) or DEMO or DEBUG
"""Without a mail server the demo world and a development server print what they would send."""
EMAIL_BACKEND = (
    f"django.core.mail.backends.{'smtp' if _MAIL.host else 'console' if CAN_MAIL_USERS else 'dummy'}.EmailBackend"
)
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER = _MAIL.host, _MAIL.port, _MAIL.username
EMAIL_HOST_PASSWORD = os.environ.get(_MAIL.password_env, "")
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.security == "starttls", _MAIL.security == "ssl"
EMAIL_TIMEOUT = _MAIL.timeout_seconds
DEFAULT_FROM_EMAIL = _MAIL.sender or "outreach@localhost"
"""Mail of the product to its users (invitations, password resets), `[mail]` in outreach.toml; never outreach."""

SANDBOX_SPEED = max(1, int(os.environ.get("OUTREACH_SANDBOX_SPEED") or 1200))
"""How many times faster than people simulated recipients live: at 1,200 their answers come within two minutes."""

DNS_RESOLVER = os.environ.get("OUTREACH_DNS_RESOLVER") or (
    "conversations.senders.deliverability.dns.TableResolver"
    if DEMO or "pytest" in sys.modules
    else "conversations.senders.deliverability.dns.SystemResolver"
)
"""Dotted class that answers questions to the domain name system; the demo world and the tests ask no real one."""
DNS_TABLE: dict[str, dict[str, list[str]] | str] = {"*": "unknown"} if DEMO else {}
"""What `TableResolver` answers: {name: {type: [values]}}, or "unknown" for a name without an answer.

The demo world knows nothing of real domains: an address that a founder brings along is never judged by it.
"""

PROCESSES: dict[str, str] = {"demo-sites": "campaigns.demo.sites.run"} if DEMO else {}
"""Name → dotted function that serves until it is stopped: further processes of `up`."""

LANGUAGE_CODE = OUTREACH.web.language
LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]
LOCALE_PATHS = [BASE_DIR / "outreach" / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = os.environ.get("OUTREACH_STATIC_ROOT") or None
"""Only for a web server that serves static files itself (`collectstatic`); WhiteNoise reads them where they lie."""
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = storage.folder_of(OUTREACH.storage.files, DATA_DIR / "media")
STORAGES = storage.settings(OUTREACH, data_dir=DATA_DIR)
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

_DIRECTIVES = {
    "default-src": [SELF],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "object-src": [NONE],
    "base-uri": [SELF],
    "form-action": [SELF],
    "frame-ancestors": [NONE],
}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": _DIRECTIVES}
"""No inline scripts or styles on our own pages."""
CONTENT_SECURITY_POLICIES = {
    "/admin/": {
        **_DIRECTIVES,
        "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
        "style-src": [SELF, UNSAFE_INLINE],
    },
    "/api/docs/": {**_DIRECTIVES, "style-src": [SELF, UNSAFE_INLINE]},
}
"""Alpine in the admin evaluates attributes, Swagger writes styles; both stay on our own host."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "outreach.access.authentication.ApiKeyAuthentication",
        "outreach.access.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["outreach.access.permissions.RolePermission"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "outreach.core.rest.pages.KeysetPagination",
    "DEFAULT_PARSER_CLASSES": [
        "outreach.core.rest.parsing.StrictJSONParser",
        "rest_framework.parsers.FormParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_SCHEMA_CLASS": "outreach.core.rest.description.Description",
    "DEFAULT_THROTTLE_CLASSES": ["outreach.limits.requests.HourlyThrottle"],
    "EXCEPTION_HANDLER": "outreach.core.rest.problems.api_exception_handler",
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SIMPLE_JWT = {"CHECK_REVOKE_TOKEN": True, "ACCESS_TOKEN_LIFETIME": timedelta(minutes=15)}
SPECTACULAR_SETTINGS = {
    "TITLE": "Outreach API",
    "DESCRIPTION": "Every noun of the product. Authenticate with `Authorization: Api-Key …` or a JWT.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["outreach.access.permissions.RolePermission"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "outreach.core.rest.description.complete",
    ],
    "ENUM_NAME_OVERRIDES": {
        "CampaignModeEnum": "campaigns.models.Campaign.Mode",
        "ConversationStateEnum": "conversations.models.CONVERSATION.choices",
        "DuplicateKindEnum": "leads.duplicates.models.Kind",
        "DuplicateStateEnum": "leads.duplicates.models.DUPLICATE.choices",
        "ImportKindEnum": "leads.imports.models.Batch.Kind",
        "ImportStateEnum": "leads.imports.models.BATCH.choices",
        "MeasurementKindEnum": "leads.learning.models.MeasurementKind",
        "ExperimentModeEnum": "campaigns.arms.models.Experiment.Mode",
        "ExperimentUnitEnum": "campaigns.arms.models.Experiment.Unit",
        "LeadKindEnum": "leads.models.Lead.Kind",
        "MessageStateEnum": "conversations.models.MESSAGE.choices",
        "NetworkAccountStateEnum": "leads.sources.network.models.ACCOUNT.choices",
        "NetworkProfileStateEnum": "leads.sources.network.models.PROFILE.choices",
        "StepActionEnum": "campaigns.steps.models.Step.Action",
    },
}

Q_CLUSTER: dict[str, Any] = {
    "name": "outreach",
    "orm": "default",
    "timeout": 120,
    "retry": 900,
    "recycle": 200,
    "guard_cycle": 0.5,
}
"""Of django-q2 its workers are used (docs/decisions/0003). A system check looks at the times."""

UNFOLD = {
    "SITE_TITLE": "Outreach",
    "SITE_HEADER": "Outreach",
    "SITE_SUBHEADER": _("Operators' console"),
    "SITE_URL": "/",
    "SITE_ICON": "/static/img/mark.svg",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "/static/img/mark.svg"}],
    "STYLES": ["/static/css/console.css"],
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "6px",
    "ENVIRONMENT": "outreach.core.admin.environment",
    "THEME": "outreach.core.admin.theme",
    "DASHBOARD_CALLBACK": "outreach.core.admin.dashboard",
    "SIDEBAR": {"show_search": True},
    "COLORS": {
        "base": {
            "50": "#f7f7f5", "100": "#f1f1ee", "200": "#e3e3dd", "300": "#cfcfc9", "400": "#a1a4ac", "500": "#676a72",
            "600": "#5d6068", "700": "#3f4147", "800": "#2c2e32", "900": "#1a1b1e", "950": "#121315",
        },
        "primary": {
            "50": "#eef1fc", "100": "#dfe5fa", "200": "#c3cdf5", "300": "#aebeff", "400": "#93a8ff", "500": "#6f8af0",
            "600": "#2f4fc4", "700": "#253f9f", "800": "#21367f", "900": "#1e2f66", "950": "#141d40",
        },
    },
}  # fmt: skip
LOGGING_CONFIG = "outreach.core.logs.configure"
LOGGING = {"level": configuration.log_level(os.environ.get("LOG_LEVEL") or "INFO"), "json": not sys.stderr.isatty()}

SILENCED_SYSTEM_CHECKS = [
    "models.W042",
    "security.W005",  # HSTS for subdomains is a decision about hosts that are not ours
    "security.W008",  # core.policies.HttpsMiddleware redirects
    "security.W021",  # so is preloading
]
