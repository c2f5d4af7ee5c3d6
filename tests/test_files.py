"""Files put in place whole, with the right mode and owner; the files that killed writers left are removed."""

import errno
import os
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from churn import files
from churn.files import lock_folder, read_file, replace_file, replacing, side_file, side_folder
from tests.customers import PROJECT

MODES = [0o600, 0o640, 0o644, 0o660]


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def umask():
    """Sets the umask; it is restored after the test."""
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


@pytest.mark.parametrize("kind", ["a directory", "a FIFO", "a socket", "a device"])
def test_a_path_that_is_not_a_regular_file_is_not_read(tmp_path, kind):
    path = tmp_path / "file"
    if kind == "a directory":
        path.mkdir()
    elif kind == "a FIFO":
        os.mkfifo(path)
    elif kind == "a socket":
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(path))
    else:
        path.symlink_to(os.devnull)
    with pytest.raises(OSError, match=f"it is {kind}, not a regular file") as error:
        read_file(path, most_bytes=10)
    assert error.value.filename == str(path)


def test_a_file_of_the_size_allowed_is_read_and_a_larger_one_is_not(tmp_path):
    path, link = tmp_path / "file", tmp_path / "link"
    link.symlink_to(path)
    path.write_bytes(b"x" * 10)
    assert read_file(link, most_bytes=10) == b"x" * 10
    path.write_bytes(b"x" * 11)
    with pytest.raises(OSError, match="it has 11 bytes, and at most 10 are read"):
        read_file(link, most_bytes=10)


def test_a_file_that_hides_its_size_is_read_no_further_than_allowed():
    with pytest.raises(OSError, match="more than 10 bytes"):
        read_file(Path("/proc/self/status"), most_bytes=10)


@pytest.mark.parametrize("other", ["a FIFO", "a larger file"])
def test_a_file_that_is_replaced_after_the_first_check_is_not_read_either(tmp_path, monkeypatch, other):
    path = tmp_path / "file"
    path.write_bytes(b"x")
    open_file = os.open

    def swap_and_open(*args):
        path.unlink()
        if other == "a FIFO":
            os.mkfifo(path)
        else:
            path.write_bytes(b"x" * 11)
        return open_file(*args)

    monkeypatch.setattr(os, "open", swap_and_open)
    with pytest.raises(OSError, match=r"it is a FIFO|it has 11 bytes"):
        read_file(path, most_bytes=10)


@pytest.mark.parametrize("old", MODES)
def test_a_replaced_file_keeps_its_mode_whatever_the_umask(tmp_path, umask, old):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(old)
    umask(0o077)
    replace_file(path, b"new", like=(tmp_path.stat()))
    assert path.read_bytes() == b"new"
    assert mode(path) == old


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077])
@pytest.mark.parametrize("of_input", [*MODES, 0o755])
def test_a_new_file_is_as_open_as_its_like_and_the_umask_allow(tmp_path, umask, of_input, mask):
    like = tmp_path / "input"
    like.write_text("")
    like.chmod(of_input)
    umask(mask)
    replace_file(tmp_path / "like", b"", like=like.stat())
    replace_file(tmp_path / "other", b"")
    assert mode(tmp_path / "like") == of_input & 0o666 & ~mask
    assert mode(tmp_path / "other") == 0o666 & ~mask


@pytest.mark.parametrize("of_the_old", [None, 0o644, 0o666])
@pytest.mark.parametrize("like", [None, 0o644])
def test_a_file_is_private_while_it_is_written(tmp_path, umask, of_the_old, like):
    path, other = tmp_path / "file", tmp_path / "like"
    if of_the_old:
        path.write_text("old")
        path.chmod(of_the_old)
    if like:
        other.write_text("")
        other.chmod(like)
    with replacing(path, like=other.stat() if like else None) as file:
        [side] = tmp_path.glob(".file.*.new")
        file.write(b"new")
        file.flush()
        assert mode(side) == 0o600
    assert mode(path) == (of_the_old or 0o644)
    assert path.read_bytes() == b"new"


def chown_that_allows(monkeypatch, allowed) -> list:
    """Replace os.fchown by one that pretends to do what is `allowed`; the calls so far."""
    calls = []

    def chown(descriptor, user, group):
        calls.append((user, group))
        if (user, group) not in allowed:
            raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", chown)
    return calls


def of_somebody_else(path, monkeypatch) -> None:
    """Make a file look as if it belonged to user 12345 and group 54321."""
    real = files._stat_file

    def stat_file(one):
        found = real(one)
        return found and os.stat_result([*found[:4], 12345, 54321, *found[6:]])

    monkeypatch.setattr(files, "_stat_file", stat_file)


@pytest.mark.parametrize(
    ("allowed", "expected"),
    [({(12345, 54321)}, 0o664), ({(-1, 54321)}, 0o664), (set(), 0o604)],
    ids=["the owner can be kept", "the group can be kept", "neither, so that the group's rights go"],
)
def test_a_replaced_file_keeps_its_owner_where_we_may_give_it(tmp_path, monkeypatch, allowed, expected):
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o664)
    of_somebody_else(path, monkeypatch)
    calls = chown_that_allows(monkeypatch, allowed)
    replace_file(path, b"new")
    assert calls[0] == (12345, 54321)
    assert (path.read_bytes(), mode(path)) == (b"new", expected)


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_root_keeps_the_owner_of_a_replaced_file(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    os.chown(path, 12345, 54321)
    path.chmod(0o640)
    replace_file(path, b"new")
    found = path.stat()
    assert (found.st_uid, found.st_gid, mode(path)) == (12345, 54321, 0o640)


def test_a_link_keeps_leading_to_the_same_place(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "real", tmp_path / "link"
    link.symlink_to("elsewhere/real")
    for content in (b"first", b"second"):
        replace_file(link, content)
        assert link.is_symlink()
        assert real.read_bytes() == content
    assert [path.name for path in real.parent.iterdir()] == ["real"]


def test_two_writers_with_equal_process_ids_share_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "getpid", lambda: 7)
    path = tmp_path / "file"
    with side_file(path) as one, side_file(path) as other:
        assert one.side != other.side
        one.file.write(b"one")
        other.file.write(b"other")
        for side in (one, other):
            side.finish()
            side.put()
            assert path.read_bytes() in (b"one", b"other")
    assert path.read_bytes() == b"other"
    assert [left.name for left in tmp_path.iterdir()] == ["file"]


def test_a_side_files_name_that_is_taken_is_not_used(tmp_path, monkeypatch):
    names = iter(["0a0a0a0a", "0a0a0a0a", "0b0b0b0b"])
    monkeypatch.setattr(files.secrets, "token_hex", lambda count: next(names))
    with side_file(tmp_path / "file") as one, side_file(tmp_path / "file") as other:
        assert [side.side.name for side in (one, other)] == [".file.0a0a0a0a.new", ".file.0b0b0b0b.new"]


def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "file").write_text("old")
    with pytest.raises(TypeError), replacing(tmp_path / "file") as file:
        file.writelines([b"new", "no bytes"])
    assert (tmp_path / "file").read_text() == "old"
    assert [left.name for left in tmp_path.iterdir()] == ["file"]


def make_old(path, age_s: float):
    path.write_text("left")
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def test_files_that_killed_writers_of_the_same_file_left_are_swept_after_an_hour(tmp_path):
    old = [
        make_old(tmp_path / f".file.{name}.new", 3700) for name in ("0123abcd", "4711")
    ]  # 4711: the name that earlier versions gave
    kept = [
        make_old(tmp_path / ".file.aaaaaaaa.new", 3500),
        *(make_old(tmp_path / name, 9999) for name in (".other.0123abcd.new", ".file.txt.0123abcd.new", "file.new")),
        *(make_old(tmp_path / name, 9999) for name in (".file.mine.new", ".file.0123abcd.new.txt", ".file..new")),
    ]
    replace_file(tmp_path / "file", b"new")
    assert not any(path.exists() for path in old)
    assert all(path.read_text() == "left" for path in kept)


def test_the_file_of_a_living_writer_is_not_swept_however_long_it_takes(tmp_path):
    with side_file(tmp_path / "file") as slow:
        os.utime(slow.side, (0, 0))
        replace_file(tmp_path / "file", b"quick")
        slow.file.write(b"slow")
        slow.finish()
        slow.put()
    assert (tmp_path / "file").read_bytes() == b"slow"


def test_a_side_folder_is_private_and_next_to_the_target_of_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to("elsewhere/file")
    with side_folder(tmp_path / "link") as folder:
        assert [folder] == [*(tmp_path / "elsewhere").iterdir()]
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        (folder / "left").write_text("x")
    assert not [*(tmp_path / "elsewhere").iterdir()]


def test_a_side_folder_for_something_other_than_a_file_is_among_the_systems_temporary_files(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    os.mkfifo(tmp_path / "fifo")
    for path in (None, Path("/dev/null"), tmp_path / "fifo"):
        with side_folder(path) as folder:
            assert folder.parent == tmp_path
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert not folder.exists()


def test_the_folder_of_a_killed_writer_is_swept_after_an_hour_and_that_of_a_living_one_is_not(tmp_path):
    left = tmp_path / ".file.0123abcd.new"
    left.mkdir()
    (left / "rows").write_text("left")
    with side_folder(tmp_path / "file") as young, side_folder(tmp_path / "file") as living:
        for folder in (left, living):
            os.utime(folder, (0, 0))
        replace_file(tmp_path / "file", b"new")
        assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "file", young, living])


def test_a_folder_is_locked_by_one_process_at_a_time_and_the_wait_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LOCK_PATIENCE_S", 0.0)
    with lock_folder(tmp_path):
        with pytest.raises(OSError, match="held the lock of its folder for 0 s"), lock_folder(tmp_path):
            pass
        with lock_folder(tmp_path.parent):
            pass
    with lock_folder(tmp_path):
        assert list(tmp_path.iterdir()) == []


def test_a_killed_process_holds_no_lock(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LOCK_PATIENCE_S", 0.0)
    code = "import os, pathlib, sys; from churn.files import lock_folder\n"
    code += "with lock_folder(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=PROJECT, check=False).returncode == -9
    with lock_folder(tmp_path):
        pass


def test_files_are_written_without_a_lock_where_the_file_system_has_no_locks(tmp_path, monkeypatch):
    def no_locks(descriptor, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(files.fcntl, "flock", no_locks)
    with lock_folder(tmp_path):
        replace_file(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
