//! What the users' shares are by the pods of revisions. Pure.

/// Hundredths, by how many pods each revision has that answer.
pub(crate) fn weights(pods: &[usize]) -> Vec<u32> {
    let total: usize = pods.iter().sum();
    let share = |count: &usize| u32::try_from((count * 100 + total / 2) / total.max(1)).unwrap_or(100);
    match pods {
        // It gets all users, whether it can answer or not.
        [_] => vec![100],
        // What is chosen and has no pod yet will have users as soon as it has one.
        _ => pods.iter().map(|count| share(count).max(1)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_follow_the_pods() {
        assert_eq!(weights(&[0]), [100]);
        assert_eq!(weights(&[9, 1]), [90, 10]);
        assert_eq!(weights(&[2, 0]), [100, 1]);
        assert_eq!(weights(&[]), [0; 0]);
    }
}
