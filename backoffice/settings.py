"""Settings, read from the environment. Development needs none; production says what it lacks."""

import os
from pathlib import Path

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy

from backoffice import environment, logs
from backoffice.navigation import NAVIGATION

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.1.0"

env = environ.Env()

DEBUG = env.bool("DEBUG", default=True)
if not DEBUG and (refusal := environment.refusal(os.environ)):
    raise ImproperlyConfigured(refusal)

SECRET_KEY = env("SECRET_KEY", default="insecure-development-key-" + "0123456789" * 4)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
HTTPS = env.bool("HTTPS", default=not DEBUG)
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "axes",
    "django_structlog",
    "import_export",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "wallet",
    "settlement",
    "feeds",
    "backoffice",
    "backoffice.api",
]

MIDDLEWARE = [
    "django_structlog.middlewares.RequestMiddleware",
    "backoffice.metrics.RequestMetrics",
    "backoffice.health.RefuseNul",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "backoffice.urls"
WSGI_APPLICATION = "backoffice.wsgi.application"
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
            ],
        },
    },
]

# Database: the application connects as a role that can't rewrite the books. `migrate` borrows
# the owner's credentials (backoffice/management/commands/migrate.py).
DATABASE_URL = env("DATABASE_URL", default="postgresql://localhost/backoffice")
DATABASE_OWNER_URL = env("DATABASE_OWNER_URL", default=DATABASE_URL)
DATABASES = {
    "default": env.db_url_config(DATABASE_URL)
    | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

CELERY_BROKER_URL = env("CELERY_BROKER_URL", default=environment.broker_url(REDIS_URL))
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BEAT_SCHEDULE = {
    "reconcile": {
        "task": "backoffice.tasks.check_books",
        "schedule": 300,
        "options": {"expires": 300},
    },
    "reconcile all": {
        "task": "backoffice.tasks.check_all_books",
        "schedule": crontab(hour=4, minute=10),
    },
    "settle": {
        "task": "settlement.tasks.settle_due",
        "schedule": 5,
        "options": {"expires": 5},
    },
    "acts": {
        "task": "settlement.tasks.finish_acts",
        "schedule": 5,
        "options": {"expires": 5},
    },
    "seal": {"task": "settlement.tasks.seal", "schedule": 30, "options": {"expires": 30}},
    "stale": {
        "task": "settlement.tasks.ask_about_stale",
        "schedule": crontab(minute=20),
    },
    "feeds": {
        "task": "feeds.tasks.watch_feeds",
        "schedule": 5,
        "options": {"expires": 15, "queue": "feeds"},
    },
    "sweep": {"task": "feeds.tasks.sweep", "schedule": 15, "options": {"expires": 15}},
    "sweep by look-ups": {
        "task": "feeds.tasks.sweep_by_look_ups",
        "schedule": 5,
        "options": {"expires": 5},
    },
    "recover overdue": {
        "task": "feeds.tasks.recover_overdue",
        "schedule": crontab(hour=3, minute=30),
    },
    "days": {"task": "feeds.tasks.keep_days", "schedule": 6 * 3600},
    "checkpoint": {
        "task": "backoffice.tasks.checkpoint_house_accounts",
        "schedule": 300,
        "options": {"expires": 300},
    },
}

# Feeds
SWEEP_AFTER = 10  # seconds
# A holder who does not renew his lease for so long is gone: beat starts the feed again.
FEED_LEASE_SECONDS = env.float("FEED_LEASE_SECONDS", default=8)
STALE_OPEN_HOURS = env.int("STALE_OPEN_HOURS", default=24)
RAW_RETENTION_DAYS = env.int("RAW_RETENTION_DAYS", default=60)

# Odds88
ODDS88_FEED_URL = env("ODDS88_FEED_URL", default="")
ODDS88_ECHO_PINGS = env.bool("ODDS88_ECHO_PINGS", default=False)
ODDS88_API_URL = env("ODDS88_API_URL", default="")
ODDS88_CLIENT_ID = env("ODDS88_CLIENT_ID", default="")
ODDS88_PASSWORD = env("ODDS88_PASSWORD", default="")
ODDS88_PATHS = env.json("ODDS88_PATHS", default={})
ODDS88_API_CURRENCY = env("ODDS88_API_CURRENCY", default="EUR")
ODDS88_PLAYER_ID = env("ODDS88_PLAYER_ID", default=r"[0-9A-Za-z#_-]{1,36}")
ODDS88_LOOKUP_SECONDS = env.float("ODDS88_LOOKUP_SECONDS", default=10)
ODDS88_LOOKUPS_PER_SECOND = env.float("ODDS88_LOOKUPS_PER_SECOND", default=5)
ODDS88_DIVIDE_TIMES_BY = env.float("ODDS88_DIVIDE_TIMES_BY", default=1)

# LSports' TRADE. Bets that only one bookmaker knows by their ids count when this is set; tickets
# name them with the specifiers “provider=8”.
LSPORTS_READ_PROVIDER_MARKETS = env.bool("LSPORTS_READ_PROVIDER_MARKETS", default=False)

# Sportradar's Unified Odds Feed. An environment names both addresses; each can be given itself.
UOF_ENVIRONMENT = env("UOF_ENVIRONMENT", default="")
UOF_AMQP_URL = env("UOF_AMQP_URL", default="") or environment.uof_url("amqp", UOF_ENVIRONMENT)
UOF_API_URL = env("UOF_API_URL", default="") or environment.uof_url("api", UOF_ENVIRONMENT)
UOF_TOKEN = env("UOF_TOKEN", default="")
UOF_NODE_ID = env.int("UOF_NODE_ID", default=0) or None
UOF_LIMITS_PER_PRODUCER = env.bool("UOF_LIMITS_PER_PRODUCER", default=False)
UOF_RECONCILE_HOURS = env.int("UOF_RECONCILE_HOURS", default=6)
UOF_DIVIDE_TIMES_BY = env.float("UOF_DIVIDE_TIMES_BY", default=1)
LSPORTS = {
    name: environment.lsports_package(name, os.environ) for name in environment.LSPORTS_PACKAGES
}
LSPORTS_DIVIDE_TIMES_BY = env.float("LSPORTS_DIVIDE_TIMES_BY", default=1)

# The audit's seals are signed with a key that the database does not hold.
AUDIT_KEY = env("AUDIT_KEY", default=environment.DEVELOPMENT_AUDIT_KEY)
AUDIT_KEY_FALLBACKS = env.list("AUDIT_KEY_FALLBACKS", default=[])

# People
AUTH_USER_MODEL = "backoffice.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "admin/locked_out.html"
AXES_RESET_ON_SUCCESS = True
if BEHIND_PROXY:
    # The last address is the one that our own proxy saw; those before it anybody can write.
    AXES_IPWARE_PROXY_ORDER = "right-most"
    AXES_IPWARE_META_PRECEDENCE_ORDER = ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"]
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

# The browser
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
FORMAT_MODULE_PATH = ["backoffice.formats"]

LOGGING = logs.configuration(readable=DEBUG)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "backoffice.api.authentication.BearerToken",
        "backoffice.api.authentication.DeskSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["backoffice.api.bodies.ExactJson"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "backoffice.api.errors.problem_for",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Settlement back-office",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    # The page comes with the software: it opens where there is no Internet.
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["backoffice.api.schema.with_structures"],
}

UNFOLD = {
    "SITE_TITLE": "Settlement desk",
    "SITE_HEADER": "Settlement desk",
    "SITE_SUBHEADER": "Back-office",
    "SITE_SYMBOL": "balance",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("backoffice/favicon.svg"),
        },
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "backoffice.admin.dashboard.add_figures",
    "STYLES": [lambda request: static("backoffice/desk.css")],
    "BORDER_RADIUS": "4px",
    "COLORS": {
        "primary": {
            "50": "oklch(97.1% .014 180)",
            "100": "oklch(94.3% .035 180)",
            "200": "oklch(88.5% .066 180)",
            "300": "oklch(80.5% .1 181)",
            "400": "oklch(70.4% .12 182)",
            "500": "oklch(60% .11 183)",
            "600": "oklch(50% .094 184)",
            "700": "oklch(43.7% .078 185)",
            "800": "oklch(38.6% .063 187)",
            "900": "oklch(33% .052 188)",
            "950": "oklch(25% .045 190)",
        },
    },
    "SIDEBAR": {"show_search": False, "navigation": NAVIGATION},
}
