//! The parameters of the sink URI that are about Google Cloud Storage.

use super::{Options, invalid, take, take_endpoint};
use crate::config::ConfigError;
use crate::store::GcsLocation;
use object_store::path::Path;

pub(super) fn location(bucket: &str, prefix: Path, mut options: Options) -> Result<GcsLocation, ConfigError> {
    Ok(GcsLocation {
        bucket: bucket.to_owned(),
        prefix,
        endpoint: take_endpoint(&mut options)?,
        credentials_file: take(&mut options, "credentials-file").map(Into::into),
        storage_class: take(&mut options, "storage-class"),
        acl: acl(take(&mut options, "predefined-acl"))?,
    })
}

/// The lists that Google has for objects: as the ancestor's users write them, which is the JSON API's way, and as the
/// XML API has them, which is spoken here.
const ACLS: [(&str, &str); 6] = [
    ("authenticatedRead", "authenticated-read"),
    ("bucketOwnerFullControl", "bucket-owner-full-control"),
    ("bucketOwnerRead", "bucket-owner-read"),
    ("private", "private"),
    ("projectPrivate", "project-private"),
    ("publicRead", "public-read"),
];

fn acl(asked: Option<String>) -> Result<Option<&'static str>, ConfigError> {
    let Some(asked) = asked else { return Ok(None) };
    match ACLS.iter().find(|(json, xml)| asked == *json || asked == *xml) {
        Some((_, xml)) => Ok(Some(xml)),
        None => Err(invalid(
            "predefined-acl",
            &asked,
            "authenticatedRead, bucketOwnerFullControl, bucketOwnerRead, private, projectPrivate or publicRead",
        )),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::SinkUri;
    use crate::store::Location;

    #[test]
    fn options_are_read_under_both_schemes() {
        for scheme in ["gcs", "gs"] {
            let uri = format!(
                "{scheme}://bucket/a/b/?endpoint=http://127.0.0.1:1&credentials_file=/etc/key.json\
                 &storage-class=NEARLINE"
            );
            let uri = SinkUri::parse(&uri).expect("a URI");
            let Location::Gcs(gcs) = uri.location() else { panic!("not GCS: {uri:?}") };
            assert_eq!(uri.location().to_string(), "gcs://bucket/a/b");
            assert_eq!(gcs.endpoint.as_deref(), Some("http://127.0.0.1:1"));
            assert_eq!(gcs.credentials_file.as_deref(), Some("/etc/key.json".as_ref()));
            assert_eq!(gcs.storage_class.as_deref(), Some("NEARLINE"));
        }
    }

    #[test]
    fn a_list_of_rights_is_read_in_both_of_googles_spellings() {
        for (asked, found) in [
            ("projectPrivate", Some("project-private")),
            ("bucket-owner-read", Some("bucket-owner-read")),
            ("private", Some("private")),
            ("", None),
        ] {
            let uri = SinkUri::parse(&format!("gs://bucket?predefined_acl={asked}")).expect("a URI");
            let Location::Gcs(gcs) = uri.location() else { panic!("not GCS: {uri:?}") };
            assert_eq!(gcs.acl, found, "{asked}");
        }
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        for (uri, why) in [
            ("gs://", "it names no bucket; write gcs://bucket/prefix"),
            ("gs://bucket?predefined-acl=everyone", "projectPrivate or publicRead"),
            ("gs://bucket?endpoint=storage.googleapis.com", "http://"),
            ("gs://bucket?region=eu", "set it in the sink URI of an s3 bucket"),
        ] {
            let error = SinkUri::parse(uri).expect_err(uri).to_string();
            assert!(error.contains(why), "{uri}: {error}");
        }
    }
}
