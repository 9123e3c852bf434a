//! Looking for texts in everything that a run leaves behind.

use std::{fs, io::Read as _, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// The files below a folder that hold one of the needles, also packed as gzip; and how many files were looked at.
pub fn files_with(folder: &Path, needles: &[String]) -> (Vec<String>, usize) {
    let (mut found, mut count) = (Vec::new(), 0);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            let (more, below) = files_with(&path, needles);
            found.extend(more);
            count += below;
        } else if let Ok(mut bytes) = fs::read(&path) {
            let mut unpacked = Vec::new();
            if flate2::read::MultiGzDecoder::new(bytes.as_slice())
                .read_to_end(&mut unpacked)
                .is_ok()
            {
                bytes = unpacked;
            }
            count += 1;
            if holds_one(&bytes, needles) {
                found.push(path.display().to_string());
            }
        }
    }
    (found, count)
}

pub fn holds_one(bytes: &[u8], needles: &[String]) -> bool {
    needles.iter().any(|needle| holds(bytes, needle.as_bytes()))
}

pub fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(bytes, needle).is_some()
}

/// In base64, without the last digits, since something may follow.
pub fn stands(text: &str) -> String {
    let whole = text.len() / 3 * 3;
    STANDARD.encode(&text.as_bytes()[..whole])
}

/// The ways in which a secret could be written, each by itself telling.
pub fn forms(secret: &str) -> Vec<Vec<u8>> {
    let quoted = |text: &str| {
        let quoted = serde_json::Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let bytes = secret.as_bytes();
    let percent = |upper: bool| -> String {
        let encoded = bytes.iter().map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) => char::from(*byte).to_string(),
            byte if upper => format!("%{byte:02X}"),
            byte => format!("%{byte:02x}"),
        });
        encoded.collect()
    };
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        secret.to_owned(),
        quoted(secret),
        quoted(&quoted(secret)),
        format!("{secret:?}").trim_matches('"').to_owned(),
        percent(true),
        percent(false),
        hex.to_uppercase(),
        hex,
        secret.chars().rev().collect(),
    ];
    // Whatever stands before and after it shifts and changes the digits at its ends.
    for shift in 0..3 {
        let shifted = [&b"xx"[..shift], bytes].concat();
        let digits = STANDARD.encode(&shifted[..shifted.len() / 3 * 3]);
        let digits = &digits[if shift == 0 { 0 } else { 4 }..];
        forms.push(digits.to_owned());
        forms.push(digits.replace('+', "-").replace('/', "_"));
    }
    forms.sort();
    forms.dedup();
    forms.into_iter().map(String::into_bytes).collect()
}
