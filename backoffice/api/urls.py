"""The API's addresses. A bet id is what the client chose, slashes and all."""

from django.urls import path, re_path

from backoffice.api import base, quotes, tickets

app_name = "api"
urlpatterns = [
    path("tickets/", tickets.Intake.as_view(), name="tickets"),
    path("tickets/<path:bet_id>/explanation/", tickets.Explanation.as_view(), name="explanation"),
    path("tickets/<path:bet_id>/timeline/", tickets.Timeline.as_view(), name="timeline"),
    path("tickets/<path:bet_id>/", tickets.Page.as_view(), name="ticket"),
    path("quote/", quotes.Quote.as_view(), name="quote"),
    re_path("", base.Nothing.as_view()),
]
