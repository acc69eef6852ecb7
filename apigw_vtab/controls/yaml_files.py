"""Reads YAML files of the user's, with an error that names the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from apigw_vtab.errors import UsageError


def read_yaml(path: Path, loader: Any) -> Any:
    """Return what a loader of PyYAML's makes of a file. Raises UsageError where it cannot."""
    import yaml

    try:
        return yaml.load(path.read_text("utf-8-sig"), loader)
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}.") from None
    except yaml.MarkedYAMLError as error:
        line = f", in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise UsageError(f"{path} is not valid YAML: {error.problem}{line}.") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
