-- A service's database and its two roles. For each service, as a superuser:
--
--   psql --dbname=postgres --set=name=veille_referral --file=deploy/postgres/prepare.sql
--
-- NAME_owner migrates and owns all there is; NAME serves, and gets its rights from `migrate`. Neither
-- has a password yet (README.md). Again at any time: what is there stays, what differs is set right.
-- Where one role did both until now, what it owned becomes the owner's.
\set ON_ERROR_STOP on
\set owner :name '_owner'

SELECT format('CREATE ROLE %I LOGIN', role) FROM (VALUES (:'owner'), (:'name')) AS wanted (role)
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) \gexec
ALTER ROLE :"owner" NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE :"name" NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;

SELECT format('CREATE DATABASE %I OWNER %I', :'name', :'owner')
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec
ALTER DATABASE :"name" OWNER TO :"owner";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"name" TO :"name";
-- The server's log holds nobody's data: of a statement that fails not which row it was, and of none what
-- it was given. Only a superuser may change this.
ALTER DATABASE :"name" SET log_error_verbosity = 'terse';
ALTER DATABASE :"name" SET log_parameter_max_length = 0;
ALTER DATABASE :"name" SET log_parameter_max_length_on_error = 0;

\connect :"name"
REASSIGN OWNED BY :"name" TO :"owner";
