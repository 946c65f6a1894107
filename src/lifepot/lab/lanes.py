"""Logarithm, sine, cosine and exponential, and words of chance, written so that a loop over people becomes vector instructions.

The compiler calls a library for `np.log` and the like, one person at a time. These are straight lines of multiplications
and additions, without a branch or a call, which it does for four or more people at once. They differ from the library's by at
most two parts in 10^14 (tests/test_simple_pot.py); words are the very ones of `chance`. Multiplications and additions are not
run together into one instruction, although that would be a sixth faster: then every machine gives the same last bit.
"""

from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic

from lifepot.compiling import compiled

U = np.uint64

LOW = U(0xFFFFFFFF)
_HALF = U(32)
_MULTIPLIER_0, _MULTIPLIER_1 = U(0xD2511F53), U(0xCD9E8D57)
_WEYL_0, _WEYL_1 = U(0x9E3779B9), U(0xBB67AE85)

_WHOLE = 2.0**52
"""Added to a number from nought to 2^52 it leaves the whole number, rounded, in the low bits."""
_WHOLE_BITS = U(0x4330000000000000)
_MIDDLE = 1.5 * 2.0**52
"""The same for a number that may be below nought."""
_ONE_BITS = U(0x3FF0000000000000)
_ROOT_HALF_BITS = U(0x3FE6A09E667F3BCD)
_LOG_2_HIGH, _LOG_2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10
_LOG_2 = 0.6931471805599453
_QUARTER_TURN = np.pi / 2


def _cast(typing_context: Any, value: Any) -> Any:
    """How the compiler sees the same 64 bits as the other of uint64 and float64."""
    del typing_context
    becomes = types.uint64 if value == types.float64 else types.float64

    def make(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))

    return becomes(value), make


_cast_bits: Any = intrinsic(_cast)


@compiled(inline="always")
def bits_of(number: Any) -> Any:
    """The 64 bits of a float64, as uint64."""
    return _cast_bits(np.float64(number))


@compiled(inline="always")
def number_of(bits: Any) -> Any:
    """The float64 of 64 bits."""
    return _cast_bits(np.uint64(bits))


@compiled(inline="always")
def lane_words(k0: Any, k1: Any, who: Any, when: Any, purpose: Any) -> tuple[Any, Any, Any, Any]:
    """`chance.words`, of a seed's low and high half; `who`, `when` and `purpose` are uint64."""
    c0 = who & LOW
    c1 = who >> _HALF
    c2 = when & LOW
    c3 = purpose & LOW
    for _ in range(10):
        p0 = _MULTIPLIER_0 * (c0 & LOW)
        p1 = _MULTIPLIER_1 * (c2 & LOW)
        c0 = (p1 >> _HALF) ^ c1 ^ k0
        c1 = p1 & LOW
        c2 = (p0 >> _HALF) ^ c3 ^ k1
        c3 = p0 & LOW
        k0 = (k0 + _WEYL_0) & LOW
        k1 = (k1 + _WEYL_1) & LOW
    return c0, c1, c2, c3


@compiled(inline="always")
def lane_share(word: Any) -> Any:
    """`chance.share`, the same to the last bit."""
    return (number_of(word | _WHOLE_BITS) - _WHOLE + 0.5) * 2.0**-32


@compiled(inline="always")
def lane_log(number: Any) -> Any:
    """The natural logarithm of a number above nought (and not one so small that it has no full mantissa)."""
    bits = bits_of(number)
    # The mantissa from the root of a half to the root of two, and its power of two.
    up = (bits - _ROOT_HALF_BITS) >> U(52)
    mantissa = number_of(bits - (up << U(52)))
    # `up` is below nought for numbers under the root of a half, in two's complement: only its low 12 bits are here.
    power = number_of(((up ^ U(0x800)) & U(0xFFF)) | _WHOLE_BITS) - (_WHOLE + 2048.0)
    s = (mantissa - 1.0) / (mantissa + 1.0)
    z = s * s
    p = 1.0 / 19
    p = p * z + 1.0 / 17
    p = p * z + 1.0 / 15
    p = p * z + 1.0 / 13
    p = p * z + 1.0 / 11
    p = p * z + 1.0 / 9
    p = p * z + 1.0 / 7
    p = p * z + 1.0 / 5
    p = p * z + 1.0 / 3
    return power * _LOG_2_HIGH + (2.0 * s + (2.0 * s * z * p + power * _LOG_2_LOW))


@compiled(inline="always")
def lane_turn(word: Any) -> tuple[Any, Any]:
    """Cosine and sine of a word's share of a whole turn."""
    # In eighths of turns: to the nearest quarter, and what is left of the angle, -1/8 to 1/8 of a turn.
    quarter = (word + U(0x20000000)) >> U(30)
    left = number_of(((word + U(0x20000000)) & U(0x3FFFFFFF)) | _WHOLE_BITS) - (_WHOLE + 0x20000000) + 0.5
    x = left * (_QUARTER_TURN * 2.0**-30)
    z = x * x
    p = -1.0 / 1307674368000
    p = p * z + 1.0 / 6227020800
    p = p * z - 1.0 / 39916800
    p = p * z + 1.0 / 362880
    p = p * z - 1.0 / 5040
    p = p * z + 1.0 / 120
    p = p * z - 1.0 / 6
    sine = x + x * z * p
    q = -1.0 / 87178291200
    q = q * z + 1.0 / 479001600
    q = q * z - 1.0 / 3628800
    q = q * z + 1.0 / 40320
    q = q * z - 1.0 / 720
    q = q * z + 1.0 / 24
    cosine = 1.0 - 0.5 * z + z * z * q
    is_odd = (quarter & U(1)) != U(0)
    a = sine if is_odd else cosine
    b = cosine if is_odd else sine
    # Quarters 0 to 3: (c, s), (-s, c), (-c, -s), (s, -c).
    a_bits = bits_of(a) ^ (((quarter + U(1)) & U(2)) << U(62))
    b_bits = bits_of(b) ^ ((quarter & U(2)) << U(62))
    return number_of(a_bits), number_of(b_bits)


@compiled(inline="always")
def lane_exp(number: Any) -> Any:
    """The exponential of a number from -700 to 700."""
    whole = number * (1.0 / _LOG_2) + _MIDDLE
    k = whole - _MIDDLE
    r = (number - k * _LOG_2_HIGH) - k * _LOG_2_LOW
    p = 1.0 / 479001600
    p = p * r + 1.0 / 39916800
    p = p * r + 1.0 / 3628800
    p = p * r + 1.0 / 362880
    p = p * r + 1.0 / 40320
    p = p * r + 1.0 / 5040
    p = p * r + 1.0 / 720
    p = p * r + 1.0 / 120
    p = p * r + 1.0 / 24
    p = p * r + 1.0 / 6
    p = p * r + 0.5
    p = p * r * r + r + 1.0
    return p * number_of((bits_of(whole) << U(52)) + _ONE_BITS)


@compiled(inline="always")
def lane_whole(number: Any) -> Any:
    """A number from nought to 2^32 rounded to a whole one, as uint64."""
    return bits_of(number + _WHOLE) & LOW


@compiled(inline="always")
def lane_hundredth(number: Any) -> Any:
    """A whole number below 2^32 divided by 100, rounded down."""
    return ((number & LOW) * U(0x51EB851F)) >> U(37)


@compiled(inline="always")
def lane_below(word: Any, limit: Any) -> Any:
    """1 where a word is below a limit, else 0; both below 2^63."""
    return (word - limit) >> U(63)
