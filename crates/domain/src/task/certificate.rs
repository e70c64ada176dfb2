//! Certificates of tasks: what a target is trusted by, and what the agent shows to it.

use super::TaskClass;
use super::fault::TaskFaultReason;
use super::field::{Faults, Field};
use crate::region::tls::{TlsMaterial, TlsPart};

/// The agent reads all of it as soon as an authority is named and errors are not ignored: by HTTP it
/// needs a certificate with its key then, by gRPC it goes without. A task with material that it cannot
/// read is not dialled. Whether it has expired is for the target to say.
pub(super) fn check(field: &Field<'_>, class: TaskClass, faults: &mut Faults) {
    let keys = &["ignore_server_certificate_error", "private_key", "certificate", "ca"];
    let Some(object) = field.object(keys, faults) else { return };
    let is_ignored = object.field(keys[0]).boolean(faults).unwrap_or_default();
    let mut text = |key| object.field(key).text(faults).filter(|text| !text.is_empty());
    let (key, certificate, ca) = (text("private_key"), text("certificate"), text("ca"));
    if is_ignored || ca.is_none() {
        return;
    }
    let needs_pair = class == TaskClass::Http;
    for (name, part) in [("private_key", key), ("certificate", certificate)] {
        if needs_pair && part.is_none() {
            object.field(name).fault(TaskFaultReason::Required, faults);
        }
    }
    for fault in (TlsMaterial { ca, certificate, key }).misfits() {
        let is_told = needs_pair && fault.is_missing_half();
        if !is_told {
            object.field(member(fault.part())).fault(fault, faults);
        }
    }
}

const fn member(part: TlsPart) -> &'static str {
    match part {
        TlsPart::Ca => "ca",
        TlsPart::Certificate => "certificate",
        TlsPart::Key => "private_key",
    }
}
