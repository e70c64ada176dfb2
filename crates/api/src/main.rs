//! The register of regions, `cadastre`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match cadastre_api::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cadastre: {error}");
            ExitCode::FAILURE
        }
    }
}
