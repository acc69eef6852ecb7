"""Writes the pages that are made from the declarations and the saved queries.

python -m apigw_vtab.pages
"""

from __future__ import annotations

import sys
from pathlib import Path

from apigw_vtab.controls.frameworks import shipped_frameworks
from apigw_vtab.controls.library import all_queries, shipped_folder
from apigw_vtab.controls.page import page
from apigw_vtab.controls.rules import shipped_rules
from apigw_vtab.controls.rules_page import page as rules_page
from apigw_vtab.pages.lists import FOLDER, index, readme
from apigw_vtab.pages.table_page import table_page
from apigw_vtab.tables.registry import TABLES
from apigw_vtab.tables.views import shipped_views


def pages(root: Path) -> dict[Path, str]:
    """Return each page's file below `root`, with its text."""
    folder = root / FOLDER
    made = {folder / f"{table.name}.md": table_page(table, TABLES, model()) for table in TABLES}
    before = (root / "README.md").read_text("utf-8")
    return made | {
        folder / "README.md": index(TABLES, shipped_views()),
        root / "README.md": readme(before, TABLES),
        root / "docs" / "controls.md": page(all_queries()),
        root / "docs" / "rules.md": rules_page(
            shipped_rules(shipped_folder()), shipped_frameworks(shipped_folder())
        ),
    }


def model() -> str:
    """Return the version of the model that describes the columns."""
    import botocore

    return f"botocore {botocore.__version__}"


def write(root: Path) -> None:
    """Write the pages, and delete those of tables that are gone."""
    # The whole text first: a header that cannot be read leaves the old pages as they are.
    made = pages(root)
    (root / FOLDER).mkdir(exist_ok=True)
    for path, text in made.items():
        path.write_text(text, "utf-8")
    for path in set((root / FOLDER).glob("*.md")) - set(made):
        path.unlink()


if __name__ == "__main__":
    if not (Path.cwd() / "README.md").exists():
        sys.exit("There is no README.md here: run this in the root of the repository.")
    write(Path.cwd())
