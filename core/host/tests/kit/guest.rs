//! Guests written to measure: a core module whose one verb (`stop`, `assemble` or `check`) makes the calls that a test
//! asks for, with its contract embedded as the plugin kit does it. It is a target if nobody says otherwise, because
//! targets are granted every capability.

use std::{collections::BTreeMap, fmt::Write};

use slipway_plugin::Kind;
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

const INTERFACE: &str = "slipway:plugin/";
/// Strings from here on; below are the answers that the host writes.
const DATA: usize = 4096;
const ANSWER: usize = 1024;

#[derive(Clone)]
pub struct Guest {
    kind: Kind,
    data: Vec<u8>,
    imports: BTreeMap<String, String>,
    body: String,
    /// Where the answer of the verb stands.
    answer: usize,
    describe: String,
    /// Name, version, summary and schema.
    description: [String; 4],
    observe: String,
    realloc: String,
    version: &'static str,
    extra: String,
}

/// Finds room, and asks for more.
const REALLOC: &str = "(local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get 3)))
    (if (i32.gt_u (global.get $heap) (i32.mul (memory.size) (i32.const 65536)))
        (then (drop (memory.grow
            (i32.add (i32.div_u (local.get 3) (i32.const 65536)) (i32.const 1))))))
    (local.get $at)";

#[derive(Clone)]
pub enum Arg {
    Bytes(Vec<u8>),
    Texts(Vec<String>),
    Pairs(Vec<(String, String)>),
    Int(i32),
    Long(i64),
    /// A list of so many, which stand in memory so.
    List(Vec<u8>, i64),
    /// A list or a text at this place, of this length.
    At(i64, i64),
}

impl Arg {
    /// The bytes are a list of so many.
    #[must_use]
    pub fn of(self, length: i64) -> Self {
        match self {
            Self::Bytes(bytes) => Self::List(bytes, length),
            other => other,
        }
    }
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
        Self::of(Kind::Target)
    }

    pub fn of(kind: Kind) -> Self {
        Self {
            kind,
            data: Vec::new(),
            imports: BTreeMap::new(),
            body: String::new(),
            answer: 16,
            describe: String::new(),
            description: ["guest", "1.0.0", "For tests.", r#"{"type":"object"}"#].map(str::to_owned),
            observe: "unreachable".to_owned(),
            realloc: REALLOC.to_owned(),
            version: "0.1.0",
            extra: String::new(),
        }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// One more call to the host in the verb; what it answers is dropped.
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

    /// Instructions in the verb.
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

    /// An import as it stands, whatever the contract knows of it.
    #[must_use]
    pub fn importing(mut self, import: &str) -> Self {
        self.imports.insert(import.to_owned(), import.to_owned());
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
        schema.clone_into(&mut self.description[3]);
        self
    }

    /// What it says of itself.
    #[must_use]
    pub fn saying(mut self, name: &str, version: &str, summary: &str) -> Self {
        for (field, text) in self.description.iter_mut().zip([name, version, summary]) {
            text.clone_into(field);
        }
        self
    }

    /// Instructions of `describe`, before its answer.
    #[must_use]
    pub fn describing_by(mut self, instructions: &str) -> Self {
        instructions.clone_into(&mut self.describe);
        self
    }

    /// Instructions in the place of those that find room for what the host hands over.
    #[must_use]
    pub fn realloc(mut self, instructions: &str) -> Self {
        instructions.clone_into(&mut self.realloc);
        self
    }

    /// The answer of the verb, as it stands in memory.
    #[must_use]
    pub fn answering(mut self, record: &[u8]) -> Self {
        (self.answer, _) = self.put(record);
        self
    }

    /// The verb answers a failure: kind 4 is `failed`.
    #[must_use]
    pub fn failing(mut self, kind: u32, message: &str, hint: &str) -> Self {
        let (message, hint) = (self.text_at(message), self.text_at(hint));
        let record = words(&[1, kind, message[0], message[1], 1, hint[0], hint[1]]);
        self.answering(&record)
    }

    /// Bytes that stand where the first ones do, at 4096.
    #[must_use]
    pub fn put_first(mut self, bytes: &[u8]) -> Self {
        assert!(self.data.is_empty());
        self.put(bytes);
        self
    }

    /// Where a text stands, and its length.
    pub fn text_at(&mut self, text: impl AsRef<[u8]>) -> [u32; 2] {
        let (at, length) = self.put(text.as_ref());
        [at as u32, length as u32]
    }

    #[must_use]
    pub fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    /// `observe` answers one instance.
    #[must_use]
    pub fn observing(self, name: &str, revision: &str) -> Self {
        self.observing_that(name, revision, 1, "")
    }

    /// The same in a state of which something is to be said.
    #[must_use]
    pub fn observing_that(mut self, name: &str, revision: &str, state: u32, detail: &str) -> Self {
        let (name, revision, detail) = (self.text_at(name), self.text_at(revision), self.text_at(detail));
        let mut record = words(&[name[0], name[1], revision[0], revision[1], state]);
        record.resize(52, 0);
        record.extend(words(&detail));
        record.resize(64, 0);
        let (at, _) = self.put(&record);
        self.observing_at(at as u32, 1)
    }

    /// `observe` answers so many instances, which are to be found there.
    #[must_use]
    pub fn observing_at(mut self, at: u32, length: u32) -> Self {
        let (answer, _) = self.put(&words(&[0, at, length]));
        self.observe = format!("(i32.const {answer})");
        self
    }

    pub fn module(&self) -> Vec<u8> {
        self.module_with(StringEncoding::UTF8)
    }

    pub fn module_with(&self, encoding: StringEncoding) -> Vec<u8> {
        let mut guest = self.clone();
        let fields: Vec<u8> = self
            .description
            .iter()
            .flat_map(|text| words(&guest.text_at(text)))
            .collect();
        let (description, _) = guest.put(&[fields, vec![0; 24]].concat());
        let mut module = wat::parse_str(guest.text(description)).unwrap();
        let (resolve, world) = guest.world();
        wit_component::embed_component_metadata(&mut module, &resolve, world, encoding, false).unwrap();
        module
    }

    pub fn component(&self) -> Vec<u8> {
        let mut encoder = ComponentEncoder::default();
        encoder.module(&self.module()).unwrap().encode().unwrap()
    }

    /// The component, and in it another one that wants nothing and is instantiated with it.
    pub fn with_component(&self, fields: &str) -> Vec<u8> {
        let mut component = self.component();
        let nested = wat::parse_str(format!("(component {fields})")).unwrap();
        let index = components(&component);
        section(&mut component, 4, &nested);
        section(&mut component, 5, &[1, 0, index, 0]);
        component
    }

    fn text(&self, description: usize) -> String {
        let heap = (DATA + self.data.len()).next_multiple_of(8);
        let kind = self.kind.name();
        let typed = |name: &str, parameters: &str, body: &str| {
            let exported = format!("{INTERFACE}{kind}@{}#{name}", self.version);
            format!("(func (export \"{exported}\") (param {parameters}) (result i32) {body})\n")
        };
        let export =
            |name: &str, parameters: usize, body: &str| typed(name, &"i32 ".repeat(parameters), body);
        let imports: String = self.imports.values().cloned().collect();
        let data: String = self.data.iter().map(|byte| format!("\\{byte:02x}")).collect();
        let describe = export(
            "describe",
            0,
            &format!("{} (i32.const {description})", self.describe),
        );
        let body = format!("{} (i32.const {})", self.body, self.answer);
        let artifact = "i32 i32 i32 i32 i64 i32 i32 i32 i32";
        let of_target = || {
            [
                export("abilities", 6, "unreachable"),
                export("observe", 6, &self.observe),
                export("stop", 8, &body),
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
            .concat()
        };
        let verbs = match self.kind {
            Kind::Format => [
                typed("inspect", artifact, "unreachable"),
                typed("assemble", artifact, &body),
                export("render", 1, "unreachable"),
                export("show", 1, "unreachable"),
            ]
            .concat(),
            Kind::Check => export("check", 13, &body),
            Kind::Target | Kind::Router => of_target(),
        };
        format!(
            r#"(module {imports}
                (memory (export "memory") {pages})
                (global $heap (mut i32) (i32.const {heap}))
                (data (i32.const {DATA}) "{data}")
                (func $realloc (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
                    {realloc})
                {extra}
                {describe}
                {verbs})"#,
            realloc = self.realloc,
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
        let world = format!("{}-plugin", self.kind.name());
        let world = resolve.select_world(&[package], Some(&world)).unwrap();
        (resolve, world)
    }

    fn import(&mut self, capability: &str, function: &str, arguments: &[Arg]) -> String {
        let (mut types, mut values) = (String::new(), String::new());
        for argument in arguments {
            let (kind, numbers) = match argument {
                Arg::Int(number) => ("i32", vec![i64::from(*number)]),
                Arg::Long(number) => ("i64", vec![*number]),
                Arg::Bytes(bytes) => ("i32", self.list(bytes, bytes.len())),
                Arg::List(bytes, length) => ("i32", self.list(bytes, *length as usize)),
                Arg::At(at, length) => ("i32", vec![*at, *length]),
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

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// How many components it defines itself.
fn components(component: &[u8]) -> u8 {
    use wasmparser::Payload::{ComponentSection, End, ModuleSection};
    let (mut depth, mut count) = (0_i32, 0);
    for payload in wasmparser::Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            ModuleSection { .. } => depth += 1,
            ComponentSection { .. } => {
                count += u8::from(depth == 0);
                depth += 1;
            }
            End(_) => depth -= 1,
            _ => {}
        }
    }
    count
}

/// One more section at the end.
pub fn section(wasm: &mut Vec<u8>, id: u8, content: &[u8]) {
    wasm.push(id);
    let mut size = content.len();
    loop {
        let low = (size & 0x7f) as u8;
        size >>= 7;
        wasm.push(if size == 0 { low } else { low | 0x80 });
        if size == 0 {
            break;
        }
    }
    wasm.extend_from_slice(content);
}
