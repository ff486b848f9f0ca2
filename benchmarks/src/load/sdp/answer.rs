//! Answering an offer: everything that is offered and that we can count is taken.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{Description, Local, Section, header, write_transport};

/// Codecs that we take. What repairs other codecs is not among them: it would be counted as media.
const CODECS: [&str; 3] = ["opus", "VP8", "H264"];
/// Repeated word for word where they concern a codec that is taken.
const PER_FORMAT: [&str; 3] = ["rtpmap", "fmtp", "rtcp-fb"];

/// The answer to `offer`: we receive, and send nothing.
#[must_use]
pub fn answer(offer: &Description, local: &Local) -> String {
    let mids: Vec<&str> = offer
        .sections
        .iter()
        .filter_map(|section| section.attribute("mid"))
        .collect();
    let mut out = header(&mids);
    for section in &offer.sections {
        write_section(&mut out, section, local);
    }
    out
}

fn write_section(out: &mut String, section: &Section, local: &Local) {
    let is_media = section.kind != "application";
    let accepted = accepted_formats(section);
    let formats = if is_media {
        let texts: Vec<String> = accepted.iter().map(u8::to_string).collect();
        texts.join(" ")
    } else {
        section.formats.join(" ")
    };
    let _ = write!(
        out,
        "m={} 9 {} {formats}\r\n",
        section.kind, section.protocol
    );
    write_transport(out, local, "active");
    let _ = write!(out, "a=mid:{}\r\n", section.attribute("mid").unwrap_or("0"));
    if !is_media {
        let _ = write!(
            out,
            "a=sctp-port:{}\r\n",
            section.attribute("sctp-port").unwrap_or("5000")
        );
        return;
    }
    let direction = if section.sends() {
        "recvonly"
    } else {
        "inactive"
    };
    let _ = write!(out, "a=rtcp-mux\r\na=rtcp-rsize\r\na={direction}\r\n");
    for (name, value) in &section.attributes {
        let format = value.split(' ').next().and_then(|text| text.parse().ok());
        let is_taken = PER_FORMAT.contains(&name.as_str())
            && format.is_some_and(|format| accepted.contains(&format));
        if is_taken || name == "extmap" {
            let _ = write!(out, "a={name}:{value}\r\n");
        }
    }
}

fn accepted_formats(section: &Section) -> Vec<u8> {
    let is_known = |codec: &str| CODECS.iter().any(|one| one.eq_ignore_ascii_case(codec));
    let primaries: BTreeSet<u8> = section
        .codecs()
        .filter_map(|(payload_type, codec)| is_known(codec).then_some(payload_type))
        .collect();
    section
        .codecs()
        .map(|(payload_type, _)| payload_type)
        .filter(|payload_type| {
            let repeats = section.retransmits(*payload_type);
            primaries.contains(payload_type) || repeats.is_some_and(|one| primaries.contains(&one))
        })
        .collect()
}
