"""Secrets: made once, on the first start, as files below ``<home>/secrets``, for both ways to run Frontrow.

``python3 -m infra.secrets <home>`` makes what is missing and never overwrites what is there. It uses the standard
library alone, because it runs before anything is installed. No secret may go to git, to a log line, to a command line
or to an environment variable; every process reads its own from files.

The keys of access tokens and tickets are the exception: a public key is computed by a library. Where it is not
installed they are left to the next run that has it: native start runs inside its environment, and compose's first
one-shot in our image.

Layout: ``<home>/secrets/<service>/frontrow_<name>``; a service's folder holds exactly what this service may know. In
native mode the folder is the service's ``FRONTROW_SECRETS_DIR``; under compose it is mounted as ``/run/secrets``.

Modes are 700 for folders and 600 for files, under compose too. Mounted folders keep the host's owner, so containers
that read them run as that owner: ``user: "${FRONTROW_UID:-10001}:${FRONTROW_GID:-10001}"``. ``start-services.sh`` sets
both: to whoever runs it, or, when that is root, to 10001, to whom the services' folders are then given
(``--owner 10001``), so that no service needs root. On the host the folder around them stays root's, so nobody else
gets there. Compose runs the command itself as its first one-shot, so that a bare ``docker compose up`` works too.
"""
