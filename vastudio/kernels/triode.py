"""One common-cathode triode stage, solved sample by sample.

The circuit, from the left: a source behind `source_ohm` and a coupling capacitor, the grid leak, the grid
stopper with the tube's input (Miller) capacitance, the tube with a plate resistor to the supply and a
bypassed cathode resistor. Capacitors are replaced by their trapezoidal companions, which leaves two unknown
voltages per sample, grid-cathode and plate-cathode; Newton's method finds both at once. Grid current charges
the coupling capacitor, so hard playing shifts the bias as it does in the real stage.

Tube: a 12AX7. Plate current after N. Koren, "Improved vacuum tube models for SPICE simulations" (Glass
Audio 8/5, 1996); grid current after K. Dempwolf and U. Zölzer, "A physically-motivated triode model for
circuit simulations" (DAFx-11), whose smooth onset makes fewer aliases than a switched diode.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vastudio.kernels.jit import compiled

Floats = npt.NDArray[np.float64]

MU, EXPONENT, KG1, KP, KVB = 100.0, 1.4, 1060.0, 600.0, 300.0
GRID_GAIN, GRID_SHARPNESS, GRID_EXPONENT = 6.06e-4, 13.9, 1.354

_MAX_STEPS = 25
# A step this small is the last: Newton's error after it is its square, below 1e-7 V.
_GRID_TOLERANCE, _PLATE_TOLERANCE = 1e-4, 1e-2


@dataclass(frozen=True)
class TriodeStage:
    """Component values of one stage, in ohms, farads and volts.

    `source_ohm` is what drives the stage: the plate resistance of the stage before it, and any series
    resistor that with the grid leak forms a divider.
    """

    supply: float = 300.0
    plate_ohm: float = 100e3
    cathode_ohm: float = 1.5e3
    cathode_farad: float = 0.68e-6
    source_ohm: float = 10e3
    coupling_farad: float = 22e-9
    grid_leak_ohm: float = 1e6
    stopper_ohm: float = 10e3
    miller_farad: float = 150e-12

    def constants(self, rate: float) -> Floats:
        """Return what `run_stage` reads, for `rate` samples per second; shape (12,)."""
        coupling, cathode, miller = (
            2.0 * farad * rate for farad in (self.coupling_farad, self.cathode_farad, self.miller_farad)
        )
        series_ohm = self.source_ohm + 1.0 / coupling
        divider = self.grid_leak_ohm / (series_ohm + self.grid_leak_ohm)
        feed = 1.0 / (series_ohm * divider + self.stopper_ohm)
        shared_ohm = 1.0 / (1.0 / self.cathode_ohm + cathode)
        return np.array(
            [
                self.supply,
                self.plate_ohm,
                self.grid_leak_ohm,
                self.stopper_ohm,
                coupling,
                cathode,
                miller,
                divider,
                feed,
                1.0 / (feed + miller),
                shared_ohm,
                self.rest().plate_to_ground,
            ]
        )

    def rest(self) -> OperatingPoint:
        """Find the operating point at silence, where the capacitors carry no current."""
        grid, plate = solve(
            -1.0,
            0.6 * self.supply,
            0.0,
            self.supply,
            self.grid_leak_ohm + self.stopper_ohm,
            self.plate_ohm,
            self.cathode_ohm,
        )
        plate_ampere, grid_ampere = plate_current(grid, plate)[0], grid_current(grid)[0]
        cathode = self.cathode_ohm * (plate_ampere + grid_ampere)
        return OperatingPoint(grid, plate, cathode, plate_ampere, grid_ampere)

    def settled(self, rate: float) -> Floats:
        """Return the state `run_stage` starts from at silence; shape (7,)."""
        rest = self.rest()
        leak_volt = -rest.grid_ampere * self.grid_leak_ohm
        coupling, cathode, miller = self.constants(rate)[4:7]
        return np.array(
            [
                -coupling * leak_volt,
                cathode * rest.cathode_volt,
                miller * (rest.grid_volt + rest.cathode_volt),
                rest.grid_volt,
                rest.plate_volt,
                rest.grid_volt,
                rest.plate_volt,
            ]
        )


@dataclass(frozen=True)
class OperatingPoint:
    """Voltages and currents of a stage at silence; grid and plate voltages are relative to the cathode."""

    grid_volt: float
    plate_volt: float
    cathode_volt: float
    plate_ampere: float
    grid_ampere: float

    @property
    def plate_to_ground(self) -> float:
        """The plate's voltage against ground."""
        return self.plate_volt + self.cathode_volt


def _tabulate() -> Floats:
    """Return value and slope of softplus(drive)^EXPONENT at the table's points, shape (points, 2)."""
    drive = np.arange(_LOWEST_DRIVE, _HIGHEST_DRIVE + 2.0 / _POINTS_PER_UNIT, 1.0 / _POINTS_PER_UNIT)
    soft, slope = np.log1p(np.exp(drive)), 1.0 / (1.0 + np.exp(-drive))
    return np.column_stack([soft**EXPONENT, EXPONENT * soft ** (EXPONENT - 1.0) * slope / _POINTS_PER_UNIT])


_LOWEST_DRIVE, _HIGHEST_DRIVE, _POINTS_PER_UNIT = -24.0, 20.0, 32.0
_TABLE = _tabulate()


@compiled
def _softplus_power(drive: float) -> tuple[float, float]:
    """Return softplus(drive)^EXPONENT and its slope, by cubic Hermite interpolation (error below 1e-9).

    A table, because Newton's steps wait for one another: each would stand still for four transcendental
    functions in a row.
    """
    if not drive >= _LOWEST_DRIVE:  # also where it is not a number: that must not become an index
        return 0.0, 0.0
    if drive > _HIGHEST_DRIVE:
        power = math.exp((EXPONENT - 1.0) * math.log(drive))
        return power * drive, EXPONENT * power
    place = (drive - _LOWEST_DRIVE) * _POINTS_PER_UNIT
    index = int(place)
    t = place - index
    left, rise = _TABLE[index, 0], _TABLE[index + 1, 0] - _TABLE[index, 0]
    left_slope, right_slope = _TABLE[index, 1], _TABLE[index + 1, 1]
    second = 3.0 * rise - 2.0 * left_slope - right_slope
    third = left_slope + right_slope - 2.0 * rise
    value = left + t * (left_slope + t * (second + t * third))
    return value, (left_slope + t * (2.0 * second + 3.0 * t * third)) * _POINTS_PER_UNIT


@compiled
def plate_current(grid: float, plate: float) -> tuple[float, float, float]:
    """Return the plate current in A and its slopes by both voltages (V to the cathode), Koren's equations.

    `plate` must be above zero.
    """
    per_reach = 1.0 / math.sqrt(KVB + plate * plate)
    soft, slope = _softplus_power(KP * (1.0 / MU + grid * per_reach))
    root = math.exp((EXPONENT - 1.0) * math.log(plate / KP)) * (2.0 / KG1 / KP)  # of (plate/KP)^EXPONENT
    drive_by_grid = KP * per_reach
    drive_by_plate = -drive_by_grid * grid * plate * per_reach * per_reach
    return (
        root * plate * soft,
        root * plate * slope * drive_by_grid,
        root * (EXPONENT * soft + plate * slope * drive_by_plate),
    )


@compiled
def grid_current(grid: float) -> tuple[float, float]:
    """Return the grid current in A and its slope, for the grid-cathode voltage `grid`."""
    drive = GRID_SHARPNESS * grid
    if drive < -12.0:
        return 0.0, 0.0
    if drive > 30.0:
        soft, slope = drive, 1.0
    else:
        exponential = math.exp(drive)
        soft, slope = math.log(1.0 + exponential), exponential / (1.0 + exponential)
    effective = soft / GRID_SHARPNESS
    power = math.exp((GRID_EXPONENT - 1.0) * math.log(effective))
    return GRID_GAIN * power * effective, GRID_GAIN * GRID_EXPONENT * power * slope


@compiled
def solve(
    grid: float,
    plate: float,
    open_grid: float,
    open_plate: float,
    grid_ohm: float,
    plate_ohm: float,
    shared_ohm: float,
) -> tuple[float, float]:
    """Find both tube voltages by Newton's method.

    The circuit around the tube is, for this instant, two sources with resistances: `open_grid` behind
    `grid_ohm` and `open_plate` behind `plate_ohm`, with `shared_ohm` in the cathode, where both currents
    flow. `grid` and `plate` are the first guess. Steps are limited so that exponentials cannot run away.
    """
    for _ in range(_MAX_STEPS):
        ip, ip_g, ip_p = plate_current(grid, plate)
        ig, ig_g = grid_current(grid)
        f_grid = grid - open_grid + (grid_ohm + shared_ohm) * ig + shared_ohm * ip
        f_plate = plate - open_plate + (plate_ohm + shared_ohm) * ip + shared_ohm * ig
        a = 1.0 + (grid_ohm + shared_ohm) * ig_g + shared_ohm * ip_g
        b = shared_ohm * ip_p
        c = (plate_ohm + shared_ohm) * ip_g + shared_ohm * ig_g
        d = 1.0 + (plate_ohm + shared_ohm) * ip_p
        inverse = 1.0 / (a * d - b * c)
        step_grid = (d * f_grid - b * f_plate) * inverse
        step_plate = (a * f_plate - c * f_grid) * inverse
        grid -= min(max(step_grid, -2.0), 2.0)
        plate = max(plate - step_plate, 0.1 * plate)
        if abs(step_grid) < _GRID_TOLERANCE and abs(step_plate) < _PLATE_TOLERANCE:
            break
    return grid, plate


@compiled
def run_stage(source: Floats, constants: Floats, state: Floats) -> Floats:
    """Drive the stage with `source` and return its plate's swing about rest; volts, shape (frames,).

    `constants` come from `TriodeStage.constants`; `state` (from `TriodeStage.settled`) is advanced in place,
    so that a signal may be handed over in blocks of any size. The stage inverts.
    """
    supply, plate_ohm, leak_ohm, stopper_ohm = constants[0], constants[1], constants[2], constants[3]
    per_coupling, cathode, miller = 1.0 / constants[4], constants[5], constants[6]
    divider, feed, grid_ohm, shared_ohm, rest = (
        constants[7],
        constants[8],
        constants[9],
        constants[10],
        constants[11],
    )
    coupling_charge, cathode_charge, miller_charge = state[0], state[1], state[2]
    grid, plate, last_grid, last_plate = state[3], state[4], state[5], state[6]
    across_grid, across_plate = grid_ohm + shared_ohm, plate_ohm + shared_ohm
    inverse = 1.0 / (across_grid * across_plate - shared_ohm * shared_ohm)
    swing = np.empty_like(source)
    for n in range(source.size):
        open_cathode = shared_ohm * cathode_charge
        behind_coupling = (source[n] - coupling_charge * per_coupling) * divider
        open_grid = grid_ohm * (behind_coupling * feed + miller_charge) - open_cathode
        open_plate = supply - open_cathode
        guess_grid, guess_plate = 2.0 * grid - last_grid, max(2.0 * plate - last_plate, 0.5 * plate)
        last_grid, last_plate = grid, plate
        grid, plate = solve(guess_grid, guess_plate, open_grid, open_plate, grid_ohm, plate_ohm, shared_ohm)
        # The currents follow from the circuit around the tube: cheaper than asking the tube again.
        drop_grid, drop_plate = open_grid - grid, open_plate - plate
        grid_ampere = (drop_grid * across_plate - drop_plate * shared_ohm) * inverse
        plate_ampere = (drop_plate * across_grid - drop_grid * shared_ohm) * inverse
        cathode_volt = open_cathode + shared_ohm * (plate_ampere + grid_ampere)
        grid_volt = grid + cathode_volt
        stopper_ampere = grid_ampere + miller * grid_volt - miller_charge
        leak_volt = grid_volt + stopper_ohm * stopper_ampere
        coupling_charge += 2.0 * (stopper_ampere + leak_volt / leak_ohm)
        cathode_charge = 2.0 * cathode * cathode_volt - cathode_charge
        miller_charge = 2.0 * miller * grid_volt - miller_charge
        swing[n] = plate + cathode_volt - rest
    state[0], state[1], state[2] = coupling_charge, cathode_charge, miller_charge
    state[3], state[4], state[5], state[6] = grid, plate, last_grid, last_plate
    return swing
