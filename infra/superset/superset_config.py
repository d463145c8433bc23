"""Superset's settings for PONAM, loaded through SUPERSET_CONFIG_PATH.

Environment variables, all set by `infra` (none has a default: a missing one stops Superset with its name):

==============================  =======================================================================
PONAM_SUPERSET_DATABASE_URI     SQLAlchemy address of Superset's own metadata, `postgresql://…/ponam_superset`
PONAM_SUPERSET_SECRET_KEY       signs the sessions, encrypts the stored database password
SUPERSET_HOME                   Superset's own variable: the folder for its cache, under PONAM_STATE
==============================  =======================================================================

Every name in capitals is a setting of Superset; what is not set here keeps Superset's default.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from flask import Flask, jsonify, redirect, request
from werkzeug.wrappers import Response

from infra.superset import LANDING_PAGE, exports

SQLALCHEMY_DATABASE_URI = os.environ["PONAM_SUPERSET_DATABASE_URI"]
SECRET_KEY = os.environ["PONAM_SUPERSET_SECRET_KEY"]
GUEST_TOKEN_JWT_SECRET = SECRET_KEY
GLOBAL_ASYNC_QUERIES_JWT_SECRET = SECRET_KEY
SQLALCHEMY_ENGINE_OPTIONS = {"pool_pre_ping": True, "pool_size": 5}

# --- French ---------------------------------------------------------------------------------------------
# U+202F, the narrow no-break space, groups the thousands: 901 304 460 never breaks at the end of a line.
NARROW_NO_BREAK_SPACE = "\u202f"
BABEL_DEFAULT_LOCALE = "fr"
LANGUAGES = {"fr": {"flag": "fr", "name": "Français"}}
D3_FORMAT = {
    "decimal": ",",
    "thousands": NARROW_NO_BREAK_SPACE,
    "grouping": [3],
    "currency": ["", f"{NARROW_NO_BREAK_SPACE}FCFA"],
}
D3_TIME_FORMAT = {
    "dateTime": "%A %e %B %Y à %X",
    "date": "%d/%m/%Y",
    "time": "%H:%M:%S",
    "periods": ["AM", "PM"],
    "days": ["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"],
    "shortDays": ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."],
    "months": [
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ],
    "shortMonths": [
        "janv.", "févr.", "mars", "avr.", "mai", "juin",
        "juil.", "août", "sept.", "oct.", "nov.", "déc.",
    ],
}  # fmt: skip
CURRENCIES = ["XOF", "EUR", "USD"]
FRENCH_ADDED: dict[str, list[str]] = json.loads(
    Path(__file__).with_name("french.json").read_text(encoding="utf-8")
)

# --- Look: one restrained palette, told apart with every common colour blindness --------------------------
APP_NAME = "PONAM"
LOGO_TOOLTIP = "PONAM — tableaux de bord"
EXTRA_CATEGORICAL_COLOR_SCHEMES = [
    {
        "id": "ponam",
        "label": "PONAM",
        "description": "Bleu nuit, ocre, sarcelle : lisible en cas de daltonisme et à l'impression",
        "isDefault": True,
        "colors": [
            "#1F4E79", "#D98E04", "#2A9D8F", "#7FB2D9", "#A23B5E", "#6B7A8F", "#B5CC8E", "#3D3D5C",
        ],
    }
]  # fmt: skip
_WORDMARK = (
    "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' width='96' height='24'>"
    "<rect y='3' width='5' height='18' fill='%232A9D8F'/>"
    "<text x='12' y='19' font-family='Inter, DejaVu Sans, sans-serif' font-size='19' font-weight='700' "
    "fill='%231F4E79'>PONAM</text></svg>"
)
THEME_DEFAULT: dict[str, Any] = {
    "token": {
        "brandAppName": APP_NAME,
        "brandLogoAlt": APP_NAME,
        "brandLogoUrl": _WORDMARK,
        "brandLogoHref": "/",
        "brandLogoHeight": "24px",
        "brandLogoMargin": "18px 0",
        "colorPrimary": "#1F4E79",
        "colorLink": "#1F4E79",
        "fontUrls": [],
        "fontFamily": "Inter, 'DejaVu Sans', Helvetica, Arial, sans-serif",
    },
    "algorithm": "default",
    # A legend names sources: small letters, and no « all / inverse » buttons beside them.
    "echartsOptionsOverrides": {"legend": {"selector": False, "textStyle": {"fontSize": 11}}},
}
THEME_DARK = None
ENABLE_UI_THEME_ADMINISTRATION = False

LOGO_TARGET_PATH = LANDING_PAGE


def FLASK_APP_MUTATOR(app: Flask) -> None:  # noqa: N802 (Superset's own name for this setting)
    """Land on the overview, complete Superset's French, and make every export safe to open."""
    exports.mend()

    @app.before_request
    def _land() -> Response | None:
        """Open the overview after logging in, in place of Superset's half-translated welcome page."""
        return redirect(LANDING_PAGE) if request.endpoint == "Superset.welcome" else None

    @app.before_request
    def _speak_french() -> Response | None:
        """Answer with Superset's language pack and, over it, what that leaves in English or says wrongly."""
        if request.endpoint != "Superset.language_pack" or (request.view_args or {}).get("lang") != "fr":
            return None
        from superset.translations.utils import get_language_pack

        pack = get_language_pack("fr")
        return jsonify(pack | {"locale_data": {"superset": pack["locale_data"]["superset"] | FRENCH_ADDED}})


# --- What is on, what is off ------------------------------------------------------------------------------
FEATURE_FLAGS = {
    "DASHBOARD_RBAC": True,  # a role sees a dashboard's data through that dashboard, and no data set directly
    "DASHBOARD_VIRTUALIZATION": False,  # every chart is drawn at once, so that printing leaves none out
    "ALERT_REPORTS": False,
    "DRILL_BY": False,
    "DRILL_TO_DETAIL": False,
    "EMBEDDABLE_CHARTS": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
    "GLOBAL_ASYNC_QUERIES": False,
    "THUMBNAILS": False,
}
ROW_LIMIT = 10_000
SQL_MAX_ROW = 50_000
SUPERSET_WEBSERVER_TIMEOUT = 60
SQLLAB_TIMEOUT = 30
ALLOWED_EXTENSIONS: set[str] = set()  # no upload
EXCEL_EXTENSIONS: set[str] = set()
CSV_EXTENSIONS: set[str] = set()
COLUMNAR_EXTENSIONS: set[str] = set()
CELERY_CONFIG = None
RESULTS_BACKEND = None
FAB_API_SWAGGER_UI = False
ENABLE_CORS = False
PREVENT_UNSAFE_DB_CONNECTIONS = True
SQLALCHEMY_EXAMPLES_URI = SQLALCHEMY_DATABASE_URI  # never used: no example data is ever loaded

# --- Cache: marts change when a delivery is accepted, so figures are never cached; metadata is -------------
CACHE_CONFIG = {
    "CACHE_TYPE": "FileSystemCache",
    "CACHE_DIR": str(Path(os.environ["SUPERSET_HOME"]) / "cache"),
    "CACHE_DEFAULT_TIMEOUT": 300,
}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}

# --- Security ---------------------------------------------------------------------------------------------
WTF_CSRF_ENABLED = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "20 per minute"
RATELIMIT_ENABLED = True
RATELIMIT_APPLICATION = "1000 per second"  # a page asks for a hundred files at once, and all count
RATELIMIT_STORAGE_URI = "memory://"
HTML_SANITIZATION = True
HTML_SANITIZATION_SCHEMA_EXTENSIONS = {"attributes": {"*": ["className"]}}
# Nothing is loaded from elsewhere: no CDN, no map tile, no font. This is also what stops Superset's
# telemetry pixel, which the built pages always ask for. `unsafe-eval` is what the Handlebars charts compile
# their reviewed templates with; a script still needs the page's nonce to run.
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "frame-ancestors": ["'none'"],
        "script-src": ["'self'", "'strict-dynamic'", "'unsafe-eval'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,  # TLS ends at the proxy; here only 127.0.0.1 is served
    "session_cookie_secure": False,
}
