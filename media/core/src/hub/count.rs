//! Public names of what transports count.

use hoichan_transport::Counter;

/// As in `Core.counters()`.
pub fn name(counter: Counter) -> &'static str {
    match counter {
        Counter::StunMalformed => "dropped_stun_malformed",
        Counter::StunUnknownUser => "dropped_stun_unknown_user",
        Counter::StunIntegrity => "dropped_stun_integrity",
        Counter::StunAmplification => "dropped_stun_amplification",
        Counter::StunUnknownAttribute => "dropped_stun_unknown_attribute",
        Counter::StunRoleConflict => "dropped_stun_role_conflict",
        Counter::DtlsUnverifiedPath => "dropped_dtls_unknown_path",
        Counter::DtlsTooEarly => "dropped_dtls_too_early",
        Counter::ConnectRefused => "dropped_connect_refused",
        Counter::ChannelRefused => "dropped_channel_refused",
        Counter::DataWithoutChannel => "dropped_data_without_channel",
        Counter::DataDropped => "dropped_data",
        Counter::DataOverflow => "dropped_data_overflow",
        Counter::SctpFailed => "dropped_sctp_failed",
    }
}
