//! Windows and freezes, with what is not said filled in.

use crate::{
    Freeze, TimeOfDay, Window,
    decode::{At, OneOrMany, Slot},
    written,
};

pub(super) fn windows(slot: &Slot<OneOrMany<written::Window>>) -> Option<Vec<Window>> {
    each(slot, |written| {
        let days = written.days.iter().flat_map(|days| &days.value.0);
        let or = |slot: &Slot<TimeOfDay>, default| slot.as_ref().map_or(default, |at| at.value);
        Some(Window {
            days: days.map(|days| days.value).collect(),
            from: or(&written.from, TimeOfDay::MIDNIGHT),
            to: or(&written.to, TimeOfDay::END),
            zone: written.zone.as_ref()?.value.clone(),
        })
    })
}

pub(super) fn freezes(slot: &Slot<OneOrMany<written::Freeze>>) -> Option<Vec<Freeze>> {
    each(slot, |written| {
        Some(Freeze {
            from: written.from.as_ref()?.value,
            to: written.to.as_ref()?.value,
            zone: written.zone.as_ref()?.value.clone(),
            reason: written.reason.as_ref()?.value.clone(),
        })
    })
}

fn each<T, U>(slot: &Slot<OneOrMany<T>>, normal: impl Fn(&T) -> Option<U>) -> Option<Vec<U>> {
    let written = slot.iter().flat_map(|many| &many.value.0);
    written.map(|At { value, .. }| normal(value)).collect()
}
