"""Whether this process lives, and whether it can work."""

from collections.abc import Callable

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse


class RefuseNul:
    """Answer 400 to an address with the character 0 in it: PostgreSQL's text can't hold it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path:
            return HttpResponseBadRequest("The address holds a character with the code 0.")
        return self.get_response(request)


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer at once, touching nothing: the process is alive."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when all we need is there, else 503 with a sentence for each that is not."""
    problems = {name: problem for name, look in CHECKS.items() if (problem := look())}
    status = "unready" if problems else "ready"
    return JsonResponse({"status": status, "problems": problems}, status=503 if problems else 200)


def failure(check: Callable[[], str]) -> str:
    """Return what a check complains of; any failure of its own is a complaint too."""
    try:
        return check()
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


def database() -> str:
    """Complain when the database does not answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def cache_answers() -> str:
    """Complain when the cache does not keep what it is given."""
    cache.set("readyz", "1", 10)
    return "" if cache.get("readyz") == "1" else "The cache did not return what was stored."


def migrations() -> str:
    """Complain when the code expects another schema."""
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return f"{len(missing)} migration(s) missing: run manage.py migrate." if missing else ""


CHECKS: dict[str, Callable[[], str]] = {
    "database": lambda: failure(database),
    "cache": lambda: failure(cache_answers),
    "migrations": lambda: failure(migrations),
}
