"""The line editor: colours, completion and the bar at the bottom of the screen."""

from __future__ import annotations

import contextlib
import shutil
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import Completer, Completion, ThreadedCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER, EditingMode
from prompt_toolkit.filters import has_focus
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import PygmentsLexer
from prompt_toolkit.utils import get_cwidth
from pygments.lexers.sql import SqlLexer

from apigw_vtab.aws.regions import EVERY_REGION
from apigw_vtab.shell.catalogue import catalogue, of_aws
from apigw_vtab.shell.history import history
from apigw_vtab.shell.pieces import is_whole
from apigw_vtab.shell.sql_completion import suggest

if TYPE_CHECKING:
    from prompt_toolkit.completion import CompleteEvent

    from apigw_vtab.shell.session import Shell

GREETING = """\
API Gateway as SQL tables. Try:  select region, name from rest_apis;
Is every stage all right?       .check AG-006   What is there?  .tables .queries
Tab completes, Ctrl-R searches history, .help lists commands, Ctrl-D leaves.
"""
PROMPT, MORE = "apigw-vtab> ", "       ...> "
MENU_LINES = 8


class Names(Completer):
    """Completes from a catalogue; slow parts of it load in the background."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._catalogue = catalogue(shell)
        self._of_aws: dict[str, Any] = {}
        threading.Thread(target=self._load, daemon=True).start()

    def refresh(self) -> None:
        """Pick up newly created tables and newly saved queries."""
        self._catalogue = catalogue(self._shell)

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterable[Completion]:
        """Yield what can come at the cursor."""
        before, after = document.text_before_cursor, document.text_after_cursor
        if not event.completion_requested and (not before or before[-1].isspace()):
            # A menu that nobody asked for is in the way until a letter has been typed.
            return
        for one in suggest(before, after, replace(self._catalogue, **self._of_aws)):
            yield Completion(one.text, -one.length, display_meta=one.note)

    def _load(self) -> None:
        context = self._shell.connection.context
        self._of_aws = of_aws(context.tables.values(), context.estate.profiles)


def talk(shell: Shell) -> None:
    """Prompt for statements until the user leaves."""
    names = Names(shell)
    session: PromptSession[str] = PromptSession(
        lexer=PygmentsLexer(SqlLexer),
        completer=ThreadedCompleter(names),
        complete_while_typing=True,
        auto_suggest=AutoSuggestFromHistory(),
        history=history(),
        key_bindings=bindings(),
        multiline=True,
        prompt_continuation=lambda width, _line, _wrapped: shell.moreprompt.rjust(width),
        bottom_toolbar=lambda: bar(shell),
        enable_open_in_editor=True,
        tempfile_suffix=".sql",
        reserve_space_for_menu=MENU_LINES,
    )
    click.echo(GREETING)
    shell.prompt, shell.moreprompt = PROMPT, MORE
    while True:
        session.editing_mode = EditingMode.VI if shell.keys == "vi" else EditingMode.EMACS
        # Ctrl-C can come at any moment, even between a statement's end and the next prompt.
        with contextlib.suppress(KeyboardInterrupt):
            try:
                text = session.prompt(shell.prompt)
            except EOFError:
                return
            shell.take(text)
            names.refresh()


def bindings() -> KeyBindings:
    r"""Return the key bindings: Enter runs a complete statement, and \e opens the editor."""
    keys = KeyBindings()

    @keys.add("enter", filter=has_focus(DEFAULT_BUFFER))
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        text = buffer.text.rstrip()
        if buffer.complete_state and buffer.complete_state.current_completion:
            buffer.complete_state = None
        elif text.endswith("\\e"):
            buffer.text = text.removesuffix("\\e")
            buffer.open_in_editor()
        elif is_whole(text):
            buffer.validate_and_handle()
        else:
            buffer.newline()

    @keys.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    return keys


def bar(shell: Shell) -> str:
    """Return the bottom line: what is read, how old the cache is, whether writes are allowed."""
    executor, estate = shell.connection.executor, shell.connection.context.estate
    names = [account.label for account in estate.profiles]
    noun = "accounts" if any(account.reaching for account in estate.profiles) else "profiles"
    regions = ["all regions"] if estate.patterns == (EVERY_REGION,) else estate.patterns
    age = executor.cache_age
    cache = "off" if not executor.cache_ttl else "empty" if age is None else f"{age:.0f} s old"
    transaction = shell.connection.context.transaction.policy
    writes = "dry run" if transaction.dry_run else "WRITES" if transaction.allowed else "read-only"
    end = (f"cache {cache}", writes, shell.last_cost)
    start = "sandbox" if shell.settings.sandbox else "live"
    lines = [
        (start, ", ".join(names), ", ".join(regions), *end),
        (start, _counted(names, noun), ", ".join(regions), *end),
        (start, _counted(names, noun), _counted(regions, "regions"), *end),
        (start, writes, shell.last_cost),
    ]
    texts = [" " + "  ·  ".join(part for part in parts if part) for parts in lines]
    width = shutil.get_terminal_size().columns
    return next((text for text in texts if get_cwidth(text) <= width), texts[-1])


def _counted(names: Sequence[str], noun: str) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} {noun}"
