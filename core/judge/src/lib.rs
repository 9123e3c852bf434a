//! Is a revision good enough for its users? Pure: the same series and the same settings give the same judgement, whenever
//! it is asked for again. Against a threshold, and against what users had until now.

mod compare;
mod counts;
mod csv;
mod judgement;
mod kinds;
mod normal;
mod rank;
mod series;
mod settings;
mod spread;
mod threshold;
mod words;

pub use csv::{Csv, CsvError, Groups};
pub use judgement::{Comparison, Judgement, Outcome, Summary, judge};
pub use kinds::{Kind, Kinds};
pub use series::{Series, Tally};
pub use settings::{Direction, Look, Settings};
pub use spread::Spread;
