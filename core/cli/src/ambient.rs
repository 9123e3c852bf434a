//! The real clock, real chance, and who we are.

use std::{env, sync::Arc};

use jiff::Timestamp;
use slipway_engine::Ambient;
use slipway_model::RunId;

/// Says what time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

pub(crate) struct Real;

/// The same by a clock that a test decides.
pub(crate) struct Clocked(pub(crate) Clock);

impl Ambient for Real {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    /// The time of its beginning, readable and sortable, and enough chance that two never meet.
    fn run_id(&self) -> RunId {
        let mut chance = [0_u8; 3];
        // An id needs no secret: without a source of chance the process id tells runs of one second apart.
        if rustix::rand::getrandom(&mut chance, rustix::rand::GetRandomFlags::empty()).is_err() {
            chance.copy_from_slice(&std::process::id().to_be_bytes()[1..]);
        }
        let [a, b, c] = chance;
        let time = Timestamp::now().strftime("%Y%m%d-%H%M%S");
        format!("{time}-{a:02x}{b:02x}{c:02x}")
            .parse()
            .expect("digits, letters and hyphens are a run id")
    }

    fn who(&self) -> String {
        let user = env::var("USER")
            .or_else(|_| env::var("LOGNAME"))
            .unwrap_or_else(|_| "unknown".to_owned());
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        format!("{user}@{host}")
    }
}

impl Ambient for Clocked {
    fn now(&self) -> Timestamp {
        self.0()
    }

    fn run_id(&self) -> RunId {
        Real.run_id()
    }

    fn who(&self) -> String {
        Real.who()
    }
}
