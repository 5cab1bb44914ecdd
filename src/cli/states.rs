use std::fmt::Write;

use clap::Args;

use super::call::services;
use super::error::{CliError, say};
use crate::scenario::value::Length;
use crate::service::Service;
use crate::world::machine::Machine;

/// Print the life-cycles of the services' things
///
/// Examples:
///   syncmock states
///   syncmock states dts
///   syncmock states --markdown > docs/lifecycles.md
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub struct States {
    /// Only those of this service
    service: Option<String>,
    /// As a page with diagrams
    #[arg(long)]
    markdown: bool,
}

impl States {
    pub fn run(self) -> Result<(), CliError> {
        let services = services(self.service.as_deref())?;
        let text = if self.markdown { markdown(&services) } else { plain(&services) };
        say(text.trim_end())
    }
}

/// A line for each state: how long it lasts, and what follows.
fn plain(services: &[&'static Service]) -> String {
    let mut out = String::new();
    for (service, machine) in machines(services) {
        let _ = writeln!(out, "{} {}", service.name, machine.thing);
        let width = machine.states.iter().map(|row| row.name.len()).max().unwrap_or(0);
        for (state, row) in machine.states.iter().enumerate() {
            let mut next: Vec<String> =
                machine.after(state).into_iter().map(|to| machine.name(to).to_owned()).collect();
            let moves = machine.moves_from(state);
            next.extend(moves.map(|row| format!("{} by {}", machine.name(row.to), row.operation)));
            let next =
                if next.is_empty() { String::new() } else { format!("→ {}", next.join(", ")) };
            let line = format!("  {:<width$}  {:<18}  {next}", row.name, stay(machine, state));
            let _ = writeln!(out, "{}", line.trim_end());
        }
        let made: Vec<&str> = machine
            .moves
            .iter()
            .filter(|row| row.from.is_empty())
            .map(|row| row.operation)
            .collect();
        if !made.is_empty() {
            let _ = writeln!(out, "  made by {}", made.join(", "));
        }
    }
    out
}

fn machines<'s>(
    services: &'s [&'static Service],
) -> impl Iterator<Item = (&'static Service, &'static Machine)> + 's {
    services.iter().flat_map(|service| service.machines.iter().map(move |m| (*service, *m)))
}

/// `40s (p99 15m)`, or nothing.
fn stay(machine: &Machine, state: usize) -> String {
    machine.stay(state).map_or(String::new(), |typical| {
        format!("{} (p99 {})", Length(typical.median), Length(typical.p99))
    })
}

const PREFACE: &str = "\
# Life-cycles

Made by `syncmock states --markdown`; a test holds it against the code.

What goes on by itself is drawn without a label, what clients do with the operation's name. A
scenario bends how long stays are and how many things take which course (the keys below, in
the service's section), writes the whole path of an exact job (`path`), or those of the jobs
that clients create (`created.paths`):

```toml
[eiam.created]
paths = [
    [\"pending\", \"running 20s\", \"failed\"],       # the first one fails after 20 s
    [\"pending 0s\", \"running 2 looks\", \"success\"], # the others succeed on the third look
]
```
";

fn markdown(services: &[&'static Service]) -> String {
    let mut out = String::from(PREFACE);
    for (service, machine) in machines(services) {
        let _ = writeln!(
            out,
            "\n## {}: {}\n\n```mermaid\nstateDiagram-v2",
            service.title, machine.thing
        );
        for state in machine.first() {
            let makes = machine.moves.iter().find(|row| row.from.is_empty() && row.to == state);
            let label = makes.map_or(String::new(), |row| format!(": {}", row.operation));
            let _ = writeln!(out, "    [*] --> {}{label}", machine.name(state));
        }
        for state in 0..machine.states.len() {
            for to in machine.after(state) {
                let _ = writeln!(out, "    {} --> {}", machine.name(state), machine.name(to));
            }
            for row in machine.moves_from(state) {
                let (from, to) = (machine.name(state), machine.name(row.to));
                let _ = writeln!(out, "    {from} --> {to}: {}", row.operation);
            }
        }
        out.push_str("```\n\n| state | lasts | key |\n|---|---|---|\n");
        for (state, row) in machine.states.iter().enumerate() {
            let key = row.stay.map_or(String::new(), |typical| format!("`{}`", typical.key));
            let _ = writeln!(out, "| {} | {} | {key} |", row.name, stay(machine, state));
        }
        if !machine.courses.is_empty() {
            out.push_str("\n| course | goes | weight |\n|---|---|---|\n");
        }
        for course in machine.courses {
            let steps: Vec<&str> =
                course.through.iter().chain([&course.rest]).map(|&s| machine.name(s)).collect();
            let _ =
                writeln!(out, "| `{}` | {} | {} |", course.key, steps.join(" → "), course.weight);
        }
    }
    out
}
