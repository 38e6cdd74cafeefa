from django.urls import path

from shanyraq.domains.contingent.web import views_cases, views_transfers, views_unask, views_years

app_name = "contingent"
urlpatterns = [
    path("", views_cases.Home.as_view(), name="home"),
    path("transfers/", views_transfers.Transfers.as_view(), name="transfers"),
    path("transfers/ask/", views_transfers.Ask.as_view(), name="ask"),
    path("transfers/<uuid:transfer>/", views_transfers.Transfer.as_view(), name="transfer"),
    path("denials/", views_cases.Denials.as_view(), name="denials"),
    path("denials/<uuid:denial>/", views_cases.Denial.as_view(), name="denial"),
    path("corrections/", views_cases.Corrections.as_view(), name="corrections"),
    path("corrections/<uuid:correction>/", views_cases.Correction.as_view(), name="correction"),
    path("corrections/<uuid:correction>/withdraw/", views_unask.HeadUnask.as_view(), name="unask"),
    path("pupils/<uuid:child>/correct/", views_cases.Correct.as_view(), name="correct"),
    path("unlisted/<str:kato>/", views_cases.Unlisted.as_view(), name="unlisted"),
    path("years/", views_years.Years.as_view(), name="years"),
    path("years/organisation/<uuid:organisation>/", views_years.SchoolYear.as_view(), name="year"),
    path(
        "years/organisation/<uuid:organisation>/classes/<uuid:group>/", views_years.Class.as_view(), name="year_class"
    ),
    path("years/territory/<str:kato>/", views_years.TerritoryYear.as_view(), name="year_territory"),
    path("years/done/<uuid:rollover>/", views_years.Done.as_view(), name="year_done"),
    path("years/done/<uuid:rollover>/undo/", views_years.Undo.as_view(), name="year_undo"),
]
