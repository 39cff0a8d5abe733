//! The one source of chance: xoshiro256++ and a few distributions.
//!
//! Only integer arithmetic and the four exact float operations are used (no `ln`, `exp`, `sin` of the
//! platform), so a seed gives the same bytes on every machine and for ever.

const LN_2: f64 = std::f64::consts::LN_2;

/// A seeded generator. Source: xoshiro256++ 1.0 and splitmix64 by Blackman and Vigna, public domain.
pub(crate) struct Chance {
    state: [u64; 4],
}

impl Chance {
    pub(crate) fn seeded(seed: u64) -> Self {
        let mut mix = seed;
        Chance {
            state: [0; 4].map(|_| splitmix(&mut mix)),
        }
    }

    pub(crate) fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number from 0 to `n` - 1; 0 for `n` = 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }

    /// An index into something of `len` entries.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// A number from `low` to `high` - 1.
    pub(crate) fn range(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low).max(1) as u64) as i64
    }

    /// True in `n` of 1000 cases.
    pub(crate) fn permille(&mut self, n: u64) -> bool {
        self.below(1000) < n
    }

    /// One of the given.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())]
    }

    /// The index drawn by weight.
    pub(crate) fn weighted(&mut self, weights: &[u32]) -> usize {
        let total: u64 = weights.iter().map(|w| u64::from(*w)).sum();
        let mut left = self.below(total);
        for (index, weight) in weights.iter().enumerate() {
            if left < u64::from(*weight) {
                return index;
            }
            left -= u64::from(*weight);
        }
        0
    }

    /// A number in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Exponential with the given mean.
    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -ln(1.0 - self.unit()) * mean
    }

    /// Log-normal with the given median; `sigma` is that of the logarithm.
    pub(crate) fn lognormal(&mut self, median: f64, sigma: f64) -> f64 {
        // Irwin-Hall: twelve would be exact enough for a physicist, four are for a mail size.
        let sum = self.unit() + self.unit() + self.unit() + self.unit();
        let normal = (sum - 2.0) * 1.732_050_807_568_877_2;
        median * exp2(normal * sigma / LN_2)
    }

    /// A rank from 0 to `n` - 1, where rank k is drawn in proportion to about 1 / (k + 1).
    pub(crate) fn zipf(&mut self, n: usize) -> usize {
        let span = ln(n as f64 + 1.0) / LN_2;
        let rank = exp2(self.unit() * span) as usize;
        rank.saturating_sub(1).min(n - 1)
    }
}

fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// 2 to the power of `x`, for |x| < 1000.
fn exp2(x: f64) -> f64 {
    let whole = x.floor();
    let y = (x - whole) * LN_2;
    let mut sum = 1.0;
    for k in (1..=10).rev() {
        sum = 1.0 + sum * y / f64::from(k);
    }
    sum * f64::from_bits(((1023 + whole as i64) as u64) << 52)
}

/// The natural logarithm of a normal positive number.
fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7FF) as i64 - 1023;
    let mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let mut sum = 0.0;
    for k in (0..9).rev() {
        sum = sum * square + 1.0 / f64::from(2 * k + 1);
    }
    2.0 * s * sum + exponent as f64 * LN_2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_logarithm_and_power_agree_with_the_platform() {
        for x in [0.001, 0.5, 1.0, 1.7, 3.0, 20000.0] {
            assert!((ln(x) - x.ln()).abs() < 1e-7, "ln({x})");
        }
        for x in [-9.3, -0.5, 0.0, 0.99, 14.2] {
            assert!((exp2(x) / x.exp2() - 1.0).abs() < 1e-8, "exp2({x})");
        }
    }

    #[test]
    fn low_ranks_are_drawn_most_often() {
        let mut chance = Chance::seeded(7);
        let mut seen = [0u32; 100];
        for _ in 0..100_000 {
            seen[chance.zipf(100)] += 1;
        }
        assert!(seen[0] > seen[1] && seen[1] > seen[5] && seen[5] > seen[50] && seen[99] > 0);
    }
}
