"""Checkpoints in files: what goes in comes out, and what is not as it was written is found and named."""

from __future__ import annotations

import math
import os
import struct
import subprocess
import sys
import threading
import tracemalloc
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import zkynet as zk
from zkynet.errors import (
    ArgumentError,
    DiskFullError,
    InvalidValueError,
)
from zkynet.files import replacing, write_atomically

pytestmark = pytest.mark.once
save, load = zk.train.save_checkpoint, zk.train.load_checkpoint


def there_and_back(state: Any, folder: Path) -> Any:
    save(folder / "there.safetensors", state)
    return load(folder / "there.safetensors")


def same(a: Any, b: Any) -> bool:
    """Whether two states are of the same kinds and have the same bits."""
    if type(a) is not type(b):
        return False
    if isinstance(a, zk.Tensor):
        return same(a.numpy(), b.numpy())
    if isinstance(a, (np.ndarray, np.generic)):
        native = np.asarray(a).astype(a.dtype.newbyteorder("=")), np.asarray(b)
        return native[0].dtype == native[1].dtype and a.shape == b.shape and native[0].tobytes() == native[1].tobytes()
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(map(same, a, b)) and all(map(same, a.values(), b.values()))
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b)
    if isinstance(a, complex):
        return same(a.real, b.real) and same(a.imag, b.imag)
    return bool(a == b)


NUMBERS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.complex_numbers()
    | st.text()
    | st.sampled_from(["$int", "__metadata__", "\ud800", '"zkynet.header":"', "a.b", ""])
)
ARRAYS = hnp.arrays(
    st.sampled_from(["f4", ">f8", "f2", "c8", "c16", ">c16", "i8", ">u2", "u1", "?"]),
    hnp.array_shapes(min_dims=0, min_side=0, max_dims=3, max_side=3),
)
KEYS = st.text() | st.integers() | st.sampled_from(["$int", "", "a", "a.b", "__metadata__", "\udfff"]) | st.none()
STATES = st.recursive(
    NUMBERS | ARRAYS | ARRAYS.map(zk.asarray),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(KEYS, inner),
    max_leaves=20,
)


@settings(deadline=None, max_examples=60)
@given(state=STATES)
def test_what_goes_in_comes_out(state: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp()
    assert same(state, there_and_back(state, folder))
    safetensors.numpy.load_file(folder / "there.safetensors")
    zk.nn.load_weights(folder / "there.safetensors")


@pytest.mark.parametrize(
    "value",
    [
        *(
            0.1,
            -0.0,
            5e-324,
            math.inf,
            -math.inf,
            math.nan,
            -math.nan,
            struct.unpack(">d", bytes.fromhex("7ff0dead00000001"))[0],
        ),
        *(0, -1, 2**63, 2**64, -(2**64), 10**5000, True, None, 1j, complex(math.nan, -0.0)),
        *("", "é\x00\ud800😀", "$tensor", "null", np.float32(0.1), np.int8(-3), np.bool_(True), np.complex128(1 + 2j)),
        *([], (), {}, [[]], ((),), {"": {}}, {1: "a", "1": "b", (1, "x"): None, 2.5: (), None: 0, True and "t": 1}),
        {"$tensor": "a", "$int": "ff"},
    ],
    ids=lambda v: f"{v!r:.30}" if not isinstance(v, int) or abs(v) < 10**9 else "large",
)
def test_plain_values_come_back_as_what_they_were(value: Any, tmp_path: Path) -> None:
    assert same(value, there_and_back(value, tmp_path))
    assert same({"a": [value]}, there_and_back({"a": [value]}, tmp_path))


def test_arrays_of_every_kind_and_layout_come_back_as_what_they_look_like(tmp_path: Path) -> None:
    a = np.arange(24.0).reshape(4, 6)
    bf16 = zk.asarray(a).astype("bfloat16").numpy()
    state = {
        "strided": a[::2, ::-3].T,
        "Fortran": np.asfortranarray(a),
        "big-endian": a.astype(">f4"),
        "read only, repeated": np.broadcast_to(np.float32(2.5), (3, 4)),
        "number": np.array(1.5),
        "empty": np.zeros((3, 0, 2), "int16"),
        "half": bf16,
        "half of all": zk.asarray(bf16),
        "one half": bf16[0, 1],
        "complex": (a + 1j)[::2],
        "tensor": zk.asarray(a + 1j),
        "nan with a message": np.array([0x7FF0DEAD00000001], "u8").view("f8"),
        "grown": zk.tensor([1.0, 2.0], requires_grad=True) * 3,
        "parameter": zk.nn.Linear(2, 2).weight,
    }
    found = there_and_back(state, tmp_path)
    del state["grown"], state["parameter"]
    assert np.array_equal(found.pop("grown").numpy(), [3, 6])
    assert not found.pop("parameter").requires_grad
    assert same(state, found)
    assert found["strided"].flags.writeable
    assert list(found) == list(state)


def test_a_dict_of_another_kind_comes_back_as_a_dict(tmp_path: Path) -> None:
    assert same(there_and_back(OrderedDict(b=1, a=2), tmp_path), {"b": 1, "a": 2})


def test_the_state_of_a_model_and_its_optimiser_comes_back(tmp_path: Path) -> None:
    model = zk.nn.Sequential(zk.nn.Linear(3, 4), zk.nn.BatchNorm1d(4))
    optimizer = zk.optim.AdamW(model.parameters(), lr=0.1)
    for _ in range(2):
        optimizer.zero_grad()
        model(zk.random.normal(shape=(5, 3))).sum().backward()
        optimizer.step()
    state = {"model": dict(model.state_dict()), "optimizer": optimizer.state_dict(), "random": zk.random.get_state()}
    found = there_and_back(state, tmp_path)
    assert same(state, found)
    model.load_state_dict(found["model"])
    optimizer.load_state_dict(found["optimizer"])
    zk.random.set_state(found["random"])


def test_other_readers_find_the_arrays_under_names_that_say_where_they_stood(tmp_path: Path) -> None:
    state = {"model": {"0.weight": zk.ones((2, 3))}, "moments": [np.zeros(2), np.ones(2)], "z": zk.tensor([1 + 2j])}
    save(tmp_path / "a", state)
    theirs = safetensors.numpy.load_file(tmp_path / "a")
    assert sorted(theirs) == ["model.0.weight", "moments.0", "moments.1", "z"]
    ours = zk.nn.load_weights(tmp_path / "a")
    assert all(np.array_equal(ours[name].numpy(), theirs[name]) for name in theirs)


@pytest.mark.slow
def test_pytorch_reads_it(tmp_path: Path) -> None:
    torch = pytest.importorskip("safetensors.torch", reason="PyTorch is not installed")
    wide = zk.tensor([1 + 2j], dtype="complex128")
    save(
        tmp_path / "a",
        {"w": zk.ones((2, 3)), "half": zk.ones(2).astype("bfloat16"), "narrow": wide.astype("complex64"), "z": wide},
    )
    found = torch.load_file(tmp_path / "a")
    assert {name: str(t.dtype) for name, t in found.items()} == {
        "w": "torch.float32",
        "half": "torch.bfloat16",
        "narrow": "torch.complex64",
        "z": "torch.float64",
    }
    assert found["z"].tolist() == [[1, 2]]


def test_the_same_state_makes_the_same_file(tmp_path: Path) -> None:
    for name in "ab":
        save(tmp_path / name, {"w": zk.ones(3), "step": 3})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize(
    ("state", "where"),
    [
        ({"a": [{"when": object()}]}, r"state\['a'\]\[0\]\['when'\]"),
        ({"a": {1, 2}}, r"state\['a'\]"),
        ({"a": b"x"}, r"state\['a'\]"),
        ({"a": np.array(["x"])}, r"state\['a'\]"),
        ({"a": np.array([None])}, r"state\['a'\]"),
        ({"a": np.array(0, "M8[s]")}, r"state\['a'\]"),
        ({"a": np.longdouble(1)}, r"state\['a'\]"),
        ({"a": np.ma.masked_array([1.0], [True])}, r"state\['a'\]"),
        ({"a": {object(): 1}}, r"a key of state\['a'\]"),
        ({"a": lambda: 0}, r"state\['a'\]"),
    ],
)
def test_what_cannot_be_kept_is_named_before_anything_is_written(state: Any, where: str, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=f"cannot keep {where}"):
        save(tmp_path / "a", state)
    assert not list(tmp_path.iterdir())


def test_a_state_that_contains_itself_is_refused(tmp_path: Path) -> None:
    state: dict[str, Any] = {}
    state["self"] = [state]
    with pytest.raises(ArgumentError, match="nested more than 100 deep"):
        save(tmp_path / "a", state)


def test_too_much_that_is_not_in_arrays_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="32 MB are allowed"):
        save(tmp_path / "a", "x" * 33_000_000)
    assert not list(tmp_path.iterdir())


# -- disks, crashes, neighbours ----------------------------------------------------------------------------------------


def test_one_copy_of_one_array_is_all_that_saving_takes(tmp_path: Path) -> None:
    state = {"plain": [np.ones(1_000_000) for _ in range(8)], "turned": np.ones((1000, 1000)).T}
    tracemalloc.start()
    try:
        save(tmp_path / "a", state)
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()


def test_a_full_disk_leaves_the_old_file_and_says_what_was_needed(tmp_path: Path) -> None:
    save(tmp_path / "a", {"step": 1})
    code = f"""
import resource, numpy, zkynet as zk
resource.setrlimit(resource.RLIMIT_FSIZE, (40960, 40960))
for name in "ab":
    try:
        zk.train.save_checkpoint({str(tmp_path)!r} + "/" + name, {{"w": numpy.ones(10000)}})
    except zk.errors.DiskFullError as e:
        print(e)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.count("there is no room for") == 2
    assert done.stdout.count("needed  0.080 MB") == 2
    assert done.stdout.count("the old file is there, as it was") == 1
    assert load(tmp_path / "a") == {"step": 1}
    assert os.listdir(tmp_path) == ["a"]


def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if (
        os.name != "posix"
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("a small disk of one's own cannot be mounted here")
    try:
        save(disk / "a", {"w": np.zeros(10_000)})
        with pytest.raises(DiskFullError, match=r"needed  0\.200") as caught:
            save(disk / "a", {"w": np.zeros(25_000)})
        assert caught.value.errno == 28
        assert caught.value.needed > 200_000
        assert same(load(disk / "a"), {"w": np.zeros(10_000)})
        save(disk / "a", {"w": np.ones(10_000)})
        assert os.listdir(disk) == ["a"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_what_killed_processes_left_is_removed_by_the_next_save_and_what_others_write_is_not(tmp_path: Path) -> None:
    code = f"""
import sys
from zkynet.files import replacing
with replacing({str(tmp_path)!r} + "/" + sys.argv[1], 10) as file:
    file.write(b"half")
    file.flush()
    print("writing", flush=True)
    sys.stdin.read()
    file.write(b" and half")
"""
    first, second = (
        subprocess.Popen([sys.executable, "-c", code, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for name in ("killed", "alive")
    )
    for process in (first, second):
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
    first.kill()
    first.communicate()
    own = tmp_path / "a.part"
    own.touch()
    foreign = tmp_path / ".b.00000000-0123456789abcdef.zkynet-part"  # of a machine we know nothing of
    foreign.touch()
    assert len(os.listdir(tmp_path)) == 4
    save(tmp_path / "a", {})
    left = sorted(os.listdir(tmp_path))
    assert [name[:7] for name in left] == [".alive.", ".b.0000", "a", "a.part"]
    os.utime(foreign, (0, 0))
    second.communicate(b"")
    assert (tmp_path / "alive").read_bytes() == b"half and half"
    save(tmp_path / "a", {})
    assert sorted(os.listdir(tmp_path)) == ["a", "a.part", "alive"]


def test_threads_that_save_at_once_do_not_remove_each_others_files(tmp_path: Path) -> None:
    def work(name: str) -> None:
        try:
            for step in range(250):
                write_atomically(tmp_path / name, str(step).encode())
        except OSError as e:
            wrong.append(e)

    wrong: list[OSError] = []
    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert not wrong
    assert {name: (tmp_path / name).read_text() for name in os.listdir(tmp_path)} == dict.fromkeys("abcd", "249")


def interrupted(path: Path, error: type[BaseException]) -> None:
    with replacing(path, 3) as file:
        file.write(b"abc")
        raise error


def test_an_error_and_ctrl_c_while_writing_leave_the_old_file(tmp_path: Path) -> None:
    save(tmp_path / "a", {"step": 1})
    for error in (KeyboardInterrupt, ValueError):
        with pytest.raises(error):
            interrupted(tmp_path / "a", error)
    assert load(tmp_path / "a") == {"step": 1}
    assert os.listdir(tmp_path) == ["a"]


def test_a_link_stays_one_and_long_names_are_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "last").symlink_to(tmp_path / "elsewhere" / "a")
    save(tmp_path / "last", {"step": 1})
    assert (tmp_path / "last").is_symlink()
    assert load(tmp_path / "elsewhere" / "a") == {"step": 1}
    save(tmp_path / ("é" * 120), 1)
    assert load(tmp_path / ("é" * 120)) == 1


def test_the_mode_of_a_new_file_is_what_the_mask_says(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        save(tmp_path / "a", {})
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("other", ["strict", "jax", "numpy"], indirect=True)
@pytest.mark.only("numpy", "strict", "jax")
def test_saved_on_one_backend_it_is_loaded_on_another(other: str, tmp_path: Path, backend_name: str) -> None:
    if other == backend_name:
        pytest.skip("the same backend")
    state = {"w": zk.asarray(np.arange(6.0).reshape(2, 3)), "n": zk.asarray(np.int32(3)), "a": np.ones(2)}
    save(tmp_path / "a", state)
    with zk.use_backend(other):
        found = load(tmp_path / "a")
        assert found["w"].backend.name == other
        assert same(state, found)
        save(tmp_path / "b", found)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
