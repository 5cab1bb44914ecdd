//! The command line, as a person types it.

#[test]
fn commands_say_what_the_transcripts_say() {
    trycmd::TestCases::new().case("tests/it/cli/*.trycmd");
}

#[test]
fn the_page_on_life_cycles_is_up_to_date() {
    let published = std::fs::read_to_string("docs/lifecycles.md").unwrap();
    let made = std::process::Command::new(env!("CARGO_BIN_EXE_syncmock"))
        .args(["states", "--markdown"])
        .output()
        .unwrap();
    let made = String::from_utf8(made.stdout).unwrap();
    assert!(
        published.trim_end() == made.trim_end(),
        "run: syncmock states --markdown > docs/lifecycles.md"
    );
}
