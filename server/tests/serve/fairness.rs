//! Whether everybody gets a share.

use std::collections::BTreeMap;

/// Syncs of every fifth tenant; the others have one.
const MANY: usize = 6;

/// How many syncs a tenant of these tests has.
pub fn syncs_of(tenant: usize) -> usize {
    if tenant.is_multiple_of(5) { MANY } else { 1 }
}

/// Jain's index: 1 where all have the same, 1/n where one has everything.
fn jain(shares: &[f64]) -> f64 {
    let sum: f64 = shares.iter().sum();
    let squares: f64 = shares.iter().map(|share| share * share).sum();
    sum * sum / (shares.len() as f64 * squares)
}

/// Jain's index of so many tenants, by the tenants of runs in the order in which they began. Only as many runs count as there are
/// tenants: while everybody has something to do, everybody has the same share.
pub fn fairness<'a>(begun: impl Iterator<Item = &'a str>, tenants: usize) -> f64 {
    let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
    for tenant in begun.take(tenants) {
        *shares.entry(tenant).or_default() += 1.0;
    }
    let mut shares: Vec<f64> = shares.into_values().collect();
    shares.resize(tenants, 0.0);
    jain(&shares)
}
