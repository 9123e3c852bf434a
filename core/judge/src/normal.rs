//! The normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, TAU};

/// The probability of more than `z`.
pub(crate) fn above(z: f64) -> f64 {
    0.5 * libm::erfc(z * FRAC_1_SQRT_2)
}

/// What is exceeded with this probability, up to one half.
pub(crate) fn quantile(probability: f64) -> f64 {
    let probability = probability.clamp(f64::MIN_POSITIVE, 0.5);
    // Newton's method on the logarithm, which is concave: from the left it never goes too far.
    let mut z = 0.0;
    for _ in 0..200 {
        let tail = above(z);
        let density = (-z * z / 2.0).exp() / TAU.sqrt();
        let step = (tail.ln() - probability.ln()) * tail / density;
        z += step;
        if step.abs() < 1e-12 {
            break;
        }
    }
    z
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_tables() {
        for (z, probability) in [
            (0.0, 0.5),
            (1.644_853_627, 0.05),
            (1.959_963_985, 0.025),
            (3.090_232_306, 0.001),
        ] {
            assert!((above(z) - probability).abs() < 1e-9, "{z}");
            assert!((quantile(probability) - z).abs() < 1e-8, "{probability}");
        }
        assert!((quantile(1e-12) - 7.034_483_825).abs() < 1e-6);
    }
}
