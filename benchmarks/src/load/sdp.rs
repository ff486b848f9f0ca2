//! As much of SDP as two sides need that offer and answer plain bundles (RFC 8866, RFC 9143).

mod answer;
mod offer;

use std::net::{SocketAddr, SocketAddrV4};

use hoichan_transport::{Fingerprint, IceCredentials};

pub use answer::answer;
pub use offer::{Layer, Media, MediaKind, extension, offer, offer_to_receive};

/// What our side of a connection is called.
#[derive(Clone, Debug)]
pub struct Local {
    /// Ours.
    pub ice: IceCredentials,
    /// Of our certificate.
    pub fingerprint: String,
    /// Our addresses.
    pub candidates: Vec<SocketAddrV4>,
}

/// What the other side has said about its transport.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Theirs.
    pub ice: IceCredentials,
    /// Of their certificate.
    pub fingerprint: Fingerprint,
    /// It does no checks of its own.
    pub is_lite: bool,
    /// It will send the ClientHello.
    pub is_dtls_client: bool,
    /// Over UDP and IPv4.
    pub candidates: Vec<SocketAddrV4>,
}

/// A session description.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// Attributes before the first section.
    attributes: Vec<(String, String)>,
    /// The media sections.
    pub sections: Vec<Section>,
}

/// One media section.
#[derive(Clone, Debug)]
pub struct Section {
    /// `audio`, `video` or `application`.
    pub kind: String,
    /// 0: refused.
    pub port: u16,
    protocol: String,
    formats: Vec<String>,
    attributes: Vec<(String, String)>,
}

impl Description {
    /// Reads one. Lines that make no sense are left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut description = Self::default();
        for line in text.lines() {
            if let Some(media) = line.strip_prefix("m=") {
                description.sections.extend(Section::parse(media));
            } else if let Some(attribute) = line.strip_prefix("a=") {
                let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
                let attributes = match description.sections.last_mut() {
                    Some(section) => &mut section.attributes,
                    None => &mut description.attributes,
                };
                attributes.push((name.to_owned(), value.trim_end().to_owned()));
            }
        }
        description
    }

    /// The transport of the bundle. `None` if something is missing.
    #[must_use]
    pub fn remote(&self) -> Option<Remote> {
        let first = |name: &'static str| self.everywhere(name).next();
        let (algorithm, value) = first("fingerprint")?.split_once(' ')?;
        Some(Remote {
            ice: IceCredentials {
                username_fragment: first("ice-ufrag")?.to_owned(),
                password: first("ice-pwd")?.to_owned(),
            },
            fingerprint: Fingerprint::parse(algorithm, value).ok()?,
            is_lite: first("ice-lite").is_some(),
            is_dtls_client: first("setup") == Some("active"),
            candidates: self
                .everywhere("candidate")
                .filter_map(candidate_address)
                .collect(),
        })
    }

    fn everywhere<'a>(&'a self, name: &'static str) -> impl Iterator<Item = &'a str> {
        let sections = self.sections.iter().map(|section| &section.attributes);
        std::iter::once(&self.attributes)
            .chain(sections)
            .flat_map(move |attributes| values(attributes, name))
    }
}

/// The address of a candidate over UDP and IPv4, from its attribute's value (RFC 8839 §5.1), with or without its name.
#[must_use]
pub fn candidate_address(value: &str) -> Option<SocketAddrV4> {
    let value = value.strip_prefix("candidate:").unwrap_or(value);
    let fields: Vec<&str> = value.split_whitespace().collect();
    let [_, "1", protocol, _, address, port, ..] = fields[..] else {
        return None;
    };
    if !protocol.eq_ignore_ascii_case("udp") {
        return None;
    }
    match SocketAddr::new(address.parse().ok()?, port.parse().ok()?) {
        SocketAddr::V4(address) => Some(address),
        SocketAddr::V6(_) => None,
    }
}

impl Section {
    fn parse(line: &str) -> Option<Self> {
        let mut fields = line.split_whitespace().map(str::to_owned);
        Some(Self {
            kind: fields.next()?,
            port: fields.next()?.parse().ok()?,
            protocol: fields.next()?,
            formats: fields.collect(),
            attributes: Vec::new(),
        })
    }

    /// The first value of an attribute; empty if it has none.
    #[must_use]
    pub fn attribute<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// All values of an attribute.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        values(&self.attributes, name)
    }

    /// Whether the side that wrote this sends.
    #[must_use]
    pub fn sends(&self) -> bool {
        self.port != 0
            && self.attribute("recvonly").is_none()
            && self.attribute("inactive").is_none()
    }

    /// Payload types and the names of their codecs.
    pub fn codecs(&self) -> impl Iterator<Item = (u8, &str)> {
        self.all("rtpmap").filter_map(|value| {
            let (payload_type, codec) = value.split_once(' ')?;
            Some((payload_type.parse().ok()?, codec.split('/').next()?))
        })
    }

    /// The payload type for which `payload_type` is the retransmission.
    #[must_use]
    pub fn retransmits(&self, payload_type: u8) -> Option<u8> {
        self.all("fmtp").find_map(|value| {
            let (of, parameters) = value.split_once(' ')?;
            let is_it = of.parse() == Ok(payload_type);
            is_it.then(|| parameters.strip_prefix("apt=")?.trim().parse().ok())?
        })
    }

    /// The id of a header extension.
    #[must_use]
    pub fn extension(&self, uri: &str) -> Option<u8> {
        self.all("extmap").find_map(|value| {
            let (id, rest) = value.split_once(' ')?;
            let is_it = rest.split(' ').next() == Some(uri);
            is_it.then(|| id.split('/').next()?.parse().ok())?
        })
    }

    /// Sources that retransmit, each with the source that it repeats (RFC 4588, RFC 5576).
    pub fn retransmission_pairs(&self) -> impl Iterator<Item = (u32, u32)> {
        self.all("ssrc-group").filter_map(|value| {
            let mut fields = value.strip_prefix("FID ")?.split(' ');
            let primary = fields.next()?.parse().ok()?;
            Some((fields.next()?.parse().ok()?, primary))
        })
    }

    /// Sources that are named.
    pub fn sources(&self) -> impl Iterator<Item = u32> {
        self.all("ssrc")
            .filter_map(|value| value.split(' ').next()?.parse().ok())
    }
}

fn values<'a>(attributes: &'a [(String, String)], name: &'a str) -> impl Iterator<Item = &'a str> {
    attributes
        .iter()
        .filter(move |(own, _)| own == name)
        .map(|(_, value)| value.as_str())
}

/// Lines that every section of ours has: the transport, which is the bundle's.
fn write_transport(out: &mut String, local: &Local, setup: &str) {
    use std::fmt::Write;
    let IceCredentials {
        username_fragment,
        password,
    } = &local.ice;
    let _ = write!(
        out,
        "c=IN IP4 0.0.0.0\r\na=ice-ufrag:{username_fragment}\r\na=ice-pwd:{password}\r\n\
         a=fingerprint:sha-256 {}\r\na=setup:{setup}\r\n",
        local.fingerprint,
    );
    for (number, candidate) in local.candidates.iter().enumerate() {
        // Type preference of hosts, one preference for each address (RFC 8445 §5.1.2.1).
        let priority = (126 << 24) + ((65_535 - number) << 8) + 255;
        let (ip, port) = (candidate.ip(), candidate.port());
        let _ = write!(
            out,
            "a=candidate:{number} 1 udp {priority} {ip} {port} typ host\r\n"
        );
    }
    out.push_str("a=end-of-candidates\r\n");
}

/// The lines before the first section.
fn header(mids: &[&str]) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {}\r\na=msid-semantic:WMS *\r\n",
        mids.join(" ")
    )
}

#[cfg(test)]
mod tests;
