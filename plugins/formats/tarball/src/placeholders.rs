//! `${...}`: what is known only when an instance starts. A wrong one is found here, not on the machine. `$${` is a
//! plain `${`.

use slipway_sdk::Failure;

/// What there is to refer to.
pub(crate) struct Known<'a> {
    pub(crate) ports: Vec<&'a str>,
    pub(crate) config: bool,
    pub(crate) data: bool,
}

impl Known<'_> {
    pub(crate) fn check(&self, setting: &str, text: &str) -> Result<(), Failure> {
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let escaped = rest[..start].ends_with('$');
            rest = &rest[start + 2..];
            if escaped {
                continue;
            }
            let Some(end) = rest.find('}') else {
                return Err(
                    Failure::invalid(format!("`{setting}`: `${{{rest}` has no closing brace"))
                        .hint("write `$${` for a plain `${`"),
                );
            };
            self.check_name(setting, &rest[..end])?;
            rest = &rest[end + 1..];
        }
        Ok(())
    }

    fn check_name(&self, setting: &str, name: &str) -> Result<(), Failure> {
        let missing = |why: &str, hint: &str| {
            Err(Failure::invalid(format!("`{setting}`: `${{{name}}}` {why}")).hint(hint))
        };
        match name {
            "app" | "instance" | "revision" => Ok(()),
            "config" if self.config => Ok(()),
            "config" => missing(
                "is empty: there are no configuration files",
                "put them into the folder `config`",
            ),
            "data" if self.data => Ok(()),
            "data" => missing("needs a data folder", "set `data = true`"),
            _ if name
                .strip_prefix("secret.")
                .is_some_and(|secret| !secret.is_empty()) =>
            {
                Ok(())
            }
            _ => match name.strip_prefix("port.") {
                Some(port) if self.ports.contains(&port) => Ok(()),
                Some(port) => missing("is no port", &format!("add `{port}` to `ports`")),
                None => missing(
                    "is not known",
                    "known are app, config, data, instance, revision, port.NAME and secret.NAME; write `$${` for a plain `${`",
                ),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<(), String> {
        let known = Known {
            ports: vec!["http"],
            config: true,
            data: false,
        };
        known.check("command", text).map_err(|failure| failure.message)
    }

    #[test]
    fn known_ones() {
        for text in [
            "",
            "$",
            "${app}/x:${port.http}",
            "${secret.db}",
            "$${anything",
            "${config}${instance}${revision}",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn wrong_ones() {
        for (text, why) in [
            ("a ${nope}", "`command`: `${nope}` is not known"),
            ("${port.admin}", "`command`: `${port.admin}` is no port"),
            ("${data}", "`command`: `${data}` needs a data folder"),
            ("${app", "`command`: `${app` has no closing brace"),
            ("${secret.}", "`command`: `${secret.}` is not known"),
        ] {
            assert_eq!(check(text), Err(why.to_owned()));
        }
    }
}
