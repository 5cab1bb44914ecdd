//! Rules of the house that the compiler does not know: which room may know which.
//!
//! The rules are read from the code's own paths (`use` and paths in bodies, also inside macros),
//! with test code left out item by item.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;

use crate::core_tests::asking::plan;
use crate::scenario::SHIPPED;
use crate::vendors::{VENDORS, schema};

/// A room, the rooms it may know, and the crates it may use. In the order of `src/lib.rs`.
struct Room {
    name: &'static str,
    knows: &'static [&'static str],
    crates: &'static [&'static str],
}

const ROOMS: [Room; 10] = [
    Room {
        name: "cli",
        knows: &["control", "engine", "scenario", "server", "vendors", "wire", "world"],
        crates: &["bytes", "clap", "http", "rustix", "serde_json", "tracing", "tracing_subscriber"],
    },
    Room {
        name: "embed",
        knows: &["control", "engine", "scenario", "server", "vendors", "world"],
        crates: &["bytes", "http", "serde_json", "thiserror", "tokio"],
    },
    Room {
        name: "server",
        knows: &["control", "engine", "fault", "wire"],
        crates: &[
            "bytes",
            "http",
            "http_body_util",
            "hyper",
            "hyper_util",
            "socket2",
            "tokio",
            "tracing",
        ],
    },
    Room {
        name: "control",
        knows: &["engine", "fault", "scenario", "wire", "world"],
        crates: &["arc_swap", "http", "serde", "serde_json"],
    },
    Room {
        name: "vendors",
        knows: &["engine", "fault", "scenario", "wire", "world"],
        crates: &[
            "base64",
            "hmac",
            "http",
            "jiff",
            "md5",
            "percent_encoding",
            "schemars",
            "serde",
            "serde_json",
            "sha1",
            "sha2",
            "sm3",
            "subtle",
        ],
    },
    Room {
        name: "engine",
        knows: &["fault", "scenario", "wire", "world"],
        crates: &[
            "arc_swap",
            "bytes",
            "http",
            "percent_encoding",
            "schemars",
            "serde",
            "serde_json",
            "subtle",
            "thiserror",
        ],
    },
    Room {
        name: "fault",
        knows: &["scenario", "wire", "world"],
        crates: &["http", "schemars", "serde"],
    },
    Room {
        name: "scenario",
        knows: &["wire", "world"],
        crates: &[
            "annotate_snippets",
            "jiff",
            "schemars",
            "serde",
            "serde_json",
            "strsim",
            "subtle",
            "toml",
            "toml_parser",
        ],
    },
    Room {
        name: "wire",
        knows: &[],
        crates: &["bytes", "hmac", "http", "percent_encoding", "serde", "serde_json", "strsim"],
    },
    Room {
        name: "world",
        knows: &[],
        crates: &["arc_swap", "fake", "jiff", "libm", "rand", "rand_pcg"],
    },
];

/// Rooms that depend on nothing but their arguments.
const PURE: [&str; 6] = ["vendors", "engine", "fault", "scenario", "wire", "world"];
/// The modules that a pure room must not use.
const IMPURE: [&str; 6] =
    ["std::fs", "std::net", "std::process", "std::thread", "std::env", "std::time"];

/// Inside `vendors`: what a folder may know beside itself and its vendor's dialect.
const NEIGHBOURS: [(&str, &[&str]); 4] = [
    // Default projects are those of the services that need one.
    ("huawei::iam", &["huawei::drs", "huawei::oms"]),
    // A signing mistake may be another project's id.
    ("huawei::dialect", &["huawei::iam"]),
    // The vendor's envelope has switches of its only service.
    ("authing::dialect", &["authing::management"]),
    ("alibaba::dialect", &[]),
];

/// The code of one file, its tests left out.
struct Source {
    /// The path of its module: `["vendors", "huawei", "drs", "list"]`.
    module: Vec<String>,
    file: syn::File,
}

fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::from(folder)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// Every file of the crate that is not a test.
fn sources() -> Vec<Source> {
    let is_test = |path: &Path| path.iter().any(|part| part == "tests" || part == "tests.rs");
    let files = rust_files("src").into_iter().filter(|path| !is_test(path));
    files
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let file = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            Source { module: module_of(&path), file }
        })
        .collect()
}

fn module_of(path: &Path) -> Vec<String> {
    let parts = path.with_extension("");
    let parts = parts.iter().skip(1).map(|part| part.to_string_lossy().into_owned());
    parts.filter(|part| part != "mod" && part != "lib" && part != "main").collect()
}

/// Every path that a file uses, as absolute module paths; crates begin with `::`.
struct Paths {
    module: Vec<String>,
    found: BTreeSet<Vec<String>>,
    /// Words of identifiers and literals.
    words: BTreeSet<String>,
}

impl Paths {
    fn of(source: &Source) -> Self {
        let mut paths =
            Self { module: source.module.clone(), found: BTreeSet::new(), words: BTreeSet::new() };
        paths.visit_file(&source.file);
        paths
    }

    fn add(&mut self, segments: Vec<String>) {
        let mut module = self.module.clone();
        let mut rest = segments.as_slice();
        let absolute = match rest.first().map(String::as_str) {
            Some("crate") => rest[1..].to_vec(),
            Some("self") => [module, rest[1..].to_vec()].concat(),
            Some("super") => {
                while rest.first().is_some_and(|first| first == "super") {
                    module.pop();
                    rest = &rest[1..];
                }
                [module, rest.to_vec()].concat()
            }
            _ if segments.len() > 1 => [vec!["::".to_owned()], segments.clone()].concat(),
            _ => return,
        };
        self.found.insert(absolute);
    }

    fn add_use(&mut self, tree: &syn::UseTree, prefix: &[String]) {
        match tree {
            syn::UseTree::Path(path) => {
                let prefix = [prefix, &[path.ident.to_string()]].concat();
                self.add_use(&path.tree, &prefix);
            }
            syn::UseTree::Name(name) => self.add([prefix, &[name.ident.to_string()]].concat()),
            syn::UseTree::Rename(name) => self.add([prefix, &[name.ident.to_string()]].concat()),
            syn::UseTree::Glob(_) => self.add([prefix, &["*".to_owned()]].concat()),
            syn::UseTree::Group(group) => {
                group.items.iter().for_each(|tree| self.add_use(tree, prefix));
            }
        }
    }

    /// Paths in the arguments of a macro, which are tokens.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.add(std::mem::take(&mut path));
                    }
                    path.push(ident.to_string());
                    self.words.insert(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.add(std::mem::take(&mut path));
                    colons = 0;
                    self.add_tokens(group.stream());
                }
                TokenTree::Literal(literal) => {
                    self.words.insert(literal.to_string());
                    self.add(std::mem::take(&mut path));
                    colons = 0;
                }
                TokenTree::Punct(_) => {
                    self.add(std::mem::take(&mut path));
                    colons = 0;
                }
            }
        }
        self.add(path);
    }
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string() == "test")
    })
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Const(item) => &item.attrs,
            syn::Item::Enum(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Static(item) => &item.attrs,
            syn::Item::Struct(item) => &item.attrs,
            syn::Item::Trait(item) => &item.attrs,
            syn::Item::Type(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            _ => &Vec::new(),
        };
        if !is_for_tests(attributes) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            syn::visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        syn::visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_use(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.add(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        syn::visit::visit_path(self, path);
    }

    fn visit_ident(&mut self, ident: &'ast proc_macro2::Ident) {
        self.words.insert(ident.to_string());
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.words.insert(literal.value());
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.add_tokens(item.tokens.clone());
        syn::visit::visit_macro(self, item);
    }

    /// Attributes hold documentation, which may name anything.
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

/// Describes the forbidden dependencies of a file.
fn violations(source: &Source) -> Vec<String> {
    let Some(room) = source.module.first() else { return Vec::new() };
    let Some(room) = ROOMS.iter().find(|known| known.name == room) else {
        return vec![format!("{room} is no room: add it to ROOMS")];
    };
    let here = source.module.join("::");
    let paths = Paths::of(source);
    let mut found = Vec::new();
    for path in &paths.found {
        let is_room = |name: &str| ROOMS.iter().any(|room| room.name == name);
        let text = path.join("::");
        match path.first().map(String::as_str) {
            Some("::") => {
                let name = path[1].as_str();
                // A path of one file's own items begins with them, not with a crate.
                let is_crate = DEPENDENCIES.contains(&name);
                if is_crate && !room.crates.contains(&name) {
                    found.push(format!("{here} uses the crate {name}"));
                }
                let text = path[1..].join("::");
                let is_impure = IMPURE
                    .iter()
                    .any(|banned| text == *banned || text.starts_with(&format!("{banned}::")));
                // Durations are values, not clocks.
                if PURE.contains(&room.name) && is_impure && text != "std::time::Duration" {
                    found.push(format!("{here} is in a pure room and uses {text}"));
                }
            }
            Some(other) if other == room.name => {
                found.extend(neighbour(&source.module, path));
            }
            Some(other) if is_room(other) && !room.knows.contains(&other) => {
                found.push(format!("{here} knows {text}"));
            }
            _ => {}
        }
    }
    if room.name != "vendors" {
        for word in &paths.words {
            found
                .extend(vendor_named_in(word).map(|name| format!("{here} names {name}: {word:?}")));
        }
    }
    found
}

/// Inside `vendors`, a folder may know itself, its vendor's dialect and [`NEIGHBOURS`].
fn neighbour(module: &[String], path: &[String]) -> Option<String> {
    let folder = |path: &[String]| {
        let names = path.get(1).zip(path.get(2))?;
        (names.1.starts_with(|c: char| c.is_ascii_lowercase()))
            .then(|| format!("{}::{}", names.0, names.1))
    };
    if module.first().is_none_or(|room| room != "vendors") || module.len() < 3 {
        return None;
    }
    let vendor = module.get(1)?;
    let knows = || format!("{} knows its neighbour {}", module.join("::"), path.join("::"));
    if path.get(1)? != vendor {
        return Some(knows());
    }
    let (here, there) = (folder(module)?, folder(path)?);
    let allowed = NEIGHBOURS.iter().find(|(folder, _)| *folder == here).map_or(&[][..], |n| n.1);
    let is_allowed =
        here == there || there == format!("{vendor}::dialect") || allowed.contains(&there.as_str());
    (!is_allowed).then(knows)
}

/// A vendor or service that a word names.
fn vendor_named_in(word: &str) -> Option<&'static str> {
    let names = VENDORS.0.iter().map(|vendor| vendor.dialect.name());
    let names = names.chain(VENDORS.services().map(|found| found.service.name()));
    let parts: Vec<String> =
        word.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase).collect();
    names.into_iter().find(|name| parts.iter().any(|part| part == name))
}

/// Every crate of `Cargo.toml`, as paths spell it.
const DEPENDENCIES: [&str; 37] = [
    "annotate_snippets",
    "arc_swap",
    "base64",
    "bytes",
    "clap",
    "fake",
    "hmac",
    "http",
    "http_body_util",
    "hyper",
    "hyper_util",
    "jiff",
    "libm",
    "md5",
    "percent_encoding",
    "rand",
    "rand_pcg",
    "rustix",
    "schemars",
    "serde",
    "serde_json",
    "sha1",
    "sha2",
    "sm3",
    "socket2",
    "strsim",
    "subtle",
    "thiserror",
    "tokio",
    "toml",
    "toml_parser",
    "tracing",
    "tracing_subscriber",
    "insta",
    "proptest",
    "quick_xml",
    "tempfile",
];

#[test]
fn no_room_knows_what_it_may_not() {
    let sources = sources();
    assert!(sources.len() > 200, "{} files", sources.len());
    let found: Vec<String> = sources.iter().flat_map(violations).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_rooms_are_those_of_the_crate_in_its_order() {
    let text = std::fs::read_to_string("src/lib.rs").unwrap();
    let file = syn::parse_file(&text).unwrap();
    let modules = file.items.iter().filter_map(|item| match item {
        syn::Item::Mod(item) if !is_for_tests(&item.attrs) => Some(item.ident.to_string()),
        _ => None,
    });
    assert!(modules.eq(ROOMS.iter().map(|room| room.name)));
    for (place, room) in ROOMS.iter().enumerate() {
        let below = &ROOMS[place + 1..];
        let is_below = |known: &&&str| below.iter().any(|room| room.name == **known);
        assert!(room.knows.iter().all(|known| is_below(&known)), "{} knows upwards", room.name);
    }
}

/// Each line, put into a file of that room, is noticed.
#[test]
fn every_kind_of_broken_rule_is_noticed_in_every_room() {
    let broken = [
        ("cli", "use hyper::Request;"),
        ("embed", "use crate::cli::run;"),
        ("server", "fn f() { crate::vendors::load(); }"),
        ("server", "use crate::embed::Server;"),
        ("control", "use crate::{engine, server::Limits};"),
        ("control", "fn f() { let service = \"drs\"; }"),
        ("vendors::huawei::drs", "use crate::vendors::huawei::oms::Oms;"),
        ("vendors::huawei::drs", "use crate::vendors::alibaba::dialect::Alibaba;"),
        ("vendors::huawei::drs", "use super::super::authing::Authing;"),
        ("vendors::huawei::drs", "use crate::vendors::alibaba::Alibaba;"),
        ("vendors::huawei::drs", "fn f() { crate::vendors::load(); }"),
        ("vendors::huawei::drs", "use crate::control::Control;"),
        ("vendors::huawei::drs", "use std::time::SystemTime;"),
        ("engine", "use crate::vendors::VENDORS;"),
        ("engine", "fn f() -> String { format!(\"{}\", crate::vendors::schema()) }"),
        ("engine", "struct DrsPlan { drs: u8 }"),
        ("fault", "use crate::engine::Plan;"),
        ("scenario", "use crate::fault::Fault;"),
        ("scenario", "fn f() { std::fs::read(\"x\"); }"),
        ("wire", "use crate::world::time::Timestamp;"),
        ("wire", "use schemars::JsonSchema;"),
        ("world", "use crate::wire::Request;"),
        ("world", "use http::Method;"),
        ("world", "use schemars::JsonSchema;"),
        // Code after a test module is code, too.
        ("world", "#[cfg(test)]\nmod tests { use crate::vendors::load; }\nuse crate::wire::json;"),
    ];
    for (module, code) in broken {
        let module = format!("{module}::file").split("::").map(str::to_owned).collect();
        let source = Source { module, file: syn::parse_file(code).unwrap() };
        assert_eq!(violations(&source).len(), 1, "{code}: {:?}", violations(&source));
    }
    for room in &ROOMS {
        assert!(broken.iter().any(|(module, _)| module.split("::").next() == Some(room.name)));
    }
    let code = "#[cfg(test)]\nmod tests { use crate::vendors::load; }";
    let module = vec!["world".to_owned(), "file".to_owned()];
    assert!(violations(&Source { module, file: syn::parse_file(code).unwrap() }).is_empty());
}

#[test]
fn every_shipped_scenario_checks_and_says_what_it_is() {
    for shipped in &SHIPPED {
        let plan = plan(shipped.name, &[]);
        assert_eq!(plan.name, shipped.name);
        assert!(!plan.summary.is_empty(), "{} has no summary", shipped.name);
    }
}

#[test]
fn every_service_has_operations_fixtures_and_a_section() {
    let schema = schema();
    for found in VENDORS.services() {
        let name = found.service.name();
        assert!(found.operations().next().is_some(), "{name}");
        assert!(Path::new("fixtures").join(name).is_dir(), "{name}");
        assert!(schema["properties"].get(name).is_some(), "{name}");
    }
}

#[test]
fn the_published_schema_is_the_one_files_are_checked_against() {
    let published = std::fs::read_to_string("docs/scenario.schema.json").unwrap();
    let published: serde_json::Value = serde_json::from_str(&published).unwrap();
    assert!(published == schema(), "run: syncmock schema > docs/scenario.schema.json");
}

#[test]
fn no_file_is_called_util_helper_or_misc() {
    for path in rust_files("src").into_iter().chain(rust_files("tests")) {
        let name = path.file_stem().unwrap().to_string_lossy();
        assert!(!["util", "utils", "helper", "helpers", "manager", "misc"].contains(&&*name));
    }
}
