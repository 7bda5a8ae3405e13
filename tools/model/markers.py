# Copyright: (c) 2026, The ringfence.callcenter developers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which claims and controls the behaviour tests are marked with, read from their source without running it.

A test is marked with the parts of claims that it shows, ``proof("CLAIM.PART")``, and is one of these claims by that. A
test that belongs to a claim and shows no part of it by itself is marked ``claim("CLAIM")``.

A test of every activity of the catalogue is marked with ``evidence.ACTIVITY``, which stands for all of them, and one
that every role's scenario has with ``ROLE.NAME``, which stands for the control of that name of each.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from tools.model.controls import ACTIVITY, EVIDENCE, activities
from tools.repository import Repository

MARKS = ("claim", "control", "proof")


@dataclass(frozen=True)
class MarkedTest:
    """A behaviour test: its pytest node id without parameters, and the ids it is marked with, in their order.

    claims: those of ``claim`` marks and those whose parts it shows. proofs: these parts, each ``CLAIM.PART``.
    """

    id: str
    claims: list[str] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    proofs: list[str] = field(default_factory=list)


class UnreadableMark(ValueError):
    """A mark whose argument is not a literal text: what it proves can't be known without running it."""


def _marks(expressions: Iterable[ast.expr]) -> Iterator[tuple[str, str]]:
    """The (mark, id) pairs of decorators or of a ``pytestmark`` value."""
    for expression in expressions:
        if isinstance(expression, (ast.List, ast.Tuple)):
            yield from _marks(expression.elts)
            continue
        called = expression.func if isinstance(expression, ast.Call) else expression
        parts = ast.unparse(called).split(".")
        if parts[-3:-1] != ["pytest", "mark"] or parts[-1] not in MARKS:
            continue
        arguments = expression.args if isinstance(expression, ast.Call) else []
        if not arguments:
            raise UnreadableMark(f"line {expression.lineno}: the mark {parts[-1]} names nothing")
        for argument in arguments:
            if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str)):
                raise UnreadableMark(f"line {expression.lineno}: the mark {parts[-1]} needs a literal text")
            yield parts[-1], argument.value


def _pytestmark(body: Iterable[ast.stmt]) -> list[ast.expr]:
    values = []
    for statement in body:
        if isinstance(statement, ast.Assign):
            targets: list[ast.expr] = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        if statement.value and any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in targets):
            values.append(statement.value)
    return values


def _tests(body: list[ast.stmt], prefix: str, inherited: list[tuple[str, str]]) -> Iterator[MarkedTest]:
    here = [*inherited, *_marks(_pytestmark(body))]
    for statement in body:
        if isinstance(statement, ast.ClassDef) and statement.name.startswith("Test"):
            yield from _tests(statement.body, f"{prefix}::{statement.name}", [*here, *_marks(statement.decorator_list)])
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)) and statement.name.startswith("test"):
            marks = dict.fromkeys([*here, *_marks(statement.decorator_list)])
            yield MarkedTest(
                f"{prefix}::{statement.name}",
                list(dict.fromkeys(name.split(".")[0] for mark, name in marks if mark != "control")),
                [name for mark, name in marks if mark == "control"],
                [name for mark, name in marks if mark == "proof"],
            )


def marked_tests_in(source: str, name: str) -> list[MarkedTest]:
    """The tests of one file's source; ``name`` is the file's path from the root of the checkout.

    Raises UnreadableMark for a mark without a literal text and SyntaxError for what is not Python.
    """
    return list(_tests(ast.parse(source, name).body, name, []))


def behaviour_files(repository: Repository) -> list[str]:
    """The files in which pytest looks for behaviour tests."""
    return repository.files("tests/behaviour/*/test_*.py", "tests/behaviour/test_*.py")


def _each(controls: Iterable[str], names: Iterable[str], roles: Iterable[str]) -> list[str]:
    """The controls with what stands for one of each activity or of each role spelled out."""
    every = [f"{EVIDENCE}.{name}" for name in names]
    spelled: list[str] = []
    for control in controls:
        if control == f"{EVIDENCE}.{ACTIVITY}":
            spelled += every
        elif control.startswith("ROLE."):
            spelled += [f"{role}{control[len('ROLE') :]}" for role in roles]
        else:
            spelled.append(control)
    return list(dict.fromkeys(spelled))


def behaviour_tests(repository: Repository) -> list[MarkedTest]:
    """Every behaviour test, in the order of files and lines; the exception of a bad file names it."""
    found: list[MarkedTest] = []
    names = [str(row["id"]) for row in activities(repository)]
    for name in behaviour_files(repository):
        try:
            tests = marked_tests_in(repository.text(name), name)
        except UnreadableMark as problem:
            raise UnreadableMark(f"{name}: {problem}") from problem
        found += [replace(test, controls=_each(test.controls, names, repository.roles)) for test in tests]
    return found
