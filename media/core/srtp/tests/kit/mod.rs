//! Sessions and packets as the stories need them, in a line each.

use hoichan_srtp::{Error, MAX_RTCP_OVERHEAD, MAX_RTP_OVERHEAD, Profile, Session};
use hoichan_wire::rtp::{Fields, Header, write_fixed};

pub const PROFILES: [Profile; 3] = [
    Profile::Aes128Gcm,
    Profile::Aes256Gcm,
    Profile::Aes128CmSha1_80,
];
pub const SSRC: u32 = 0xcafe_babe;

/// A DTLS client and a server that have just finished their handshake.
pub fn peers(profile: Profile) -> (Session, Session) {
    let material: Vec<u8> = (0..profile.material_len() as u8).collect();
    [true, false]
        .map(|we_are_client| Session::new(profile, &material, we_are_client))
        .map(|session| session.expect("material fits its profile"))
        .into()
}

pub fn plain(ssrc: u32, index: u64, payload: &[u8]) -> Vec<u8> {
    let fields = Fields {
        marker: false,
        payload_type: 96,
        sequence: index as u16,
        timestamp: 0,
        ssrc,
    };
    let mut packet = vec![0; 12];
    write_fixed(
        packet.first_chunk_mut().expect("12 bytes"),
        &fields,
        false,
        false,
    );
    packet.extend_from_slice(payload);
    packet
}

/// Seals one packet of `SSRC` and returns it.
pub fn seal(sender: &mut Session, index: u64) -> Vec<u8> {
    try_seal(sender, SSRC, index, b"a word").expect("a fresh index")
}

pub fn try_seal(
    sender: &mut Session,
    ssrc: u32,
    index: u64,
    payload: &[u8],
) -> Result<Vec<u8>, Error> {
    let mut packet = plain(ssrc, index, payload);
    let plain_len = packet.len();
    packet.resize(plain_len + MAX_RTP_OVERHEAD, 0);
    let len = sender
        .outbound
        .seal_rtp(&mut packet, 12, plain_len, index)?;
    packet.truncate(len);
    Ok(packet)
}

/// Opens one packet and returns its index.
pub fn open(receiver: &mut Session, packet: &[u8]) -> Result<u64, Error> {
    let mut slot = [0; 1500];
    let header = Header::parse(packet).ok_or(Error::Malformed)?;
    receiver
        .inbound
        .open_rtp_into(packet, &header, &mut slot)
        .map(|opened| opened.index)
}

pub fn seal_rtcp(sender: &mut Session, compound: &[u8]) -> Vec<u8> {
    let mut buffer = [compound, &[0; MAX_RTCP_OVERHEAD]].concat();
    let len = sender
        .outbound
        .seal_rtcp(&mut buffer, compound.len())
        .expect("room for the overhead");
    buffer.truncate(len);
    buffer
}

pub fn open_rtcp(receiver: &mut Session, sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let mut slot = [0; 1500];
    let len = receiver.inbound.open_rtcp_into(sealed, &mut slot)?;
    Ok(slot[..len].to_vec())
}

pub fn hex(digits: &str) -> Vec<u8> {
    (0..digits.len() / 2)
        .map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).expect("digits"))
        .collect()
}

/// A session whose outbound half has this master key and salt.
pub fn sender_with(profile: Profile, key: &str, salt: &str) -> Session {
    let (key, salt) = (hex(key), hex(salt));
    let material = [&key[..], &vec![0; key.len()], &salt, &vec![0; salt.len()]].concat();
    Session::new(profile, &material, true).expect("material fits its profile")
}
