//! The plan of a roll-out: what will be done, in order, in words that a person can read before anything is touched.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::{Digest, Duration, EnvironmentName, InstanceName, ServiceName};

/// One package adapted to one environment, as it runs or will run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fleet {
    pub revision: Digest,
    pub package: Digest,
    pub version: String,
    pub instances: Vec<InstanceName>,
}

/// Everything one roll-out will do. Applied as it was saved, or refused because what it saw has moved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub version: u32,
    pub service: ServiceName,
    pub environment: EnvironmentName,
    pub strategy: String,
    pub old: Option<Fleet>,
    pub new: Fleet,
    /// The generation of the environment's state that the plan was made on.
    pub generation: u64,
    /// What was seen at the target, such as versions, by what has it. Only of a plan that is saved.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub seen: BTreeMap<String, String>,
    pub deploy: Vec<Action>,
    pub cutover: Vec<Action>,
    /// What a person should know: a wish that became something else, a time without service.
    pub notes: Vec<String>,
}

/// One thing that the executor does under the journal. Every action may be begun again after an interruption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Action {
    /// Start instances and wait until they are healthy for the minimum time.
    Start {
        revision: Digest,
        instances: Vec<InstanceName>,
    },
    /// Put instances in the place of those of another revision, which end as they come, and wait until they are healthy.
    Replace {
        revision: Digest,
        instances: Vec<InstanceName>,
        replaced: Vec<InstanceName>,
    },
    /// Take over what others have deployed, as it runs, and wait until it is healthy.
    Adopt {
        revision: Digest,
        instances: Vec<InstanceName>,
        /// What has to change for it is changed.
        changes: bool,
    },
    /// Send users by weight; revisions that are not named get none.
    Route {
        shares: Vec<RouteShare>,
        preview: Option<Digest>,
    },
    /// Functional tests against instances of one revision.
    Check {
        revision: Digest,
        instances: Vec<InstanceName>,
        checks: Vec<String>,
    },
    /// Watch a revision for a time: checks and analysis, against the other revision where there is one.
    Soak {
        revision: Digest,
        against: Option<Digest>,
        /// Of the other revision, those that are held apart for comparing.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        baseline: Vec<InstanceName>,
        time: Duration,
        checks: Vec<String>,
        analysis: Vec<String>,
    },
    /// Wait until a person approves.
    Approve { what: String },
    /// Wait until no request is under way at these instances.
    Drain { instances: Vec<InstanceName> },
    Stop {
        revision: Digest,
        instances: Vec<InstanceName>,
        outage: bool,
    },
    /// From here on the revision is the environment's current one.
    Confirm { revision: Digest },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteShare {
    pub revision: Digest,
    pub weight: u32,
    pub instances: Vec<InstanceName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
}

/// Some of a share's instances, which get so much of its weight together and are counted for themselves: as many of the
/// old revision as of the new one, with as many users, are what the new one is best compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    pub weight: u32,
    pub instances: Vec<InstanceName>,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start { revision, instances } => {
                write!(f, "start {} of revision {}", count(instances), revision.short())
            }
            Self::Replace {
                revision,
                instances,
                replaced,
            } => {
                let (revision, instances) = (revision.short(), count(instances));
                write!(
                    f,
                    "replace {} with {instances} of revision {revision}, in place",
                    count(replaced)
                )
            }
            Self::Adopt {
                revision, changes, ..
            } => {
                let how = if *changes {
                    "with what has to change for it"
                } else {
                    "as it runs"
                };
                write!(f, "take over what runs as revision {}, {how}", revision.short())
            }
            Self::Route { shares, preview } => {
                let shares = shares.iter().filter(|share| share.weight > 0);
                let total: u32 = shares.clone().map(|share| share.weight).sum();
                f.write_str("send ")?;
                if total == 0 {
                    f.write_str("no users to any revision")?;
                }
                for (position, share) in shares.enumerate() {
                    let comma = if position == 0 { "" } else { ", " };
                    let percent = f64::from(share.weight) * 100.0 / f64::from(total);
                    write!(
                        f,
                        "{comma}{} % of users to {}",
                        round(percent),
                        share.revision.short()
                    )?;
                    if let Some(baseline) = &share.baseline {
                        let percent = f64::from(baseline.weight) * 100.0 / f64::from(total);
                        write!(
                            f,
                            ", of which {} % to its baseline of {}",
                            round(percent),
                            count(&baseline.instances)
                        )?;
                    }
                }
                preview.map_or(Ok(()), |revision| {
                    write!(f, "; show {} at the preview address", revision.short())
                })
            }
            Self::Check { revision, checks, .. } => {
                write!(f, "check revision {}: {}", revision.short(), checks.join(", "))
            }
            Self::Soak {
                revision,
                time,
                checks,
                analysis,
                ..
            } => {
                write!(f, "watch revision {} for {time}", revision.short())?;
                let watched: Vec<&str> = checks.iter().chain(analysis).map(String::as_str).collect();
                if watched.is_empty() {
                    Ok(())
                } else {
                    write!(f, ": {}", watched.join(", "))
                }
            }
            Self::Approve { what } => write!(f, "wait for approval: {what}"),
            Self::Drain { instances } => write!(f, "wait for the last requests at {}", count(instances)),
            Self::Stop {
                revision,
                instances,
                outage,
            } => {
                let outage = if *outage {
                    " (no service until the new revision is up)"
                } else {
                    ""
                };
                write!(
                    f,
                    "stop {} of revision {}{outage}",
                    count(instances),
                    revision.short()
                )
            }
            Self::Confirm { revision } => write!(f, "confirm revision {}", revision.short()),
        }
    }
}

fn count(instances: &[InstanceName]) -> String {
    match instances {
        [one] => one.to_string(),
        many => format!("{} instances", many.len()),
    }
}

fn round(percent: f64) -> f64 {
    (percent * 10.0).round() / 10.0
}
