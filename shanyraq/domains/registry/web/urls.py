from django.urls import path

from shanyraq.domains.registry.web import views_lists as lists
from shanyraq.domains.registry.web import views_record as views

app_name = "record"
urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("organisations/", lists.Organisations.as_view(), name="organisations"),
    path("organisations/file/", lists.OrganisationsFile.as_view(), name="organisations_file"),
    path("organisations/<uuid:organisation>/", views.Organisation.as_view(), name="organisation"),
    path("organisations/<uuid:organisation>/change/", views.ChangeProfile.as_view(), name="change_profile"),
    path("classes/", lists.Classes.as_view(), name="classes"),
    path("classes/file/", lists.ClassesFile.as_view(), name="classes_file"),
    path("pupils/", lists.Pupils.as_view(), name="pupils"),
    path("pupils/file/", lists.PupilsFile.as_view(), name="pupils_file"),
    path("staff/", lists.Staff.as_view(), name="staff"),
    path("staff/file/", lists.StaffFile.as_view(), name="staff_file"),
    path("people/<uuid:person>/", views.Person.as_view(), name="person"),
]
