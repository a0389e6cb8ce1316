"""Habits of the house that a linter does not know. Each list of exceptions may only get shorter."""

import ast
import re

from tests.architecture.test_wings import ROOT, SOURCES, TEMPLATES, WINGS

MOST_LINES, MOST_PARAMETERS = 400, 8

LATE_IMPORTS = {
    "campaigns/audience/live_index.py": "numpy and its index are loaded only by the worker that keeps live sets",
    "campaigns/demo/sandbox/adapter.py": "adapters are found before the apps are ready, the recorder has models",
    "conversations/channels/providers/sendgrid/adapter.py": "the backend needs Django's settings, the registry does not",
    "conversations/consent/holidays.py": "the tables of regions are large and seldom asked",
    "conversations/dispatch/checks.py": "template tags are loaded by Django, not by rules",
    "leads/insights/tasks.py": "the encoder is loaded only by the worker that embeds",
    "leads/sources/network/sessions.py": "Playwright is loaded only where a browser is driven",
}
"""Modules that import one of ours inside a function, each with its reason."""

STATE_LITERALS = {
    "campaigns/demo/network_site/world.py": (1, "the made-up site has states of its own"),
    "campaigns/journey/conditions.py": (1, "pure: no model, so no machine"),
    "campaigns/journey/forecast.py": (6, "states of a timeline's entries and of the walk, not of a row"),
    "campaigns/journey/walk.py": (3, "where a walk stops; pure"),
    "campaigns/review/forms.py": (1, "the choice of every state, beside the machine's"),
    "conversations/channels/email/connection.py": (2, "stages of an SMTP dialogue"),
    "conversations/channels/email/outcomes.py": (3, "stages of an SMTP dialogue"),
    "conversations/channels/providers/mailgun/adapter.py": (1, "a state of the provider's"),
    "leads/sources/network/site_page.py": (1, "an argument of Playwright"),
}
"""States and stages written as text, by module, each with its reason: everywhere else the machine names them."""

WRITERS = {
    "campaigns/audience/live_sql.py": (3, "a live set follows its segment in one statement"),
    "campaigns/audience/services.py": (2, "freezing an audience is one statement"),
    "campaigns/journey/bulk.py": (1, "each draft gets its own message, thousands in one statement"),
    "campaigns/reactions/merging.py": (1, "undoing a merge gives back the stage from before it, whatever that was"),
    "conversations/dispatch/claiming.py": (2, "choosing and claiming is one statement"),
    "conversations/dispatch/gate.py": (1, "checking and passing is one statement"),
    "conversations/dispatch/recording.py": (1, "the carrier's acceptance and what follows is one statement"),
    "leads/sources/pipeline.py": (1, "a page of a crawl has no machine"),
    "leads/sources/services.py": (1, "a page of a crawl has no machine"),
}
"""Modules that write a state without `move` or `move_where`, each with its reason."""


def is_text(node):
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return bool(node.elts) and all(is_text(element) for element in node.elts)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def state_literals(path):
    """Lines that give or compare a state or stage as text, one or several."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.keyword):
            name, values = (node.arg or "").removesuffix("__in").split("__")[-1], [node.value]
        elif isinstance(node, ast.Compare):
            name, values = getattr(node.left, "attr", getattr(node.left, "id", "")), node.comparators
        else:
            continue
        if name in ("state", "stage") and any(map(is_text, values)):
            yield values[0].lineno


def misread_states(path):
    """Lines like `x in MACHINE.STATE` or `x == MACHINE.named_set`: one state is compared, a set is asked."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.keyword) and (node.arg or "").endswith("__in"):
            pairs = [(node.value, True)]
        elif isinstance(node, ast.Compare):
            pairs = [(x, isinstance(op, ast.In | ast.NotIn)) for op, x in zip(node.ops, node.comparators, strict=True)]
        else:
            continue
        for value, is_set in pairs:
            if is_of_machine(value) and value.attr.isupper() == is_set:
                yield value.lineno


def state_writers(path):
    """Lines that set a state in an UPDATE: of the ORM or in SQL."""
    columns = ("state", "stage")
    text = path.read_text()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            given = [keyword.arg for keyword in node.keywords] if node.func.attr == "update" else []
            if node.func.attr == "bulk_update":
                given = [getattr(leaf, "value", "") for leaf in ast.walk(node)]
            if any(name in columns for name in given):
                yield node.lineno
    for number, line in enumerate(text.splitlines(), start=1):
        if re.search(r"\bSET (state|stage) =", line):
            yield number


def is_of_machine(node):
    """Whether `node` is a state or a named set of a machine."""
    names = ("initial", "choices")
    return isinstance(node, ast.Attribute) and getattr(node.value, "id", "") in MACHINES and node.attr not in names


MACHINES = {
    target.id
    for path in SOURCES
    for node in ast.parse(path.read_text()).body
    if isinstance(node, ast.Assign) and getattr(getattr(node.value, "func", None), "id", "") == "StateMachine"
    for target in node.targets
    if isinstance(target, ast.Name)
}


def names_of(path):
    return str(path.relative_to(ROOT))


def inner_imports(path):
    """Modules of ours that a function of `path` imports; what only types need stands outside functions."""
    for function in ast.walk(ast.parse(path.read_text())):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in WINGS:
                    yield node.module


def test_our_own_modules_are_imported_at_the_top():
    assert {names_of(path) for path in SOURCES if any(inner_imports(path))} == set(LATE_IMPORTS)


def test_a_file_is_of_a_size_that_one_can_read():
    long = {names_of(path) for path in SOURCES if len(path.read_text().splitlines()) > MOST_LINES}
    assert long == set()


def test_a_function_with_many_parameters_is_missing_an_object():
    found = {}
    for path in SOURCES:
        if "management" in path.parts:  # options of commands are the command line's own
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                if len([one for one in arguments if one.arg not in ("self", "cls")]) > MOST_PARAMETERS:
                    found.setdefault(names_of(path), set()).add(node.name)
    assert found == {}


def test_a_state_is_named_by_its_machine():
    found = {names_of(path): len(list(state_literals(path))) for path in SOURCES}
    assert {name: count for name, count in found.items() if count} == {
        name: count for name, (count, _reason) in STATE_LITERALS.items()
    }


def test_a_state_is_changed_by_its_machine():
    found = {names_of(path): len(list(state_writers(path))) for path in SOURCES}
    assert {name: count for name, count in found.items() if count} == {
        name: count for name, (count, _reason) in WRITERS.items()
    }


def test_one_state_is_compared_and_a_set_of_states_is_asked():
    assert len(MACHINES) > 15
    assert [(names_of(path), line) for path in SOURCES for line in misread_states(path)] == []


def test_a_template_asks_the_row_and_never_compares_a_state():
    compared = re.compile(r"{% (el)?if [^%]*\b(state|stage) (==|!=|in|not in) ")
    assert [names_of(path) for path in TEMPLATES if compared.search(path.read_text())] == []
