from django.urls import path

from shanyraq.domains.placement.web import views_ceremony as ceremony
from shanyraq.domains.placement.web import views_district as views
from shanyraq.domains.placement.web import views_rounds as rounds

app_name = "district"
urlpatterns = [
    path("", views.Pick.as_view(), name="pick"),
    path("<str:kato>/", views.Home.as_view(), name="home"),
    path("<str:kato>/papers/", views.Papers.as_view(), name="papers"),
    path("<str:kato>/papers/<uuid:document>/", views.Paper.as_view(), name="paper"),
    path("<str:kato>/queue/", views.Queue.as_view(), name="queue"),
    path("<str:kato>/queue/list.csv", views.QueueFile.as_view(), name="queue_file"),
    path("<str:kato>/queue/whole.csv", views.WholeQueueFile.as_view(), name="queue_whole_file"),
    path("<str:kato>/applications/<uuid:application>/", views.Application.as_view(), name="application"),
    path("<str:kato>/find/", views.Find.as_view(), name="find"),
    path("<str:kato>/open/<uuid:child>/", views.OpenRecord.as_view(), name="open_record"),
    path("<str:kato>/rounds/", rounds.Rounds.as_view(), name="rounds"),
    path("<str:kato>/ceremonies/", ceremony.OpenCeremony.as_view(), name="open_ceremony"),
    path("<str:kato>/ceremonies/<uuid:ceremony>/", ceremony.DistrictCeremony.as_view(), name="ceremony"),
    path("<str:kato>/rounds/new/", rounds.NewRound.as_view(), name="new_round"),
    path("<str:kato>/rounds/<uuid:round>/", rounds.Round.as_view(), name="round"),
    path("<str:kato>/rounds/<uuid:round>/publish/", rounds.PublishRound.as_view(), name="publish"),
    path("<str:kato>/rounds/<uuid:round>/replay/", rounds.ReplayRound.as_view(), name="replay"),
]
