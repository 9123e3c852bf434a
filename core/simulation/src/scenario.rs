//! What is drawn before anything happens: the service, its strategy, what its place can do, and what goes wrong.

use crate::chance::Chance;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    Recreate,
    Rolling,
    BlueGreen,
    Canary,
}

/// What becomes of a revision that is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Well,
    NeverHealthy,
    FailsChecks,
    LogsErrors,
    /// Some time after it was healthy.
    Dies,
}

/// A call of a plugin that does not come to its end.
#[derive(Debug, Clone, Copy)]
pub struct Break {
    /// Which of all effects of plugins it is about.
    pub at: u64,
    /// The effect has been brought about, and the plugin could not say so.
    pub done: bool,
}

#[derive(Debug, Clone)]
pub struct Scenario {
    pub seed: u64,
    pub strategy: Strategy,
    pub instances: u32,
    /// Of the second version.
    pub fate: Fate,
    pub router: bool,
    pub weights: bool,
    pub side_by_side: bool,
    pub in_place: bool,
    /// The router says something to somebody with each route, which must not be said twice.
    pub announces: bool,
    pub checks: bool,
    pub analysis: bool,
    pub approve: bool,
    pub hold: bool,
    /// People are asked after a failure.
    pub asks: bool,
    /// The place goes back by itself when nobody is heard from.
    pub dead_man: bool,
    /// In seconds.
    pub soak: u64,
    /// Processes run on other machines: whether one is dead is not known, only that it is silent.
    pub elsewhere: bool,
    /// That a process is killed, in percent; and the first one of the first version too.
    pub kills: u32,
    pub kills_first: bool,
    /// That a process is stopped for a while (SIGSTOP), in percent.
    pub stops: u32,
    /// That a write of the ledger fails, in permille.
    pub full_disk: u32,
    /// That a request is lost, or its answer, in permille.
    pub lost: u32,
    /// At which of its calls a plugin breaks, as if it trapped or exceeded a limit.
    pub breaks: Option<Break>,
    /// People pause, promote and abort.
    pub meddled: bool,
    /// Goes back at the end.
    pub rolls_back: bool,
    /// The place runs programs at moments of a roll-out.
    pub executes: bool,
    /// A plugin checks it.
    pub asks_plugin: bool,
}

impl Scenario {
    pub fn draw(seed: u64) -> Self {
        let chance = Chance::of(seed ^ 0x5eed);
        let strategy = chance.pick(&[
            Strategy::Recreate,
            Strategy::Rolling,
            Strategy::BlueGreen,
            Strategy::Canary,
        ]);
        let needs_router = matches!(strategy, Strategy::BlueGreen | Strategy::Canary);
        let router = needs_router || chance.percent(70);
        let side_by_side = needs_router || chance.percent(70);
        let faulty = chance.percent(90);
        let some = |permille: u64| {
            if faulty {
                u32::try_from(chance.number(0..=permille)).unwrap_or(0)
            } else {
                0
            }
        };
        Self {
            seed,
            strategy,
            instances: u32::try_from(chance.number(1..=4)).unwrap_or(1),
            fate: chance.pick(&[
                Fate::Well,
                Fate::Well,
                Fate::NeverHealthy,
                Fate::FailsChecks,
                Fate::LogsErrors,
                Fate::Dies,
            ]),
            router,
            weights: chance.percent(80),
            side_by_side,
            in_place: !side_by_side && (strategy == Strategy::Rolling || chance.percent(50)),
            announces: router && chance.percent(60),
            checks: chance.percent(80),
            analysis: chance.percent(70),
            approve: chance.percent(20),
            hold: chance.percent(10),
            asks: chance.percent(25),
            dead_man: chance.percent(30),
            soak: chance.number(1..=8),
            elsewhere: chance.percent(40),
            kills: some(100),
            kills_first: chance.percent(30),
            stops: if chance.percent(25) { some(100) } else { 0 },
            full_disk: if chance.percent(30) { some(30) } else { 0 },
            lost: if chance.percent(50) { some(60) } else { 0 },
            meddled: chance.percent(35),
            rolls_back: chance.percent(25),
            breaks: chance.percent(25).then(|| Break {
                at: chance.number(1..=1 << chance.number(1..=8)),
                done: chance.percent(50),
            }),
            executes: chance.percent(50),
            asks_plugin: chance.percent(40),
        }
    }
}
