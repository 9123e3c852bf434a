//! Guests written to measure: a core module whose `stop` makes the calls that a test asks for, with its contract
//! embedded as the plugin kit does it. It is a target, because targets are granted every capability.

use std::{collections::BTreeMap, fmt::Write};

use wit_component::StringEncoding;
use wit_parser::Resolve;

const INTERFACE: &str = "slipway:plugin/";
/// Strings from here on; below are the answers that the host writes.
const DATA: usize = 4096;
const ANSWER: usize = 1024;

#[derive(Clone)]
pub struct Guest {
    data: Vec<u8>,
    imports: BTreeMap<String, String>,
    body: String,
    describe: String,
    observe: String,
    schema: String,
    version: &'static str,
    extra: String,
}

#[derive(Clone)]
pub enum Arg {
    Bytes(Vec<u8>),
    Texts(Vec<String>),
    Pairs(Vec<(String, String)>),
    Int(i32),
    Long(i64),
}

pub fn text(text: impl AsRef<[u8]>) -> Arg {
    Arg::Bytes(text.as_ref().to_vec())
}

pub fn texts(texts: &[&str]) -> Arg {
    Arg::Texts(texts.iter().map(|text| (*text).to_owned()).collect())
}

pub fn pairs(pairs: &[(&str, &str)]) -> Arg {
    Arg::Pairs(
        pairs
            .iter()
            .map(|(one, two)| ((*one).to_owned(), (*two).to_owned()))
            .collect(),
    )
}

impl Default for Guest {
    fn default() -> Self {
        Self::new()
    }
}

impl Guest {
    pub fn new() -> Self {
        Self {
            data: Vec::new(),
            imports: BTreeMap::new(),
            body: String::new(),
            describe: String::new(),
            observe: "unreachable".to_owned(),
            schema: r#"{"type":"object"}"#.to_owned(),
            version: "0.1.0",
            extra: String::new(),
        }
    }

    /// One more call to the host in `stop`; what it answers is dropped.
    #[must_use]
    pub fn call(mut self, capability: &str, function: &str, arguments: &[Arg]) -> Self {
        let code = self.import(capability, function, arguments);
        self.body.push_str(&code);
        self
    }

    #[must_use]
    pub fn log(self, line: &str) -> Self {
        self.call("log", "emit", &[Arg::Int(1), text(line)])
    }

    /// Instructions in `stop`.
    #[must_use]
    pub fn wat(mut self, instructions: &str) -> Self {
        self.body.push_str(instructions);
        self.body.push('\n');
        self
    }

    /// The call over and over.
    #[must_use]
    pub fn forever(mut self, capability: &str, function: &str, arguments: &[Arg]) -> Self {
        let code = self.import(capability, function, arguments);
        write!(self.body, "(loop $forever {code} (br $forever))").unwrap();
        self
    }

    /// Fields of the module.
    #[must_use]
    pub fn extra(mut self, fields: &str) -> Self {
        self.extra.push_str(fields);
        self
    }

    /// A call to the host while it describes itself.
    #[must_use]
    pub fn describing(mut self, capability: &str, function: &str, arguments: &[Arg]) -> Self {
        self.describe = self.import(capability, function, arguments);
        self
    }

    #[must_use]
    pub fn schema(mut self, schema: &str) -> Self {
        self.schema = schema.to_owned();
        self
    }

    #[must_use]
    pub fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    /// `observe` answers one healthy instance.
    #[must_use]
    pub fn observing(mut self, name: &str, revision: &str) -> Self {
        let mut record = Vec::new();
        for text in [name, revision] {
            let (at, length) = self.put(text.as_bytes());
            record.extend(
                [at, length]
                    .map(|number| number as u32)
                    .map(u32::to_le_bytes)
                    .concat(),
            );
        }
        record.extend(1_u32.to_le_bytes());
        record.resize(64, 0);
        let (at, _) = self.put(&record);
        let answer = [0, at as u32, 1].map(u32::to_le_bytes).concat();
        let (answer, _) = self.put(&answer);
        self.observe = format!("(i32.const {answer})");
        self
    }

    pub fn module(&self) -> Vec<u8> {
        let mut guest = self.clone();
        let fields: Vec<u8> = ["guest", "1.0.0", "For tests.", &guest.schema.clone()]
            .iter()
            .flat_map(|text| {
                let (at, length) = guest.put(text.as_bytes());
                [at as u32, length as u32].map(u32::to_le_bytes).concat()
            })
            .collect();
        let (description, _) = guest.put(&[fields, vec![0; 24]].concat());
        let mut module = wat::parse_str(guest.text(description)).unwrap();
        let (resolve, world) = guest.world();
        wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8, false)
            .unwrap();
        module
    }

    fn text(&self, description: usize) -> String {
        let heap = (DATA + self.data.len()).next_multiple_of(8);
        let export = |name: &str, parameters: usize, body: &str| {
            let parameters = "i32 ".repeat(parameters);
            let exported = format!("{INTERFACE}target@{}#{name}", self.version);
            format!("(func (export \"{exported}\") (param {parameters}) (result i32) {body})\n")
        };
        let imports: String = self.imports.values().cloned().collect();
        let data: String = self.data.iter().map(|byte| format!("\\{byte:02x}")).collect();
        let verbs = [
            export(
                "describe",
                0,
                &format!("{} (i32.const {description})", self.describe),
            ),
            export("abilities", 6, "unreachable"),
            export("observe", 6, &self.observe),
            export("stop", 8, &format!("{} (i32.const 16)", self.body)),
            export("plan", 8, "unreachable"),
            export("claim", 9, "unreachable"),
            export("guard", 7, "unreachable"),
            export("start", 1, "unreachable"),
            export("adopt", 1, "unreachable"),
            export("probe", 11, "unreachable"),
            export("hold", 9, "unreachable"),
            export("logs", 10, "unreachable"),
            export("cleanup", 8, "unreachable"),
            export("execute", 1, "unreachable"),
            export("dismiss", 1, "unreachable"),
        ]
        .concat();
        format!(
            r#"(module {imports}
                (memory (export "memory") {pages})
                (global $heap (mut i32) (i32.const {heap}))
                (data (i32.const {DATA}) "{data}")
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
                    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
                    (global.set $heap (i32.add (local.get $at) (local.get 3)))
                    (if (i32.gt_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536)))
                        (then (drop (memory.grow
                            (i32.add (i32.div_u (local.get 3) (i32.const 65536)) (i32.const 1))))))
                    (local.get $at))
                {extra}
                {verbs})"#,
            extra = self.extra,
            pages = heap / 65_536 + 4,
        )
    }

    fn world(&self) -> (Resolve, wit_parser::WorldId) {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../sdk/wit/slipway-plugin@0.1.0");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        let package = "package slipway:plugin@0.1.0;";
        let text: String = files
            .iter()
            .map(|file| std::fs::read_to_string(file).unwrap().replace(package, ""))
            .collect();
        let mut resolve = Resolve::default();
        let package = format!("package slipway:plugin@{};\n{text}", self.version);
        let package = resolve.push_str("plugin.wit", &package).unwrap();
        let world = resolve.select_world(&[package], Some("target-plugin")).unwrap();
        (resolve, world)
    }

    fn import(&mut self, capability: &str, function: &str, arguments: &[Arg]) -> String {
        let (mut types, mut values) = (String::new(), String::new());
        for argument in arguments {
            let (kind, numbers) = match argument {
                Arg::Int(number) => ("i32", vec![i64::from(*number)]),
                Arg::Long(number) => ("i64", vec![*number]),
                Arg::Bytes(bytes) => ("i32", self.list(bytes, bytes.len())),
                Arg::Texts(texts) => {
                    let record = self.records(texts.iter().map(String::as_str));
                    ("i32", self.list(&record, texts.len()))
                }
                Arg::Pairs(pairs) => {
                    let flat = pairs.iter().flat_map(|(one, two)| [one.as_str(), two.as_str()]);
                    let record = self.records(flat);
                    ("i32", self.list(&record, pairs.len()))
                }
            };
            for number in numbers {
                write!(types, "{kind} ").unwrap();
                write!(values, "({kind}.const {number}) ").unwrap();
            }
        }
        let result = match (capability, function) {
            ("log" | "progress", _) | ("clock", "sleep") => "",
            ("clock", "now") => "(result i64)",
            _ => {
                types.push_str("i32");
                write!(values, "(i32.const {ANSWER})").unwrap();
                ""
            }
        };
        let id = format!("${capability}.{function}");
        let module = format!("{INTERFACE}{capability}@{}", self.version);
        let import = format!("(import \"{module}\" \"{function}\" (func {id} (param {types}) {result}))\n");
        self.imports.insert(id.clone(), import);
        let call = format!("(call {id} {values})");
        if result.is_empty() {
            format!("{call}\n")
        } else {
            format!("(drop {call})\n")
        }
    }

    fn records<'a>(&mut self, texts: impl Iterator<Item = &'a str>) -> Vec<u8> {
        let places: Vec<_> = texts.map(|text| self.put(text.as_bytes())).collect();
        places
            .into_iter()
            .flat_map(|(at, length)| [at as u32, length as u32].map(u32::to_le_bytes).concat())
            .collect()
    }

    fn list(&mut self, bytes: &[u8], length: usize) -> Vec<i64> {
        let (at, _) = self.put(bytes);
        vec![at as i64, length as i64]
    }

    fn put(&mut self, bytes: &[u8]) -> (usize, usize) {
        self.data.resize(self.data.len().next_multiple_of(8), 0);
        let at = DATA + self.data.len();
        self.data.extend_from_slice(bytes);
        (at, bytes.len())
    }
}
