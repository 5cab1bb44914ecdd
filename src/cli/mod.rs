//! The command line: one file per command. Exit codes: 0 for success, 1 for failure, 2 for wrong
//! usage.

mod call;
mod check;
mod descriptors;
mod error;
mod operations;
mod output;
mod port_file;
mod quirks;
mod scenarios;
mod schema;
mod serve;
mod source;
mod states;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A mock server for the sync-job APIs of Alibaba IDaaS EIAM, Alibaba DTS, Authing, Huawei
/// DRS and Huawei OMS.
#[derive(Parser)]
#[command(name = "syncmock", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
    Check(check::Check),
    Call(call::Call),
    Scenarios(scenarios::Scenarios),
    Schema(schema::Schema),
    Operations(operations::Operations),
    States(states::States),
    Quirks(quirks::Quirks),
}

/// Runs the command of the process's arguments.
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Call(command) => command.run(),
        Command::Scenarios(command) => command.run(),
        Command::Schema(command) => command.run(),
        Command::Operations(command) => command.run(),
        Command::States(command) => command.run(),
        Command::Quirks(command) => command.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error.print();
            error.exit_code()
        }
    }
}
