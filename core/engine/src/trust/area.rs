//! Places, as a policy names them: `host[:port][/path]`, a folder or file of this machine by its whole path, or all of them.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use slipway_registry::{RegistryUrl, Repository, RepositoryName};

use crate::{Failed, image::HUB_NAMES};

/// Everything at a place and below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Area {
    /// None is everywhere.
    below: Option<String>,
    written: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no place: write `host`, `host:port`, `host/path`, the whole path of a folder, or `*` for all that is not named"
)]
pub struct NotAnArea(String);

impl Area {
    pub fn everywhere() -> Self {
        Self {
            below: None,
            written: "*".to_owned(),
        }
    }

    /// However it is written.
    pub fn same_as(&self, other: &Self) -> bool {
        self.below == other.below
    }

    pub(super) fn covers(&self, place: &str) -> bool {
        let Some(below) = &self.below else { return true };
        let rest = place.strip_prefix(below.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    pub(super) fn length(&self) -> usize {
        self.below.as_ref().map_or(0, |below| below.len() + 1)
    }
}

impl FromStr for Area {
    type Err = NotAnArea;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || NotAnArea(text.chars().take(200).collect());
        let below = match text {
            "*" => None,
            folder if folder.starts_with('/') => {
                let trimmed = folder.trim_end_matches('/');
                let parts = trimmed.split('/').skip(1);
                if parts.clone().count() == 0 || parts.clone().any(|part| matches!(part, "" | "." | "..")) {
                    return Err(bad());
                }
                Some(real(Path::new(trimmed)).display().to_string())
            }
            _ => {
                let (host, path) = text.split_once('/').unwrap_or((text, ""));
                if host.is_empty() || text.contains("://") {
                    return Err(bad());
                }
                let url: RegistryUrl = format!("oci://{host}").parse().map_err(|_| bad())?;
                let RegistryUrl::Distribution { host, .. } = url else {
                    return Err(bad());
                };
                let path = path.trim_end_matches('/');
                if !path.is_empty() && path.parse::<RepositoryName>().is_err() {
                    return Err(bad());
                }
                Some(join(&host, path))
            }
        };
        Ok(Self {
            below,
            written: text.to_owned(),
        })
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// Where a repository is. None is a folder of the service's own, whose files are as much its own as `deploy.toml`.
pub(crate) fn place_of(repository: &Repository, root: Option<&Path>) -> Option<String> {
    match repository.registry().url() {
        RegistryUrl::Distribution { host, .. } => Some(join(host, repository.name().as_str())),
        RegistryUrl::Layout(folder) => {
            let folder = real(folder);
            if root.is_some_and(|root| folder.starts_with(real(root))) {
                return None;
            }
            Some(format!("{}/{}", folder.display(), repository.name()))
        }
    }
}

pub(crate) fn place_of_file(file: &Path) -> String {
    real(file).display().to_string()
}

/// Where something of the web is.
pub(super) fn place_of_url(url: &str) -> Result<String, Failed> {
    let parsed = url::Url::parse(url).map_err(Failed::from_error)?;
    let host = &parsed[url::Position::BeforeHost..url::Position::AfterPort];
    Ok(join(host, parsed.path().trim_matches('/')))
}

fn join(host: &str, path: &str) -> String {
    // What people write for it is one registry.
    let host = if HUB_NAMES.contains(&host) {
        HUB_NAMES[0]
    } else {
        host
    };
    match path {
        "" => host.to_owned(),
        path => format!("{host}/{path}"),
    }
}

/// Without links, as far as it is there.
fn real(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for above in whole.ancestors() {
        if let Ok(found) = above.canonicalize() {
            let rest = whole.strip_prefix(above).unwrap_or(Path::new(""));
            return if rest.as_os_str().is_empty() {
                found
            } else {
                found.join(rest)
            };
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_cover_what_is_below_them() {
        let check = |area: &str, place: &str, expected: bool| {
            let area: Area = area.parse().unwrap();
            assert_eq!(area.covers(place), expected, "{area} {place}");
        };
        check("*", "registry.example/a", true);
        check("registry.example", "registry.example/a", true);
        check("Registry.Example/team/", "registry.example/team/web", true);
        check("registry.example/team", "registry.example/team", true);
        check("registry.example/team", "registry.example/teams", false);
        check("registry.example", "registry.example.evil/a", false);
        check("registry.example", "registry.example:5000/a", false);
        check("docker.io/library", "docker.io/library/nginx", true);
        check("/nowhere/images", "/nowhere/images/web", true);
        check("/nowhere/images", "/nowhere/images-of-others/web", false);
    }

    #[test]
    fn one_registry_has_one_name() {
        assert_eq!(
            join("registry-1.docker.io", "library/nginx"),
            "docker.io/library/nginx"
        );
        let url = place_of_url("https://Charts.Example:8443/a/b.tgz?token=x#y").unwrap();
        assert_eq!(url, "charts.example:8443/a/b.tgz");
        // As whoever fetches it reads it.
        let tricked = place_of_url("https://good.example\\@evil.example/a").unwrap();
        assert_eq!(tricked, "good.example/@evil.example/a");
    }

    #[test]
    fn what_is_no_place() {
        for bad in [
            "",
            "/",
            "/..",
            "/a/../b",
            "oci://registry.example",
            "registry.example/Team",
            "user@registry.example",
            "registry.example//a",
            "a b",
        ] {
            assert!(bad.parse::<Area>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_folder_of_the_service_is_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("service");
        std::fs::create_dir(&root).unwrap();
        std::os::unix::fs::symlink("../outside", root.join("link")).unwrap();
        std::fs::create_dir(folder.path().join("outside")).unwrap();
        let patience = slipway_registry::Patience::default();
        let client = slipway_registry::Client::new(slipway_registry::Anonymous, patience).unwrap();
        let place = |path: &str| {
            let url = RegistryUrl::Layout(root.join(path));
            let repository =
                slipway_registry::Registry::open(&url, &client).repository(&"a".parse().unwrap());
            place_of(&repository, Some(&root))
        };
        let outside = real(&folder.path().join("outside"))
            .join("a")
            .display()
            .to_string();
        assert_eq!(place(".slipway/registry"), None);
        assert_eq!(place("../outside").as_ref(), Some(&outside));
        assert_eq!(place("link"), Some(outside));
        assert!(place("../service-of-others").is_some());
    }
}
