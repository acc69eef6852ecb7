"""What is no regular file is written to as it is, and nothing takes its place."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from apigw_vtab.errors import UsageError
from apigw_vtab.output.files import whole_file, whole_files
from apigw_vtab.output.streams import is_stream

LONG = "商品\r\n" * 50_000


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    return path


def reading(pipe: Path) -> Callable[[], str]:
    """Read a pipe to its end in the background; return what waits for that and returns it all."""
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes().decode()), daemon=True)
    reader.start()

    def all_of_it() -> str:
        reader.join(60)
        return got[0]

    return all_of_it


def own_output(tmp_path: Path, code: str, stdout: Path | int) -> str:
    """Run code in a process of its own in a folder; return what it printed, if it is captured."""
    script = f"from pathlib import Path\nfrom apigw_vtab.output.files import whole_file\n{code}"
    with open(os.devnull if isinstance(stdout, int) else stdout, "w") as file:
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            stdout=stdout if isinstance(stdout, int) else file,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    return done.stdout or ""


def write(path: Path, text: str) -> list[str]:
    told: list[str] = []
    with whole_files(told.append) as files:
        files.open(path).write(text)
    return told


def test_a_reader_of_a_pipe_gets_all_of_it(pipe: Path) -> None:
    read = reading(pipe)
    write(pipe, LONG)
    assert read() == LONG
    assert pipe.is_fifo()


def test_a_reader_of_a_pipe_gets_nothing_of_what_went_wrong(pipe: Path) -> None:
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(RuntimeError), whole_file(pipe) as file:
        file.write("half")
        raise RuntimeError
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_a_reader_of_a_pipe_waits_no_longer_when_something_went_wrong(pipe: Path) -> None:
    waiting = subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE)
    while waiting.poll() is None:
        with pytest.raises(RuntimeError), whole_file(pipe):
            raise RuntimeError
    assert waiting.communicate()[0] == b""


def test_a_pipe_that_nobody_reads_yet_is_told(pipe: Path) -> None:
    told: list[str] = []
    reads: list[Callable[[], str]] = []

    def tell(line: str) -> None:
        told.append(line)
        reads.append(reading(pipe))

    with whole_files(tell) as files:
        files.open(pipe).write("a")
    assert [read() for read in reads] == ["a"]
    assert told == [f"{pipe}: waiting until somebody reads this pipe."]


def test_a_reader_who_leaves_early_is_told(pipe: Path) -> None:
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def leave() -> None:
        select.select([reader], [], [])
        os.close(reader)

    threading.Thread(target=leave, daemon=True).start()
    assert write(pipe, LONG) == [f"{pipe}: whoever read it left before the end."]


@pytest.mark.parametrize("device", ["null", "full", "zero"])
def test_a_device_is_not_replaced(tmp_path: Path, device: str) -> None:
    path = tmp_path / "rows.csv"
    path.symlink_to(f"/dev/{device}")
    before = Path(f"/dev/{device}").stat().st_rdev
    try:
        write(path, "a")
    except UsageError as error:
        assert device == "full"
        assert f"{path}: No space left on device. Make room" in str(error)
    assert Path(f"/dev/{device}").stat().st_rdev == before
    assert list(tmp_path.iterdir()) == [path]


def test_an_export_to_a_terminal_is_written_as_to_a_terminal(tmp_path: Path) -> None:
    master, slave = os.openpty()
    path = tmp_path / "rows.csv"
    path.symlink_to(os.ttyname(slave))
    with whole_file(path) as file:
        assert file.isatty()
    os.close(slave)
    os.close(master)


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1"])
@pytest.mark.parametrize("is_file", [False, True])
def test_our_own_output_has_an_export_in_its_turn(tmp_path: Path, name: str, is_file: bool) -> None:
    path, printed = tmp_path / "rows.csv", tmp_path / "printed"
    path.symlink_to(name)
    code = (
        "print('before')\nwith whole_file(Path('rows.csv')) as file: file.write('rows\\n')\n"
        "print('after')"
    )
    out = own_output(tmp_path, code, printed if is_file else subprocess.PIPE)
    assert (printed.read_text() if is_file else out) == "before\nrows\nafter\n"


def test_a_link_that_leads_to_itself_stays_and_says_what_to_do(tmp_path: Path) -> None:
    path, other = tmp_path / "rows.csv", tmp_path / "other.csv"
    path.symlink_to(other)
    other.symlink_to(path)
    with pytest.raises(UsageError, match="leads to itself: delete it, or give another name"):
        write(path, "new")
    assert path.is_symlink()


def test_a_folder_behind_a_link_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    folder, path = tmp_path / "folder", tmp_path / "rows.csv"
    folder.mkdir()
    path.symlink_to(folder)
    with pytest.raises(UsageError, match="it is a folder: give the name of a file"):
        whole_file(path).__enter__()


@pytest.mark.parametrize("kind", ["missing", "regular", "link", "dangling"])
def test_what_is_or_becomes_a_regular_file_is_no_stream(tmp_path: Path, kind: str) -> None:
    path, target = tmp_path / "rows.csv", tmp_path / "target.csv"
    if kind in ("link", "regular"):
        target.touch()
    if kind in ("link", "dangling"):
        path.symlink_to(target)
    assert not is_stream(target if kind == "regular" else path)
