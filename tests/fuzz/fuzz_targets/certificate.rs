//! Fuzzes certificates and their signatures.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gamesockets_tests::fuzzing::decoders::certificate(data));
