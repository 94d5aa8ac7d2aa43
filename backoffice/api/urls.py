"""The API's addresses. A bet id is what the client chose, slashes and all."""

from django.urls import path, re_path

from backoffice.api import (
    acts,
    approvals,
    base,
    feeds,
    provider,
    quotes,
    recoveries,
    reviews,
    tickets,
)

app_name = "api"
urlpatterns = [
    path("tickets/", tickets.Intake.as_view(), name="tickets"),
    path("tickets/<path:bet_id>/explanation/", tickets.Explanation.as_view(), name="explanation"),
    path("tickets/<path:bet_id>/settlements/", acts.OnTicket.as_view(), name="settlements"),
    path("tickets/<path:bet_id>/provider/", provider.LookUp.as_view(), name="provider"),
    path(
        "tickets/<path:bet_id>/provider/cancel/",
        provider.Cancel.as_view(),
        name="provider-cancel",
    ),
    path(
        "tickets/<path:bet_id>/provider/cash-out/",
        provider.CashOut.as_view(),
        name="provider-cash-out",
    ),
    path("tickets/<path:bet_id>/timeline/", tickets.Timeline.as_view(), name="timeline"),
    path("tickets/<path:bet_id>/", tickets.Page.as_view(), name="ticket"),
    path("previews/", acts.Previews.as_view(), name="previews"),
    path("batches/", acts.Batches.as_view(), name="batches"),
    path("batches/<int:number>/", acts.Page.as_view(), name="batch"),
    path("batches/<int:number>/lines/", acts.Lines.as_view(), name="batch-lines"),
    path("batches/<int:number>/reverse/", acts.Reverse.as_view(), name="batch-reverse"),
    path("approvals/", approvals.Waiting.as_view(), name="approvals"),
    path("approvals/<int:number>/", approvals.Decision.as_view(), name="approval"),
    path("reviews/", reviews.Reviews.as_view(), name="reviews"),
    path("reviews/<int:number>/", reviews.Page.as_view(), name="review"),
    path("feeds/", feeds.Feeds.as_view(), name="feeds"),
    path("feeds/<str:name>/", feeds.Page.as_view(), name="feed"),
    path("feeds/<str:name>/messages/", feeds.Messages.as_view(), name="feed-messages"),
    path("feeds/<str:name>/recoveries/", recoveries.Recoveries.as_view(), name="feed-recoveries"),
    path("quote/", quotes.Quote.as_view(), name="quote"),
    re_path("", base.Nothing.as_view()),
]
