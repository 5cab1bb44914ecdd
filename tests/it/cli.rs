//! The command line, as a person types it.

#[test]
fn commands_say_what_the_transcripts_say() {
    trycmd::TestCases::new().case("tests/it/cli/*.trycmd");
}
