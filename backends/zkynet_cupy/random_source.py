"""The CUDA of random numbers: the words of a stream, and the polynomials of a curve. Text only.

It computes what `zkynet.random.philox.words64` and `zkynet.random.curves.evaluate` do, in whole numbers, to the bit.
The tests compile it for GPUs, and run the same text on the host.
"""

from __future__ import annotations

KERNELS = ("zk_random_words", "zk_quantile_float", "zk_quantile_double")

SOURCE = """
typedef unsigned long long u64;
typedef long long i64;

#define FOR_EACH(i, n) for (i64 i = blockIdx.x * (i64)blockDim.x + threadIdx.x; i < n; i += (i64)gridDim.x * blockDim.x)

// Ten rounds of Philox4x64 on the counter (block, lane, 0, 0).
__device__ void zk_philox(u64 k0, u64 k1, u64 block, u64 lane, u64* x) {
  const u64 f0 = 0xD2E7470EE14C6C93ULL, f1 = 0xCA5A826395121157ULL;
  x[0] = block, x[1] = lane, x[2] = 0, x[3] = 0;
  for (int r = 0; r < 10; ++r) {
    const u64 high0 = __umul64hi(f0, x[0]), high2 = __umul64hi(f1, x[2]);
    const u64 low0 = f0 * x[0], low2 = f1 * x[2];
    x[0] = high2 ^ x[1] ^ k0;
    x[1] = low2;
    x[2] = high0 ^ x[3] ^ k1;
    x[3] = low0;
    k0 += 0x9E3779B97F4A7C15ULL;
    k1 += 0xBB67AE8584CAA73BULL;
  }
}

// n words from a block on; with `lifted`, whose 6 words are block and key, from there.
extern "C" __global__ void zk_random_words(u64 k0, u64 k1, u64 block, u64 lane, const unsigned int* lifted, u64* out,
                                           i64 n) {
  if (lifted) {
    block += lifted[0] | (u64)lifted[1] << 32;
    k0 = lifted[2] | (u64)lifted[3] << 32;
    k1 = lifted[4] | (u64)lifted[5] << 32;
  }
  const i64 blocks = (n + 3) / 4;
  FOR_EACH(i, blocks) {
    u64 x[4];
    zk_philox(k0, k1, block + 1 + (u64)i, lane, x);
    for (int k = 0; k < 4; ++k)
      if (4 * i + k < n) out[4 * i + k] = x[k];
  }
}

// The row of the table and the 44 bits of t in an integer with `above` more bits than the curve is made for.
__device__ i64 zk_piece(u64 m, int above, i64* t) {
  const int octave = 63 - __clzll((i64)m);
  m <<= 63 - octave;
  *t = (i64)(m >> 11 & ((1ULL << 44) - 1));
  const i64 row = (i64)(octave - above) * 256 + (i64)(m >> 55 & 255);
  return row < 0 ? 0 : row;
}

// The columns of a table, one after the other, have `rows` coefficients each.
extern "C" __global__ void zk_quantile_float(const u64* m, const i64* table, i64 rows, int above, int point,
                                             double unit, float* out, i64 n) {
  FOR_EACH(i, n) {
    i64 t;
    const i64* c = table + zk_piece(m[i], above, &t);
    t >>= 12;
    i64 s = c[rows] + ((t * c[2 * rows]) >> 40);
    s = c[0] + ((t * s) >> 40);
    out[i] = (float)(2 * s + 1) * (float)unit;
  }
}

extern "C" __global__ void zk_quantile_double(const u64* m, const i64* table, i64 rows, int above, int point,
                                              double unit, double* out, i64 n) {
  FOR_EACH(i, n) {
    i64 t;
    const i64* c = table + zk_piece(m[i], above, &t);
    const i64 top = t >> 12, high = t >> 22, low = t & ((1LL << 22) - 1);
    i64 s = c[3 * rows] + ((top * c[4 * rows]) >> 40);
    s = c[2 * rows] + ((top * s) >> 32);
    s = c[rows] + ((high * s + ((low * s) >> 22)) >> 29);
    s = c[0] + ((high * s + ((low * s) >> 22)) >> (70 - point));
    out[i] = (double)(2 * s + 1) * unit;
  }
}
"""
