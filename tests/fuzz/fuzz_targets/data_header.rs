//! Fuzzes the headers of data packets.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gamesockets_tests::fuzzing::decoders::data_header(data));
