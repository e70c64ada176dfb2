//! What a cluster has, and how much of it is in use.

use serde_json::Value;

/// Bytes in a GiB.
const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// How much there is of something, and how much of it is in use.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Used {
    /// How much is in use.
    pub used: f64,
    /// How much there is.
    pub total: f64,
}

/// What a cluster has.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Resources {
    /// Disk, in GiB.
    pub disk: Used,
    /// Memory, in MB.
    pub memory: Used,
    /// Processor cores.
    pub cpu: Used,
}

impl Resources {
    /// What a cluster says, which tells disk in bytes; nothing when something is missing.
    pub(super) fn read(said: &Value) -> Option<Self> {
        let of = |used: &str, total: &str| {
            Some(Used { used: said[used].as_f64()?, total: said[total].as_f64()? })
        };
        let disk = of("req_disk", "cap_disk")?;
        Some(Self {
            disk: Used { used: disk.used / GIB, total: disk.total / GIB },
            memory: of("req_mem", "cap_mem")?,
            cpu: of("req_cpu", "cap_cpu")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn disk_is_told_in_gib_and_the_rest_as_it_is() {
        let said = json!({
            "cap_cpu": 8, "req_cpu": 2.5, "cap_mem": 16384, "req_mem": 512,
            "cap_disk": 3_221_225_472_u64, "req_disk": 536_870_912, "all_node": 3,
        });
        let expected = Resources {
            disk: Used { used: 0.5, total: 3.0 },
            memory: Used { used: 512.0, total: 16384.0 },
            cpu: Used { used: 2.5, total: 8.0 },
        };
        assert_eq!(Resources::read(&said), Some(expected));
    }

    #[test]
    fn a_cluster_that_does_not_say_everything_says_nothing() {
        let names = ["cap_cpu", "req_cpu", "cap_mem", "req_mem", "cap_disk", "req_disk"];
        for missing in names {
            let mut said: serde_json::Map<_, _> =
                names.into_iter().map(|name| (name.to_owned(), json!(1))).collect();
            assert!(Resources::read(&said.clone().into()).is_some());
            said.insert(missing.to_owned(), json!("1"));
            assert_eq!(Resources::read(&said.into()), None, "{missing}");
        }
        assert_eq!(Resources::read(&Value::Null), None);
    }
}
