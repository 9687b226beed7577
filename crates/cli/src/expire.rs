//! Files that are older than somebody wants to keep them: listed, or removed.

use crate::args::ExpireArgs;
use crate::failure::Failure;
use crate::settings;
use indicatif::{HumanBytes, HumanCount};
use jiff::Timestamp;
use sink_cloudstorage::expiry::{Expired, ExpiredDirectory, Expiry};
use std::io::{self, Write};

/// Says of each directory what it held, and at the end what it was in all.
pub(crate) async fn expire(args: &ExpireArgs) -> Result<String, Failure> {
    let (uri, config) = settings::read(&args.sink, args.config.as_deref())?;
    let expiry = Expiry::open(&config, uri.location()).map_err(|error| Failure::input("", error))?;
    let all = match args.dry_run {
        true => expiry.list(tell).await,
        false => expiry.remove(tell).await,
    };
    let all = all.map_err(|error| Failure::run("", error))?;
    let Some(all) = all else {
        return Ok(format!("{} has no checkpoint that old, so nothing expires\n", uri.location()));
    };
    Ok(summary(&all, args.dry_run))
}

fn tell(ExpiredDirectory { key, files, bytes }: ExpiredDirectory) {
    // Where nobody listens any more, the work goes on.
    writeln!(io::stdout(), "{key}  {} files, {}", HumanCount(files), HumanBytes(bytes)).unwrap_or_default();
}

fn summary(all: &Expired, dry_run: bool) -> String {
    let Expired { checkpoint, first_kept, directories, files, bytes } = all;
    let verb = if dry_run { "would remove" } else { "removed" };
    let moment =
        i64::try_from(checkpoint.millis()).ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
    let moment = moment.map(|moment| format!(" ({moment})")).unwrap_or_default();
    format!(
        "{verb} {} files of dates before {first_kept}, {}, in {} directories; the checkpoint is {checkpoint}{moment}\n",
        HumanCount(*files),
        HumanBytes(*bytes),
        HumanCount(*directories),
    )
}
