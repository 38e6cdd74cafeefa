"""Every address of the portal, by floor and domain."""

from django.urls import URLPattern, URLResolver, include, path

from shanyraq.domains.placement.web import urls_public
from shanyraq.foundation.ui.views import language
from shanyraq.interfaces.portal import views

PARTS = (
    ("", "shanyraq.foundation.accounts.urls"),
    ("", "shanyraq.foundation.exports.urls"),
    ("", "shanyraq.foundation.imports.urls"),
    ("inbox/", "shanyraq.foundation.notices.urls"),
    ("audit/", "shanyraq.foundation.audit.urls"),
    ("family/", "shanyraq.domains.placement.web.urls_receipts"),
    ("family/", "shanyraq.domains.placement.web.urls_family"),
    ("family/", "shanyraq.domains.contingent.web.urls_family"),
    ("log/", "shanyraq.interfaces.proof.urls"),
    ("audit/log/", "shanyraq.interfaces.proof.urls_oversight"),
    ("kindergarten/", "shanyraq.domains.placement.web.urls_kindergarten"),
    ("district/", "shanyraq.domains.placement.web.urls_district"),
    ("record/", "shanyraq.domains.registry.web.urls"),
    ("comparisons/", "shanyraq.domains.placement.web.urls_whatif"),
    ("what-if/", "shanyraq.domains.placement.web.urls_whatif_public"),
    ("open-data/", "shanyraq.interfaces.opendata.urls"),
    ("dictionary/", "shanyraq.interfaces.dictionary.urls"),
    ("contingent/", "shanyraq.domains.contingent.web.urls"),
    ("certification/", "shanyraq.domains.certification.web.urls"),
    ("checks/", "shanyraq.foundation.checks.urls"),
    ("reconciliation/", "shanyraq.domains.accuracy.web.urls_reconciliation"),
    ("duplicates/", "shanyraq.domains.accuracy.web.urls_duplicates"),
    ("contradictions/", "shanyraq.domains.accuracy.web.urls_contradictions"),
    ("webhooks/", "shanyraq.foundation.webhooks.urls"),
    ("api/", "shanyraq.interfaces.api.urls"),
    ("exchange/", "shanyraq.interfaces.exchange.urls"),
    ("nation/", "shanyraq.interfaces.nation.urls"),
    ("ims/oneroster/", "shanyraq.interfaces.exchange.oneroster.urls"),
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.Home.as_view(), name="home"),
    path("", include(urls_public)),
    path("overview/", views.Overview.as_view(), name="overview"),
    path("law/", views.Law.as_view(), name="law"),
    path("help/", views.Help.as_view(), name="help"),
    path("styleguide/", views.StyleGuide.as_view(), name="styleguide"),
    path("language/<str:code>/", language, name="language"),
    *(path(prefix, include(name)) for prefix, name in PARTS),
]
