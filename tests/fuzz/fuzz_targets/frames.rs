//! Fuzzes the frames of a decrypted packet.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gamesockets_tests::fuzzing::decoders::frames(data));
