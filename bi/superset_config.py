"""Superset's configuration. Superset reads every upper-case name; anything not set here keeps Superset's own default."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import wtforms_json
from jinja2 import ChoiceLoader, FileSystemLoader

from bi.answers import Answers, keep_answers
from bi.palette import CATEGORICAL_SCHEMES, SEQUENTIAL_SCHEMES, THEME
from bi.settings import FOLDER, load_bi_settings
from bi.static import CompressedAssets

if TYPE_CHECKING:
    from flask import Flask

_BI = load_bi_settings()

# a warning at every query whose measure is an expression of ours, and nothing else of use
logging.getLogger("superset.utils.core").setLevel(logging.ERROR)

# Superset starts this library, calls nothing of it, and its last wheel breaks every form of WTForms 3
wtforms_json.init = lambda: None


def _secret_key() -> str:
    key = _BI.rollcall.secret("superset_key")
    if len(key) < 42 or len(set(key)) < 12 or "CHANGE_ME" in key.upper():
        raise SystemExit("The secret superset_key is short or a default one: delete the file and let it be made again.")
    return key


def _password_of(url: Any) -> str:
    """The warehouse's password, read at every connection: it lies in no other place and can be renewed at any time."""
    if url.username != "rollcall_bi_reader":
        raise SystemExit("The BI tool reads the warehouse as rollcall_bi_reader and as nobody else.")
    return _BI.rollcall.secret("pg_bi_reader")


def _at_every_request(app: Flask) -> None:
    """Slow down guessing, let idle sessions end, and keep nothing of the colours that a reader's page offers."""
    from flask import Response, jsonify, request, session

    # Superset limits a login page that nobody posts to; these two are where a password is tried
    limiter = app.appbuilder.sm.limiter
    for door in ("AuthDBView.login", "SecurityApi.login"):
        app.view_functions[door] = limiter.limit(AUTH_RATE_LIMIT, methods=["POST"])(app.view_functions[door])

    @app.before_request
    def renew_session() -> None:
        session.permanent = True

    @app.before_request
    def keep_no_colours() -> Response | None:
        from superset import security_manager

        is_colours = request.method == "PUT" and request.path.endswith("/colors")
        if is_colours and not security_manager.can_access("can_write", "Dashboard"):
            return jsonify({"result": {}})
        return None

    keep_answers(app, Answers(_BI))
    # our templates before Superset's of the same name
    app.jinja_loader = ChoiceLoader([FileSystemLoader(FOLDER / "templates"), app.jinja_loader])


SECRET_KEY = _secret_key()
SQLALCHEMY_DATABASE_URI = _BI.metadata_address
SQLALCHEMY_CUSTOM_PASSWORD_STORE = _password_of
PREVENT_UNSAFE_DB_CONNECTIONS = True
FLASK_APP_MUTATOR = _at_every_request
ADDITIONAL_MIDDLEWARE = [lambda application: CompressedAssets(application, _BI.home / "assets")]

# who comes in: named users only; nothing for the public; a session ends an hour after its last request
PUBLIC_ROLE_LIKE = None
AUTH_USER_REGISTRATION = False
AUTH_ROLES_SYNC_AT_LOGIN = False
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "10 per minute"
RATELIMIT_ENABLED = True
RATELIMIT_STORAGE_URI = "memory://"
# a dashboard asks for its charts all at once
RATELIMIT_APPLICATION = "200 per second"
PERMANENT_SESSION_LIFETIME = timedelta(hours=1)
SESSION_COOKIE_NAME = "rollcall_bi"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _BI.is_secure
ENABLE_PROXY_FIX = _BI.is_secure
WTF_CSRF_ENABLED = True
ENABLE_CORS = False
FAB_API_SWAGGER_UI = False
FAB_ADD_SECURITY_API = False

# what a page may load: this server's own files, and nothing from anywhere else
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'"],
        "script-src": ["'self'", "'strict-dynamic'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "frame_options": "DENY",
    "referrer_policy": "same-origin",
    "force_https": False,  # TLS ends at the proxy in front
    "strict_transport_security": _BI.is_secure,
    "session_cookie_secure": _BI.is_secure,
}

# what the tool may do: read marts and draw them
FEATURE_FLAGS = {
    "DRILL_BY": False,
    "DRILL_TO_DETAIL": False,
    "EMBEDDABLE_CHARTS": False,
    "CSS_TEMPLATES": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
    "ALLOW_ADHOC_SUBQUERY": False,
    "ALERT_REPORTS": False,
    "THUMBNAILS": False,
    "DASHBOARD_VIRTUALIZATION": True,
    # a chart below the screen asks when it is scrolled to
    "DASHBOARD_VIRTUALIZATION_DEFER_DATA": True,
}
ALLOWED_EXTENSIONS: set[str] = set()
CSV_EXTENSIONS: set[str] = set()
EXCEL_EXTENSIONS: set[str] = set()
COLUMNAR_EXTENSIONS: set[str] = set()
ALLOWED_USER_CSV_SCHEMA_FUNC = lambda database, user: []  # noqa: E731
HTML_SANITIZATION = True
SLACK_ENABLE_AVATARS = False
SHOW_STACKTRACE = False

# data are kept by bi/answers.py, which knows of publications; Superset's own data cache would be older than it knows
_CACHE = {
    "CACHE_TYPE": "FileSystemCache",
    "CACHE_DIR": str(_BI.home / "cache"),
    "CACHE_THRESHOLD": 2000,
    "CACHE_OPTIONS": {"mode": 0o600},
}
CACHE_CONFIG = {**_CACHE, "CACHE_DEFAULT_TIMEOUT": 60, "CACHE_KEY_PREFIX": "meta_"}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache", "CACHE_NO_NULL_WARNING": True}
FILTER_STATE_CACHE_CONFIG = {**_CACHE, "CACHE_DEFAULT_TIMEOUT": 86400, "CACHE_KEY_PREFIX": "filter_"}
EXPLORE_FORM_DATA_CACHE_CONFIG = {**_CACHE, "CACHE_DEFAULT_TIMEOUT": 86400, "CACHE_KEY_PREFIX": "explore_"}
CACHE_WARMUP_EXECUTORS: list[Any] = []

# limits: the warehouse itself ends a query after fifteen seconds
ROW_LIMIT = 1000
SQL_MAX_ROW = 50_000
SUPERSET_WEBSERVER_TIMEOUT = 30
SUPERSET_DASHBOARD_PERIODICAL_REFRESH_LIMIT = 300

# how it looks
APP_NAME = "Rollcall"
BABEL_DEFAULT_LOCALE = "en"
LANGUAGES: dict[str, Any] = {}
D3_TIME_FORMAT = {"date": "%-d %B %Y", "time": "%H:%M:%S", "dateTime": "%-d %B %Y %H:%M"}
EXTRA_CATEGORICAL_COLOR_SCHEMES = CATEGORICAL_SCHEMES
EXTRA_SEQUENTIAL_COLOR_SCHEMES = SEQUENTIAL_SCHEMES
THEME_DEFAULT = THEME
THEME_DARK = None
MAPBOX_API_KEY = ""
