from django.urls import path

from shanyraq.domains.contingent.web import views_family, views_unask

app_name = "listing"
urlpatterns = [
    path("listings/<uuid:child>/", views_family.Child.as_view(), name="child"),
    path("listings/<uuid:child>/correct/", views_family.Correct.as_view(), name="correct"),
    path("corrections/<uuid:correction>/withdraw/", views_unask.FamilyUnask.as_view(), name="unask"),
    path("enrolments/<uuid:enrolment>/not-us/", views_family.Deny.as_view(), name="deny"),
    path("denials/<uuid:denial>/withdraw/", views_family.Withdraw.as_view(), name="withdraw"),
    path("transfers/<uuid:transfer>/", views_family.Stop.as_view(), name="transfer"),
]
