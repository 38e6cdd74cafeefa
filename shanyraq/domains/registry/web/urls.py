from django.urls import path

from shanyraq.domains.registry.web import views_authorities as offices
from shanyraq.domains.registry.web import views_circumstances as circumstances
from shanyraq.domains.registry.web import views_classes as classes
from shanyraq.domains.registry.web import views_lists as lists
from shanyraq.domains.registry.web import views_organisation as organisation
from shanyraq.domains.registry.web import views_premises as premises
from shanyraq.domains.registry.web import views_readers as readers
from shanyraq.domains.registry.web import views_record as views
from shanyraq.domains.registry.web import views_reorganising as plans
from shanyraq.domains.registry.web import views_staff as staff

app_name = "record"
# organisations over time, their premises and reorganisations, the offices above them
ORGANISATION = "organisations/<uuid:organisation>"
organisations = [
    path("organisations/new/", organisation.OpenOrganisation.as_view(), name="open_organisation"),
    path(f"{ORGANISATION}/card/", organisation.Card.as_view(), name="card"),
    path(f"{ORGANISATION}/series/", organisation.SeriesPage.as_view(), name="series"),
    path(f"{ORGANISATION}/change/", organisation.ChangeProfile.as_view(), name="change_profile"),
    path(f"{ORGANISATION}/close/", organisation.CloseOrganisation.as_view(), name="close_organisation"),
    path(f"{ORGANISATION}/premises/", premises.Premises.as_view(), name="premises"),
    path(f"{ORGANISATION}/buildings/new/", premises.AddBuilding.as_view(), name="add_building"),
    path(f"{ORGANISATION}/reorganise/", plans.Choose.as_view(), name="reorganise"),
    path(f"{ORGANISATION}/reorganise/merge/", plans.Merge.as_view(), name="merge"),
    path(f"{ORGANISATION}/reorganise/split/", plans.Split.as_view(), name="split"),
    path(f"{ORGANISATION}/reorganise/replace/", plans.Replace.as_view(), name="replacement"),
    path(f"{ORGANISATION}/reorganise/rename/", plans.Rename.as_view(), name="rename"),
    path("reorganisations/", plans.Reorganisations.as_view(), name="reorganisations"),
    path("reorganisations/<uuid:reorganisation>/", plans.One.as_view(), name="reorganisation"),
    path("reorganisations/<uuid:reorganisation>/undo/", plans.Undo.as_view(), name="undo_reorganisation"),
    path("buildings/", premises.Buildings.as_view(), name="buildings"),
    path("buildings/file/", premises.BuildingsFile.as_view(), name="buildings_file"),
    path("buildings/<uuid:building>/change/", premises.ChangeBuilding.as_view(), name="change_building"),
    path("buildings/<uuid:building>/inspect/", premises.InspectBuilding.as_view(), name="inspect_building"),
    path("buildings/<uuid:building>/end/", premises.EndBuilding.as_view(), name="end_building"),
    path("buildings/<uuid:building>/rooms/new/", premises.AddRoom.as_view(), name="add_room"),
    path("rooms/", premises.Rooms.as_view(), name="rooms"),
    path("rooms/file/", premises.RoomsFile.as_view(), name="rooms_file"),
    path("rooms/<uuid:room>/change/", premises.ChangeRoom.as_view(), name="change_room"),
    path("rooms/<uuid:room>/end/", premises.EndRoom.as_view(), name="end_room"),
    path("authorities/", offices.Authorities.as_view(), name="authorities"),
    path("authorities/file/", offices.AuthoritiesFile.as_view(), name="authorities_file"),
]
urlpatterns = [
    *organisations,
    path("", views.Home.as_view(), name="home"),
    path("organisations/", lists.Organisations.as_view(), name="organisations"),
    path("organisations/file/", lists.OrganisationsFile.as_view(), name="organisations_file"),
    path("organisations/<uuid:organisation>/", views.Organisation.as_view(), name="organisation"),
    path("classes/", lists.Classes.as_view(), name="classes"),
    path("classes/file/", lists.ClassesFile.as_view(), name="classes_file"),
    path("pupils/", lists.Pupils.as_view(), name="pupils"),
    path("pupils/file/", lists.PupilsFile.as_view(), name="pupils_file"),
    path("staff/", lists.Staff.as_view(), name="staff"),
    path("staff/file/", lists.StaffFile.as_view(), name="staff_file"),
    path("people/<uuid:person>/", views.Person.as_view(), name="person"),
]

# staff, classes, grounds of support
OF_PERSON, OF_GROUND = "people/<uuid:person>/circumstances/", "circumstances/<uuid:circumstance>/"
urlpatterns += [
    path("organisations/<uuid:organisation>/appoint/", staff.Appoint.as_view(), name="appoint"),
    path("organisations/<uuid:organisation>/appoint/new/", staff.AppointNewcomer.as_view(), name="appoint_newcomer"),
    path("staff/<uuid:employment>/", staff.Work.as_view(), name="work"),
    path("staff/<uuid:employment>/change/", staff.ChangeWork.as_view(), name="change_work"),
    path("staff/<uuid:employment>/end/", staff.EndWork.as_view(), name="end_work"),
    path("organisations/<uuid:organisation>/classes/new/", classes.OpenClass.as_view(), name="open_class"),
    path("classes/<uuid:group>/", classes.Class.as_view(), name="class"),
    path("classes/<uuid:group>/change/", classes.ChangeClass.as_view(), name="change_class"),
    path("classes/<uuid:group>/close/", classes.CloseClass.as_view(), name="close_class"),
    path(OF_PERSON, circumstances.Circumstances.as_view(), name="circumstances"),
    path(f"{OF_PERSON}new/", circumstances.Note.as_view(), name="note_circumstance"),
    path(f"{OF_GROUND}correct/", circumstances.Correct.as_view(), name="correct_circumstance"),
    path(f"{OF_GROUND}end/", circumstances.End.as_view(), name="end_circumstance"),
    path(f"{OF_GROUND}take-back/", circumstances.TakeBack.as_view(), name="take_back_circumstance"),
]

# who saw what
urlpatterns += [
    path("people/<uuid:person>/readers/", readers.Readers.as_view(), name="readers"),
    path("people/<uuid:person>/readers/file/", readers.ReadersFile.as_view(), name="readers_file"),
    path(f"{ORGANISATION}/readings/", readers.StaffReadings.as_view(), name="staff_readings"),
    path(f"{ORGANISATION}/readings/file/", readers.StaffReadingsFile.as_view(), name="staff_readings_file"),
]
