use std::fmt::Write;

use clap::Args;

use super::call::services;
use super::error::{CliError, say};
use crate::engine::{AnyService, ServiceRef};
use crate::scenario::value::Length;
use crate::world::lifecycle_table::{LifecycleDescription, PathDescription, StateDescription};

/// Print the life-cycles: states, dwell times and transitions
///
/// Examples:
///   syncmock states
///   syncmock states dts
///   syncmock states --markdown > docs/lifecycles.md
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct States {
    /// Print only the life-cycles of this service
    service: Option<String>,
    /// Print a Markdown page with state diagrams instead
    #[arg(long)]
    markdown: bool,
}

impl States {
    pub(crate) fn run(self) -> Result<(), CliError> {
        let services = services(self.service.as_deref())?;
        let text = if self.markdown { markdown(&services) } else { plain(&services) };
        say(text.trim_end())
    }
}

/// One line per state: its dwell time, and the states that follow it.
fn plain(services: &[ServiceRef]) -> String {
    let mut out = String::new();
    for (service, lifecycle) in lifecycles(services) {
        let _ = writeln!(out, "{} {}", service.name(), lifecycle.entity);
        let width = lifecycle.states.iter().map(|state| state.name.len()).max().unwrap_or(0);
        for state in &lifecycle.states {
            let mut next: Vec<String> = state.after.iter().map(|&name| name.to_owned()).collect();
            next.extend(state.transitions.iter().map(|(by, to)| format!("{to} by {by}")));
            let next =
                if next.is_empty() { String::new() } else { format!("→ {}", next.join(", ")) };
            let line = format!("  {:<width$}  {:<18}  {next}", state.name, dwell(state));
            let _ = writeln!(out, "{}", line.trim_end());
        }
        let made: Vec<&str> = lifecycle.creations.iter().map(|(by, _)| *by).collect();
        if !made.is_empty() {
            let _ = writeln!(out, "  created by {}", made.join(", "));
        }
    }
    out
}

fn lifecycles(
    services: &[ServiceRef],
) -> impl Iterator<Item = (&'static dyn AnyService, LifecycleDescription)> {
    services.iter().flat_map(|found| {
        found.service.lifecycles().iter().map(|table| (found.service, table.describe()))
    })
}

/// `40s (p99 15m)`, or nothing.
fn dwell(state: &StateDescription) -> String {
    state.dwell.map_or(String::new(), |typical| {
        format!("{} (p99 {})", Length(typical.median), Length(typical.p99))
    })
}

const PREFACE: &str = "\
# Life-cycles

Made by `syncmock states --markdown`; a test compares it with the code.

An arrow without a label is a transition that happens by itself; its time is drawn from the seed.
An arrow with a label is caused by the operation of that name. A scenario can change how long a
state lasts and how many entities take a path (the keys below, in the service's section), fix the
whole path of one entity (`path`), or fix the paths of the entities that clients create
(`created.paths`):
";

/// How to fix the paths of created entities, with the first two paths of a life-cycle.
fn created_paths_example(service: &str, lifecycle: &LifecycleDescription) -> String {
    let row = |path: &PathDescription, extra: [&str; 2]| {
        let states = path.states.iter().enumerate();
        let states = states.map(|(index, state)| match extra.get(index) {
            Some(extra) if index + 1 < path.states.len() => {
                format!("{:?}", format!("{state}{extra}"))
            }
            _ => format!("{state:?}"),
        });
        format!("    [{}],", states.collect::<Vec<_>>().join(", "))
    };
    let [others, first, ..] = &lifecycle.paths[..] else { return String::new() };
    format!(
        "\n```toml\n[{service}.created]\npaths = [\n{} # the first one\n{} # all others\n]\n```\n\n\
         `20s` is a dwell time; `2 looks` means that the state changes when it has been read twice.\n",
        row(first, ["", " 20s"]),
        row(others, [" 0s", " 2 looks"]),
    )
}

fn markdown(services: &[ServiceRef]) -> String {
    let mut out = String::from(PREFACE);
    if let Some((service, lifecycle)) = lifecycles(services).next() {
        out.push_str(&created_paths_example(service.name(), &lifecycle));
    }
    for (service, lifecycle) in lifecycles(services) {
        let _ = writeln!(
            out,
            "\n## {}: {}\n\n```mermaid\nstateDiagram-v2",
            service.title(),
            lifecycle.entity
        );
        for first in &lifecycle.first {
            let makes = lifecycle.creations.iter().find(|(_, to)| to == first);
            let label = makes.map_or(String::new(), |(by, _)| format!(": {by}"));
            let _ = writeln!(out, "    [*] --> {first}{label}");
        }
        for state in &lifecycle.states {
            let from = state.name;
            for to in &state.after {
                let _ = writeln!(out, "    {from} --> {to}");
            }
            for (by, to) in &state.transitions {
                let _ = writeln!(out, "    {from} --> {to}: {by}");
            }
        }
        out.push_str("```\n\n| state | lasts | key |\n|---|---|---|\n");
        for state in &lifecycle.states {
            let key = state.dwell.map_or(String::new(), |typical| format!("`{}`", typical.key));
            let _ = writeln!(out, "| {} | {} | {key} |", state.name, dwell(state));
        }
        if !lifecycle.paths.is_empty() {
            out.push_str("\n| path | states | weight |\n|---|---|---|\n");
        }
        for path in &lifecycle.paths {
            let _ =
                writeln!(out, "| `{}` | {} | {} |", path.key, path.states.join(" → "), path.weight);
        }
    }
    out
}
