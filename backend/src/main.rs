//! `gamesockets-backend`: the services of a gamesockets network as one program.
#![forbid(unsafe_code)]

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use gamesockets_backend::config::{self, Config};
use gamesockets_backend::server::Backend;

/// The services of a gamesockets network: login, certificates, rendezvous and lobbies.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The configuration, a TOML file; without it, every key has its default.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print a configuration file with every key at its default, and end.
    #[arg(long)]
    print_config: bool,
    /// Listen on all addresses, IPv4 and IPv6, and be known by this host.
    #[arg(long, value_name = "HOST")]
    public: Option<String>,
    /// Listen here, UDP; instead of network.listen.
    #[arg(long, value_name = "IP:PORT")]
    listen: Vec<SocketAddr>,
    /// Where /healthz is, TCP; instead of http.listen.
    #[arg(long, value_name = "IP:PORT")]
    http: Option<SocketAddr>,
    /// Where keys and data are kept; instead of store.folder.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.print_config {
        print!("{}", config::default_file());
        return ExitCode::SUCCESS;
    }
    match serve(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gamesockets-backend: {error}");
            ExitCode::FAILURE
        }
    }
}

fn configure(arguments: Arguments) -> Result<Config, String> {
    let text = match &arguments.config {
        Some(path) => std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?,
        None => String::new(),
    };
    let mut config = Config::parse(&text).map_err(|error| match &arguments.config {
        Some(path) => format!("{}: {error}", path.display()),
        None => error.to_string(),
    })?;
    if !arguments.listen.is_empty() {
        config.listen = arguments.listen;
    }
    if let Some(host) = arguments.public {
        let port = config.listen.first().map_or(28_100, SocketAddr::port);
        config.listen = vec![SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port)];
        config.advertise = host;
        if config.apps.is_empty() {
            return Err("a public network names its games: network.apps = [YOUR APP ID] in the configuration, since \
                        with login.mode \"open\" anybody may come"
                .into());
        }
    }
    config.http = arguments.http.or(config.http);
    config.folder = arguments.folder.unwrap_or(config.folder);
    Ok(config)
}

fn serve(arguments: Arguments) -> Result<(), String> {
    let config = configure(arguments)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no event queue: {error}"))?;
    runtime.block_on(async {
        let backend = Backend::start(&config).await?;
        println!("data     {}", config.folder.display());
        if let Some(address) = backend.http_address() {
            println!("health   http://{address}/healthz");
        }
        println!("network  {}", backend.address());
        backend.run(stop()).await
    })
}

/// Completes when the process is asked to end.
async fn stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
