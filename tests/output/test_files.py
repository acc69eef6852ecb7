"""An exported file is written completely or not at all."""

from __future__ import annotations

import errno
import os
import resource
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from apigw_vtab.errors import UsageError
from apigw_vtab.output.files import kept_text, whole_file, whole_files


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "report.csv"


def write(path: Path, text: str) -> None:
    with whole_file(path) as file:
        file.write(text)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_new_file_has_what_was_written(path: Path) -> None:
    write(path, "a,b\r\n1,商品\r\n")
    assert path.read_bytes() == "a,b\r\n1,商品\r\n".encode()


def test_an_old_file_is_replaced(path: Path) -> None:
    path.write_text("old and longer")
    write(path, "new")
    assert path.read_text() == "new"


def test_the_old_file_stands_until_all_is_written(path: Path) -> None:
    path.write_text("old")
    with whole_file(path) as file:
        file.write("new")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_the_old_file_stands_when_something_goes_wrong(
    path: Path, error: type[BaseException]
) -> None:
    path.write_text("old")
    with pytest.raises(error), whole_file(path) as file:
        file.write("half of the new")
        raise error
    assert path.read_text() == "old"


@pytest.fixture
def few_bytes() -> Iterator[None]:
    """As on a full disk: no file can be longer than a few bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_text_that_is_kept_is_read_again() -> None:
    with kept_text(is_terminal=False) as file:
        file.writelines(["商品\r\n", "\udc80\n"] * 50_000)
        file.seek(0)
        assert file.read() == "商品\r\n\\udc80\n" * 50_000


def test_the_folder_of_what_is_kept_is_named_where_it_is_full(few_bytes: None) -> None:
    expected = f"Cannot write {tempfile.gettempdir()}: File too large"
    with pytest.raises(UsageError, match=expected), kept_text(is_terminal=False) as file:
        file.write("x" * (1 << 21))


@pytest.mark.parametrize("full", [0, 1, 2])
@pytest.mark.parametrize("more", ["x", "x" * (1 << 21)])
def test_of_several_files_the_full_one_is_named_and_all_stand(
    tmp_path: Path, few_bytes: None, full: int, more: str
) -> None:
    paths = [tmp_path / f"{number}.csv" for number in range(3)]
    for path in paths:
        path.write_text("old")
    expected = rf"Cannot write \S*/{full}\.csv: File too large"
    with pytest.raises(UsageError, match=expected), whole_files() as files:
        opened = [files.open(path) for path in paths]
        opened[full].write("x" * (1 << 20))
        for file in opened:
            file.write(more if file is opened[full] else "new")
    assert {path.read_text() for path in paths} == {"old"}
    assert sorted(tmp_path.iterdir()) == paths


def test_a_file_is_not_opened_twice_by_any_name(path: Path) -> None:
    path.write_text("old")
    link = path.with_name("link.csv")
    link.symlink_to(path)
    with pytest.raises(UsageError, match="is named twice"), whole_files() as files:
        files.open(path).close()
        files.open(link)
    assert path.read_text() == "old"


def test_an_error_of_something_else_is_not_one_of_the_file(path: Path) -> None:
    with pytest.raises(OSError, match="database"), whole_file(path):
        raise OSError(errno.ENOSPC, "No space left on device", "database")


def test_no_file_gets_its_name_if_a_device_is_full(tmp_path: Path) -> None:
    device, file = tmp_path / "device.csv", tmp_path / "file.csv"
    device.symlink_to("/dev/full")
    with pytest.raises(UsageError, match=r"device\.csv: No space left"), whole_files() as files:
        for path in (file, device):
            files.open(path).write("new")
    assert list(tmp_path.iterdir()) == [device]


def test_no_new_file_is_there_when_something_goes_wrong(path: Path) -> None:
    with pytest.raises(RuntimeError), whole_file(path):
        raise RuntimeError
    assert not path.exists()


@pytest.mark.parametrize("goes_wrong", [False, True])
def test_nothing_temporary_is_left(path: Path, goes_wrong: bool) -> None:
    path.write_text("old")
    try:
        with whole_file(path):
            if goes_wrong:
                raise RuntimeError
    except RuntimeError:
        pass
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("kept", [0o600, 0o640, 0o664])
def test_an_old_file_keeps_its_mode(path: Path, kept: int) -> None:
    path.write_text("old")
    path.chmod(kept)
    write(path, "new")
    assert mode(path) == kept


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_mode_that_the_umask_leaves(path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        write(path, "new")
        after = os.umask(mask)
    finally:
        os.umask(before)
    assert mode(path) == 0o666 & ~mask
    assert after == mask


def test_a_link_goes_on_being_a_link(path: Path) -> None:
    target = path.with_name("target.csv")
    target.write_text("old")
    path.symlink_to(target)
    write(path, "new")
    assert path.is_symlink()
    assert target.read_text() == "new"


def test_a_folder_that_is_not_there_is_an_error_that_names_the_file(path: Path) -> None:
    missing = path.parent / "nowhere" / "report.csv"
    expected = r"Cannot write .*/nowhere/report\.csv: No such file or directory\."
    with pytest.raises(UsageError, match=expected):
        write(missing, "new")


def test_a_folder_of_the_same_name_stands(path: Path) -> None:
    path.mkdir()
    with pytest.raises((UsageError, OSError)):
        write(path, "new")
    assert list(path.parent.iterdir()) == [path]
    assert path.is_dir()
