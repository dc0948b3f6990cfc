//! Fuzzes a whole connection, fed arbitrary operations.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gamesockets_tests::fuzzing::ends::connection(data));
