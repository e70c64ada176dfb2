//! The register of regions, `cadastre`.

use std::process::ExitCode;

/// Memory is often freed by another thread than the one that asked for it: that of the request
/// asks, that of the database frees. The allocator of the C library has them wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cadastre_api::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cadastre: {error}");
            ExitCode::FAILURE
        }
    }
}
