//! Asking a publisher for key frames: once for everyone who wants one, and not too often.

use crate::moment::Moment;

/// Least time between two requests for one layer, in milliseconds. A key frame costs a link as much as a
/// second of video; a room of fifty that joins at once must cost one.
const THROTTLE: u32 = 500;

/// When to ask again although the layer is silent: it may be muted, or the request was lost.
const SILENT_RETRY: u32 = 3000;

/// Whether a key frame of one layer is wanted, and what was done about it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum KeyframeRequest {
    /// Nobody waits. `asked` is when we last did, if ever.
    Idle { asked: Option<u32> },
    /// Somebody waits, and the publisher does not know yet.
    Wanted { asked: Option<u32> },
    /// The publisher was asked at `asked`; `heard` says whether packets have come since then.
    Asked { asked: u32, heard: bool },
}

impl KeyframeRequest {
    /// Somebody needs a key frame. A request on its way is not repeated for that.
    pub(crate) fn want(&mut self) {
        *self = match *self {
            KeyframeRequest::Idle { asked } | KeyframeRequest::Wanted { asked } => {
                KeyframeRequest::Wanted { asked }
            }
            KeyframeRequest::Asked { asked, .. } => KeyframeRequest::Asked { asked, heard: true },
        };
    }

    /// A packet came that is no key frame.
    pub(crate) fn hear(&mut self) {
        if let KeyframeRequest::Asked { heard, .. } = self {
            *heard = true;
        }
    }

    /// A key frame began, or nobody waits for one any more.
    pub(crate) fn satisfy(&mut self) {
        *self = match *self {
            KeyframeRequest::Idle { asked } | KeyframeRequest::Wanted { asked } => {
                KeyframeRequest::Idle { asked }
            }
            KeyframeRequest::Asked { asked, .. } => KeyframeRequest::Idle { asked: Some(asked) },
        };
    }

    /// Whether anybody still waits.
    pub(crate) fn is_pending(&self) -> bool {
        !matches!(self, KeyframeRequest::Idle { .. })
    }

    /// Whether to send a request now; if so, it counts as sent.
    pub(crate) fn take_due(&mut self, moment: &Moment) -> bool {
        let (asked, wait) = match *self {
            KeyframeRequest::Idle { .. } => return false,
            KeyframeRequest::Wanted { asked } => (asked, THROTTLE),
            KeyframeRequest::Asked { asked, heard: true } => (Some(asked), THROTTLE),
            KeyframeRequest::Asked { asked, .. } => (Some(asked), SILENT_RETRY),
        };
        let due = asked.is_none_or(|asked| moment.millis_since(asked) >= wait);
        if due {
            *self = KeyframeRequest::Asked {
                asked: moment.millis,
                heard: false,
            };
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::moment::Epoch;
    use hoichan_wire::ntp::NtpTime;
    use std::time::{Duration, Instant};

    #[test]
    fn a_storm_of_wishes_becomes_two_requests_a_second() {
        let start = Instant::now();
        let epoch = Epoch::new(start, NtpTime(0));
        let mut request = KeyframeRequest::Idle { asked: None };
        let sent = (0..2000).filter(|millis| {
            request.want();
            request.take_due(&epoch.at(start + Duration::from_millis(*millis)))
        });
        assert_eq!(sent.count(), 4);
    }

    #[test]
    fn a_muted_layer_is_asked_rarely_and_a_key_frame_ends_the_asking() {
        let start = Instant::now();
        let epoch = Epoch::new(start, NtpTime(0));
        let mut request = KeyframeRequest::Idle { asked: None };
        request.want();
        let sent = (0..9000)
            .filter(|millis| request.take_due(&epoch.at(start + Duration::from_millis(*millis))));
        assert_eq!(sent.count(), 3);
        request.satisfy();
        assert!(!request.is_pending());
        assert!(!request.take_due(&epoch.at(start + Duration::from_secs(60))));
    }
}
