-- What an administrator runs once, with psql, before the first migration:
--
--     DATABASE_PASSWORD=... SEALING_PASSWORD=... \
--         psql --username=postgres --file=migrations/roles.sql
--
-- The service logs in as `rapport`, which owns its database and may not make roles, make
-- databases, or pass by a grant. Each of its transactions then takes one door's role. The
-- sealing job logs in as `rapport_sealing`, which can enter the door of the seal alone. The
-- doors belong to the whole server: on a server where they are, leave their lines out.
\set ON_ERROR_STOP on
\getenv password DATABASE_PASSWORD
\getenv sealing_password SEALING_PASSWORD

CREATE ROLE rapport LOGIN PASSWORD :'password'
    NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

CREATE ROLE rapport_sealing LOGIN PASSWORD :'sealing_password'
    NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

CREATE ROLE rapport_poll_book NOLOGIN;
CREATE ROLE rapport_ballot_box NOLOGIN;
CREATE ROLE rapport_seal NOLOGIN;
CREATE ROLE rapport_reports NOLOGIN;
GRANT rapport_poll_book, rapport_ballot_box, rapport_seal, rapport_reports TO rapport;
GRANT rapport_seal TO rapport_sealing;

CREATE DATABASE rapport OWNER rapport ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE rapport FROM PUBLIC;

-- The server's log keeps the order in which rows came. With these the service may drop it
-- after each rewrite of its tables. They let it read nothing.
GRANT pg_checkpoint TO rapport;
\connect rapport
GRANT EXECUTE ON FUNCTION pg_switch_wal() TO rapport;
GRANT CONNECT ON DATABASE rapport TO rapport_sealing;
