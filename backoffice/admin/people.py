"""Users and their roles. Only who may assign roles does, and never his own."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from backoffice.admin.base import ReadOnlyAdmin
from backoffice.models import User

admin.site.unregister(Group)


class NewUserForm(UserCreationForm):  # type: ignore[misc]
    """A new user has a password from the start."""

    class Meta(UserCreationForm.Meta):  # type: ignore[misc]
        model = User
        fields = ("username",)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    """Who may sign in. Nobody is deleted: his name stands in the books."""

    form = UserChangeForm
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

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = True
        super().save_model(request, obj, form, change)


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin, DjangoGroupAdmin):  # type: ignore[misc]
    """What each role may do. Roles come with the software (roles.py)."""

    list_display = ("name", "people")
    search_fields = ()
    filter_horizontal = ()
    fields = ("name", "permissions")

    @admin.display(description="People")
    def people(self, group: Group) -> str:
        names = group.user_set.order_by("username").values_list("username", flat=True)  # type: ignore[attr-defined]
        return ", ".join(names) or "nobody"


@admin.register(LogEntry)
class AdminLogAdmin(ReadOnlyAdmin):
    """Who changed users and settings here."""

    list_display = ("action_time", "user", "content_type", "object_repr", "change_message")
    list_filter = ("user", "content_type")
    list_select_related = ("user", "content_type")
    ordering = ("-id",)
