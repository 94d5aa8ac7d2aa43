"""Databases for tests: copies of the migrated template, made in a blink."""

import os
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql


def template() -> str:
    """Return the name of the migrated database that copies are made of."""
    return urlsplit(os.environ["DATABASE_URL"]).path.lstrip("/")


def renamed(url: str, database: str) -> str:
    """Return a connection string for another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def environment(database: str) -> dict[str, str]:
    """Return what a child process needs to work on `database`."""
    names = ("DATABASE_URL", "DATABASE_OWNER_URL")
    return os.environ | {
        name: renamed(os.environ[name], database) for name in names if name in os.environ
    }


def owner_url(database: str) -> str:
    """Return the owner's connection string: he may switch triggers off."""
    return renamed(settings.DATABASE_OWNER_URL, database)


def as_owner(*statements: str) -> None:
    """Run SQL on the test's database as the tables' owner, and commit it."""
    with psycopg.connect(owner_url(connection.settings_dict["NAME"]), autocommit=True) as owner:
        for statement in statements:
            owner.execute(statement.encode())


def administer(statement: sql.Composed) -> None:
    """Run CREATE or DROP DATABASE; who is in the way is gone in a moment.

    That is another copy of the template, or an autovacuum worker, which we may not send away.
    """
    deadline = time.monotonic() + 20
    while True:
        try:
            with psycopg.connect(owner_url("postgres"), autocommit=True) as maintenance:
                maintenance.execute(statement)
                return
        except (psycopg.errors.ObjectInUse, psycopg.errors.InsufficientPrivilege):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@contextmanager
def copy_of_template() -> Iterator[str]:
    """Yield the name of a fresh database that is dropped afterwards, whoever is connected."""
    with copy_of(template()) as name:
        yield name


@contextmanager
def copy_of(original: str) -> Iterator[str]:
    """Yield the name of a database's copy, which is dropped afterwards; nobody is in the former."""
    if connection.settings_dict["NAME"] == original:
        connection.close()
    name = copied(original)
    try:
        yield name
    finally:
        drop(name)


def copied(original: str) -> str:
    """Copy a database that nobody is in; return the copy's name."""
    name = f"{template()}_{uuid.uuid4().hex[:12]}"
    administer(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(original)
        )
    )
    return name


def drop(name: str) -> None:
    """Drop a database, whoever is connected."""
    administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


class Copies:
    """Copies of the template: while a test has one, the next is made, and the last is dropped."""

    def __init__(self) -> None:
        self.maker = ThreadPoolExecutor(1)
        self.ready: Future[str] | None = None
        self.dropped: list[Future[None]] = []

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Yield the name of a copy that nobody has had."""
        name = (self.ready or self.maker.submit(copied, template())).result()
        self.ready = self.maker.submit(copied, template())
        try:
            yield name
        finally:
            self.dropped.append(self.maker.submit(drop, name))

    def close(self) -> None:
        """Drop the copy that nobody needs any more; complain of what could not be dropped."""
        if self.ready:
            self.dropped.append(self.maker.submit(drop, self.ready.result()))
        self.maker.shutdown()
        for one in self.dropped:
            one.result()


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Let Django work on another database until the end of the block."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
