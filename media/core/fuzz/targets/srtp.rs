//! SRTP and SRTCP from someone without the key: never opened, and afterwards the genuine packet still is.
#![no_main]

use hoichan_srtp::{Error, MAX_RTP_OVERHEAD, Profile, Session};
use hoichan_wire::rtp::{Fields, Header, write_fixed};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((&choice, packet)) = input.split_first() else {
        return;
    };
    let profile = match choice % 3 {
        0 => Profile::Aes128Gcm,
        1 => Profile::Aes256Gcm,
        _ => Profile::Aes128CmSha1_80,
    };
    let material = vec![choice; profile.material_len()];
    let mut receiver = session(profile, &material, false);
    let mut slot = [0; 2048];
    assert!(receiver.inbound.open_rtcp_into(packet, &mut slot).is_err());
    let Some(header) = Header::parse(packet) else {
        return;
    };
    let refused = receiver.inbound.open_rtp_into(packet, &header, &mut slot);
    assert!(matches!(
        refused,
        Err(Error::Forged | Error::Malformed | Error::NoRoom)
    ));
    genuine_is_opened(profile, &material, &mut receiver, &header.fields, packet);
});

/// Seals `payload` under the same SSRC and sequence number, and opens it.
fn genuine_is_opened(
    profile: Profile,
    material: &[u8],
    receiver: &mut Session,
    fields: &Fields,
    payload: &[u8],
) {
    let mut sender = session(profile, material, true);
    let plain_len = 12 + payload.len();
    let mut packet = vec![0; plain_len + MAX_RTP_OVERHEAD];
    write_fixed(
        packet.first_chunk_mut().expect("12 bytes"),
        fields,
        false,
        false,
    );
    packet[12..plain_len].copy_from_slice(payload);
    let index = u64::from(fields.sequence);
    let len = sender
        .outbound
        .seal_rtp(&mut packet, 12, plain_len, index)
        .expect("a fresh index");
    let header = Header::parse(&packet[..len]).expect("we wrote it");
    let mut slot = vec![0; plain_len];
    let opened = receiver
        .inbound
        .open_rtp_into(&packet[..len], &header, &mut slot)
        .expect("it is genuine");
    assert_eq!((opened.len, opened.index), (plain_len, index));
    assert_eq!(slot[12..], *payload);
}

fn session(profile: Profile, material: &[u8], we_are_client: bool) -> Session {
    Session::new(profile, material, we_are_client).expect("material fits its profile")
}
