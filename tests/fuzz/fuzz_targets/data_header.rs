//! The `data_header` target of `gamesockets_tests::fuzzing` as a libFuzzer program.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gamesockets_tests::fuzzing::decoders::data_header(data));
