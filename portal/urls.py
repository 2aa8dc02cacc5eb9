"""The URL table. Apps are named by dotted string only (design §2)."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from portal.core.views import health, metrics

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    *i18n_patterns(
        path("", include("portal.core.urls")),
        path("accounts/", include("portal.core.urls_accounts")),
        path("", include("portal.site.urls")),
        prefix_default_language=False,
    ),
]
handler400 = "portal.core.views.errors.bad_request"
handler403 = "portal.core.views.errors.forbidden"
handler404 = "portal.core.views.errors.not_found"
handler500 = "portal.core.views.errors.server_error"
