"""Settings. Everything that differs between machines comes from the environment (.env.example)."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from portal.embedded.urls import mail_settings, parse_database_url

BASE_DIR = Path(__file__).resolve().parent.parent


def _flag(name: str, default: str = "0") -> bool:
    return os.environ.get(name, default).lower() in {"1", "true", "yes", "on"}


def _list(name: str, default: str) -> list[str]:
    return [item.strip() for item in os.environ.get(name, default).split(",") if item.strip()]


# --- where things are ------------------------------------------------------------------------
STATE_DIR = Path(os.environ.get("PORTAL_STATE", BASE_DIR / "var"))
PRODUCTION = _flag("PORTAL_PRODUCTION")
DEMO = not PRODUCTION and _flag("DEMO", "1")
PUBLIC_ORIGIN = os.environ.get(
    "PUBLIC_ORIGIN", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}"
).rstrip("/")
SECURE = PUBLIC_ORIGIN.startswith("https://")
FORCE_SCRIPT_NAME = os.environ.get("FORCE_SCRIPT_NAME") or None
_PREFIX = (FORCE_SCRIPT_NAME or "").rstrip("/")


def _secret_key() -> str:
    """SECRET_KEY from the environment; outside production a file of this machine's own."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    file = STATE_DIR / "keys" / "secret_key"
    if not file.exists():
        if PRODUCTION:
            raise RuntimeError("SECRET_KEY must be set in production; see .env.example")
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = file.with_name(f"secret_key.{os.getpid()}")
        temporary.touch(mode=0o600)
        temporary.write_text(secrets.token_urlsafe(48), encoding="utf-8")
        temporary.replace(file)
    return file.read_text(encoding="utf-8").strip()


SECRET_KEY = _secret_key()
KEY_FILE = Path(os.environ.get("PORTAL_KEY_FILE", STATE_DIR / "keys" / "seal.json"))
PRIVATE_MEDIA_ROOT = STATE_DIR / "media"
BACKUP_DIR = Path(os.environ.get("BACKUP_DIR", STATE_DIR / "backups"))
BACKUP_KEY_FILE = Path(os.environ.get("BACKUP_KEY_FILE", STATE_DIR / "keys" / "backup.json"))
PRIVATE_MEDIA_ACCEL = os.environ.get("PRIVATE_MEDIA_ACCEL", "")
UPLOAD_MAX_BYTES = int(os.environ.get("UPLOAD_MAX_BYTES", str(20 * 1024 * 1024)))
UPLOAD_MEDIA_MAX_BYTES = int(os.environ.get("UPLOAD_MEDIA_MAX_BYTES", str(50 * 1024 * 1024)))
# What one person may hand in within a day, and how many files one matter may hold.
UPLOAD_DAY_BYTES = int(os.environ.get("UPLOAD_DAY_BYTES", str(1024 * 1024 * 1024)))
UPLOAD_MAX_FILES = int(os.environ.get("UPLOAD_MAX_FILES", "300"))
# Uploads stop while the database next to them can still write.
UPLOAD_KEEP_FREE = int(os.environ.get("UPLOAD_KEEP_FREE", str(512 * 1024 * 1024)))
CLAMD = os.environ.get("CLAMD", "")  # unix:/path or tcp:host:port of a virus scanner
BULK_LIMIT = int(os.environ.get("BULK_LIMIT", "500"))  # rows one bulk act may touch
IMPORT_MAX_ROWS = int(os.environ.get("IMPORT_MAX_ROWS", "5000"))
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1500
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_PERMISSIONS = 0o600

DEBUG = False
ALLOWED_HOSTS = _list("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = [PUBLIC_ORIGIN] if SECURE else []

# --- the office ------------------------------------------------------------------------------
SITE = {
    "name": os.environ.get("SITE_NAME", "寺坡街道托育服务平台"),
    "desk_name": os.environ.get("SITE_DESK_NAME", "托育监管工作台"),
    "host_office": os.environ.get("SITE_HOST_OFFICE", "舞钢市寺坡街道办事处"),
    "office": os.environ.get("SITE_OFFICE", "寺坡街道办事处"),
    "unit": os.environ.get("SITE_UNIT", "街道卫健办"),
    "phone": os.environ.get("SITE_PHONE", "0375-0000000"),
    "hours": os.environ.get("SITE_HOURS", "工作日 8:00—12:00，14:30—17:30"),
    "uplink_label": os.environ.get("SITE_UPLINK_LABEL", ""),
    "uplink_url": os.environ.get("SITE_UPLINK_URL", ""),
    "icp": os.environ.get("SITE_ICP", ""),
    "police_record": os.environ.get("SITE_POLICE_RECORD", ""),
    "site_id": os.environ.get("SITE_ID_CODE", ""),
}
OFFICE = {"name": SITE["office"], "unit": SITE["unit"], "phone": SITE["phone"]}

# --- apps ------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_include_bootstrap",
    "django_htmx",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "pgtrigger",
    "pghistory",
    "portal.core",
    "facilities",
    "inspections",
    "evaluations",
    "complaints",
    "portal.programme",
    "portal.site",
]
MIDDLEWARE = [
    "portal.core.middleware.SameForAll",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.core.middleware.RequestId",
    # Before whatever answers by itself: a thread keeps the language of its last request.
    "django.middleware.locale.LocaleMiddleware",
    "portal.core.middleware.CleanPath",
    "portal.core.middleware.Maintenance",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.core.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.core.middleware.IdleTimeout",
    "portal.core.middleware.SecondFactorDue",
    "portal.core.middleware.OfferTyped",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.core.middleware.BrowserRules",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
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
                "portal.core.context.site",
                "portal.site.context.counts",
            ]
        },
    }
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# --- database: two logins, one database (R15) --------------------------------------------------
_APP_URL = os.environ.get("DATABASE_URL", "postgresql://portal_app@/portal")
_OWNER_URL = os.environ.get("DATABASE_OWNER_URL", "postgresql://portal_owner@/portal")
DATABASES = {
    "default": parse_database_url(_APP_URL) | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True},
    "owner": parse_database_url(_OWNER_URL),
}
BACKUP_LOGIN = "default"  # pg_dump reads as the application does
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASE_ROUTERS: list[str] = []
_BUDGETS: dict[str, str] = (
    {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ["REDIS_URL"],
    }
    if os.environ.get("REDIS_URL")
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "budgets"}
)
CACHES = {
    # Lock-out counters live here; in the database, so that losing the broker opens no door (R16).
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
    },
    # Hourly budgets of complaints: gone with the broker, which keeps nothing on disk (R16).
    "budgets": _BUDGETS,
}

# --- people ------------------------------------------------------------------------------------
AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["portal.core.accounts.SignedIn"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "core:landing"
ACCOUNT_ADAPTER = "portal.core.accounts.PortalAccountAdapter"
_FORMS = "portal.core.account_forms"
ACCOUNT_FORMS = {
    "login": f"{_FORMS}.LoginForm",
    "reauthenticate": f"{_FORMS}.ReauthenticateForm",
    "change_password": f"{_FORMS}.ChangePasswordForm",
}
MFA_FORMS = {
    "authenticate": f"{_FORMS}.AuthenticateForm",
    "reauthenticate": f"{_FORMS}.MfaReauthenticateForm",
    "activate_totp": f"{_FORMS}.ActivateTOTPForm",
    "deactivate_totp": f"{_FORMS}.DeactivateTOTPForm",
    "add_webauthn": f"{_FORMS}.AddWebAuthnForm",
    "authenticate_webauthn": f"{_FORMS}.AuthenticateWebAuthnForm",
    "reauthenticate_webauthn": f"{_FORMS}.ReauthenticateWebAuthnForm",
    "generate_recovery_codes": f"{_FORMS}.GenerateRecoveryCodesForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "public:home"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {
    "login_failed": "20/15m/ip,5/15m/key",
    "login": "60/m/ip",
    "portal_code": "20/15m/ip,5/15m/key",
    "portal_signup": "10/h/ip",
    "portal_join": "20/h/user",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
MFA_ADAPTER = "portal.core.accounts.PortalMFAAdapter"
MFA_ROLES = _list("MFA_ROLES", "")  # whoever holds one of these roles needs a second factor
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# Browsers want TLS for it, but on the machine itself; the demo runs there without.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE
MFA_TOTP_ISSUER = SITE["name"]
# A code typed as it changes still counts, and so does a phone whose clock is half a minute off.
MFA_TOTP_TOLERANCE = 1
IDLE_MINUTES_STAFF = int(os.environ.get("IDLE_MINUTES_STAFF", "15"))
IDLE_MINUTES_OPERATOR = int(os.environ.get("IDLE_MINUTES_OPERATOR", "60"))
SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# --- e-mail: off until the address of a mail server is given --------------------------------------
_MAIL = mail_settings(os.environ.get("EMAIL_URL", ""))
MAIL_ON = _MAIL["backend"] != "dummy"
EMAIL_BACKEND = f"django.core.mail.backends.{_MAIL['backend']}.EmailBackend"
EMAIL_FILE_PATH = str(STATE_DIR / "mail")  # only for EMAIL_URL=file:
EMAIL_HOST, EMAIL_PORT = _MAIL["host"], int(_MAIL["port"])
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL["user"], _MAIL["password"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL["tls"] == "start", _MAIL["tls"] == "whole"
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "portal@localhost")
EMAIL_TIMEOUT = 15  # seconds; well under the lease of an outbox row

# --- language and time -------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- files of the site ---------------------------------------------------------------------------
STATIC_URL = f"{_PREFIX}/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", STATE_DIR / "static"))
if not PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise serves from the finders instead
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_MANIFEST_STRICT = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "portal.statics.HashedFiles"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}

# --- browser rules -------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_SSL_REDIRECT = SECURE and PRODUCTION
SECURE_HSTS_SECONDS = 63_072_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
if _flag("BEHIND_PROXY"):
    ALLAUTH_TRUSTED_PROXY_COUNT = 1  # else the lock-out would count the whole town as one address
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# R19: __Host- at the root, __Secure- under a sub-path, plain in the http demo.
_COOKIE = ("__Secure-" if _PREFIX else "__Host-") if SECURE else ""
SESSION_COOKIE_NAME = f"{_COOKIE}session"
CSRF_COOKIE_NAME = f"{_COOKIE}csrf"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{_PREFIX}/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_NAME = "language"
CSRF_FAILURE_VIEW = "portal.core.views.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Celery: it only wakes and schedules ----------------------------------------------------------
CELERY_BROKER_URL = os.environ.get("REDIS_URL") or "memory://"
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 3,
    "socket_connect_timeout": 3,
    "max_retries": 1,
}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE = {
    "drain-outbox": {"task": "portal.core.tasks.drain_outbox", "schedule": 30.0},
    "run-jobs": {"task": "portal.core.tasks.run_jobs", "schedule": 30.0},
    "calendar-round": {"task": "portal.core.tasks.calendar_round", "schedule": 600.0},
    "heartbeat": {"task": "portal.core.tasks.heartbeat", "schedule": 60.0},
    "nightly-backup": {"task": "portal.core.tasks.back_up", "schedule": 600.0},
}

# --- logs: no personal data, nothing but what happened --------------------------------------------
_LOG_FORMAT = "json" if os.environ.get("LOG_FORMAT", "plain") == "json" else "plain"
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")  # without one /metrics is off
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "portal.core.logs.Plain", "fmt": "%(levelname)s %(name)s %(message)s"},
        "json": {"()": "portal.core.logs.Json"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": _LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
    # It tells the tags of a picture when asked to talk more: place, owner, device (sec:C1).
    "loggers": {"PIL": {"level": "WARNING"}},
}
ADMINS: list[tuple[str, str]] = []
