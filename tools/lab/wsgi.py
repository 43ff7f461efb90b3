# SPDX-License-Identifier: BSD-2-Clause
"""What gunicorn loads: NetBox as it is, or the lean one of tests. Text, for it runs in NetBox's own environment."""

from __future__ import annotations

# Elsewhere a web server in front of NetBox hands out its style sheets and scripts; here it does so itself.
# Each request makes so many objects that Python would look for garbage several times in it, among all of NetBox's:
# a third of its time. What is loaded stays, and need not be looked through; nor need a process that ends look.
# The style of rack elevations is read from where the static files would have been collected.
PLAIN = """\
import atexit
import gc
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from netbox.wsgi import application as netbox

application = StaticFilesHandler(netbox)
settings.STATIC_ROOT = settings.STATICFILES_DIRS[0]
gc.collect()
gc.freeze()
gc.set_threshold(100_000, 20, 50)
atexit.register(gc.freeze)
"""

# For each request, even for one object by its number, NetBox makes every filter that the model has, some three hundred,
# with a form field each, and applies them all: most of the request's time. A filter that the request does not name
# (where it is a range: one of its ends) lets everything through, so tests go without those; tests/integration/
# test_lean.py asks each of NetBox's filters whether that is so.
LEAN = """\
import functools
from django_filters.filterset import BaseFilterSet as Filters
import netbox.wsgi
from netbox.filtersets import BaseFilterSet

def named_alone(make):
    @functools.wraps(make)
    def make_named(self, data=None, *arguments, **options):
        if data is not None:
            self.base_filters = {name: base for name, base in self.base_filters.items() if named(name, data)}
        make(self, data, *arguments, **options)
    return make_named

def named(name, data):
    return any(key == name or key.startswith(f"{name}_") for key in data)

Filters.__init__ = named_alone(Filters.__init__)
BaseFilterSet.get_filters = classmethod(functools.cache(BaseFilterSet.get_filters.__func__))
"""
