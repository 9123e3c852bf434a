//! What takes a turn: a service by itself, or several that are released together.

use std::collections::{BTreeMap, BTreeSet};

use super::services::{Service, needs};
use crate::error::CommandError;

/// Positions of services, in the order in which they go. The last one of several leads.
pub(super) struct Unit {
    pub(super) services: Vec<usize>,
}

/// The last one has the service that was asked for. With the positions of the units that each needs.
pub(super) fn units(services: &[Service]) -> Result<(Vec<Unit>, Vec<BTreeSet<usize>>), CommandError> {
    let positions: BTreeMap<_, _> = services
        .iter()
        .enumerate()
        .map(|(position, service)| (&service.project.identity, position))
        .collect();
    let together: Vec<Vec<usize>> = services
        .iter()
        .map(|service| {
            let identities = service.project.together();
            identities
                .filter_map(|identity| positions.get(&identity).copied())
                .collect()
        })
        .collect();
    let (units, needs) = divided(&needs(services), &together);
    let names = |unit: &Unit| {
        let names = unit
            .services
            .iter()
            .map(|position| services[*position].name().as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    if let Some((between, unit)) = stuck(&units, &needs) {
        let text = format!(
            "{} depends on a part of what is released together ({}), and another part depends on it",
            names(&units[between]),
            names(&units[unit])
        );
        let error = CommandError::usage(text);
        return Err(error.hint("name it under `together` as well, or release none of them together"));
    }
    Ok((units, needs))
}

fn divided(needs: &[BTreeSet<usize>], together: &[Vec<usize>]) -> (Vec<Unit>, Vec<BTreeSet<usize>>) {
    // The last service that each one is released together with.
    let mut leads: Vec<usize> = (0..needs.len()).collect();
    for position in (0..needs.len()).rev() {
        for other in &together[position] {
            let (one, two) = (lead_of(&leads, position), lead_of(&leads, *other));
            leads[one.min(two)] = one.max(two);
        }
    }
    let mut of_lead: BTreeMap<usize, Unit> = BTreeMap::new();
    for position in 0..needs.len() {
        let unit = of_lead.entry(lead_of(&leads, position));
        unit.or_insert_with(|| Unit { services: Vec::new() })
            .services
            .push(position);
    }
    let unit_of: BTreeMap<usize, usize> = of_lead
        .keys()
        .enumerate()
        .map(|(unit, lead)| (*lead, unit))
        .collect();
    let units: Vec<Unit> = of_lead.into_values().collect();
    let needed = units.iter().enumerate().map(|(unit, Unit { services })| {
        let needed = services.iter().flat_map(|position| &needs[*position]);
        let needed = needed.map(|position| unit_of[&lead_of(&leads, *position)]);
        needed.filter(|other| *other != unit).collect()
    });
    let needed = needed.collect();
    (units, needed)
}

fn lead_of(leads: &[usize], mut position: usize) -> usize {
    while leads[position] != position {
        position = leads[position];
    }
    position
}

/// Two units that wait for each other, the smaller one first. A service by itself never does.
fn stuck(units: &[Unit], needs: &[BTreeSet<usize>]) -> Option<(usize, usize)> {
    if units.iter().all(|unit| unit.services.len() == 1) {
        return None;
    }
    let mut waiting: Vec<BTreeSet<usize>> = needs.to_vec();
    let mut left: BTreeSet<usize> = (0..units.len()).collect();
    while let Some(next) = left.iter().copied().find(|unit| waiting[*unit].is_empty()) {
        left.remove(&next);
        for waits in &mut waiting {
            waits.remove(&next);
        }
    }
    let large = left
        .iter()
        .copied()
        .max_by_key(|unit| units[*unit].services.len())?;
    let between = left
        .into_iter()
        .find(|unit| *unit != large && needs[large].contains(unit))?;
    Some((between, large))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divide(
        needs: &[&[usize]],
        together: &[(usize, &[usize])],
    ) -> (Vec<Vec<usize>>, Vec<Vec<usize>>, bool) {
        let sets: Vec<BTreeSet<usize>> = needs
            .iter()
            .map(|needs| needs.iter().copied().collect())
            .collect();
        let mut with = vec![Vec::new(); needs.len()];
        for (position, others) in together {
            with[*position] = others.to_vec();
        }
        let (units, needed) = divided(&sets, &with);
        let stuck = stuck(&units, &needed).is_some();
        let needed = needed.into_iter().map(|set| set.into_iter().collect()).collect();
        (
            units.into_iter().map(|unit| unit.services).collect(),
            needed,
            stuck,
        )
    }

    #[test]
    fn what_is_released_together_is_one() {
        // 0 database, 1 cart, 2 worker, 3 shop
        let needs: &[&[usize]] = &[&[], &[0], &[0], &[1, 2]];
        assert_eq!(
            divide(needs, &[]),
            (
                vec![vec![0], vec![1], vec![2], vec![3]],
                vec![vec![], vec![0], vec![0], vec![1, 2]],
                false
            )
        );
        let (units, needed, stuck) = divide(needs, &[(3, &[1, 2])]);
        assert_eq!(
            (units, needed, stuck),
            (vec![vec![0], vec![1, 2, 3]], vec![vec![], vec![0]], false)
        );
        let (units, ..) = divide(needs, &[(3, &[1]), (1, &[0])]);
        assert_eq!(units, [vec![2], vec![0, 1, 3]]);
    }

    #[test]
    fn nothing_goes_between_what_goes_at_once() {
        // 0 cart, 1 prices needs it, 2 shop needs both
        assert!(divide(&[&[], &[0], &[0, 1]], &[(2, &[0])]).2);
        assert!(!divide(&[&[], &[0], &[0, 1]], &[(2, &[0, 1])]).2);
    }
}
