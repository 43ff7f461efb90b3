# SPDX-License-Identifier: BSD-2-Clause
# ruff: noqa: INP001 - no module: `netbox shell` reads it from its standard input
"""Who may do what in NetBox: told by the variable CLUSTO_ACCESS (JSON); prints what it changed (JSON).

Idempotent. Passwords and tokens go into files of NetBox's own user and nowhere else.
"""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from core.models import ObjectType
from django.db import transaction
from users.models import ObjectPermission, Token, User

DESCRIPTION = "made by role clusto.datacenter.netbox"


def write_secret(path: Path, text: str) -> None:
    """Write it whole or not at all, readable by its owner alone."""
    unfinished = path.with_name(f".{path.name}.new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    unfinished.replace(path)


def administrator(name: str, password_file: Path, *, enforce: bool) -> list[str]:
    """Make the superuser. A password that was changed in NetBox stays, unless the play gives one (`enforce`)."""
    user = User.objects.filter(username=name).first()
    new = user is None or not password_file.exists()
    if not password_file.exists():
        write_secret(password_file, secrets.token_urlsafe(18))
    password = password_file.read_text()
    user = user or User(username=name)
    if user.is_active and user.is_superuser and not new and not (enforce and not user.check_password(password)):
        return []
    user.is_active = user.is_superuser = True
    if new or enforce:
        user.set_password(password)
    user.save()
    return [f"administrator {name}"]


def service_user(name: str) -> tuple[User, list[str]]:
    user, made = User.objects.get_or_create(username=name)
    if made:
        user.set_unusable_password()
        user.save()
    if user.is_superuser:
        raise SystemExit(f"user {name} is a superuser; expected one that may do only what the role gives it")
    return user, [f"user {name}"] if made else []


Constraints = dict[str, Any] | list[dict[str, Any]] | None
"""NetBox's: look-ups that the objects have to pass, all of a table, any table of a list."""


def permission(
    user: User, name: str, actions: list[str], object_types: list[str], constraints: Constraints = None
) -> list[str]:
    """Make the permission say exactly this; without actions there is none."""
    found = ObjectPermission.objects.filter(name=name).first()
    if not actions:
        return [f"permission {name}"] if ObjectPermission.objects.filter(name=name).delete()[0] else []
    types = {ObjectType.objects.get_by_natural_key(*label.split(".")) for label in object_types}
    if (
        found
        and found.enabled
        and found.constraints == constraints
        and sorted(found.actions) == sorted(actions)
        and {t.pk for t in found.object_types.all()} == {t.pk for t in types}
        and {u.pk for u in found.users.all()} == {user.pk}
    ):
        return []
    found = found or ObjectPermission(name=name)
    found.description, found.enabled, found.actions = DESCRIPTION, True, sorted(actions)
    found.constraints = constraints
    found.save()
    found.object_types.set(types)
    found.users.set([user])
    return [f"permission {name}"]


def token(user: User, file: Path, *, writes: bool) -> list[str]:
    """Make the file hold a token (v2) that works; one that does not, say after a restored dump, is replaced."""
    key, _, secret = file.read_text().strip().removeprefix("nbt_").partition(".") if file.exists() else ("", "", "")
    found = Token.objects.filter(user=user, version=2, key=key or None).first()
    if found and found.is_active and found.validate(secret):
        if found.write_enabled == writes:
            return []
        found.write_enabled = writes
        found.save()
        return [f"token of {user.username}"]
    Token.objects.filter(user=user, description=DESCRIPTION).delete()
    new = Token(user=user, version=2, write_enabled=writes, description=DESCRIPTION)
    new.full_clean()
    new.save()
    write_secret(file, f"nbt_{new.key}.{new.token}\n")
    return [f"token of {user.username}"]


def main(wanted: dict[str, Any]) -> list[str]:
    directory = Path(wanted["secrets"])
    with transaction.atomic():
        changed = administrator(wanted["admin"], directory / "admin_password", enforce=wanted["enforce_password"])
        for service in wanted["services"]:
            user, made = service_user(f"clusto-{service['name']}")
            changed += made
            for rule in service["permissions"]:
                changed += permission(user, **rule)
            changed += token(user, directory / f"{service['name']}.token", writes=service["writes"])
    return changed


print(json.dumps(main(json.loads(os.environ["CLUSTO_ACCESS"]))))  # noqa: T201 - the answer to the task that runs this
