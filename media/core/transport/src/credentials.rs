//! ICE credentials.

use std::fmt;

/// ICE credentials of one side and one generation (RFC 8445 §5.3).
#[derive(Clone, PartialEq, Eq)]
pub struct IceCredentials {
    /// 4 to 256 ice-chars. Public: it travels in every binding request.
    pub username_fragment: String,
    /// 22 to 256 ice-chars. Secret: it is the key of MESSAGE-INTEGRITY.
    pub password: String,
}

impl fmt::Debug for IceCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IceCredentials")
            .field("username_fragment", &self.username_fragment)
            .finish_non_exhaustive()
    }
}
