fn main() -> std::process::ExitCode {
    syncmock::cli::run()
}
