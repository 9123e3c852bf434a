//! Things that need each other, each after what it needs, and those that do not beside each other.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, stream::FuturesUnordered};

/// How one of them ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn<T, E> {
    Done(T),
    Failed(E),
    /// Something that it needs did not end well, or no more shall begin.
    NotBegun,
}

/// `needs` are positions of others. Up to `jobs` are under way at once, earlier positions first. When one fails, what
/// needs it is not begun; the others go on.
pub(super) async fn in_order<T, E>(
    needs: &[BTreeSet<usize>],
    jobs: usize,
    no_more: impl Fn() -> bool,
    turn: impl AsyncFn(usize) -> Result<T, E>,
) -> Vec<Turn<T, E>> {
    let mut turns: Vec<Turn<T, E>> = needs.iter().map(|_| Turn::NotBegun).collect();
    let mut waiting: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    let mut needed_by = vec![Vec::new(); needs.len()];
    for (position, needed) in needs.iter().enumerate() {
        needed.iter().for_each(|need| needed_by[*need].push(position));
    }
    let mut ready: BTreeSet<usize> = (0..needs.len())
        .filter(|position| waiting[*position] == 0)
        .collect();
    let mut under_way = FuturesUnordered::new();
    loop {
        while under_way.len() < jobs.max(1) && !no_more() {
            let Some(position) = ready.pop_first() else { break };
            let turn = &turn;
            under_way.push(async move { (position, turn(position).await) });
        }
        let Some((position, result)) = under_way.next().await else {
            return turns;
        };
        turns[position] = match result {
            Ok(done) => {
                for next in &needed_by[position] {
                    waiting[*next] -= 1;
                    if waiting[*next] == 0 {
                        ready.insert(*next);
                    }
                }
                Turn::Done(done)
            }
            Err(error) => Turn::Failed(error),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    /// In which order they begin, how many at most at once, and how they end. `bad` ones fail.
    async fn run(needs: &[&[usize]], jobs: usize, bad: &[usize]) -> (Vec<usize>, usize, String) {
        let needs: Vec<BTreeSet<usize>> = needs
            .iter()
            .map(|needs| needs.iter().copied().collect())
            .collect();
        let (begun, now, most) = (RefCell::new(Vec::new()), Cell::new(0), Cell::new(0));
        let turns = in_order(
            &needs,
            jobs,
            || false,
            async |position| {
                begun.borrow_mut().push(position);
                now.set(now.get() + 1);
                most.set(most.get().max(now.get()));
                for _ in 0..=position {
                    tokio::task::yield_now().await;
                }
                now.set(now.get() - 1);
                if bad.contains(&position) { Err(()) } else { Ok(()) }
            },
        )
        .await;
        let ends = turns.iter().map(|turn| match turn {
            Turn::Done(()) => '+',
            Turn::Failed(()) => '!',
            Turn::NotBegun => '.',
        });
        (begun.into_inner(), most.get(), ends.collect())
    }

    #[tokio::test]
    async fn each_after_what_it_needs_and_the_others_beside_it() {
        let diamond: &[&[usize]] = &[&[], &[0], &[0], &[1, 2]];
        assert_eq!(
            run(diamond, 4, &[]).await,
            (vec![0, 1, 2, 3], 2, "++++".to_owned())
        );
        assert_eq!(
            run(diamond, 1, &[]).await,
            (vec![0, 1, 2, 3], 1, "++++".to_owned())
        );
        assert_eq!(
            run(&[&[], &[], &[]], 2, &[]).await,
            (vec![0, 1, 2], 2, "+++".to_owned())
        );
        assert_eq!(run(&[], 2, &[]).await, (vec![], 0, String::new()));
    }

    #[tokio::test]
    async fn a_failed_one_stops_what_needs_it_and_nothing_else() {
        let two_chains: &[&[usize]] = &[&[], &[0], &[], &[2], &[1, 3]];
        assert_eq!(
            run(two_chains, 4, &[0]).await,
            (vec![0, 2, 3], 2, "!.++.".to_owned())
        );
        assert_eq!(run(two_chains, 1, &[2]).await.2, "++!..");
    }

    #[tokio::test]
    async fn no_more_begin_when_told_so() {
        let begun = Cell::new(0);
        let needs = vec![BTreeSet::new(); 3];
        let turns = in_order(
            &needs,
            1,
            || begun.get() == 2,
            async |_| {
                begun.set(begun.get() + 1);
                Ok::<_, ()>(())
            },
        )
        .await;
        assert_eq!(turns, [Turn::Done(()), Turn::Done(()), Turn::NotBegun]);
    }
}
