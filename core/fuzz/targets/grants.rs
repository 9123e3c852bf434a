//! Any words as what a plugin asks for: refused, or the same when they are written again; and any settings as what they name.
#![no_main]

use libfuzzer_sys::fuzz_target;
use slipway_plugin::Need;

fuzz_target!(|input: (&str, &str, &str)| {
    let (words, setting, value) = input;
    if let Ok(need) = words.parse::<Need>() {
        assert_eq!(need.to_string(), words);
        if let Need::Endpoint(name) | Need::Host(name) = &need {
            let mut settings = serde_json::Map::new();
            settings.insert(setting.to_owned(), value.into());
            for (known, operators) in name.of(&settings.into()) {
                assert!(words.contains(known) && (words.contains(operators) || operators == value));
            }
        }
    }
});
