"""Hands out the public keys of client certificates: for the backends, which have to trust them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from apigw_vtab.commands.typed import Typed
from apigw_vtab.errors import UsageError
from apigw_vtab.output.cells import Row
from apigw_vtab.output.files import whole_file
from apigw_vtab.output.sinks import write_rows
from apigw_vtab.output.style import Style
from apigw_vtab.output.terminal import harmless
from apigw_vtab.tables.values import SqlValue

ID, PEM = "client_certificate_id", "pem_encoded_certificate"
PEM_MODE = 0o644


def hand_out(rows: Sequence[Mapping[str, SqlValue]], folder: Path | None, typed: Typed) -> None:
    """Print the certificates; write their public keys to a folder, if one is given."""
    names = [name for name in rows[0] if name != PEM]
    listed: list[Row] = []
    for row in rows:
        path = write_pem(folder, row) if folder else None
        listed.append([*(row[name] for name in names), *([str(path)] if path else [])])
    columns = [*names, "public_key"] if folder else names
    write_rows(columns, listed, [(sys.stdout, "table")], Style())
    if not folder:
        ids = ", ".join(f"'{row[ID]!s}'" for row in rows)
        sql = f"select region, {ID}, {PEM} from client_certificates where {ID} in ({ids})"
        line = f"To get their public keys: {typed.other('query', sql)} --output json"
        click.echo(harmless(line), err=True)


def print_pem(rows: Sequence[Mapping[str, SqlValue]]) -> None:
    """Print the public keys as one PEM file, each after a line that says whose it is.

    Readers of PEM skip what is between the certificates: RFC 7468, section 2.
    """
    for row in rows:
        words = (row["account_id"], row["region"], row["client_certificate_id"], row["purpose"])
        click.echo(harmless(f"# {' '.join(map(str, words))}"))
        for line in _lines(row):
            click.echo(harmless(line))


def make_folder(folder: Path) -> None:
    """Make a folder for public keys. Raises UsageError where they cannot be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"Cannot create the folder {folder}: {error.strerror}.") from None
    if not os.access(folder, os.W_OK):
        raise UsageError(f"Cannot write to the folder {folder}.")


def write_pem(folder: Path, row: Mapping[str, SqlValue]) -> Path:
    """Write the public key of a certificate to a file of its own; return the file's path."""
    names = (row["account_id"], row["region"], row["client_certificate_id"])
    path = folder / ("-".join(re.sub(r"[^\w-]", "_", str(name)) for name in names) + ".pem")
    with whole_file(path) as file:
        file.writelines(f"{line}\n" for line in _lines(row))
    path.chmod(PEM_MODE)
    return path


def _lines(row: Mapping[str, SqlValue]) -> list[str]:
    return str(row[PEM] or "").splitlines()
