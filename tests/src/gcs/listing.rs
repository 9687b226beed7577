//! Keys of a bucket, page by page.

use super::answer::{Answer, Refusal, escaped, xml};
use super::buckets::Buckets;
use super::call::Call;
use std::collections::BTreeMap;

/// One line of a page.
enum Line<'a> {
    Key(&'a str),
    /// Everything below this.
    Prefix(&'a str),
}

/// <https://cloud.google.com/storage/docs/xml-api/get-bucket-list>, version 2, with at most `page` lines.
pub(super) fn list(buckets: &Buckets, call: &Call, page: usize) -> Result<Answer, Refusal> {
    let bucket = buckets.by_name.get(&call.bucket).ok_or(Refusal::NoSuchBucket)?;
    let prefix = call.parameter("prefix").unwrap_or_default();
    // The token is the last line of the page before: its key, or its prefix.
    let token = call.parameter("continuation-token");
    let after = token.or(call.parameter("start-after")).unwrap_or_default();
    let mut lines = BTreeMap::new();
    for key in bucket.objects.keys().filter(|key| key.starts_with(prefix)) {
        let end = call.parameter("delimiter").and_then(|delimiter| {
            key[prefix.len()..].find(delimiter).map(|at| prefix.len() + at + delimiter.len())
        });
        match end {
            Some(end) => lines.insert(&key[..end], Line::Prefix(&key[..end])),
            None => lines.insert(key, Line::Key(key)),
        };
    }
    let most = call.parameter("max-keys").and_then(|most| most.parse().ok()).unwrap_or(page).min(page);
    let mut lines = lines.into_iter().filter(|(name, _)| *name > after).peekable();
    let (mut body, mut last) = (String::new(), "");
    for (name, line) in lines.by_ref().take(most) {
        last = name;
        match line {
            Line::Prefix(prefix) => {
                body += &format!("<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>", escaped(prefix));
            }
            Line::Key(key) => {
                let object = &bucket.objects[key];
                body += &format!(
                    "<Contents><Key>{}</Key><LastModified>{}</LastModified><ETag>{}</ETag><Size>{}</Size></Contents>",
                    escaped(key),
                    object.changed,
                    escaped(&object.tag()),
                    object.bytes.len()
                );
            }
        }
    }
    let more = lines.peek().is_some();
    if more {
        body += &format!("<NextContinuationToken>{}</NextContinuationToken>", escaped(last));
    }
    Ok(xml("ListBucketResult", &format!("{body}<IsTruncated>{more}</IsTruncated>")))
}
