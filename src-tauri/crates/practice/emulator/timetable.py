"""When each resource of a new stack begins and ends, if whatever does not wait for another one runs side by side.

ministack creates one resource after another. It is made to take them in the order in which AWS would complete them,
and what AWS would be busy with at the same time is announced on the way.
"""

import contextlib
import threading
import time

import settings
from ministack.core.responses import get_region
from ministack.services.cloudformation import changesets, engine, handlers, stacks

_sort = stacks._topological_sort
_deploy = stacks._deploy_stack_async
_tables = {}


def install(seconds, record):
    """Make timetables for new stacks; `seconds(type)` says how long a resource takes, `record` writes an event."""

    async def deploy(stack_name, stack_id, template, parameters, *rest, **options):
        key = (get_region(), stack_name)
        if not options.get("is_update"):
            # A template that cannot be put in order is reported by ministack itself.
            with contextlib.suppress(ValueError):
                conditions = engine._evaluate_conditions(template, parameters)
                resources = template.get("Resources", {})
                _tables[key] = Timetable(stack_id, stack_name, resources, conditions, seconds, record)
        try:
            await _deploy(stack_name, stack_id, template, parameters, *rest, **options)
        finally:
            _tables.pop(key, None)

    def sort(resources, conditions):
        order = _sort(resources, conditions)
        ends = _ends(resources, order, seconds)
        return sorted(order, key=lambda name: (ends[name], order.index(name)))

    stacks._topological_sort = sort
    handlers._deploy_stack_async = changesets._deploy_stack_async = deploy


def of(stack_name):
    """The timetable of a stack that is being created, or None."""
    return _tables.get((get_region(), stack_name))


def _ends(resources, order, seconds):
    ends = {}
    for name in order:
        begins = max(
            (ends[each] for each in engine._extract_deps(resources[name], set(order)) if each in ends), default=0
        )
        ends[name] = begins + seconds(resources[name].get("Type", ""))
    return ends


class Timetable:
    """The creation of one stack. Times are AWS seconds since its beginning."""

    def __init__(self, stack_id, stack_name, resources, conditions, seconds, record):
        self.stack = (stack_id, stack_name)
        self.types = {name: resource.get("Type", "") for name, resource in resources.items()}
        self.ends = _ends(resources, _sort(resources, conditions), seconds)
        self.begins = {name: end - seconds(self.types[name]) for name, end in self.ends.items()}
        self.began = time.monotonic()
        self.record = record
        self.under_way = set()
        self.announced = set()
        self.lock = threading.Lock()

    def await_end(self, name):
        """Let time pass until a resource is due, announcing what begins meanwhile."""
        while True:
            now = (time.monotonic() - self.began) / settings.SPEED if settings.SPEED > 0 else float("inf")
            due = [each for each in self.begins if self.begins[each] <= now]
            for each in sorted(due, key=self.begins.get):
                if self.announce(each):
                    self.record(*self.stack, each, self.types[each], "CREATE_IN_PROGRESS")
            if now >= self.ends[name]:
                return
            later = [begin for begin in self.begins.values() if begin > now]
            time.sleep(settings.scaled(min([*later, self.ends[name]]) - now))

    def announce(self, name):
        """Whether the beginning of a resource still has to be told."""
        with self.lock:
            if name in self.announced:
                return False
            self.announced.add(name)
            self.under_way.add(name)
            return True

    def complete(self, name):
        """A resource is there."""
        with self.lock:
            self.under_way.discard(name)

    def cancel(self, failed):
        """What was under way when a resource failed."""
        with self.lock:
            rest = sorted(self.under_way - {failed}, key=self.begins.get)
            self.under_way.clear()
            return rest
