"""What the environment must say before production starts, and what we make of it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

NEEDED = {
    "SECRET_KEY": "50 characters or more that nobody else knows",
    "AUDIT_KEY": "another 50 characters or more, which sign the audit's seals",
    "ALLOWED_HOSTS": "the host names of the desk, separated by commas",
    "DATABASE_URL": "postgresql://USER:PASSWORD@HOST/DATABASE, the restricted role's",
    "REDIS_URL": "redis://HOST:6379/0, for the cache and Celery's wake-ups",
}
DEVELOPMENT_AUDIT_KEY = "insecure-development-audit-key-" + "0123456789" * 4


def complaints(environment: Mapping[str, str]) -> list[str]:
    """Return a sentence for each setting that production lacks, all at once."""
    found = [
        f"{name} is missing: {what}." for name, what in NEEDED.items() if not environment.get(name)
    ]
    for name in ("SECRET_KEY", "AUDIT_KEY"):
        secret = environment.get(name, "")
        if secret and (len(secret) < 50 or len(set(secret)) < 5):
            found.append(f"{name} is too weak: use {NEEDED[name]}.")
    if environment.get("AUDIT_KEY") and environment["AUDIT_KEY"] == environment.get("SECRET_KEY"):
        found.append("AUDIT_KEY is the SECRET_KEY: use a key that is kept for the seals alone.")
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        if environment.get(name) and urlsplit(environment[name]).scheme not in (
            "postgres",
            "postgresql",
        ):
            found.append(f"{name} must begin with postgresql://: no other database will do.")
    return found


def of_odds88(url: str, client_id: str, password: str) -> str:
    """Return what is wrong with the three settings of Odds88's endpoints; none of them is well."""
    given = {
        "ODDS88_API_URL": url,
        "ODDS88_CLIENT_ID": client_id,
        "ODDS88_PASSWORD": password,
    }
    missing = [name for name, value in given.items() if not value]
    if len(missing) == len(given):
        return ""
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        return f"{' and '.join(missing)} {verb} missing: look-ups need all three."
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "ODDS88_API_URL must begin with https:// and name a host."
    if parts.username or parts.password or parts.query or parts.fragment:
        return "ODDS88_API_URL must hold nothing but scheme, host and path: no password, no query."
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        return "ODDS88_API_URL must begin with https://: http:// sends the password in the clear."
    return ""


def of_odds88_feed(url: str, api_url: str) -> str:
    """Return what is wrong with the address of Odds88's feed; where there is none, all is well."""
    if not url:
        return ""
    if not api_url:
        return (
            "ODDS88_API_URL, ODDS88_CLIENT_ID and ODDS88_PASSWORD are missing: the feed is opened "
            "with a token, which they bring."
        )
    parts = urlsplit(url)
    if parts.scheme not in (*ENCRYPTED, *ENCRYPTED.values()) or not parts.hostname:
        return "ODDS88_FEED_URL must begin with https:// or wss://, and name a host."
    if parts.scheme in ENCRYPTED and parts.hostname not in LOOPBACK:
        safe = ENCRYPTED[parts.scheme]
        return (
            f"ODDS88_FEED_URL must begin with {safe}://: {parts.scheme}:// sends our token in the "
            "clear."
        )
    return ""


def uof_url(what: str, environment: str) -> str:
    """Return an address of Sportradar's in one of its environments; nothing without one."""
    if not environment:
        return ""
    place, _, name = environment.rpartition("-")
    if place not in ("", "global") or name not in UOF_HOSTS:
        known = ", ".join([*UOF_HOSTS, *(f"global-{one}" for one in UOF_HOSTS)])
        raise ImproperlyConfigured(f"UOF_ENVIRONMENT must be one of {known}.")
    host = UOF_HOSTS[name][what == "api"]
    scheme = "https" if what == "api" else "amqps"
    return f"{scheme}://{place and 'global.'}{host}.betradar.com"


def of_uof(environment: Mapping[str, str]) -> str:
    """Return what is wrong with Sportradar's addresses; where there are none, all is well."""
    name = environment.get("UOF_ENVIRONMENT", "")
    amqp, api = environment.get("UOF_AMQP_URL", ""), environment.get("UOF_API_URL", "")
    if not (name or amqp):
        given = [one for one in ("UOF_API_URL", "UOF_TOKEN") if environment.get(one)]
        told = "UOF_ENVIRONMENT or UOF_AMQP_URL is missing: nothing is received from Sportradar."
        return told if given else ""
    if not environment.get("UOF_TOKEN"):
        return "UOF_TOKEN is missing: Sportradar's feed is opened with it."
    if not (name or api):
        return "UOF_API_URL is missing: Sportradar's API says who we are, and what was missed."
    for setting, url, safe in (("UOF_AMQP_URL", amqp, "amqps"), ("UOF_API_URL", api, "https")):
        parts = urlsplit(url)
        if url and parts.scheme != safe and parts.hostname not in LOOPBACK:
            return f"{setting} must begin with {safe}://: our token must not go in the clear."
    return ""


UOF_SETTINGS = ("UOF_ENVIRONMENT", "UOF_AMQP_URL", "UOF_API_URL", "UOF_TOKEN")
# The messages' host and the API's, under betradar.com.
UOF_HOSTS = {
    "production": ("mq", "api"),
    "integration": ("stgmq", "stgapi"),
    "replay": ("replaymq", "stgapi"),
}


def lsports_package(name: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return what is given of a package of LSports', with its usual addresses where it has one."""
    said = {what: environment.get(f"LSPORTS_{name}_{what}", "") for what in LSPORTS_SETTINGS}
    if said["PACKAGE_ID"]:
        usual = {
            "AMQP_URL": f"amqps://stm-{name.lower()}.lsports.eu",
            "API_URL": "https://stm-api.lsports.eu",
            "SNAPSHOT_URL": "https://stm-snapshot.lsports.eu",
        }
        said |= {what: said[what] or url for what, url in usual.items()}
    said["QUEUE"] = said["QUEUE"] or f"_{said['PACKAGE_ID']}_"
    said["FORMAT"] = said["FORMAT"] or "json"
    return said


def of_lsports(name: str, environment: Mapping[str, str]) -> str:
    """Return what is wrong with a package of LSports'; where there is none, all is well."""
    prefix = f"LSPORTS_{name}_"
    said = {what: environment.get(prefix + what, "") for what in LSPORTS_SETTINGS}
    if not any(value for what, value in said.items() if what not in ("QUEUE", "FORMAT")):
        return ""
    for what in ("PACKAGE_ID", "USER", "PASSWORD"):
        if not said[what]:
            return f"{prefix}{what} is missing: LSports asks for package, user and password."
    for other in LSPORTS_PACKAGES:
        if other != name and environment.get(f"LSPORTS_{other}_PACKAGE_ID") == said["PACKAGE_ID"]:
            return (
                f"{prefix}PACKAGE_ID is that of LSPORTS_{other}_ too: two readers of one queue get "
                "its messages out of order."
            )
    if said["FORMAT"] not in ("", "json", "xml"):
        return f"{prefix}FORMAT must be json or xml."
    for what, safe in (("AMQP_URL", "amqps"), ("API_URL", "https"), ("SNAPSHOT_URL", "https")):
        parts = urlsplit(said[what])
        if said[what] and parts.scheme != safe and parts.hostname not in LOOPBACK:
            return (
                f"{prefix}{what} must begin with {safe}://: our password must not go in the clear."
            )
    return ""


LSPORTS_PACKAGES = ("INPLAY", "PREMATCH")
LSPORTS_SETTINGS = (
    "AMQP_URL",
    "QUEUE",
    "SNAPSHOT_URL",
    "API_URL",
    "PACKAGE_ID",
    "USER",
    "PASSWORD",
    "FORMAT",
)
ENCRYPTED = {"http": "https", "ws": "wss"}
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def refusal(environment: Mapping[str, str]) -> str:
    """Return why production can't start, as one text; empty when it can."""
    found = complaints(environment)
    if not found:
        return ""
    lines = "\n".join(f"  - {sentence}" for sentence in found)
    return f"DEBUG=0 can't start with these settings:\n{lines}\nSee .env.example."


def broker_url(redis_url: str) -> str:
    """Return Celery's spelling of a redis URL: a socket has another scheme there."""
    if not redis_url.startswith("unix://"):
        return redis_url
    parts = urlsplit(redis_url)
    return f"redis+socket://{parts.path}?virtual_host={parts.query.removeprefix('db=') or 0}"
