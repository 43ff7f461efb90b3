# SPDX-License-Identifier: GPL-3.0-or-later
"""main() of every module: options in, result out. Errors of the library become messages only here."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ..core.errors import AmbiguousError, BatchError, ClustoError, RefusedError
from .argspec import CONNECTION, ArgumentSpec

try:
    from .. import racks  # noqa: F401 - packed with every module: files of users' drivers may import it
    from ..drivers import extensions
    from ..drivers.session import Session
    from ..ensure.task import perform
    from ..netbox.client import Client
    from .connection import settings
except ImportError as exc:
    if exc.name != "requests":
        raise
    WITHOUT_REQUESTS: str | None = traceback.format_exc()
else:
    WITHOUT_REQUESTS = None

if TYPE_CHECKING:
    from ..ensure.task import Query, Task

Options = dict[str, Any]
Result = dict[str, Any]
Work = Callable[["Session", Options, bool], Result]
"""Session, options without those of the connection, check mode → what the module returns."""


def run(spec: ArgumentSpec, task: Callable[..., Task], prepare: Callable[[Options], Options] = dict) -> None:
    """main() of a module that changes something; `task` is its class in `ensure`, or in `racks`.

    `prepare` makes of the module's options those of the task, where they differ (files are read).
    """
    main(spec, lambda session, options, check: changes(task(session=session, **prepare(options)), check=check))


def ask(spec: ArgumentSpec, query: Callable[..., Query]) -> None:
    """main() of a module that only reads; `query` is its class in `ensure.queries`."""
    main(spec, lambda session, options, _: {"changed": False, **query(session=session, **options).answer()})


def changes(task: Task, *, check: bool) -> Result:
    outcome = perform(task, rehearse=check)
    diff = {"before": outcome.before or {}, "after": outcome.after or {}}
    return {"changed": outcome.changed, "diff": diff, **outcome.result}


def main(spec: ArgumentSpec, work: Work) -> None:
    module = AnsibleModule(supports_check_mode=True, **(CONNECTION + spec).kwargs())
    if WITHOUT_REQUESTS:
        module.fail_json(msg=missing_required_lib("requests"), exception=WITHOUT_REQUESTS)
    options = {name: value for name, value in module.params.items() if name not in CONNECTION.options}
    try:
        connection = settings(module.params)
        module.no_log_values.add(connection.token)  # Ansible knows it only when it was an option, not from a file
        extensions.load(module.params["drivers_path"])
        with Session(Client(connection)) as session:
            session.use()  # that of the classes too, when a user's driver makes or finds entities
            result = work(session, options, module.check_mode)
    except ClustoError as exc:
        module.fail_json(msg=str(exc), **particulars(exc))
    for text in result.pop("warnings", ()):
        module.warn(text)
    module.exit_json(**result)


def particulars(exc: ClustoError) -> Result:
    """What a playbook may want to look at besides the message."""
    match exc:
        case AmbiguousError():
            return {"candidates": list(exc.candidates)}
        case BatchError():
            return {"errors": [{"index": index, "name": name, "msg": str(why)} for index, name, why in exc.refused]}
        case RefusedError():
            return {"netbox": exc.details}
    return {}
