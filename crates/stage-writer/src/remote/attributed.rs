//! Attributes of data files, and stores that have no place for them.

use super::{Attributed, Remote};
use crate::{Error, ErrorKind};
use object_store::Attributes;
use object_store::path::Path;
use std::sync::atomic::Ordering;

impl Remote {
    /// What of a file's attributes the next request is to send along.
    pub(super) fn sent_along(&self, attributes: &Attributes) -> Attributes {
        if self.attributed.load(Ordering::Relaxed) { attributes.clone() } else { Attributes::new() }
    }

    /// Looks at why a request with these attributes has failed; nothing is left of the error if that was only their
    /// fault, and the request is to be sent again without them.
    ///
    /// # Errors
    /// [`Refused`](ErrorKind::Refused) if the store does not know attributes, and files are not to go without.
    pub(super) fn but_for_attributes(
        &self,
        path: &Path,
        sent: &Attributes,
        error: object_store::Error,
    ) -> Result<Option<object_store::Error>, Error> {
        use object_store::Error::{NotImplemented, NotSupported};
        let unknown = matches!(error, NotImplemented { .. } | NotSupported { .. });
        if sent.is_empty() || !unknown {
            return Ok(Some(error));
        }
        match self.config.attributed {
            Attributed::Always => Err(Error::new(
                ErrorKind::Refused,
                format!(
                    "the store does not take {path} with the attributes that its layout gives it; choose a store that \
                     keeps attributes, a layout without, or allow files to go without them"
                ),
            )
            .because(error)),
            Attributed::WherePossible => {
                if self.attributed.swap(false, Ordering::Relaxed) {
                    tracing::warn!(%path, %error, "the store keeps no attributes; files go without them");
                }
                Ok(None)
            }
        }
    }
}
