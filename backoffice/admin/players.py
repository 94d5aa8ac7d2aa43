"""Players: who they are, what they hold, how it came about, and money moved by hand."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.admin import statements
from backoffice.admin.base import ReadOnlyAdmin, actor_of, time_cell
from backoffice.admin.moves import MOVES, Move, MoveForm, Preview, PreviewStale
from backoffice.words import grouped, signed, worded
from wallet import selectors
from wallet.models import Account, Player
from wallet.services import KeyReused, WalletRefusal

TICKET = "TICKET "
STATUS_LOOKS = {"ACTIVE": "good", "BLOCKED": "warn", "CLOSED": "muted"}


@admin.register(Player)
class PlayerAdmin(ReadOnlyAdmin):
    """The list of players, and a page for each."""

    list_display = ("external_id", "name", "status_word", "balances", "since")
    list_filter = ("status",)
    search_fields = ("external_id", "name")
    search_help_text = "A player's id exactly, or how his name begins."
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Player]:
        accounts = Account.objects.select_related("currency").order_by("currency_id")
        players: QuerySet[Player] = super().get_queryset(request)
        return players.prefetch_related(Prefetch("accounts", accounts))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Player], search_term: str
    ) -> tuple[QuerySet[Player], bool]:
        """Look for all that was typed at once: a name has blanks."""
        term = search_term.strip()
        if not term:
            return queryset, False
        return queryset.filter(Q(external_id=term) | Q(name__istartswith=term)), False

    @admin.display(description="Status")
    def status_word(self, player: Player) -> SafeString:
        look = STATUS_LOOKS[player.status]
        return format_html('<span class="word {}">{}</span>', look, player.status.capitalize())

    @admin.display(description="Known since (UTC)", ordering="id")
    def since(self, player: Player) -> SafeString:
        return time_cell(player.created_at)

    @admin.display(description="Balances")
    def balances(self, player: Player) -> SafeString:
        held = (
            (grouped(str(selectors.balance(account))), account.currency_id)
            for account in player.accounts.all()
        )
        return format_html_join(", ", '<span class="amount">{} {}</span>', held)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/statement.<str:form>", wrap(self.statement), name="wallet_statement"),
            *(
                path(f"<int:pk>/{word}/", wrap(self.move_money), {"word": word}, "wallet_move")
                for word in MOVES
            ),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show a player's balances and his statement."""
        player = self._player(request, object_id)
        chosen = statements.choose(player, request.GET)
        context = self._context(request, player) | {
            "accounts": [account_card(account) for account in chosen.accounts],
            "statement": chosen,
            "lines": [shown(line) for line in chosen.lines],
            "may_export": request.user.has_perm("wallet.export_statement"),
        }
        return TemplateResponse(request, "admin/wallet/player.html", context)

    def statement(self, request: HttpRequest, pk: int, form: str) -> HttpResponse:
        """Send the chosen statement as a file."""
        player = self._player(request, str(pk))
        if not request.user.has_perm("wallet.export_statement"):
            raise PermissionDenied
        return statements.export(statements.choose(player, request.GET), form)

    def move_money(self, request: HttpRequest, pk: int, word: str) -> HttpResponse:
        """Ask what to move, show what it would do, and do it when that is confirmed."""
        player, move = self._player(request, str(pk)), MOVES[word]
        if not request.user.has_perm(move.permission):
            raise PermissionDenied
        form = MoveForm(request.POST or None, player=player, move=move, initial=request.GET.dict())
        if request.method != "POST" or "edit" in request.POST or not form.is_valid():
            return self._ask(request, player, move, form, None)
        try:
            if "token" in request.POST:
                return self._confirmed(request, player, move, form)
        except PreviewStale as refusal:
            messages.warning(request, str(refusal))
        except WalletRefusal as refusal:
            form.add_error(None, sentence(refusal))
            return self._ask(request, player, move, form, None)
        return self._ask(request, player, move, form, self._preview(form))

    def _preview(self, form: MoveForm) -> Preview | None:
        try:
            return form.preview()
        except WalletRefusal as refusal:
            form.add_error(None, sentence(refusal))
            return None

    def _confirmed(
        self, request: HttpRequest, player: Player, move: Move, form: MoveForm
    ) -> HttpResponse:
        posted = form.post(token=request.POST["token"], actor=actor_of(request))
        account = selectors.account_of(player=player, currency=form.unit.code)
        balance = grouped(str(selectors.balance(account))) if account else "0"
        again = " (it had been posted before: nothing moved twice)" if posted.repeated else ""
        messages.success(
            request,
            f"{move.title} posted{again}. {player} now holds {balance} {form.unit.code}.",
        )
        target = reverse("admin:wallet_player_change", args=[player.pk])
        return redirect(f"{target}?currency={form.unit.code}")

    def _ask(
        self,
        request: HttpRequest,
        player: Player,
        move: Move,
        form: MoveForm,
        preview: Preview | None,
    ) -> HttpResponse:
        context = self._context(request, player) | {
            "move": move,
            "form": form,
            "preview": preview,
            "subtitle": move.title,
        }
        return TemplateResponse(request, "admin/wallet/move.html", context)

    def _player(self, request: HttpRequest, pk: str) -> Player:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not pk.isdecimal():
            raise Http404
        return get_object_or_404(Player, pk=pk)

    def _context(self, request: HttpRequest, player: Player) -> dict[str, Any]:
        context: dict[str, Any] = self.admin_site.each_context(request)
        return context | {
            "title": str(player),
            "opts": self.opts,
            "player": player,
            "status_look": STATUS_LOOKS[player.status],
            "may_view_tickets": request.user.has_perm("settlement.view_ticket"),
            "moves": [m for m in MOVES.values() if request.user.has_perm(m.permission)],
        }


def sentence(refusal: WalletRefusal) -> str:
    """Return a refusal in the words of this page: nobody here has typed a key."""
    if isinstance(refusal, KeyReused):
        return "This form was already used for another transfer. Open a new one from the player."
    return str(refusal)


def shown(line: selectors.StatementLine) -> dict[str, Any]:
    """Return a statement's line in the words of the page."""
    return {
        "sequence": line.sequence,
        "created_at": line.created_at,
        "kind": line.kind.lower(),
        "is_credit": line.is_credit,
        "change": signed(line.change),
        "balance_after": grouped(line.balance_after),
        "reason": worded(line.reason),
        "note": line.note,
        "reference": line.reference,
        "ticket": line.reference.removeprefix(TICKET) if line.reference.startswith(TICKET) else "",
        "actor": line.actor,
    }


def account_card(account: Account) -> dict[str, Any]:
    """Return what the page shows of an account."""
    held = selectors.balance(account)
    return {
        "currency": account.currency_id,
        "balance": grouped(str(held)),
        "negative": held.minor < 0,
        "transfers": account.version,
    }
