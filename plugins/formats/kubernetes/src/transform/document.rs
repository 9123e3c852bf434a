//! Texts that are documents themselves, such as JSON in a ConfigMap.

use crate::yaml::{Node, read};

pub(crate) fn parse(text: &str) -> Result<Node, String> {
    match read(text) {
        Ok(Some(node)) => Ok(node),
        Ok(None) => Err("the text holds no document".to_owned()),
        Err(malformed) => Err(format!("the text is no document: {}", malformed.why)),
    }
}
