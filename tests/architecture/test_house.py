"""Habits of the house that a linter does not know. Each list of exceptions may only get shorter."""

import ast

from tests.architecture.test_wings import ROOT, SOURCES, WINGS

MOST_LINES, MOST_PARAMETERS = 400, 8

LATE_IMPORTS = {
    "campaigns/audience/live_index.py": "numpy and its index are loaded only by the worker that keeps live sets",
    "campaigns/demo/sandbox/adapter.py": "adapters are found before the apps are ready, the recorder has models",
    "conversations/channels/providers/sendgrid/adapter.py": "the backend needs Django's settings, the registry does not",
    "conversations/consent/holidays.py": "the tables of regions are large and seldom asked",
    "conversations/dispatch/checks.py": "template tags are loaded by Django, not by rules",
    "conversations/dispatch/throttle.py": "pure but for the one row that it locks",
    "leads/insights/tasks.py": "the encoder is loaded only by the worker that embeds",
    "leads/sources/network/sessions.py": "Playwright is loaded only where a browser is driven",
}
"""Modules that import one of ours inside a function, each with its reason."""

LONG = {
    "campaigns/demo/services.py",
    "leads/cleaning/cells.py",
    "leads/cleaning/compensation.py",
    "leads/imports/columns/rows.py",
    "leads/imports/reading/detection.py",
    "leads/sources/listings/postings.py",
    "leads/sources/network/tab.py",
}
MANY_PARAMETERS = {
    "conversations/consent/services.py": {"suppress", "_ensure"},
    "conversations/inbound/receiving.py": {"store"},
    "leads/imports/terminal.py": {"_import_file", "import_file"},
    "leads/sources/services.py": {"start_crawl"},
    "outreach/llm/services.py": {"complete"},
}
"""Functions with more than eight parameters, the options of commands aside: they are the command line's own."""


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
    assert long == LONG


def test_a_function_with_many_parameters_is_missing_an_object():
    found = {}
    for path in SOURCES:
        if "management" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
                if len([one for one in arguments if one.arg not in ("self", "cls")]) > MOST_PARAMETERS:
                    found.setdefault(names_of(path), set()).add(node.name)
    assert found == MANY_PARAMETERS
