//! What the machine can do at all: UDP over loopback by one, by many and by segments, and the cryptography.

use std::hint::black_box;
use std::io::IoSliceMut;
use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use quinn_udp::{RecvMeta, Transmit, UdpSocketState};

use super::{Say, say};
use crate::peers::sockets::{bound, wait_readable};

/// Of a datagram, bytes.
const DATAGRAM: usize = 1_200;
/// Datagrams of one system call.
const BATCH: usize = 32;
/// Datagrams of one segmented send: what 64 KiB hold.
const SEGMENTS: usize = 50;

/// Measures each for this long, and tells the figures.
pub(crate) fn run(time: Duration) -> Result<(), String> {
    udp("UDP, a call for each", time, send_one_by_one, receive_one_by_one)?;
    udp("UDP, GSO", time, send_segmented, receive_one_by_one)?;
    udp("UDP, GSO and GRO", time, send_segmented, receive_gathered)?;
    for len in [64, 200, 1_200] {
        seal::all(len, time)?;
    }
    agree::all(time)
}

fn tell(name: &str, value: f64, unit: &str) {
    say(&Say::Limit { name: name.to_owned(), value, unit: unit.to_owned() });
}

/// Datagrams received per second, sender and receiver being two threads.
fn udp(
    name: &str,
    time: Duration,
    send: fn(&UdpSocket, &UdpSocket) -> std::io::Result<()>,
    receive: fn(&UdpSocket, &AtomicBool) -> std::io::Result<u64>,
) -> Result<(), String> {
    let (from, to) = (bound()?, bound()?);
    let over = AtomicBool::new(false);
    let received = AtomicU64::new(0);
    let started = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let count = receive(&to, &over).unwrap_or(0);
            received.store(count, Ordering::Relaxed);
        });
        while started.elapsed() < time {
            // A full buffer is the receiver's turn.
            if send(&from, &to).is_err() {
                std::thread::yield_now();
            }
        }
        over.store(true, Ordering::Relaxed);
    });
    let per_second = received.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64();
    tell(name, per_second / 1e3, "k datagrams/s");
    tell(&format!("{name}, bytes"), per_second * DATAGRAM as f64 / 1e6, "MB/s");
    Ok(())
}

fn send_one_by_one(from: &UdpSocket, to: &UdpSocket) -> std::io::Result<()> {
    let address = to.local_addr()?;
    for _ in 0..BATCH {
        from.send_to(&[0; DATAGRAM], address)?;
    }
    Ok(())
}

fn receive_one_by_one(socket: &UdpSocket, over: &AtomicBool) -> std::io::Result<u64> {
    let mut buffer = [0; 2_048];
    let mut count = 0;
    while !over.load(Ordering::Relaxed) {
        while socket.recv(&mut buffer).is_ok() {
            count += 1;
        }
        wait_readable(socket, Duration::from_millis(10));
    }
    Ok(count)
}

fn send_segmented(from: &UdpSocket, to: &UdpSocket) -> std::io::Result<()> {
    let state = UdpSocketState::new(from.into())?;
    let contents = [0; DATAGRAM * SEGMENTS];
    let destination = to.local_addr()?;
    let transmit = Transmit { destination, ecn: None, contents: &contents, segment_size: Some(DATAGRAM), src_ip: None };
    for _ in 0..BATCH {
        state.try_send(from.into(), &transmit)?;
    }
    Ok(())
}

fn receive_gathered(socket: &UdpSocket, over: &AtomicBool) -> std::io::Result<u64> {
    let state = UdpSocketState::new(socket.into())?;
    let mut buffers = vec![vec![0; 65_536]; BATCH];
    let mut metas = [RecvMeta::default(); BATCH];
    let mut count = 0;
    while !over.load(Ordering::Relaxed) {
        loop {
            let mut slices: Vec<IoSliceMut<'_>> = buffers.iter_mut().map(|buffer| IoSliceMut::new(buffer)).collect();
            let Ok(received) = state.recv(socket.into(), &mut slices, &mut metas) else { break };
            let datagrams = metas[..received].iter().map(|meta| meta.len.div_ceil(meta.stride.max(1)));
            count += datagrams.sum::<usize>() as u64;
        }
        wait_readable(socket, Duration::from_millis(10));
    }
    Ok(count)
}

/// How often `work` is done in a second.
fn rate(time: Duration, mut work: impl FnMut()) -> f64 {
    let started = Instant::now();
    let mut count = 0_u64;
    loop {
        for _ in 0..16 {
            work();
        }
        count += 16;
        let elapsed = started.elapsed();
        if elapsed >= time {
            return count as f64 / elapsed.as_secs_f64();
        }
    }
}

/// Authenticated encryption in place.
mod seal {
    use aes_gcm::aead::{AeadInOut as _, KeyInit as _};

    use super::{Duration, black_box, rate, tell};

    const KEY: [u8; 32] = [7; 32];
    const NONCE: [u8; 12] = [9; 12];

    pub(super) fn all(len: usize, time: Duration) -> Result<(), String> {
        let time = time / 8;
        let mut buffer = vec![0; len];
        let mut told = |name: &str, seal: &mut dyn FnMut(&mut [u8])| {
            let per_second = rate(time, || seal(black_box(&mut buffer)));
            tell(&format!("{name}, {len} B"), per_second * len as f64 / 1e9, "GB/s a core");
        };
        let aws = [
            ("AES-256-GCM", &aws_lc_rs::aead::AES_256_GCM),
            ("ChaCha20-Poly1305", &aws_lc_rs::aead::CHACHA20_POLY1305),
        ];
        for (name, algorithm) in aws {
            let key = aws_lc_rs::aead::UnboundKey::new(algorithm, &KEY).map_err(|_| "aws-lc-rs: no key")?;
            let key = aws_lc_rs::aead::LessSafeKey::new(key);
            let nonce = || aws_lc_rs::aead::Nonce::assume_unique_for_key(NONCE);
            told(&format!("{name}, aws-lc-rs"), &mut |data| {
                // The figure shows if it fails: nothing is that fast.
                let _ = black_box(key.seal_in_place_separate_tag(nonce(), aws_lc_rs::aead::Aad::empty(), data));
            });
        }
        let ring = [("AES-256-GCM", &ring::aead::AES_256_GCM), ("ChaCha20-Poly1305", &ring::aead::CHACHA20_POLY1305)];
        for (name, algorithm) in ring {
            let key = ring::aead::UnboundKey::new(algorithm, &KEY).map_err(|_| "ring: no key")?;
            let key = ring::aead::LessSafeKey::new(key);
            let nonce = || ring::aead::Nonce::assume_unique_for_key(NONCE);
            told(&format!("{name}, ring"), &mut |data| {
                let _ = black_box(key.seal_in_place_separate_tag(nonce(), ring::aead::Aad::empty(), data));
            });
        }
        let aes = aes_gcm::Aes256Gcm::new(&KEY.into());
        told("AES-256-GCM, RustCrypto", &mut |data| {
            let _ = black_box(aes.encrypt_inout_detached(&NONCE.into(), &[], data.into()));
        });
        let chacha = chacha20poly1305::ChaCha20Poly1305::new(&KEY.into());
        told("ChaCha20-Poly1305, RustCrypto", &mut |data| {
            let _ = black_box(chacha.encrypt_inout_detached(&NONCE.into(), &[], data.into()));
        });
        Ok(())
    }
}

/// What a handshake needs.
mod agree {
    use aws_lc_rs::agreement::{EphemeralPrivateKey, UnparsedPublicKey, X25519, agree_ephemeral};
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _};
    use ed25519_dalek::{Signer as _, SigningKey};
    use x25519_dalek::{PublicKey, StaticSecret};

    use super::{Duration, black_box, rate, tell};

    const MESSAGE: [u8; 200] = [3; 200];
    const SEED: [u8; 32] = [5; 32];

    pub(super) fn all(time: Duration) -> Result<(), String> {
        let time = time / 4;
        let told = |name: &str, work: &mut dyn FnMut()| tell(name, 1e6 / rate(time, work), "us");
        let random = SystemRandom::new();
        let peer = PublicKey::from(&StaticSecret::from(SEED)).to_bytes();
        told("X25519 key and agreement, aws-lc-rs", &mut || {
            let Ok(own) = EphemeralPrivateKey::generate(&X25519, &random) else { return };
            let _ = black_box(own.compute_public_key());
            let peer = UnparsedPublicKey::new(&X25519, peer);
            let _ = agree_ephemeral(own, peer, (), |shared| {
                black_box(shared);
                Ok(())
            });
        });
        told("X25519 key and agreement, dalek", &mut || {
            let own = StaticSecret::from(black_box(SEED));
            black_box(PublicKey::from(&own));
            black_box(own.diffie_hellman(&PublicKey::from(peer)));
        });
        let pair = Ed25519KeyPair::from_seed_unchecked(&SEED).map_err(|error| error.to_string())?;
        let signature = pair.sign(&MESSAGE);
        let public = aws_lc_rs::signature::UnparsedPublicKey::new(&ED25519, pair.public_key().as_ref());
        told("Ed25519 signing, aws-lc-rs", &mut || {
            black_box(pair.sign(&MESSAGE));
        });
        told("Ed25519 verifying, aws-lc-rs", &mut || {
            let _ = black_box(public.verify(&MESSAGE, signature.as_ref()));
        });
        let key = SigningKey::from_bytes(&SEED);
        let signature = key.sign(&MESSAGE);
        told("Ed25519 signing, dalek", &mut || {
            black_box(key.sign(&MESSAGE));
        });
        told("Ed25519 verifying, dalek", &mut || {
            let _ = black_box(key.verifying_key().verify_strict(&MESSAGE, &signature));
        });
        Ok(())
    }
}
