# SPDX-License-Identifier: BSD-2-Clause
"""Pools, one or many together: what is in them, and what they are in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, TypeVar

from ..core.errors import AmbiguousError, ConflictError, InvalidError, NotFoundError
from ..core.merge import Weight
from ..drivers import Entity, Pool, Session, registry
from ..drivers.pool_making import taken
from ..drivers.queries import Finder
from ..drivers.survey import Survey
from . import wanted
from .batch import all_or_none, each
from .consequences import consequences
from .finding import check_new_name, driver_class, known_as
from .pool_plan import Crowd, Nest
from .pool_writer import PoolWriter
from .task import State

Option = Mapping[str, Any]
Result = TypeVar("Result")

OPTION = "pools"
TYPE = Pool.clusto_type()
MARK = f"{TYPE}:"
KEYS = ("name", "driver", "weight", "parents", "members", "attributes")
OPTIONS = (
    "name",
    "renamed_from",
    "driver",
    "attributes",
    "attributes_mode",
    "members",
    "members_mode",
    "parents",
    "parents_mode",
)
NEW = {"driver": "pool", "weight": Weight.pool(0), "parents": [], "members": [], "attributes": {}}


@dataclass
class Draft:
    """One pool of the list: what it is, and what it will be."""

    option: Option
    name: str
    """That of the pool as it is now; the option may be a reference."""
    new_name: str | None = None
    """Of one that is to be renamed; until it is, all else goes by its name."""
    found: Pool | None = None
    described: State | None = None
    cls: type[Pool] = Pool
    members: dict[str, Entity | str] = field(default_factory=dict)
    """Those that the option names, by what they are called in states; a pool that is to be made is its name."""
    after: State | None = None

    @property
    def before(self) -> State | None:
        return self.described and {key: self.described[key] for key in KEYS}

    @property
    def now(self) -> State:
        return self.before or {**NEW, "name": self.name}

    @property
    def called(self) -> str:
        """Its name in the end."""
        return self.new_name or self.name

    @property
    def label(self) -> str:
        return f"{TYPE} {self.name!r}"


@dataclass(kw_only=True)
class EnsurePool:
    session: Session
    name: str | None = None
    renamed_from: str | None = None
    driver: str | None = None
    attributes: Mapping[str, Any] | None = None
    attributes_mode: str = "merge"
    members: Sequence[str] | None = None
    members_mode: str = "add"
    parents: Sequence[str] | None = None
    parents_mode: str = "add"
    weight: int | None = None
    pools: Sequence[Option] | None = None
    state: str = "present"

    @cached_property
    def _options(self) -> Sequence[Option]:
        return [{name: getattr(self, name) for name in (*OPTIONS, "weight")}] if self.pools is None else self.pools

    @cached_property
    def _names(self) -> list[str]:
        return [str(option["name"]) for option in self._options]

    def _each(self, work: Callable[[Draft], Result]) -> list[Result]:
        if self.pools is None:
            return list(map(work, self._drafts))
        return each(OPTION, self._names, self._drafts, work)

    # What is

    def before(self) -> State | None:
        texts = {*self._names, *(text for option in self._options for text in option["members"] or ())}
        texts |= {option["renamed_from"] for option in self._options if option["renamed_from"]}
        self._find = Finder(self.session, texts).find
        self._drafts = [Draft(option, option["name"]) for option in self._options]
        self._each(self._look_up)
        survey = Survey(self.session, [draft.found for draft in self._drafts if draft.found])
        for draft in self._drafts:
            if draft.found:
                draft.described = survey[draft.found].describe()
        self._held = {d.name: survey.contents(survey[d.found]) for d in self._drafts if d.found and self._told(d)}
        self._known = survey.pool_map()
        gone = [draft.found for draft in self._drafts if draft.found] if self.state == "absent" else []
        told = consequences(self.session, gone)
        self._consequences = {d.called: told[d.found] for d in self._drafts if d.found in told}
        return self._states({draft.called: self._before(draft) for draft in self._drafts})

    def _before(self, draft: Draft) -> State | None:
        told = self._consequences.get(draft.called)
        return {**draft.before, "consequences": told} if draft.before and told else draft.before

    def _look_up(self, draft: Draft) -> None:
        name, former = draft.option["name"], draft.option["renamed_from"]
        found = self._pool(name)
        if former is not None:
            found, renaming = known_as(TYPE, name, found, self._pool(former), self.state)
            draft.new_name = name if renaming else None
        if found:
            draft.found, draft.name, draft.cls = found, found.name, type(found)

    def _pool(self, text: str) -> Pool | None:
        try:
            found = self._find(text, Pool)
        except NotFoundError:
            return None
        return found if isinstance(found, Pool) else None

    def _told(self, draft: Draft) -> bool:
        return bool(draft.described and not draft.described["problems"])

    def _states(self, states: Mapping[str, State | None]) -> State | None:
        if self.pools is None:
            return next(iter(states.values()))
        return {name: state for name, state in states.items() if state is not None}

    # What should be

    def after(self, _before: State | None, /) -> State | None:
        if self.state == "absent":
            return self._states({draft.called: None for draft in self._drafts})
        self._nest = Nest(
            {p.name: self._class(p.driver) for p in self._known.by_slug.values()},
            {p.name: {self._known.by_slug[s].name for s in p.parents} for p in self._known.by_slug.values()},
        )
        self._each(self._check_itself)
        self._former = {draft.new_name: draft for draft in self._drafts if draft.new_name}
        refused = taken(self.session, [d.called for d in self._drafts if not d.found or d.new_name])
        self._each(lambda draft: self._refuse(refused.get(draft.called)))
        self._each(self._find_members)
        self._crowd = Crowd(self._memberships())
        self._each(self._arrange)
        self._each(self._check_rules)
        self._each(self._settle)
        return self._states({draft.called: draft.after for draft in self._drafts})

    @staticmethod
    def _refuse(error: Exception | None) -> None:
        if error:
            raise error

    @staticmethod
    def _class(driver: str) -> type[Pool]:
        found = registry.driver_class(Pool.object_type, driver, clusto_type=TYPE)
        return found if issubclass(found, Pool) else Pool

    def _check_itself(self, draft: Draft) -> None:
        """Its name, its driver, its attributes; it is then known to the others of the list."""
        if [other.called for other in self._drafts].count(draft.called) > 1:
            raise InvalidError(f"{draft.label} is in the list more than once; expected one item for each pool")
        if not draft.found or draft.new_name:
            check_new_name(self.session, Pool, draft.called)
        if draft.found and not self._told(draft):
            raise ConflictError("; ".join(draft.described["problems"] if draft.described else ()))
        if given := draft.option["driver"]:
            cls = driver_class(Pool, given, draft.name)
            if draft.found and cls.driver_name() != draft.now["driver"]:
                raise ConflictError(
                    f"{draft.label} has the driver {draft.now['driver']!r}; it cannot become {cls.driver_name()!r}"
                )
            draft.cls = cls
        self.document(draft)(draft.now["attributes"])
        self._nest.drivers[draft.name] = draft.cls
        self._nest.parents.setdefault(draft.name, set())

    @staticmethod
    def document(draft: Draft) -> Callable[[State], State]:
        option = draft.option
        return lambda now: wanted.document(now, option["attributes"], option["attributes_mode"])

    def _find_members(self, draft: Draft) -> None:
        new = {other.name for other in self._drafts if not other.found}
        for text in draft.option["members"] or ():
            try:
                entity = self._find(text)
            except (NotFoundError, AmbiguousError):
                name = text.removeprefix(MARK)
                if name not in {*new, *self._former}:
                    raise
                draft.members[MARK + self._now(name)] = self._now(name)
            else:
                if not entity.bears_tags and not isinstance(entity, Pool):
                    raise InvalidError(f"{entity.label} cannot be in a pool: NetBox has no tags for it")
                draft.members[entity.reference] = entity

    def _now(self, name: str) -> str:
        """The name that a pool has as yet, from the one that it has in the end."""
        return self._former[name].name if name in self._former else name

    def _then(self, name: str) -> str:
        return next((new for new, draft in self._former.items() if draft.name == name), name)

    def _memberships(self) -> dict[Entity, frozenset[str]]:
        """The pools that each entity is directly in: of all that the wishes name or that are in the pools now."""
        held = (entity for of_one in self._held.values() for entity in of_one)
        asked = (entity for draft in self._drafts for entity in draft.members.values())
        return {
            entity: frozenset(pool.name for pool in self._known.direct(tag["slug"] for tag in entity.record["tags"]))
            for entity in (*held, *asked)
            if isinstance(entity, Entity) and not isinstance(entity, Pool)
        }

    def _arrange(self, draft: Draft) -> None:
        """Do what the options say of pools and of other members, each upon what those before it in the list made."""
        option = draft.option
        parents = None if option["parents"] is None else [self._now(name) for name in option["parents"]]
        outer = wanted.names(self._nest.direct(draft.name), parents, option["parents_mode"])
        for name in self._nest.direct(draft.name) - {*outer}:
            self._nest.take_out(name, draft.name)
        for name in outer:
            self._nest.put(name, draft.name)
        now: dict[str, Entity | str] = {MARK + name: name for name in self._nest.inside(draft.name)}
        now |= {entity.reference: entity for entity in self._crowd.of(draft.name)}
        named = draft.members if option["members"] is not None else None
        then = wanted.names(now, named, option["members_mode"])
        for reference in {*now} - {*then}:
            self._take_out(draft.name, now[reference])
        for reference in then:
            if reference not in now:
                self._put_in(draft.name, draft.members[reference])

    def _take_out(self, pool: str, member: Entity | str) -> None:
        if isinstance(member, str | Pool):
            self._nest.take_out(pool, member if isinstance(member, str) else member.name)
        else:
            self._crowd.pools_of(member).discard(pool)

    def _put_in(self, pool: str, member: Entity | str) -> None:
        if isinstance(member, str | Pool):
            self._nest.put(pool, member if isinstance(member, str) else member.name)
        else:
            self._crowd.pools_of(member).add(pool)

    def _check_rules(self, draft: Draft) -> None:
        """What unique and exclusive pools forbid, with all of the list done."""
        for entity in self._crowd.of(draft.name):
            if draft.name not in self._crowd.now.get(entity, ()):
                self._nest.check_admission(draft.name, entity.label, self._crowd.pools_of(entity))
        around = self._nest.direct(draft.name)
        for name in sorted(around - {*draft.now["parents"]}):
            self._nest.check_admission(name, draft.label, around)
        for inner in sorted(self._nest.inside(draft.name)):
            if MARK + inner not in draft.now["members"]:
                self._nest.check_admission(draft.name, f"{TYPE} {inner!r}", self._nest.direct(inner))

    def _settle(self, draft: Draft) -> None:
        inside = {*(MARK + self._then(name) for name in self._nest.inside(draft.name))}
        members = inside | {entity.reference for entity in self._crowd.of(draft.name)}
        told = self._known.find(draft.found) if draft.found else None
        draft.after = {
            "name": draft.called,
            "driver": draft.cls.driver_name(),
            "weight": self._nest.weight(
                draft.name, draft.now["weight"], told.depth if told else 0, draft.option["weight"]
            ),
            "parents": sorted(map(self._then, self._nest.direct(draft.name))),
            "members": sorted(members),
            "attributes": self.document(draft)(draft.now["attributes"]),
        }

    # How it comes about

    def apply(self, _before: State | None, after: State | None, /) -> State | None:
        if self.state == "absent":
            for draft in self._drafts:
                if draft.found:
                    draft.found.delete(cascade=True)
                    draft.found = None
            return after
        PoolWriter(
            self.session, self._drafts, self._nest, self._crowd, OPTION if self.pools is not None else None
        ).write({draft.name: self.document(draft) for draft in self._drafts})
        self._rename()
        return after

    def _rename(self) -> None:
        with all_or_none() as undo:
            for draft in self._former.values():
                if draft.found:
                    draft.found.rename(draft.called)
                    undo(partial(draft.found.rename, draft.name))

    def result(self, _after: State | None, /) -> State:
        entities = [self._entity(draft) for draft in self._drafts]
        told = next(iter(self._consequences.values()), None) if self.pools is None else self._consequences
        more = {"consequences": told} if told else {}
        if self.pools is None:
            return {"entity": entities[0], **more}
        return {"entities": [entity for entity in entities if entity is not None], **more}

    def _entity(self, draft: Draft) -> State | None:
        if self.state == "absent":
            return None
        depths = {name: self._nest.depth(name) for name in self._nest.around(draft.name)}
        pools = [self._then(name) for name in sorted(depths, key=lambda name: (-depths[name], name))]
        rest = draft.described or {"problems": [], **({"url": draft.found.url} if draft.found else {})}
        return {"type": TYPE, **rest, **(draft.after or {}), "pools": pools}
