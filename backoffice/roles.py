"""Who may do what: six roles at the desk, one for the betting platform, and the database's own."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.db import connection, transaction

READ_MONEY = (
    "wallet.view_player",
    "wallet.view_account",
    "wallet.view_transfer",
    "wallet.view_currency",
)
READ_TICKETS = (
    "settlement.view_ticket",
    "settlement.view_ruleset",
    "settlement.view_review",
    "settlement.view_batch",
    "settlement.view_approval",
    "settlement.view_actlimit",
    "settlement.quote_bet",
)
READ_FEEDS = (
    "feeds.view_feedmessage",
    "feeds.view_lookupcall",
    "feeds.view_sweep",
    "feeds.view_feedlease",
    "feeds.view_producer",
    "feeds.view_recovery",
    "feeds.view_package",
    "feeds.view_snapshot",
)
ASK = "feeds.look_up_ticket"
RECOVER = "feeds.recover_event"
READ_ALL = (*READ_MONEY, *READ_TICKETS, *READ_FEEDS)
ACTS = (
    "settlement.settle_ticket",
    "settlement.resettle_ticket",
    "settlement.void_ticket",
    "settlement.reopen_ticket",
    "settlement.cash_out_ticket",
    "settlement.release_ticket",
    "settlement.undo_act",
    "settlement.decide_review",
)
LARGE_ACTS = (
    "settlement.settle_by_amount",
    "settlement.cancel_ticket",
    "settlement.act_on_market",
    "settlement.act_in_bulk",
    "settlement.approve_act",
)
ROLES: dict[str, tuple[str, ...]] = {
    "Support": (*READ_ALL, ASK),
    "Operator": (*READ_ALL, ASK, RECOVER, *ACTS),
    "Senior": (
        *READ_ALL,
        ASK,
        RECOVER,
        *ACTS,
        *LARGE_ACTS,
        "settlement.place_ticket",
        "settlement.export_ticket",
        "wallet.post_deposit",
        "wallet.post_withdrawal",
        "wallet.post_adjustment",
        "wallet.export_statement",
    ),
    "Ops": (*READ_ALL, ASK, "feeds.replay_message", "feeds.run_feed", RECOVER),
    "Auditor": (
        *READ_ALL,
        "settlement.export_ticket",
        "wallet.export_statement",
        "backoffice.view_user",
        "auth.view_group",
        "admin.view_logentry",
    ),
    "Admin": (
        "backoffice.view_user",
        "backoffice.add_user",
        "backoffice.change_user",
        "backoffice.assign_roles",
        "backoffice.manage_tokens",
        "auth.view_group",
        "admin.view_logentry",
        "wallet.view_currency",
        "wallet.add_currency",
        "settlement.view_ruleset",
        "settlement.add_ruleset",
        "settlement.view_actlimit",
        "settlement.add_actlimit",
    ),
    "Platform": ("settlement.place_ticket", "settlement.view_ticket", "settlement.quote_bet"),
}
# Programs, which never sit at the desk.
MACHINES = frozenset({"Platform"})

APPEND_ONLY = (
    "wallet_transfer",
    "settlement_ruleset",
    "settlement_ticketfact",
    "settlement_marketfact",
    "settlement_settlementevent",
    "settlement_approval",
    "settlement_actlimit",
    "settlement_auditseal",
    "feeds_messagebody",
    "feeds_messagesubject",
    "feeds_lookupcall",
    "django_admin_log",
)
# What changes on a row that otherwise stays as it was written.
CHANGEABLE = {
    # FOR NO KEY UPDATE needs the right to update a column; a ticket's state moves by its events.
    "settlement_ticket": "settled_ticks",
    "settlement_selection": "win_factor void_factor place_win_factor place_void_factor "
    "deduction_percent starting_price result",
    "backoffice_apitoken": "revoked_at last_used_at",
    "settlement_sportevent": "name start_at",
    "settlement_market": "name",
    "settlement_outcome": "name",
    "settlement_review": "sentence wanted amount message closed_at end closed_by note batch",
    "settlement_batch": "state done_at",
    "settlement_batchline": "state sentence difference",
    "feeds_feedmessage": "times_received state note attempts",
    "feeds_feedlease": "holder epoch expires_at stop_requested paused_by state sentence since "
    "until heard_at messages passed_by depth halted_at halted_why",
    "feeds_connectattempt": "answered_at outcome sentence",
    "feeds_producer": "code name scope is_active recovery_minutes state reason since heard_at "
    "heard_ms checkpoint_ms covered_ms not_before sentence",
    "feeds_recovery": "request_id bucket state rank tries asked_at answered_at counted http_status "
    "progress_at told_at told_past done_at sentence",
    "feeds_package": "state reason since heard_at heard_ms healthy_ms not_before is_distributing "
    "consumers asked_at started_at followed sentence",
    "feeds_snapshot": "method state asked_at answered_at done_at http_status fixtures messages "
    "sentence",
    "feeds_endedfixture": "ended_at asked_at",
    "feeds_sweep": "why not_covered accepted_before done_at cursor last_ticket again_to total "
    "asked settled still_open failed holder held_until not_before sentence",
}
NEVER_CHANGED_DIRECTLY = ("wallet_account", "wallet_currency")
ONLY_READ = ("wallet_housecheckpoint", "django_migrations")
# What writes such a table instead, with the owner's rights. Nobody else may call it.
CALLED = (
    "wallet_checkpoint_house_accounts()",
    "feeds_make_days()",
    "feeds_drop_days(integer)",
)


def sync_after_migrate(**_: Any) -> None:
    """Bring groups and table rights up to date with this file, once the tables are there."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    if {"auth_group", "wallet_player", "backoffice_user", "axes_accessattempt"} <= set(tables):
        sync_groups()
        grant_table_rights(tables)
    if "feeds_feedmessage" in tables:
        make_days()


@transaction.atomic
def sync_groups() -> None:
    """Give each role exactly the permissions that stand here."""
    groups = apps.get_model("auth", "Group").objects
    permissions = apps.get_model("auth", "Permission").objects
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0)
    known = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in permissions.select_related("content_type")
    }
    for role, names in ROLES.items():
        group, _ = groups.get_or_create(name=role)
        group.permissions.set([known[name] for name in names])


def make_days() -> None:
    """Make the days that messages of the next two weeks will stand in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT feeds_make_days()")


def app_role() -> str:
    """Return the application's database role, or nothing when the owner serves both."""
    app, owner = urlsplit(settings.DATABASE_URL), urlsplit(settings.DATABASE_OWNER_URL)
    return "" if app.username == owner.username else app.username or ""


def grant_table_rights(tables: Iterable[str]) -> None:
    """Let the application's role write, but not rewrite what must stay."""
    role = app_role()
    if not role:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f FROM unnest(%s::text[]) f WHERE to_regprocedure(f) IS NOT NULL",
            [list(CALLED)],
        )
        functions = [row[0] for row in cursor.fetchall()]
        for statement in grants(role, tables, functions):
            cursor.execute(statement)


def grants(role: str, tables: Iterable[str], functions: Iterable[str]) -> list[str]:
    """Return the statements that give `role` its rights on our tables and no more."""
    quote = connection.ops.quote_name
    name = quote(role)
    statements = [
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}",
    ]
    for table in sorted(tables):
        rights = "SELECT, INSERT"
        if table in ONLY_READ:
            rights = "SELECT"
        elif table in CHANGEABLE:
            columns = ", ".join(quote(column) for column in CHANGEABLE[table].split())
            rights = f"SELECT, INSERT, UPDATE ({columns})"
        elif table not in (*APPEND_ONLY, *NEVER_CHANGED_DIRECTLY):
            rights = "SELECT, INSERT, UPDATE, DELETE"
        statements.append(f"GRANT {rights} ON {quote(table)} TO {name}")
    return statements + [f"GRANT EXECUTE ON FUNCTION {called} TO {name}" for called in functions]
