from django.urls import path

from shanyraq.interfaces.nation import pages, plan_pages, rows_pages

app_name = "nation"
urlpatterns = [
    path("", pages.Board.as_view(), name="country"),
    path("file/<str:form>/", pages.BoardFile.as_view(), name="file"),
    path("indicators/<int:number>/", pages.Indicator.as_view(), name="indicator"),
    path("indicators/<int:number>/file/<str:form>/", pages.IndicatorFile.as_view(), name="indicator_file"),
    path("indicators/<int:number>/rows/", rows_pages.Rows.as_view(), name="rows"),
    path("indicators/<int:number>/rows/<str:form>/", rows_pages.RowsFile.as_view(), name="rows_file"),
    path("numbers/<str:series>/<int:year>/", pages.StableNumber.as_view(), name="number"),
    path("plan/", plan_pages.Plan.as_view(), name="plan"),
    path("plan/file/<str:form>/", plan_pages.PlanFile.as_view(), name="plan_file"),
    path("plan/<int:measure>/", plan_pages.PlanMeasure.as_view(), name="plan_measure"),
    path("report/<int:year>/", pages.YearReport.as_view(), name="report"),
    path("report/<int:year>/pdf/", pages.YearReportPdf.as_view(), name="report_pdf"),
    path("sdmx/<int:year>/<str:message>/", pages.SdmxMessage.as_view(), name="sdmx"),
    path("publish/<int:year>/", pages.Publish.as_view(), name="publish"),
    path("<str:kato>/", pages.Board.as_view(), name="place"),
]
