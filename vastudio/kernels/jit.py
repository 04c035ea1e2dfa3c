"""How the studio compiles: one cache folder, one set of options, one vector width.

Import the decorators from here, never from numba directly: this module points numba's cache at a
folder that can be written before the first kernel is compiled. Numba recognises a changed kernel by
its own file alone, not by the files of the functions inlined into it; the folder is therefore named
after the contents of all kernel files.

In kernels nothing raises (`error_model="numpy"`) and the interpreter lock is free (`nogil`), so that
they may run in an audio callback or beside the window.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import llvmlite.binding as llvm

from vastudio.paths import kernel_cache

MAX_LANES = 16


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def _choose_cache() -> bool:
    """Name the cache folder for numba and for child processes; False where nothing can be written."""
    root = kernel_cache()
    if root is None:
        return False
    fingerprint = _fingerprint()
    folder = root if root.name == fingerprint else root / fingerprint
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    return True


CACHED = _choose_cache()
"""Whether compiled kernels are kept on disk."""

import numba  # noqa: E402  # after the cache folder is named
import numba.np.linalg  # noqa: E402

numba.core.config.reload_config()  # in case another library imported numba first


def _leave_out_blas() -> None:
    """Keep numba from importing scipy's linear algebra, which no kernel uses: that is half of a start."""

    def missing() -> None:
        raise ImportError

    numba.np.linalg.ensure_blas = missing


_leave_out_blas()


def _has(feature: str) -> bool:
    """Whether the processor that numba compiles for has `feature`, e.g. `avx2`.

    `NUMBA_CPU_NAME` and `NUMBA_CPU_FEATURES` name a processor other than this one; without a list of
    features a named processor counts as one with AVX2 at most when this one has it.
    """
    named = numba.core.config.CPU_FEATURES
    if named is not None:
        return f"+{feature}" in str(named).split(",")
    features = llvm.get_host_cpu_features()
    if numba.core.config.CPU_NAME == "generic" or (numba.core.config.CPU_NAME and feature == "avx512f"):
        return False
    return bool(features.get(feature))


def _lanes() -> int:
    if _has("avx512f"):
        return MAX_LANES
    return 8 if _has("avx2") else 4


LANES = _lanes()
"""Numbers in one SIMD value: 16 with AVX-512, 8 with AVX2, else 4."""

compiled = numba.njit(cache=CACHED, error_model="numpy", nogil=True)
"""Compile a kernel."""

compiled_parallel = numba.njit(cache=CACHED, error_model="numpy", nogil=True, parallel=True)
"""Compile a kernel whose `prange` loops run on several threads. Never for the audio callback."""

inlined = numba.njit(error_model="numpy", nogil=True, forceinline=True)
"""Compile a building block that becomes part of its callers, so that SIMD values stay in registers."""
