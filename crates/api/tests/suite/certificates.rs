//! Certificates made afresh, valid now and at the time of the tests.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};

/// A certificate authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, as PEM text.
pub struct Certificate {
    /// The certificate.
    pub pem: String,
    /// The certificate itself.
    pub der: Vec<u8>,
    /// The private key.
    pub key: String,
}

impl Authority {
    /// An authority of this name.
    pub fn new(name: &str) -> Self {
        Self::until(name, (2040, 1, 1))
    }

    /// An authority that ends on this day.
    pub fn until(name: &str, (year, month, day): (i32, u8, u8)) -> Self {
        let mut params = params(name, &[]);
        params.not_after = date_time_ymd(year, month, day);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Its own certificate, as PEM text.
    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for these hosts.
    pub fn issue(&self, name: &str, hosts: &[&str]) -> Certificate {
        self.sign(&params(name, hosts))
    }

    /// A certificate that ended before the time of the tests.
    pub fn issue_expired(&self, name: &str) -> Certificate {
        self.issue_until(name, (2021, 1, 1))
    }

    /// A certificate that ends on this day.
    pub fn issue_until(&self, name: &str, (year, month, day): (i32, u8, u8)) -> Certificate {
        let mut params = params(name, &[]);
        params.not_after = date_time_ymd(year, month, day);
        self.sign(&params)
    }

    fn sign(&self, params: &CertificateParams) -> Certificate {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &*self.0).unwrap();
        Certificate {
            pem: certificate.pem(),
            der: certificate.der().to_vec(),
            key: key.serialize_pem(),
        }
    }
}

fn params(name: &str, hosts: &[&str]) -> CertificateParams {
    let hosts = hosts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut params = CertificateParams::new(hosts).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2040, 1, 1);
    params
}
