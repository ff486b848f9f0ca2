//! Where a track comes from.

use crate::parameters::EndpointId;
use crate::relay::RouterIndex;

/// Where a track comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From its publisher.
    Endpoint(EndpointId),
    /// From the router that gets it from its publisher.
    Relay(Relay),
}

/// What an outpost knows of its dealings with the home of one track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Relay {
    pub(crate) home: RouterIndex,
    /// The home has told its facts: from then on its packets make sense.
    pub(crate) is_introduced: bool,
    /// The layers wished for when the home was last told.
    pub(crate) wished: Option<u8>,
    /// Our wall clock less the publisher's, in NTP units, wrapping.
    pub(crate) clock_offset: Option<u64>,
}

impl Origin {
    /// A track of that home, of which nothing is known yet.
    pub(crate) fn at(home: RouterIndex) -> Self {
        Origin::Relay(Relay {
            home,
            is_introduced: false,
            wished: None,
            clock_offset: None,
        })
    }

    /// The publisher's endpoint, if that is here.
    pub(crate) fn endpoint(&self) -> Option<EndpointId> {
        match self {
            Origin::Endpoint(endpoint) => Some(*endpoint),
            Origin::Relay(_) => None,
        }
    }

    pub(crate) fn relay(&mut self) -> Option<&mut Relay> {
        match self {
            Origin::Endpoint(_) => None,
            Origin::Relay(relay) => Some(relay),
        }
    }

    pub(crate) fn is_relay(&self) -> bool {
        matches!(self, Origin::Relay(_))
    }

    /// The router it is relayed from.
    pub(crate) fn home(&self) -> Option<RouterIndex> {
        match self {
            Origin::Endpoint(_) => None,
            Origin::Relay(relay) => Some(relay.home),
        }
    }
}
