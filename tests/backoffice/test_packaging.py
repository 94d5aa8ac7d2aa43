"""What stands beside the code says the truth about it: compose file, locks, settings."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from backoffice.environment import LSPORTS_PACKAGES, LSPORTS_SETTINGS

PROJECT = Path(__file__).parents[2]
LOCKS = ("requirements.txt", "requirements-demo.txt", "requirements-dev.txt")


@pytest.fixture
def services() -> dict[str, Any]:
    """The services of docker-compose.yml, with merged keys."""
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
    found: dict[str, Any] = compose["services"]
    return found


def test_compose_runs_the_whole_product(services: dict[str, Any]) -> None:
    assert set(services) == {
        "web", "worker", "feeds", "beat", "migrate", "postgres", "valkey", "rabbitmq",
    }  # fmt: skip
    assert services["rabbitmq"]["profiles"] == ["rabbitmq"]


def test_every_lasting_service_has_a_health_check(services: dict[str, Any]) -> None:
    without = [name for name, service in services.items() if "test" not in service["healthcheck"]]

    assert without == ["migrate"]


@pytest.mark.parametrize("name", ["web", "worker", "feeds", "beat"])
def test_our_processes_wait_for_a_migrated_database(services: dict[str, Any], name: str) -> None:
    conditions = {what: need["condition"] for what, need in services[name]["depends_on"].items()}

    assert conditions == {
        "migrate": "service_completed_successfully",
        "postgres": "service_healthy",
        "valkey": "service_healthy",
    }


def test_only_migrate_knows_the_owner(services: dict[str, Any]) -> None:
    knowing = [name for name, s in services.items() if "backoffice_owner:" in str(s)]

    assert knowing == ["migrate"]


def test_each_volume_that_is_used_is_declared(services: dict[str, Any]) -> None:
    compose = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
    used = {v.split(":")[0] for s in services.values() for v in s.get("volumes", [])}

    assert used == set(compose["volumes"])


def test_the_example_names_exactly_the_settings_that_are_read() -> None:
    code = "".join(
        (PROJECT / f"backoffice/{name}.py").read_text() for name in ("settings", "metrics")
    )
    read = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', code)) | {"PROMETHEUS_MULTIPROC_DIR"}
    read |= {f"LSPORTS_{name}_{what}" for name in LSPORTS_PACKAGES for what in LSPORTS_SETTINGS}
    compose = (PROJECT / "docker-compose.yml").read_text()
    for_compose = set(re.findall(r"\$\{([A-Z_]+)", compose))

    example = (PROJECT / ".env.example").read_text()
    assert set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) == read | for_compose


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_pins_every_package_by_hash_and_names_no_address(name: str) -> None:
    lock = (PROJECT / name).read_text()
    packages = re.findall(r"^[a-z0-9].*$", lock, re.MULTILINE)

    assert len(packages) > 40
    assert all("==" in package for package in packages)
    assert lock.count("--hash=sha256:") >= len(packages)
    assert "://" not in lock


def test_the_image_runs_as_nobody_special_from_the_leanest_lock() -> None:
    lines = (PROJECT / "Dockerfile").read_text().splitlines()

    assert "USER desk" in lines
    assert not any("requirements-d" in line for line in lines)


def test_the_services_the_makefile_offers_are_in_its_help() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    targets = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()
    said = re.findall(r'@echo "make (\w+) ', makefile)

    assert sorted(said) == sorted(target for target in targets if target != "help")
