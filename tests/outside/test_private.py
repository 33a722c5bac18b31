"""What the product uses of libraries although they keep it to themselves: an upgrade that changes it fails here."""

from __future__ import annotations

import ast
import inspect
import sys
import tomllib
from collections.abc import Callable
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import aiosqlite
import asyncpg
import pytest
from graphql.execution import get_variable_values
from graphql.execution.collect_fields import FragmentDetails, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from graphql.validation import validation_context
from graphql.validation.rules import overlapping_fields_can_be_merged
from sqlalchemy import Select, literal, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter, Grouping
from strawberry import annotation, schema
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField
from strawberry.utils import str_converters
from strawberry.utils.await_maybe import await_maybe
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.supervisors.multiprocess import Multiprocess, Process

PRODUCT = Path(__file__).parents[2]
OWN = {"gateway", "resolvers", "db"}

SIGNATURES = [
    (HttpToolsProtocol.__init__, "self config server_state app_state _loop"),
    (HttpToolsProtocol.connection_made, "self transport"),
    (HttpToolsProtocol.connection_lost, "self exc"),
    (HttpToolsProtocol.data_received, "self data"),
    (HttpToolsProtocol.on_message_begin, "self"),
    (HttpToolsProtocol.on_header, "self name value"),
    (HttpToolsProtocol.on_headers_complete, "self"),
    (HttpToolsProtocol.on_body, "self body"),
    (HttpToolsProtocol.on_message_complete, "self"),
    (HttpToolsProtocol.on_response_complete, "self"),
    (vars(HttpToolsProtocol)["_start_asgi_task"], "self cycle app"),
    (HttpToolsProtocol.pause_writing, "self"),
    (HttpToolsProtocol.resume_writing, "self"),
    (HttpToolsProtocol.send_400_response, "self msg"),
    (HttpToolsProtocol.shutdown, "self"),
    (FlowControl.__init__, "self transport"),
    (FlowControl.resume_reading, "self"),
    (Multiprocess.handle_int, "self"),
    (Multiprocess.handle_term, "self"),
    (Multiprocess.init_processes, "self"),
    (Multiprocess.keep_subprocess_alive, "self"),
    (Multiprocess.restart_all, "self"),
    (Multiprocess.join_all, "self"),
    (Process.target, "self sockets"),
    (get_variable_values, "schema var_def_nodes inputs max_errors hide_suggestions"),
    (
        collect_fields,
        (
            "schema fragments variable_values runtime_type operation hide_suggestions forbid_skip_and_include "
            "on_selection_set"
        ),
    ),
    (
        collect_subfields,
        "schema fragments variable_values operation return_type field_details_list hide_suggestions",
    ),
    (
        StrawberryGraphQLCoreExecutionContext.execute_collected_subfields,
        "self parent_type source_value path grouped_field_set new_defer_usages delivery_group_map",
    ),
    (
        StrawberryGraphQLCoreExecutionContext.execute_fields,
        "self parent_type source_value path grouped_field_set position_context",
    ),
    (aiosqlite.Connection.stop, "self"),
    (str_converters.to_camel_case, "snake_str"),
    (str_converters.to_snake_case, "name"),
    (await_maybe, "value"),
]


@pytest.mark.parametrize(("function", "parameters"), SIGNATURES, ids=lambda value: getattr(value, "__qualname__", ""))
def test_what_is_overridden_or_called_takes_what_it_took(function: Callable[..., Any], parameters: str) -> None:
    assert " ".join(inspect.signature(function).parameters) == parameters


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        (HttpToolsProtocol, "parser cycle pipeline url headers flow loop transport timeout_keep_alive_task"),
        (RequestResponseCycle, "response_complete more_body"),
        (Multiprocess, "processes processes_num should_exit signal_queue config sockets"),
        (Process, "parent_conn process"),
        (schema.Schema, "_schema"),
        (validation_context, "MAX_FRAGMENT_WORK"),
        (overlapping_fields_can_be_merged, "MAX_COMPLEXITY_BUDGET"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_attribute_that_is_read_or_set_has_its_name(kind: Any, attributes: str) -> None:
    source = inspect.getsource(kind)

    assert [name for name in attributes.split() if name not in source] == []


def test_what_is_built_for_a_library_has_the_fields_that_it_had() -> None:
    assert FragmentDetails._fields == ("definition", "variable_signatures")
    assert VariableValues._fields == ("sources", "coerced")
    assert "annotation" in inspect.signature(annotation.StrawberryAnnotation).parameters
    assert {"python_name", "type_annotation", "default"} <= {*inspect.signature(StrawberryArgument).parameters}
    assert "base_resolver" in inspect.signature(StrawberryField).parameters


def test_sqlalchemy_tells_which_parameters_stand_where() -> None:
    statement = select(literal("a"), literal("b"))
    compiled = statement.compile(dialect=sqlite.dialect(paramstyle="qmark"))

    assert isinstance(statement, Select)
    assert hasattr(statement, "_propagate_attrs")
    assert [compiled.binds[name].effective_value for name in compiled.positiontup or ()] == ["a", "b"]
    assert [*inspect.signature(visitors.replacement_traverse).parameters] == ["obj", "opts", "replace"]
    assert "element" in inspect.signature(Grouping).parameters
    assert "unique" in inspect.signature(BindParameter).parameters


def test_asyncpg_says_of_a_closed_connection_that_it_is_closed() -> None:
    # It has no class for it, and the words are all there is.
    source = inspect.getsource(asyncpg.connection) + inspect.getsource(asyncpg.pool)

    assert "connection is closed" in source
    assert "pool is clos" in source


def test_what_is_imported_is_declared() -> None:
    project = tomllib.loads((PRODUCT / "pyproject.toml").read_text())["project"]
    declared = {_normalised(requirement) for requirement in project["dependencies"]}
    distributions = packages_distributions()
    imported = {
        name.partition(".")[0]
        for file in (PRODUCT / "src").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        for name in _modules(node)
    }
    outside = imported - OWN - set(sys.stdlib_module_names)

    assert outside
    assert {name for name in outside if declared.isdisjoint(map(_normalised, distributions[name]))} == set()


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


def _normalised(requirement: str) -> str:
    name = requirement
    for mark in "[<>=;! ":
        name = name.partition(mark)[0]
    return name.lower().replace("_", "-").replace(".", "-")
