"""Roles and rights follow roles.py, whatever somebody did by hand in between."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from backoffice import roles
from backoffice.roles import ROLES
from tests import databases

RIGHTS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def permissions_of(role: str) -> set[str]:
    """Return what a role may do according to the database."""
    found = Permission.objects.filter(group__name=role).select_related("content_type")
    return {f"{known.content_type.app_label}.{known.codename}" for known in found}


def rights_by_table() -> dict[str, str]:
    """Return what the application's database role may do with each table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, string_agg(r.name, ' ' ORDER BY r.place) FROM pg_class c, "
            "unnest(%s::text[]) WITH ORDINALITY AS r (name, place) "
            "WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relnamespace = 'public'::regnamespace "
            "AND has_table_privilege('backoffice_app', c.oid, r.name) GROUP BY 1",
            [list(RIGHTS)],
        )
        return dict(cursor.fetchall())


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_exactly_what_stands_in_the_code(db: None, role: str) -> None:
    assert permissions_of(role) == set(ROLES[role])


def test_there_are_six_roles_at_the_desk_and_one_for_programs(db: None) -> None:
    names = set(Group.objects.values_list("name", flat=True))

    assert names == {"Support", "Operator", "Senior", "Ops", "Auditor", "Admin", "Platform"}


@pytest.mark.parametrize(
    ("permission", "holders"),
    [
        ("wallet.post_deposit", ["Senior"]),
        ("wallet.post_withdrawal", ["Senior"]),
        ("wallet.post_adjustment", ["Senior"]),
        ("wallet.export_statement", ["Senior", "Auditor"]),
        ("settlement.place_ticket", ["Senior", "Platform"]),
        ("settlement.export_ticket", ["Senior", "Auditor"]),
        ("settlement.add_ruleset", ["Admin"]),
        ("settlement.change_ruleset", []),
        ("settlement.change_ticket", []),
        ("settlement.delete_ticket", []),
        ("backoffice.manage_tokens", ["Admin"]),
        ("backoffice.assign_roles", ["Admin"]),
        ("backoffice.change_user", ["Admin"]),
        ("backoffice.delete_user", []),
        ("wallet.add_transfer", []),
        ("wallet.change_transfer", []),
        ("wallet.delete_transfer", []),
        ("wallet.change_account", []),
        ("wallet.change_player", []),
        ("wallet.change_currency", []),
        ("auth.change_group", []),
    ],
)
def test_the_grave_permissions_are_in_few_hands(
    db: None, permission: str, holders: list[str]
) -> None:
    assert [role for role in ROLES if permission in permissions_of(role)] == holders


def test_what_was_given_or_taken_by_hand_is_put_right(own_database: str) -> None:
    support = Group.objects.get(name="Support")
    support.permissions.add(Permission.objects.get(codename="post_deposit"))
    support.permissions.remove(Permission.objects.get(codename="view_player"))
    Group.objects.get(name="Ops").delete()
    databases.as_owner("GRANT UPDATE, TRUNCATE ON wallet_transfer TO backoffice_app")

    call_command("sync_roles", stdout=(said := StringIO()))

    assert said.getvalue() == "7 roles are up to date.\n"
    assert permissions_of("Support") == set(ROLES["Support"])
    assert permissions_of("Ops") == set(ROLES["Ops"])
    assert rights_by_table()["wallet_transfer"] == "SELECT INSERT"


def test_migrate_puts_it_right_as_well(own_database: str) -> None:
    Group.objects.get(name="Senior").permissions.clear()
    databases.as_owner("GRANT DELETE ON wallet_account TO backoffice_app")

    call_command("migrate", verbosity=0)

    assert permissions_of("Senior") == set(ROLES["Senior"])
    assert rights_by_table()["wallet_account"] == "SELECT INSERT"


def test_a_group_of_somebodys_own_is_left_alone(own_database: str) -> None:
    own = Group.objects.create(name="Interns")
    own.permissions.add(Permission.objects.get(codename="view_player"))

    call_command("sync_roles", stdout=StringIO())

    assert permissions_of("Interns") == {"wallet.view_player"}


@pytest.mark.parametrize(
    ("table", "rights"),
    [
        ("wallet_transfer", "SELECT INSERT"),
        ("wallet_housecheckpoint", "SELECT"),
        ("settlement_ruleset", "SELECT INSERT"),
        ("settlement_ticket", "SELECT INSERT"),
        ("settlement_selection", "SELECT INSERT"),
        ("wallet_account", "SELECT INSERT"),
        ("wallet_currency", "SELECT INSERT"),
        ("django_admin_log", "SELECT INSERT"),
        ("django_migrations", "SELECT"),
        ("wallet_player", "SELECT INSERT UPDATE DELETE"),
        ("backoffice_user", "SELECT INSERT UPDATE DELETE"),
    ],
)
def test_the_application_may_not_rewrite_what_must_stay(db: None, table: str, rights: str) -> None:
    assert rights_by_table()[table] == rights


def test_no_table_has_more_rights_than_it_needs(db: None) -> None:
    restricted = {
        *roles.APPEND_ONLY, *roles.NEVER_CHANGED_DIRECTLY, *roles.ONLY_READ, *roles.CHANGEABLE
    }  # fmt: skip
    found = rights_by_table()

    assert restricted <= found.keys()
    assert {found[table] for table in restricted} == {"SELECT INSERT", "SELECT"}
    assert {found[table] for table in found.keys() - restricted} == {"SELECT INSERT UPDATE DELETE"}


def owners() -> Iterator[tuple[str, str]]:
    """Yield each of our tables and functions with its owner."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, relowner::regrole::text FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace UNION ALL "
            "SELECT proname, proowner::regrole::text FROM pg_proc "
            "WHERE pronamespace = 'public'::regnamespace"
        )
        yield from cursor.fetchall()


def test_the_application_owns_nothing_and_makes_nothing(db: None) -> None:
    assert {owner for _, owner in owners()} == {"backoffice_owner"}
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_schema_privilege('backoffice_app', 'public', 'CREATE')")
        assert cursor.fetchone() == (False,)


@pytest.mark.parametrize(("who", "may"), [("public", False), ("backoffice_app", True)])
def test_checkpoints_are_called_for_by_the_application_alone(db: None, who: str, may: bool) -> None:
    call = "wallet_checkpoint_house_accounts()"
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_function_privilege(%s, %s, 'EXECUTE')", [who, call])

        assert cursor.fetchone() == (may,)


def test_rights_are_given_also_before_the_last_migration(own_database: str) -> None:
    call_command("migrate", "wallet", "0004", verbosity=0)

    assert rights_by_table()["wallet_transfer"] == "SELECT INSERT"
    assert rights_by_table()["wallet_housecheckpoint"] == "SELECT"


def test_where_one_role_serves_both_there_is_none_to_restrict(settings: Settings) -> None:
    settings.DATABASE_OWNER_URL = settings.DATABASE_URL

    assert roles.app_role() == ""
