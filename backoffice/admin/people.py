"""Users and their roles. Only who may assign roles does, and never his own."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import mark_safe
from unfold.forms import (
    AdminPasswordChangeForm,
    AuthenticationForm,
    UserChangeForm,
    UserCreationForm,
)

from backoffice.admin.base import DeskAdmin, ReadOnlyAdmin
from backoffice.models import User
from backoffice.roles import MACHINES

admin.site.unregister(Group)


class SignInForm(AuthenticationForm):  # type: ignore[misc]
    """The login. A name that nobody can have fails before axes would write it down."""

    def clean(self) -> dict[str, Any]:
        longest = User._meta.get_field("username").max_length or 0
        if len(self.cleaned_data.get("username", "")) > longest:
            raise self.get_invalid_login_error()
        return dict(super().clean())


admin.site.login_form = SignInForm


class UserForm(UserChangeForm):  # type: ignore[misc]
    """A user's page, which says whose his password is."""

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        self.fields["password"].help_text = mark_safe(
            "He changes it himself. When it is lost, a superuser "
            '<a class="link" href="../password/">sets a new one</a>, '
            "or <code>manage.py changepassword</code> does on the server."
        )


class NewUserForm(UserCreationForm):  # type: ignore[misc]
    """A new user has a password from the start."""

    class Meta(UserCreationForm.Meta):  # type: ignore[misc]
        model = User
        fields = ("username",)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, DeskAdmin):  # type: ignore[type-arg]
    """Who may sign in. Nobody is deleted: his name stands in the books."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "role_names", "is_active", "last_login")
    list_filter = ("groups", "is_active")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        ("At the desk", {"fields": ("is_active", "groups", "is_superuser")}),
        ("Seen", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "usable_password", "password1", "password2")}),)

    @admin.display(description="Roles")
    def role_names(self, user: User) -> str:
        return ", ".join(sorted(group.name for group in user.groups.all())) or "none"

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fixed: tuple[str, ...] = ("last_login", "date_joined")
        if obj is not None:
            fixed += ("username",)  # It stands in the books.
        if not request.user.is_superuser:
            fixed += ("is_superuser",)
        himself = obj is not None and obj.pk == request.user.pk and not request.user.is_superuser
        if himself or not request.user.has_perm("backoffice.assign_roles"):
            fixed += ("groups",)
        return fixed

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **words: Any) -> Any:
        if db_field.name == "groups":
            words |= {"widget": forms.CheckboxSelectMultiple(), "label": "Roles", "help_text": ""}
            return db_field.formfield(**words)
        return super().formfield_for_manytomany(db_field, request, **words)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser's password and roles are for superusers."""
        beyond = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not beyond and super().has_change_permission(request, obj)

    def user_change_password(self, request: HttpRequest, *args: Any, **words: Any) -> HttpResponse:
        """Let superusers alone set a password: whoever knows one can act under its name."""
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().user_change_password(request, *args, **words)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:  # A program's user, who never signs in here, stays what he is.
            obj.is_staff = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Keep whoever has roles for programs alone from the desk."""
        super().save_related(request, form, formsets, change)
        roles = set(form.instance.groups.values_list("name", flat=True))
        if roles and roles <= MACHINES and form.instance.is_staff:
            form.instance.is_staff = False
            form.instance.save(update_fields=["is_staff"])


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin, DjangoGroupAdmin):  # type: ignore[misc]
    """What each role may do. Roles come with the software (roles.py)."""

    list_display = ("name", "people")
    search_fields = ()
    filter_horizontal = ()
    fields = ("name", "permissions")

    @admin.display(description="People")
    def people(self, group: Group) -> str:
        names = group.user_set.order_by("username").values_list("username", flat=True)
        return ", ".join(names) or "nobody"


@admin.register(LogEntry)
class AdminLogAdmin(ReadOnlyAdmin):
    """Who changed users and settings here."""

    list_display = ("action_time", "user", "content_type", "object_repr", "change_message")
    list_filter = ("user", "content_type")
    list_select_related = ("user", "content_type")
    ordering = ("-id",)
