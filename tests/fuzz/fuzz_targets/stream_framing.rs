//! Fuzzes the framing of messages in a reliable stream.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gamesockets_tests::fuzzing::decoders::stream_framing(data));
