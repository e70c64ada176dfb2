//! What is said of pulls.

use super::{Aim, Line, line};
use crate::pulls::{CONNECTIONS, Pulls};
use crate::report::numbers::{megabytes, time};

/// The measurement.
pub fn lines(measured: &Pulls) -> [Line; 3] {
    let Pulls { nodes, floor, signed, first, .. } = measured;
    let compared = format!("{:.3} of the floor", signed.ratio_to(floor));
    [
        line("floor: the same requests, as many bytes", CONNECTIONS, floor, String::new()),
        line(
            format!("signed pulls with nothing new, of {nodes} nodes"),
            CONNECTIONS,
            signed,
            compared,
        ),
        line(
            format!("first pulls of {nodes} nodes, each with its task"),
            CONNECTIONS,
            first,
            format!("{:.3} of the floor", first.ratio_to(floor)),
        ),
    ]
}

/// What all these nodes need.
pub fn needs(measured: &Pulls) -> [(String, String); 2] {
    let Pulls { nodes, judging, memory, .. } = measured;
    [
        (
            format!("most memory, after pulls of {nodes} nodes"),
            format!("{:.1} MB", megabytes(memory.most * 1024)),
        ),
        (format!("time to judge {nodes} nodes for alarms"), time(*judging)),
    ]
}

/// What was aimed at.
pub fn aims(measured: &Pulls) -> [Aim; 1] {
    let ratio = measured.signed.ratio_to(&measured.floor);
    [Aim {
        what: "signed pulls with nothing new, to the floor",
        wanted: "0.5 or more",
        measured: format!("{ratio:.2}"),
        met: ratio >= 0.5 && measured.signed.failures() == 0,
    }]
}
