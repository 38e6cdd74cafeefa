from django.urls import path

from shanyraq.domains.placement.web import views_kindergarten as views

app_name = "kindergarten"
urlpatterns = [
    path("", views.Pick.as_view(), name="pick"),
    path("<uuid:organisation>/", views.Home.as_view(), name="home"),
    path("<uuid:organisation>/groups/new/", views.OpenGroup.as_view(), name="new_group"),
    path("<uuid:organisation>/groups/<uuid:group>/", views.Group.as_view(), name="group"),
    path("<uuid:organisation>/groups/<uuid:group>/list.csv", views.GroupFile.as_view(), name="group_file"),
    path("<uuid:organisation>/groups/<uuid:group>/places/", views.Places.as_view(), name="places"),
    path("<uuid:organisation>/arrivals/<uuid:offer>/enrol/", views.Enrol.as_view(), name="enrol"),
    path("<uuid:organisation>/arrivals/<uuid:offer>/refuse/", views.Refuse.as_view(), name="refuse"),
    path("<uuid:organisation>/arrivals/<uuid:offer>/contract/", views.SignContract.as_view(), name="contract"),
    path("<uuid:organisation>/children/<uuid:enrolment>/leave/", views.Leave.as_view(), name="leave"),
    path("<uuid:organisation>/swaps/<uuid:swap>/consent/", views.SwapConsent.as_view(), name="swap_consent"),
    path("<uuid:organisation>/swaps/<uuid:swap>/refuse/", views.SwapRefusal.as_view(), name="swap_refusal"),
]
