"""Runs migrations on the connection that ``rapport db upgrade`` hands over."""

from alembic import context
from sqlalchemy import text

from rapport_service.agency import models as agency
from rapport_service.ballotbox import models as ballotbox
from rapport_service.core import installation
from rapport_service.core.db import Base
from rapport_service.pollbook import models as pollbook
from rapport_service.registry import models as registry

MODELS = (installation, agency, registry, pollbook, ballotbox)  # for their tables

connection = context.config.attributes["connection"]
if connection.dialect.name == "postgresql":
    connection.execute(text("SET LOCAL lock_timeout = '10s'"))
context.configure(
    connection=connection, target_metadata=Base.metadata, transactional_ddl=False
)
with context.begin_transaction():
    context.run_migrations()
