//! The `hostile_peer` target of `gamesockets_tests::fuzzing` as a libFuzzer program.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gamesockets_tests::fuzzing::peer::hostile_peer(data));
