//! A place in a binlog file.

use super::{Behind, Miss, Place, Search, Since};
use crate::lineage::LogIdentity;
use crate::log::FileLog;
use crate::options::Start;
use crate::{Error, Result};

impl FileLog {
    /// Goes over the file from here on for the place that a start means.
    ///
    /// # Errors
    /// `Config` if there is no such place, beside those of reading.
    pub(crate) async fn search(&mut self, start: &Start, file: String, log: LogIdentity) -> Result<Place> {
        match start {
            Start::Behind(gtids) => {
                let mut search = Behind::new(gtids.clone(), None, file.clone(), log);
                let found = match self.go_over(&mut search, true).await? {
                    Ok(()) => search.end(),
                    Err(miss) => Err(miss),
                };
                let ends_without = |missing: String| {
                    Error::Config(format!(
                        "{file} does not have everything of --start gtid:{gtids}: {missing}; name GTIDs that it has, or \
                         use earliest"
                    ))
                };
                match found {
                    // A set of MySQL that goes on behind the file leaves out all of it: nobody wants that.
                    Ok(place) if !search.has_met_all() => {
                        drop(place);
                        Err(ends_without("its transactions are others".to_owned()))
                    }
                    Ok(place) => Ok(place),
                    Err(Miss::Purged(before)) => Err(Error::Config(format!(
                        "{file} begins behind {before}, which is more than --start gtid:{gtids}; use earliest, or read \
                         the file before it"
                    ))),
                    Err(Miss::NotYet(missing)) => Err(ends_without(format!("it ends without {missing}"))),
                    Err(Miss::Other(_, found)) => Err(ends_without(format!("it has {found}"))),
                }
            }
            Start::Since(moment) => {
                let mut search = Since::new(Since::seconds(*moment), file, log);
                // It misses nothing: the end of the file is a place as well.
                let _found = self.go_over(&mut search, false).await?;
                Ok(search.end())
            }
            Start::Now | Start::Earliest | Start::At(_) | Start::Resume(_) => {
                Ok(Place::beginning(file, Some(log)))
            }
        }
    }

    /// Until enough is seen, or to the file's end.
    async fn go_over(&mut self, search: &mut impl Search, to_end: bool) -> Result<Result<(), Miss>> {
        while let Some(event) = self.next().await? {
            match search.see(&event) {
                Ok(true) if !to_end => return Ok(Ok(())),
                Ok(_) => {}
                Err(miss) => return Ok(Err(miss)),
            }
        }
        Ok(Ok(()))
    }
}
