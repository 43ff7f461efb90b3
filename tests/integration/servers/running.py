# SPDX-License-Identifier: BSD-2-Clause
"""Runs a task as its module would: `python running.py API_URL TOKEN TASK OPTIONS`, the options as JSON.

Printed is, as JSON, what the task returns, or `errors`: index and reason of each item that was refused.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from clusto.core.errors import BatchError
from clusto.drivers import Session
from clusto.ensure.servers import EnsureDevice, EnsureServer
from clusto.ensure.task import Outcome, perform
from clusto.netbox.client import Client, Settings

TASKS = {"device": EnsureDevice, "server": EnsureServer}


def run(api_url: str, token: str, task: str, *, rehearse: bool = False, **options: Any) -> Outcome:
    with Session(Client(Settings(api_url, token))) as session:
        return perform(TASKS[task](session=session, **options), rehearse=rehearse)


def main() -> None:
    try:
        told = run(*sys.argv[1:4], **json.loads(sys.argv[4])).result
    except BatchError as error:
        told = {"errors": [[index, str(reason)] for index, _, reason in error.refused]}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
