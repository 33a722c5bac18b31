"""The home of the short matrix, for the controls: ``python -m tests.authorization.run`` on SQLite.

It has fewer callers and shallow probes, and holds the answers against the policy alone.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from graphql import GraphQLObjectType

from db.engine import open_database
from db.migrate import migrate
from resolvers.caller.visibility import visible
from tests.authorization.asking import Gateway, Switched
from tests.authorization.matrix import Matrix
from tests.authorization.paths import SCHEMA
from tests.authorization.population import Population, populated, write
from tests.authorization.questions import Questions

if TYPE_CHECKING:
    from db.engine import Database
    from resolvers.planner.compile import Visible


def everybody() -> Population:
    """Return the population."""
    address = SCHEMA.type_map["PostalAddress"]
    assert isinstance(address, GraphQLObjectType)
    return populated(tuple(address.fields))


def somebody() -> Population:
    """Return the population without those who lack a single permission."""
    population = everybody()
    population.askers = [asker for asker in population.askers if "all but" not in asker.name]
    return population


async def short_matrix(database: Database, population: Population, visible: Visible = visible) -> Matrix:
    """Return what *population* is shown on *database*, where its rows are, as *visible* lets it."""
    matrix = Matrix(population)
    await Questions(Gateway(Switched(database), visible), matrix, depth=0, optional=False).ask_all()
    return matrix


async def main() -> None:
    """Print the figures and what the policy does not explain."""
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite:///{Path(directory) / 'shop.db'}"
        await migrate(url)
        population = somebody()
        database = await open_database(url)
        await write(database, population.planting.rows)
        matrix = await short_matrix(database, population)
        await database.close()
    sys.stdout.write("\n".join([str(matrix), *matrix.problems, ""]))


if __name__ == "__main__":
    asyncio.run(main())
