//! Loads an SFU, and says what arrived: `load --help`, and `benchmarks/README.md` for the result.

use std::fs;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use benchmarks::cpu;
use benchmarks::load::options::Options;
use benchmarks::load::result::RunResult;
use benchmarks::load::run::run;
use clap::Parser;

/// Nothing could be measured.
const FAILED: u8 = 1;
/// Something was, but not of everybody.
const INCOMPLETE: u8 = 3;

fn main() -> ExitCode {
    let options = Options::parse();
    match load(&options) {
        Ok(result) if is_complete(&result) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(INCOMPLETE),
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::from(FAILED)
        }
    }
}

fn load(options: &Options) -> io::Result<RunResult> {
    if let Some(core) = options.core {
        cpu::pin(core)?;
    }
    let result = run(options)?;
    let json = serde_json::to_string_pretty(&result)?;
    match &options.json {
        Some(path) if path == Path::new("-") => println!("{json}"),
        Some(path) => fs::write(path, json + "\n")?,
        None => {}
    }
    eprintln!("{}", summary(&result));
    Ok(result)
}

fn is_complete(result: &RunResult) -> bool {
    result.participants.failed == 0 && result.tracks.with_media >= result.tracks.expected
}

fn summary(result: &RunResult) -> String {
    let (people, tracks) = (&result.participants, &result.tracks);
    let delay = result.delay_ms.as_ref().map_or(f64::NAN, |delay| delay.p99);
    let server = result
        .server
        .as_ref()
        .and_then(|server| server.cpu_us_per_packet);
    format!(
        "{} of {} joined, {} of {} tracks; {:.0} packets/s, {:.3} % lost, delay p99 {delay:.2} ms; \
         CPU per packet: client {:.2} us, server {:.2} us",
        people.joined,
        people.wanted,
        tracks.with_media,
        tracks.expected,
        result.received.packets_per_second,
        result.lost.share * 100.0,
        result.client.cpu_us_per_packet.unwrap_or(f64::NAN),
        server.unwrap_or(f64::NAN),
    )
}
