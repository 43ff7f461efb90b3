# SPDX-License-Identifier: BSD-2-Clause
"""The NetBox of these tests leaves out the filters that a request does not name (tools/lab/wsgi.py).

Here each one that NetBox has is asked, in a NetBox that is as users have it: where nothing is given for it, it lets
everything through, and it looks for nothing but its name.
"""

from __future__ import annotations

import json

from tools.lab.instance import Instance

PROGRAM = """\
import importlib
import json
from importlib.util import find_spec
import django
django.setup()
from django.apps import apps
from django.http import QueryDict
from netbox.filtersets import BaseFilterSet

class Asked(QueryDict):
    def __init__(self):
        super().__init__("")
        self.names = set()
    def getlist(self, name, default=None):
        self.names.add(name)
        return super().getlist(name, default)
    def __getitem__(self, name):
        self.names.add(name)
        return super().__getitem__(name)

def below(cls):
    for each in cls.__subclasses__():
        yield each
        yield from below(each)

for app in apps.get_app_configs():
    if find_spec(f"{app.name}.filtersets"):
        importlib.import_module(f"{app.name}.filtersets")
asked, wrong = 0, []
for cls in {cls for cls in below(BaseFilterSet) if cls._meta.model}:
    filters = cls(QueryDict(""))
    assert filters.is_valid(), filters.errors
    for name, nothing in filters.form.cleaned_data.items():
        asked += 1
        one, given = filters.filters[name], Asked()
        passed = one.filter(filters.queryset, nothing)
        if passed is not filters.queryset and str(passed.query) != str(filters.queryset.query):
            wrong.append(f"{cls.__name__}: {name} filters though nothing is given")
        one.field.widget.value_from_datadict(given, {}, name)
        if others := [key for key in given.names if key != name and not key.startswith(f"{name}_")]:
            wrong.append(f"{cls.__name__}: {name} looks for {others}")
print(json.dumps([asked, wrong]))
"""


def test_a_filter_that_is_not_named_lets_everything_through(instance: Instance) -> None:
    asked, wrong = json.loads(
        instance.beside(0, "asked").within(PROGRAM, what="asking NetBox's filters").splitlines()[-1]
    )
    assert wrong == []
    assert asked > 10_000
