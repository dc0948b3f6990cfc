//! What operators ask by HTTP: `/healthz`.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// The longest request that is read.
const REQUEST_MAX: usize = 4_096;
/// How long one may take.
const TIME: Duration = Duration::from_secs(5);
/// How many may be asked at once.
const REQUESTS_MAX: usize = 32;

/// Answers for ever.
pub async fn serve(listener: TcpListener) {
    let places = Arc::new(Semaphore::new(REQUESTS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(async move {
                    // Whoever goes away or takes too long has no answer.
                    let _ = tokio::time::timeout(TIME, answer(stream)).await;
                    drop(place);
                });
            }
            // Too many open files, for one: they will be fewer.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn answer(mut stream: TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") && request.len() < REQUEST_MAX {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let is_healthz = request.starts_with(b"GET /healthz ");
    let (status, body) = if is_healthz { ("200 OK", "ok\n") } else { ("404 Not Found", "there is /healthz\n") };
    let head = format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n", body.len());
    stream.write_all(format!("{head}Connection: close\r\n\r\n{body}").as_bytes()).await?;
    stream.shutdown().await
}
