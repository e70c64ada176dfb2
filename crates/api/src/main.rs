//! The register of regions, `cadastre`.

use std::process::ExitCode;

use cadastre_api::logging;

/// Memory is often freed by another thread than the one that asked for it: that of the request
/// asks, that of the database frees. The allocator of the C library has them wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let outcome = cadastre_api::cli::run();
    if let Err(error) = &outcome {
        logging::complain(&format!("cadastre: {error}\n"));
    }
    logging::finish();
    if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
