"""People at the desk: how they get in, and who gives them their roles."""

from collections.abc import Callable
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from backoffice.models import User
from tests.factories import FundedPlayer, UserFactory

Desk = Callable[[str], Client]

PASSWORD = "a long word of mine"
USERS = "/admin/backoffice/user/"


@pytest.fixture
def ann(db: None, settings: Settings) -> User:
    """Somebody with a role and a password that is quick to check."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    user = UserFactory.create(username="ann", role="Support")
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def superuser(db: None) -> Client:
    """A browser of somebody whom no permission stops."""
    client = Client()
    user = UserFactory.create(username="root", is_superuser=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def sign_in(client: Client, name: str, password: str) -> tuple[int, str]:
    """Try to sign in; return the answer's status and where it leads, or what it says."""
    response = client.post("/admin/login/?next=/admin/", {"username": name, "password": password})
    return response.status_code, response.headers.get("Location") or response.content.decode()


def filled(user: User, **changes: object) -> dict[str, object]:
    """Return the form of a user's page as it is, but for `changes`."""
    groups = list(user.groups.values_list("pk", flat=True))
    form = {"username": user.username, "first_name": "", "last_name": "", "email": ""}
    return form | {"is_active": "on", "groups": groups} | changes


def test_a_right_password_leads_to_the_overview(client: Client, ann: User) -> None:
    assert sign_in(client, "ann", PASSWORD) == (302, "/admin/")

    response = client.get("/", follow=True)
    assert response.redirect_chain[-1][0] == "/admin/"
    assert "Overview" in response.content.decode()


def test_the_address_that_was_asked_for_opens_after_the_login(client: Client, ann: User) -> None:
    asked = "/admin/login/?next=/admin/wallet/player/"

    response = client.post(asked, {"username": "ann", "password": PASSWORD})

    assert response["Location"] == "/admin/wallet/player/"


def test_a_wrong_password_says_so(client: Client, ann: User) -> None:
    status, html = sign_in(client, "ann", "wrong")

    assert status == 200
    assert "Please enter the correct username and password" in html


@pytest.mark.parametrize("length", [151, 256, 5000])
def test_a_name_longer_than_any_is_an_ordinary_failure(
    client: Client, ann: User, length: int
) -> None:
    status, html = sign_in(client, "a" * length, PASSWORD)

    assert status == 200
    assert "Please enter the correct username and password" in html
    assert sign_in(client, "ann", PASSWORD) == (302, "/admin/")


@pytest.mark.parametrize("flag", ["is_active", "is_staff"])
def test_whoever_has_left_does_not_get_in(client: Client, ann: User, flag: str) -> None:
    setattr(ann, flag, False)
    ann.save()

    status, _ = sign_in(client, "ann", PASSWORD)

    assert status == 200
    assert "_auth_user_id" not in client.session


def test_five_wrong_passwords_lock_the_name_for_a_while(client: Client, ann: User) -> None:
    statuses = [sign_in(client, "ann", f"guess {number}")[0] for number in range(5)]
    status, html = sign_in(client, "ann", PASSWORD)

    assert statuses == [200, 200, 200, 200, 429]
    assert status == 429
    assert "Too many wrong passwords" in html
    assert "_auth_user_id" not in client.session


def test_a_lock_is_on_one_name_alone_and_ops_can_lift_it(client: Client, ann: User) -> None:
    bob = UserFactory.create(username="bob")
    bob.set_password(PASSWORD)
    bob.save()
    for number in range(5):
        sign_in(client, "ann", f"guess {number}")

    assert sign_in(Client(), "bob", PASSWORD) == (302, "/admin/")
    call_command("axes_reset_username", "ann")
    assert sign_in(Client(), "ann", PASSWORD) == (302, "/admin/")


def test_a_lock_is_on_one_address_alone(client: Client, ann: User) -> None:
    for number in range(5):
        sign_in(client, "ann", f"guess {number}")

    response = client.post(
        "/admin/login/", {"username": "ann", "password": PASSWORD}, REMOTE_ADDR="198.51.100.7"
    )

    assert response.status_code == 302


@pytest.mark.parametrize(
    ("what", "password", "sentence"),
    [
        ("a short one", "tiny-word-1", "This password is too short. It must contain at least 12"),
        ("a common one", "1qaz2wsx3edc", "This password is too common."),
        ("digits alone", "830174650193", "This password is entirely numeric."),
        ("the name itself", "newcomer-jones", "The password is too similar to the username."),
        ("none", "", "This field is required."),
    ],
)
def test_a_weak_password_is_refused(desk: Desk, what: str, password: str, sentence: str) -> None:
    response = desk("Admin").post(
        f"{USERS}add/",
        {"username": "newcomer-jones", "usable_password": "true", "password1": password,
         "password2": password},
    )  # fmt: skip

    assert sentence in unescape(response.content.decode())
    assert not User.objects.filter(username="newcomer-jones").exists()


def test_an_admin_adds_somebody_who_can_sign_in_and_has_no_role_yet(
    desk: Desk, client: Client
) -> None:
    desk("Admin").post(
        f"{USERS}add/",
        {"username": "newcomer", "usable_password": "true", "password1": PASSWORD,
         "password2": PASSWORD},
    )  # fmt: skip

    assert sign_in(client, "newcomer", PASSWORD) == (302, "/admin/")
    html = unescape(client.get("/admin/").content.decode())
    assert "Welcome, newcomer" in html
    assert "You have no role yet. Somebody with the role Admin gives it to you under Users." in html
    assert client.get("/admin/wallet/player/").status_code == 403


@pytest.mark.parametrize("role", ["Support", "Operator", "Senior", "Ops", "Auditor"])
def test_nobody_but_an_admin_gives_roles(desk: Desk, ann: User, role: str) -> None:
    form = filled(ann, groups=[Group.objects.get(name="Senior").pk])

    response = desk(role).post(f"{USERS}{ann.pk}/change/", form)

    assert response.status_code == 403
    assert [group.name for group in ann.groups.all()] == ["Support"]


def test_an_admin_and_a_superuser_give_roles(desk: Desk, superuser: Client, ann: User) -> None:
    for client, role in ((desk("Admin"), "Operator"), (superuser, "Auditor")):
        form = filled(ann, groups=[Group.objects.get(name=role).pk])

        assert client.post(f"{USERS}{ann.pk}/change/", form).status_code == 302

        assert [group.name for group in ann.groups.all()] == [role]


def test_an_admin_gives_himself_no_role(client: Client, user: Callable[[str], User]) -> None:
    admin = user("Admin")
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    form = filled(admin, groups=[Group.objects.get(name="Senior").pk])

    assert client.post(f"{USERS}{admin.pk}/change/", form).status_code == 302

    assert [group.name for group in admin.groups.all()] == ["Admin"]


def test_who_may_change_users_without_assigning_roles_gives_none(ann: User) -> None:
    clerk = UserFactory.create()
    clerk.user_permissions.set(
        Group.objects.get(name="Admin").permissions.exclude(codename="assign_roles")
    )
    client = Client()
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")

    form = filled(ann, groups=[Group.objects.get(name="Senior").pk], first_name="Ann")
    assert client.post(f"{USERS}{ann.pk}/change/", form).status_code == 302

    ann.refresh_from_db()
    assert ann.first_name == "Ann"
    assert [group.name for group in ann.groups.all()] == ["Support"]


def test_an_admin_makes_nobody_a_superuser(desk: Desk, ann: User) -> None:
    client = desk("Admin")
    admin = User.objects.get(groups__name="Admin")
    words = {"is_superuser": "on", "is_staff": "on", "user_permissions": ["1", "2"]}

    for user in (ann, admin):
        response = client.post(f"{USERS}{user.pk}/change/", filled(user, **words))
        assert response.status_code == 302
        user.refresh_from_db()
        assert not user.is_superuser
        assert not user.user_permissions.exists()


def test_an_admin_does_not_touch_a_superuser(desk: Desk, superuser: Client) -> None:
    client, root = desk("Admin"), User.objects.get(username="root")
    words = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}

    page = client.post(f"{USERS}{root.pk}/change/", filled(root, is_active=""))
    password = client.post(f"{USERS}{root.pk}/password/", words)

    assert (page.status_code, password.status_code) == (403, 403)
    before, now = root.password, User.objects.get(username="root")
    assert (now.is_active, now.password) == (True, before)


def test_an_admin_sets_nobodys_password(desk: Desk, user: Callable[[str], User]) -> None:
    client, senior = desk("Admin"), user("Senior")
    admin = User.objects.get(groups__name="Admin")
    words = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}

    for somebody in (senior, admin):
        page = f"{USERS}{somebody.pk}/password/"
        assert (client.get(page).status_code, client.post(page, words).status_code) == (403, 403)
        assert User.objects.get(pk=somebody.pk).password == somebody.password


def test_a_superuser_sets_a_lost_password(superuser: Client, ann: User) -> None:
    words = {"password1": f"{PASSWORD}!", "password2": f"{PASSWORD}!", "usable_password": "true"}

    response = superuser.post(f"{USERS}{ann.pk}/password/", words)

    assert response.status_code == 302
    assert sign_in(Client(), "ann", f"{PASSWORD}!") == (302, "/admin/")


def test_an_admin_posts_no_money(player: FundedPlayer, desk: Desk) -> None:
    form = {"currency": "EUR", "amount": "5", "reason": "OTHER", "note": "for me"}

    response = desk("Admin").post(f"/admin/wallet/player/{player.player.pk}/deposit/", form)

    assert response.status_code == 403
    assert player.balance == "100.00"


def test_nobody_is_deleted(desk: Desk, superuser: Client, ann: User) -> None:
    for client in (desk("Admin"), superuser):
        form = {"action": "delete_selected", "_selected_action": [ann.pk], "post": "yes"}
        assert client.post(f"{USERS}{ann.pk}/delete/", {"post": "yes"}).status_code == 403
        client.post(USERS, form)

    assert User.objects.filter(pk=ann.pk).exists()


def test_roles_are_the_softwares_and_nobody_changes_them(superuser: Client) -> None:
    role = Group.objects.get(name="Senior")
    before = set(role.permissions.all())
    page = f"/admin/auth/group/{role.pk}"

    posts = [superuser.post(f"{page}/change/", {"name": "X"}), superuser.post(f"{page}/delete/"),
             superuser.post("/admin/auth/group/add/", {"name": "Y"})]  # fmt: skip

    assert [response.status_code for response in posts] == [403, 403, 403]
    assert set(Group.objects.get(name="Senior").permissions.all()) == before
    assert Group.objects.count() == 7


@pytest.mark.parametrize(
    ("role", "entries"),
    [
        ("Support", ["Players", "Ledger", "Books", "Currencies"]),
        ("Auditor",
         ["Players", "Ledger", "Books", "Currencies", "Users", "Roles", "Admin log"]),
        ("Admin", ["Currencies", "Users", "Roles", "Admin log"]),
    ],
)  # fmt: skip
def test_the_side_bar_shows_what_opens(desk: Desk, role: str, entries: list[str]) -> None:
    client = desk(role)
    groups = client.get("/admin/").context["sidebar_navigation"]

    items = [item for group in groups for item in group["items"] if item["has_permission"]]
    known = {"Players", "Ledger", "Books", "Currencies", "Users", "Roles", "Admin log"}
    assert [item["title"] for item in items if item["title"] in known] == entries
    assert {client.get(item["link"]).status_code for item in items} == {200}


def test_the_list_of_users_names_their_roles(desk: Desk, ann: User) -> None:
    ann.groups.add(Group.objects.get(name="Ops"))

    html = desk("Auditor").get(USERS).content.decode()

    assert "Ops, Support" in html


@pytest.mark.parametrize("role", ["Auditor", "Admin"])
def test_nobody_is_shown_a_passwords_hash(desk: Desk, ann: User, role: str) -> None:
    html = desk(role).get(f"{USERS}{ann.pk}/change/").content.decode()

    assert "ann" in html
    assert ann.password.split("$")[2] not in html


def test_a_programs_user_does_not_become_a_person_by_an_edit(superuser: Client) -> None:
    program = UserFactory.create(role="Platform", is_staff=False)
    given = {"username": program.username, "first_name": "Feed", "is_active": "on"}

    response = superuser.post(f"/admin/backoffice/user/{program.pk}/change/", given)

    program.refresh_from_db()
    assert (response.status_code, program.first_name, program.is_staff) == (302, "Feed", False)


def test_who_has_the_programs_role_alone_never_sits_at_the_desk(superuser: Client) -> None:
    program = UserFactory.create()
    given = {"username": program.username, "is_active": "on",
             "groups": [Group.objects.get(name="Platform").pk]}  # fmt: skip

    superuser.post(f"/admin/backoffice/user/{program.pk}/change/", given)

    program.refresh_from_db()
    assert ([group.name for group in program.groups.all()], program.is_staff) == (
        ["Platform"],
        False,
    )
