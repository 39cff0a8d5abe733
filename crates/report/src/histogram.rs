//! Durations counted in buckets that grow with the value, so that a percentile is right to some 2 %.

/// Buckets of one power of two, as a power of two.
const FINE_BITS: u32 = 6;
const FINE: u64 = 1 << FINE_BITS;

/// A log-linear histogram of milliseconds. Values below 64 have a bucket each; above, each power of
/// two has 64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Histogram {
    /// Grows with the largest value seen; at most 3,776.
    counts: Vec<u64>,
    total: u64,
    max: u64,
}

/// Percentiles of a duration, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Percentiles {
    /// How many values there were; the rest is 0 if there were none.
    pub count: u64,
    /// Half of all were not longer.
    pub p50_ms: u64,
    /// 90 of 100 were not longer.
    pub p90_ms: u64,
    /// 99 of 100 were not longer.
    pub p99_ms: u64,
    /// The longest, exactly.
    pub max_ms: u64,
}

impl Histogram {
    #[inline]
    pub(crate) fn add(&mut self, value_ms: u64, times: u64) {
        let bucket = bucket_of(value_ms);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += times;
        self.total += times;
        self.max = self.max.max(value_ms);
    }

    pub(crate) fn merge(&mut self, other: &Histogram) {
        if other.counts.len() > self.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        self.total += other.total;
        self.max = self.max.max(other.max);
    }

    pub(crate) fn percentiles(&self) -> Percentiles {
        Percentiles {
            count: self.total,
            p50_ms: self.percentile(50),
            p90_ms: self.percentile(90),
            p99_ms: self.percentile(99),
            max_ms: self.max,
        }
    }

    /// The upper end of the bucket in which the percentile lies, but not more than the maximum.
    fn percentile(&self, percent: u64) -> u64 {
        let wanted = (self.total * percent).div_ceil(100);
        let mut below = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            below += count;
            if below >= wanted {
                return upper_end(bucket).min(self.max);
            }
        }
        self.max
    }
}

#[inline]
fn bucket_of(value: u64) -> usize {
    if value < FINE {
        return value as usize;
    }
    let shift = value.ilog2() - FINE_BITS;
    ((u64::from(shift) << FINE_BITS) + (value >> shift)) as usize
}

/// The largest value of a bucket.
fn upper_end(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < FINE {
        return bucket;
    }
    let shift = (bucket >> FINE_BITS) - 1;
    let first = (bucket & (FINE - 1)) + FINE;
    (u128::from(first + 1) << shift)
        .saturating_sub(1)
        .min(u128::from(u64::MAX)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_lies_in_its_bucket_and_buckets_are_narrow() {
        let mut value = 0u64;
        while value < u64::MAX / 2 {
            let end = upper_end(bucket_of(value));
            assert!(end >= value);
            assert!((end - value) as f64 <= value as f64 / 64.0, "{value} {end}");
            assert_eq!(bucket_of(end), bucket_of(value));
            assert_eq!(bucket_of(end + 1), bucket_of(value) + 1);
            value += value / 4 + 1;
        }
        assert_eq!(upper_end(bucket_of(u64::MAX)), u64::MAX);
    }

    #[test]
    fn percentiles_of_a_hundred() {
        let mut all = Histogram::default();
        let mut second = Histogram::default();
        for value in 1..=100 {
            if value % 2 == 0 {
                &mut all
            } else {
                &mut second
            }
            .add(value, 1);
        }
        all.merge(&second);
        let Percentiles {
            count,
            p50_ms,
            p90_ms,
            p99_ms,
            max_ms,
        } = all.percentiles();
        assert_eq!((count, max_ms), (100, 100));
        assert!((50..=53).contains(&p50_ms), "{p50_ms}");
        assert!((90..=95).contains(&p90_ms), "{p90_ms}");
        assert!((99..=100).contains(&p99_ms), "{p99_ms}");
        assert_eq!(Histogram::default().percentiles(), Percentiles::default());
    }
}
