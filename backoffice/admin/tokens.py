"""API tokens: who comes in by which, a form for a new one, and the end of one."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminSelectWidget
from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

from backoffice import tokens
from backoffice.admin.base import ReadOnlyAdmin, actor_of, time_cell
from backoffice.models import LONGEST_NAME, ApiToken, User

USUAL_DAYS = 365


class TokenForm(forms.Form):
    """Whose token, for what, for how long."""

    user = forms.ModelChoiceField(
        queryset=User.objects.none(), widget=UnfoldAdminSelectWidget,
        help_text="The token may do what this user may do. You choose among programs and yourself; "
        "a token of another person takes a superuser.",
    )  # fmt: skip
    name = forms.CharField(
        max_length=LONGEST_NAME, widget=TextInput, help_text="What will use it, and where."
    )
    days = forms.IntegerField(
        required=False, min_value=1, max_value=tokens.LONGEST_LIFE.days, initial=USUAL_DAYS,
        widget=TextInput, help_text="Good for so many days; empty: until it is revoked.",
    )  # fmt: skip

    def __init__(self, *args: Any, maker: User, **words: Any) -> None:
        super().__init__(*args, **words)
        self.fields["user"].queryset = tokens.users_for(maker)  # type: ignore[attr-defined]

    @property
    def life(self) -> timedelta | None:
        """How long the token is good."""
        days = self.cleaned_data["days"]
        return timedelta(days=days) if days else None


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnlyAdmin):
    """The list of tokens. No page shows a secret but the one that made it."""

    change_list_template = "admin/backoffice/tokens.html"
    list_display = ("name", "user", "begins", "made", "expires", "used", "state", "end")
    list_display_links = None
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    ordering = ("-id",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("backoffice.manage_tokens"))

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("new/", wrap(self.new), name="backoffice_new_token"),
            path("<int:pk>/revoke/", wrap(self.revoke), name="backoffice_revoke_token"),
            *super().get_urls(),
        ]

    @admin.display(description="Begins with")
    def begins(self, token: ApiToken) -> SafeString:
        return format_html("<code>{}…</code>", token.prefix)

    @admin.display(description="Made (UTC)", ordering="id")
    def made(self, token: ApiToken) -> SafeString:
        return time_cell(token.created_at)

    @admin.display(description="Expires (UTC)")
    def expires(self, token: ApiToken) -> SafeString | str:
        return time_cell(token.expires_at) if token.expires_at else "never"

    @admin.display(description="Last used (UTC)")
    def used(self, token: ApiToken) -> SafeString | str:
        return time_cell(token.last_used_at) if token.last_used_at else "never"

    @admin.display(description="State")
    def state(self, token: ApiToken) -> SafeString:
        refusal = token.refusal(timezone.now())
        look, word = ("muted", refusal) if refusal else ("good", "Good")
        return format_html('<span class="word {}">{}</span>', look, word)

    @admin.display(description="")
    def end(self, token: ApiToken) -> SafeString | str:
        if token.revoked_at:
            return ""
        page = reverse("admin:backoffice_revoke_token", args=[token.pk])
        return format_html('<a class="link" href="{}">Revoke…</a>', page)

    def change_view(self, request: HttpRequest, object_id: str, *_: Any, **__: Any) -> HttpResponse:
        """A token has no page of its own: the list says all."""
        self._refuse_strangers(request)
        return redirect("admin:backoffice_apitoken_changelist")

    def new(self, request: HttpRequest) -> HttpResponse:
        """Ask for whom and for what, make the token, and show it this once."""
        self._refuse_strangers(request)
        form = TokenForm(request.POST or None, maker=cast("User", request.user))
        if request.method != "POST" or not form.is_valid():
            return self._page(request, "new_token", form=form)
        try:
            token, secret = tokens.make_token(
                user=form.cleaned_data["user"],
                name=form.cleaned_data["name"],
                life=form.life,
                at=timezone.now(),
                actor=actor_of(request),
            )
        except tokens.TokenRefused as refusal:
            form.add_error(None, str(refusal))
            return self._page(request, "new_token", form=form)
        self.log_addition(request, token, f"For {token.user}")
        return self._page(request, "new_token", token=token, secret=secret)

    def revoke(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask whether it is meant, then let nobody in by this token any more."""
        self._refuse_strangers(request)
        token = ApiToken.objects.select_related("user").filter(pk=pk).first()
        if token is None:
            raise Http404("There is no such token.")
        if request.method != "POST":
            return self._page(request, "revoke_token", token=token)
        if tokens.revoke_token(token=token, at=timezone.now(), actor=actor_of(request)):
            self.log_change(request, token, "Revoked")
            messages.success(request, f"Nobody comes in by {token} any more.")
        else:
            messages.warning(request, f"{token} was revoked before.")
        return redirect("admin:backoffice_apitoken_changelist")

    def _refuse_strangers(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _page(self, request: HttpRequest, page: str, **shown: Any) -> HttpResponse:
        title = "Revoke a token" if page == "revoke_token" else "New token"
        context = self.admin_site.each_context(request) | {
            "title": title, "opts": self.opts, **shown,
        }  # fmt: skip
        return TemplateResponse(request, f"admin/backoffice/{page}.html", context)
