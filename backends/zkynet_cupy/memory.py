"""How much GPU memory is in use. CuPy counts what is live and what its pool keeps; the peak is counted here."""

from __future__ import annotations

from typing import Any


def peak_hook(cupy: Any) -> Any:
    """A counter of live bytes by device, to be told of every allocation of this thread by CuPy."""

    class PeakHook(cupy.cuda.MemoryHook):  # type: ignore[misc]  # the base class is known only at run time
        name = "zkynet peak memory"

        def __init__(self) -> None:
            self.live: dict[int, int] = {}
            self.peak: dict[int, int] = {}

        def start(self, device: int, used: int) -> int:
            """Correct the count to what the pool says (other threads free memory too); the peak so far."""
            self.live[device] = used
            self.peak[device] = max(self.peak.get(device, 0), used)
            return self.peak[device]

        def malloc_postprocess(self, **facts: int) -> None:
            if facts["mem_ptr"]:
                device = facts["device_id"]
                self.live[device] = live = self.live.get(device, 0) + facts["mem_size"]
                if live > self.peak.get(device, 0):
                    self.peak[device] = live

        def free_postprocess(self, **facts: int) -> None:
            device = facts["device_id"]
            self.live[device] = self.live.get(device, 0) - facts["mem_size"]

    return PeakHook()


class MemoryReport:
    """Figures of CuPy's memory pool. Peaks count from the first question on, for the thread that asks."""

    def __init__(self, cupy: Any) -> None:
        self.cupy = cupy
        self.hook: Any = None

    def __call__(self, device: int) -> dict[str, int]:
        """Bytes on one device: ``used``, ``reserved`` by the pool, and the ``peak`` of what was used."""
        pool = self.cupy.get_default_memory_pool()
        with self.cupy.cuda.Device(device):
            used, reserved = int(pool.used_bytes()), int(pool.total_bytes())
        if self.hook is None:
            self.hook = peak_hook(self.cupy)
            self.hook.__enter__()  # for good: what is counted from now on is the answer to the next question
        return {"used": used, "reserved": reserved, "peak": self.hook.start(device, used)}
