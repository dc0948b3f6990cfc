//! Fuzzes identities, as text and on the wire.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gamesockets_tests::fuzzing::decoders::identity(data));
