//! What the script `tests/cost.gd` measures in Godot, in Rust: the difference is what the binding costs. The argument is
//! how often it measures.

use std::time::{Duration, Instant};

use gamesockets::{OutgoingMessage, SendFlags, Sockets};

const MESSAGES: usize = 1000;
const SIZE: usize = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let frames = std::env::args().nth(1).map_or(Ok(200), |text| text.parse::<u32>())?;
    let sockets = Sockets::anonymous()?;
    let (sender, receiver) = sockets.create_socket_pair(false, None, None)?;
    let payload = [7; SIZE];
    let message = OutgoingMessage { connection: sender, payload: &payload, lane: 0, flags: SendFlags::RELIABLE };
    let (mut sending, mut receiving) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..frames {
        let start = Instant::now();
        let outcomes = sockets.send_messages(std::iter::repeat_n(message, MESSAGES));
        sending += start.elapsed();
        assert_eq!(outcomes.len(), MESSAGES);
        let start = Instant::now();
        let messages = sockets.receive_messages_on_connection(receiver, MESSAGES)?;
        receiving += start.elapsed();
        assert_eq!(messages.len(), MESSAGES);
    }
    let micros = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(frames) / MESSAGES as f64;
    println!("rust: send {:.3} us, receive {:.3} us per message", micros(sending), micros(receiving));
    Ok(())
}
