//! The parameters of the sink URI that are about Google Cloud Storage.

use super::{Options, refuse, take, take_endpoint};
use crate::config::ConfigError;
use crate::store::GcsLocation;
use object_store::path::Path;

pub(super) fn location(bucket: &str, prefix: Path, mut options: Options) -> Result<GcsLocation, ConfigError> {
    refuse(&options, &["predefined-acl"])?;
    Ok(GcsLocation {
        bucket: bucket.to_owned(),
        prefix,
        endpoint: take_endpoint(&mut options)?,
        credentials_file: take(&mut options, "credentials-file").map(Into::into),
        storage_class: take(&mut options, "storage-class"),
    })
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
    fn what_cannot_be_done_is_refused() {
        for (uri, why) in [
            ("gs://", "it names no bucket; write gcs://bucket/prefix"),
            ("gs://bucket?predefined-acl=private", "predefined-acl is not supported yet"),
            ("gs://bucket?endpoint=storage.googleapis.com", "http://"),
            ("gs://bucket?region=eu", "set it in the sink URI of an s3 bucket"),
        ] {
            let error = SinkUri::parse(uri).expect_err(uri).to_string();
            assert!(error.contains(why), "{uri}: {error}");
        }
    }
}
